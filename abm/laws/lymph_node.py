"""Laws of the lymph node: priming, expansion, delay, memory, antibody, and what of it acts on a second virus."""

from __future__ import annotations

from typing import Any

from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.places import EPITHELIUM, LYMPH_NODE, T_CELL, TISSUE
from abm.rules import adaptive


def _crossing(share: str) -> LawCurve:
    return LawCurve(
        "against the other virus", "", 0.0, 1.0,
        {
            "none of its own": lambda other, p: adaptive.with_cross_reaction(0.0, other, getattr(p.adaptive, share)),
            "half of its own": lambda other, p: adaptive.with_cross_reaction(0.5, other, getattr(p.adaptive, share)),
        },
    )  # fmt: skip


def _helped(share: str) -> LawCurve:
    return LawCurve(
        "share of CD4 T cells left", "", 0.0, 1.0,
        {"": lambda left, p: adaptive.helped(getattr(p.adaptive, share), left)},
    )  # fmt: skip


def _over_memory(respond: Any) -> LawCurve:
    return LawCurve("T-cell memory", "", 0.0, 1.0, {"": lambda memory, p: respond(memory, p.adaptive)})


LAWS = (
    Law(
        "priming_rate", LYMPH_NODE, ("infected epithelium",), RAISES, "priming of naive T cells", "1/h",
        "The share of the epithelium that is infected raises the priming of naive T cells, up to {adaptive.priming}; "
        "half of this at {adaptive.half_antigen:%}, Hill power 1. The pool of naive cells refills with a time constant "
        "of {adaptive.pool_recovery}.",
        function=adaptive.priming_rate,
        curve=LawCurve(
            "share of the epithelium infected", "", 1e-4, 1.0,
            {"": lambda share, p: adaptive.priming_rate(share, p.adaptive)},
            logarithmic=True, half="adaptive.half_antigen", power=1.0,
        ),
    ),
    Law(
        "arrival_delay", LYMPH_NODE, ("memory",), LOWERS, "time from priming to arrival in the lung", "h",
        "T cells arrive in the lung {adaptive.delay} after priming on average; memory lowers this, in proportion, to "
        "{adaptive.recall_delay}.",
        function=adaptive.arrival_delay, curve=_over_memory(adaptive.arrival_delay), needs=("infected epithelium",),
    ),
    Law(
        "response_size", LYMPH_NODE, ("memory",), RAISES, "size of the response", "",
        "Memory raises the size of a T-cell response, in proportion, up to {adaptive.recall_gain:fold}.",
        function=adaptive.response_size, curve=_over_memory(adaptive.response_size), needs=("infected epithelium",),
    ),
    Law(
        "antibody", LYMPH_NODE, ("infected epithelium",), RAISES, "antibody", "",
        "Antibody appears {adaptive.antibody_delay} after priming on average, or earlier in proportion to the arrival "
        "of T cells ({adaptive.delay} without memory), and is lost with a mean life of {adaptive.antibody_life}.",
    ),
    Law(
        "helped.antibody", LYMPH_NODE, ("depletion of CD4 T cells",), LOWERS, "antibody made", "",
        "Depletion of CD4 T cells lowers the antibody made, in proportion, to {adaptive.antibody_without_cd4:%}.",
        function=adaptive.helped, curve=_helped("antibody_without_cd4"), needs=("infected epithelium",),
    ),
    Law(
        "helped.memory", LYMPH_NODE, ("depletion of CD4 T cells",), LOWERS, "T-cell memory made", "",
        "Depletion of CD4 T cells lowers the T-cell memory made, in proportion, to {adaptive.memory_without_cd4:%}.",
        function=adaptive.helped, curve=_helped("memory_without_cd4"), needs=("infected epithelium",),
    ),
    Law(
        "with_cross_reaction.memory", LYMPH_NODE, ("memory",), RAISES, "memory that acts on the other virus", "",
        "{adaptive.cross_reaction:%} of the T cells and of the memory against one virus act on the other.",
        function=adaptive.with_cross_reaction, curve=_crossing("cross_reaction"), needs=("second_virus",),
        off_at_zero=("adaptive.cross_reaction",),
    ),
    Law(
        "with_cross_reaction.antibody", LYMPH_NODE, ("antibody",), RAISES, "antibody that acts on the other virus", "",
        "{adaptive.cross_neutralization:%} of the antibody against one virus neutralizes the other.",
        function=adaptive.with_cross_reaction, curve=_crossing("cross_neutralization"), needs=("second_virus",),
        off_at_zero=("adaptive.cross_neutralization",),
    ),
    Law(
        "viruses_recognized", T_CELL, ("lymph node response",), SETS, "viruses that it recognizes", "",
        "A T cell that the lymph node sends recognizes the virus against which it was sent; a T cell that comes by "
        "itself recognizes both viruses.",
        function=adaptive.viruses_recognized, needs=("virus", "second_virus"),
    ),
    Law(
        "infectivity_left", EPITHELIUM, ("vaccination",), LOWERS, "infectivity of virus", "",
        "Vaccination lowers the infectivity of virus, in proportion to its protection, by up to "
        "{adaptive.vaccine_protection:%}.",
        function=adaptive.infectivity_left,
        curve=LawCurve(
            "protection by the vaccine", "", 0.0, 1.0,
            {"": lambda share, p: adaptive.infectivity_left(share, p.adaptive)},
        ),
        needs=("virions",), off_at_zero=("adaptive.vaccine_protection",),
    ),
    Law(
        "inflammation", TISSUE, ("IFN-gamma",), RAISES, "inflammation, the delayed mean IFN-gamma", "ng/mL",
        "The inflammation that recruits leukocytes follows the mean IFN-gamma of the section with a mean delay of "
        "{recruitment.delay}.",
    ),
)  # fmt: skip
