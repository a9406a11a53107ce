"""Laws of disseminated cancer cells: STAT3 signal, awakening, cell cycle, return to dormancy, phenotype, death."""

from __future__ import annotations

from typing import Any

from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.places import ARRIVING, CANCER, DORMANT, PROLIFERATING
from abm.rules import dormancy
from abm.rules.states import Phenotype


def _awakening(il6: float, integrity: float, contacts: int, p: Any) -> float:
    """Awakening [1/h] at this lasting IL-6 [ng/mL] and niche integrity, in the collagen of resting lung."""
    signal = dormancy.occupancy(il6, 1.0, p.dormancy)
    return dormancy.il6_awakening_rate(
        signal, dormancy.niche_permissiveness(integrity, 0.0, p.dormancy), contacts, p.dormancy
    )


LAWS = (
    Law(
        "occupancy", CANCER, ("IL-6",), RAISES, "STAT3 signal", "",
        "IL-6 raises the STAT3 signal of a cancer cell, up to 1; half of this at {dormancy.half_response}, Hill power "
        "{dormancy.power}. The signal follows with a time constant of {dormancy.signal_memory}.",
        function=dormancy.occupancy,
        curve=LawCurve(
            "IL-6", "ng/mL", 0.01, 100.0, {"": lambda il6, p: dormancy.occupancy(il6, 1.0, p.dormancy)},
            logarithmic=True, half="dormancy.half_response", power="dormancy.power",
        ),
    ),
    Law(
        "il6_awakening_rate", DORMANT, ("IL-6",), RAISES, "awakening", "1/h",
        "IL-6 raises the awakening of a dormant cancer cell where the niche is open, up to {dormancy.awakening}; half "
        "of this at {dormancy.half_response}, Hill power {dormancy.power}. In an intact niche "
        "{dormancy.closed_niche:%} of it is left; a CD8 T cell in contact lowers it by {dormancy.cd8_hold:%}.",
        function=dormancy.il6_awakening_rate,
        curve=LawCurve(
            "IL-6", "ng/mL", 0.01, 100.0,
            {
                "open niche": lambda il6, p: _awakening(il6, 0.0, 0, p),
                "with a CD8 T cell": lambda il6, p: _awakening(il6, 0.0, 1, p),
                "intact niche": lambda il6, p: _awakening(il6, 1.0, 0, p),
            },
            logarithmic=True, half="dormancy.half_response", power="dormancy.power",
        ),
        off_at_zero=("dormancy.awakening",),
    ),
    Law(
        "niche_permissiveness", DORMANT, ("niche integrity", "collagen"), LOWERS, "factor on awakening by IL-6", "",
        "Niche integrity lowers the awakening by IL-6, from all of it where the niche is open to "
        "{dormancy.closed_niche:%} where it is intact; full collagen raises it by {dormancy.stiffness_gain:%}.",
        function=dormancy.niche_permissiveness,
        curve=LawCurve(
            "niche integrity", "", 0.0, 1.0,
            {
                "no collagen": lambda hold, p: dormancy.niche_permissiveness(hold, 0.0, p.dormancy),
                "full collagen": lambda hold, p: dormancy.niche_permissiveness(hold, 1.0, p.dormancy),
            },
        ),
        needs=("IL-6",),
    ),
    Law(
        "macrophage_hold", DORMANT, ("TGF-beta2",), RAISES, "hold by macrophages", "",
        "TGF-beta2 of macrophages raises their hold on a dormant cancer cell, up to 1; half of this at "
        "{dormancy.tgfb2_half}, Hill power 3.",
        function=dormancy.macrophage_hold,
        curve=LawCurve(
            "TGF-beta2", "ng/mL", 0.001, 1.0,
            {"": lambda amount, p: dormancy.macrophage_hold(amount, p.dormancy)},
            logarithmic=True, half="dormancy.tgfb2_half", power=3.0,
        ),
    ),
    Law(
        "awakening_without_il6", DORMANT, ("hold by macrophages",), LOWERS, "awakening without IL-6", "1/h",
        "A dormant cancer cell awakens without IL-6 at {dormancy.spontaneous_awakening}; where macrophages exert no "
        "hold, at {dormancy.released_awakening} more, in proportion to the hold that is missing.",
        function=dormancy.awakening_without_il6, has_base=True,
        curve=LawCurve(
            "hold by macrophages", "", 0.0, 1.0,
            {"": lambda hold, p: dormancy.awakening_without_il6(hold, p.dormancy)},
        ),
    ),
    Law(
        "dormant_death", DORMANT, (), SETS, "death", "1/h",
        "A dormant cancer cell dies at {dormancy.dormant_death}.",
        off_at_zero=("dormancy.dormant_death",),
    ),
    Law(
        "cycle_speed", PROLIFERATING, ("STAT3 signal",), RAISES, "speed of the cell cycle", "",
        "The STAT3 signal raises the speed of the cell cycle, in proportion, from "
        "{dormancy.cycling_without_signal:%} without signal to 100 % at full signal.",
        function=dormancy.cycle_speed, has_base=True,
        curve=LawCurve(
            "STAT3 signal", "", 0.0, 1.0, {"": lambda signal, p: dormancy.cycle_speed(signal, p.dormancy)}
        ),
    ),
    Law(
        "cycle_time", PROLIFERATING, (), SETS, "duration of the cell cycle", "h",
        "A proliferating cancer cell divides after {dormancy.cycle_time} on average at full STAT3 signal "
        "({dormancy.cycle_shape:stages}).",
    ),
    Law(
        "division_space", PROLIFERATING, ("free space",), RAISES, "division", "",
        "A cancer cell divides only if a site within {dormancy.push_reach} has space, that is, fewer "
        "than {dormancy.site_capacity:whole} cancer cells.",
    ),
    Law(
        "return_rate", PROLIFERATING, ("STAT3 signal",), LOWERS, "return to dormancy", "1/h",
        "The STAT3 signal lowers the return to dormancy, in proportion, from {dormancy.return_rate} without signal to "
        "none at full signal.",
        function=dormancy.return_rate, has_base=True,
        curve=LawCurve(
            "STAT3 signal", "", 0.0, 1.0, {"": lambda signal, p: dormancy.return_rate(signal, p.dormancy)}
        ),
    ),
    Law(
        "proliferating_death", PROLIFERATING, (), SETS, "death", "1/h",
        "A proliferating cancer cell dies at {dormancy.proliferating_death}.",
        off_at_zero=("dormancy.proliferating_death",),
    ),
    Law(
        "migration", PROLIFERATING, (), SETS, "migration", "um/min",
        "A proliferating cancer cell migrates at {dormancy.migration_speed} in random directions.",
        off_at_zero=("dormancy.migration_speed",),
    ),
    Law(
        "phenotype_transition_rate", CANCER, ("proliferation",), RAISES, "epithelial phenotype", "1/h",
        "While it proliferates, a mesenchymal cancer cell becomes hybrid at {dormancy.to_hybrid} and a hybrid cell "
        "epithelial at {dormancy.to_epithelial}; a dormant cell goes one step back at {dormancy.to_mesenchymal}.",
        function=dormancy.phenotype_transition_rate,
        curve=LawCurve(
            "phenotype", "",
            Phenotype.MESENCHYMAL.value, Phenotype.EPITHELIAL.value,
            {
                "proliferating": lambda now, p: dormancy.phenotype_transition_rate(True, now, p.dormancy),
                "dormant": lambda now, p: dormancy.phenotype_transition_rate(False, now, p.dormancy),
            },
            counts=True, names=tuple(each.name.lower() for each in Phenotype),
        ),
    ),
    Law(
        "ki67", CANCER, ("proliferation",), RAISES, "Ki67 staining", "",
        "A cancer cell stains for Ki67 while it is in cycle and for {dormancy.ki67_lag} after; so do "
        "{dormancy.ki67_at_rest:%} of the dormant cells.",
    ),
    Law(
        "arrival_loss_rate", ARRIVING, ("interferon response",), RAISES, "loss", "1/h",
        "For {dormancy.settling_time} after arrival, the interferon response raises the loss of a cancer cell, in "
        "proportion, up to {dormancy.interferon_barrier}; half of the response is at {interferon.half_response} of "
        "type I interferon, Hill power {interferon.power}.",
        function=dormancy.arrival_loss_rate,
        curve=LawCurve(
            "interferon response", "", 0.0, 1.0, {"": lambda share, p: dormancy.arrival_loss_rate(share, p.dormancy)}
        ),
        off_at_zero=("dormancy.interferon_barrier", "dormancy.settling_time"),
    ),
)  # fmt: skip
