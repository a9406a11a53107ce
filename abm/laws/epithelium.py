"""Laws of the epithelium and of virions: infection, interferon, release, loss, death, clearing and regeneration.

Laws of a virus are declared once and apply to each virus of the run (`of_virus`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.places import EPITHELIUM, TISSUE
from abm.rules import adaptive, infection, interferon

FIRST, SECOND = "virus", "second_virus"  # groups of parameters


def _of_virus(group: str, title: str) -> tuple[Law, ...]:
    """Laws of the virus of this title, whose parameters are in this group."""

    def own(p: Any) -> infection.Virus:
        return getattr(p, group)

    return (
        Law(
            "infection_rate", EPITHELIUM, ("virions",), RAISES, "infection", "1/h",
            "Virions on a healthy epithelial cell raise its infection in proportion, by {virus.infectivity}; a full "
            "interferon response lowers this by {interferon.infection_blunting:%}.",
            function=infection.infection_rate,
            curve=LawCurve(
                "virions on the cell", "", 0.0, 100.0,
                {
                    "no interferon": lambda virions, p: infection.infection_rate(virions, own(p).infectivity, 0.0),
                    "full response": lambda virions, p: infection.infection_rate(
                        virions, own(p).infectivity, p.interferon.infection_blunting
                    ),
                },
            ),
        ),
        Law(
            "eclipse_time", EPITHELIUM, ("infection",), SETS, "duration of the eclipse", "h",
            "An infected epithelial cell releases its first virion {virus.eclipse_time} after infection on average "
            "({virus.eclipse_shape:stages}).",
        ),
        Law(
            "expressing_time", EPITHELIUM, ("infection",), SETS, "duration of the release of virions", "h",
            "An infected epithelial cell that nothing kills releases virions for {virus.expressing_time} on average "
            "({virus.expressing_shape:stages}).",
        ),
        Law(
            "release_rate", EPITHELIUM, ("interferon response",), LOWERS, "release of virions", "virion/cell/h",
            "An expressing epithelial cell releases {virus.release}; a full interferon response lowers this by "
            "{interferon.release_blunting:%}. {virus.mixing:%} of the virions are spread evenly by air flow and mucus.",
            function=infection.release_rate, has_base=True,
            curve=LawCurve(
                "interferon response", "", 0.0, 1.0,
                {"": lambda share, p: infection.release_rate(
                    own(p).release, p.interferon.release_blunting * share, 1.0
                )},
            ),
            needs=("virions",),
        ),
        Law(
            "virion_diffusion", TISSUE, ("virions",), SETS, "diffusion of virions", "um^2/h",
            "Virions diffuse at {virus.diffusion}.",
        ),
        Law(
            "uptake", TISSUE, ("neutrophil",), RAISES, "loss of virions", "1/h",
            "Free virions are lost at {virus.clearance}; {virus.neutrophil_uptake:%} of this is uptake by neutrophils, "
            "as many as in resting lung ({cells.neutrophil.resting_density}), and rises in proportion to their number.",
            function=infection.uptake, has_base=True,
            curve=LawCurve(
                "neutrophils over those of resting lung", "", 0.0, 20.0,
                {"": lambda number, p: infection.uptake(number, own(p).clearance, own(p).neutrophil_uptake)},
            ),
            needs=("virions",),
        ),
        Law(
            "virion_loss", TISSUE, ("antibody",), RAISES, "loss of virions", "1/h",
            "Antibody raises the loss of free virions, in proportion, from {virus.clearance} up to "
            "{virus.antibody_clearance:fold} at the full level.",
            function=infection.virion_loss,
            curve=LawCurve(
                "antibody, share of the full level", "", 0.0, 1.0,
                {"": lambda antibody, p: infection.virion_loss(own(p).clearance, antibody, own(p).antibody_clearance)},
            ),
            needs=("virions",),
        ),
        Law(
            "growth_rate", TISSUE, ("antibody", "vaccination", "antiviral"), LOWERS,
            "growth of the virus that arrives from the rest of the lung", "1/h",
            "After inoculation {virus.inoculum} arrive from the rest of the lung within {virus.arrival_time}. They "
            "double in {virus.arrival_doubling}, or grow at the lower rate that drugs, vaccine and antibody leave, for "
            "an eclipse of {virus.eclipse_time} ({virus.eclipse_shape:stages}), release for "
            "{virus.expressing_time} ({virus.expressing_shape:stages}), and loss at {virus.clearance}.",
            function=infection.growth_rate, has_base=True,
            curve=LawCurve(
                "share of the infections left", "", 0.0, 1.0,
                {"": lambda left, p: infection.growth_rate(left, own(p).clearance, own(p))},
            ),
            needs=("virions",),
        ),
        Law(
            "rna_loss", TISSUE, ("virions",), SETS, "loss of viral RNA", "1/h",
            "Viral RNA is made with virions and lost at {virus.rna_loss}; only assays of RNA depend on it.",
        ),
        Law(
            "interferon_induction", TISSUE, ("virions",), SETS, "secretion of interferon relative to influenza", "",
            f"The interferon that cells secrete in response to {title} is {{virus.interferon_induction:bare}}, in "
            "units of that in response to influenza.",
            needs=("type I interferon",),
        ),
    )  # fmt: skip


def of_virus(group: str, title: str, several: bool) -> tuple[Law, ...]:
    """The laws of one virus of the run.

    Args:
        group: "virus" or "second_virus".
        title: of the virus, for sentences where there are two.
        several: whether the run has two viruses.
    """
    laws = [replace(law, needs=(*law.needs, group)) for law in _of_virus(group, title)]
    if group == SECOND:
        own = {f"{{{FIRST}.": f"{{{SECOND}."}
        laws = [replace(law, name=f"{law.name}.{SECOND}", sentence=_renamed(law.sentence, own)) for law in laws]
    return tuple(replace(law, sentence=f"{title}: {law.sentence}") if several else law for law in laws)


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


LAWS = (
    Law(
        "infecting_virus", EPITHELIUM, ("virions",), SETS, "which of two viruses infects a cell", "",
        "A cell that meets two viruses is infected by one of them, drawn in proportion to their infection rates.",
        function=infection.infecting_virus, needs=("virus", "second_virus"),
    ),
    Law(
        "response", EPITHELIUM, ("type I interferon",), RAISES, "interferon response", "",
        "Type I interferon raises the antiviral response of an epithelial cell, up to 1; half of this at "
        "{interferon.half_response}, Hill power {interferon.power}.",
        function=interferon.response,
        curve=LawCurve(
            "type I interferon", "ng/mL", 0.01, 100.0,
            {"": lambda amount, p: interferon.response(amount, 1.0, p.interferon)},
            logarithmic=True, half="interferon.half_response", power="interferon.power",
        ),
    ),
    Law(
        "refractory_hazard", EPITHELIUM, ("interferon response",), RAISES, "protection from infection", "1/h",
        "The interferon response raises the protection of a healthy epithelial cell, in proportion, up to "
        "{interferon.refractory_rate}; a refractory cell is not infected.",
        function=interferon.refractory_hazard,
        curve=LawCurve(
            "interferon response", "", 0.0, 1.0,
            {"": lambda share, p: interferon.refractory_hazard(share, p.interferon)},
        ),
        off_at_zero=("interferon.refractory_rate",),
    ),
    Law(
        "return_hazard", EPITHELIUM, ("interferon response",), LOWERS, "end of protection", "1/h",
        "A refractory epithelial cell becomes susceptible again after {interferon.refractory_time} on average without "
        "interferon; the response lowers this rate, in proportion, to none.",
        function=interferon.return_hazard,
        curve=LawCurve(
            "interferon response", "", 0.0, 1.0, {"": lambda share, p: interferon.return_hazard(share, p.interferon)}
        ),
        off_at_zero=("interferon.refractory_rate",),
    ),
    Law(
        "apoptosis_time", EPITHELIUM, ("infection",), SETS, "time from the end of release to death", "h",
        "An epithelial cell whose release of virions has ended, or that was killed, is dead after "
        "{epithelium.apoptosis_time} on average.",
    ),
    Law(
        "clearing_rate", EPITHELIUM, ("infection",), SETS, "clearing of a dead cell", "1/h",
        "A dead epithelial cell is cleared at {epithelium.clearing_rate} without phagocytes.",
    ),
    Law(
        "regeneration_rate", EPITHELIUM, ("AT2 cells",), RAISES, "regeneration", "1/h",
        "A cleared epithelial cell is replaced after {epithelium.regeneration_time} on average where all AT2 cells "
        "nearby live; where none lives, {epithelium.regeneration_without_at2:%} of this rate is left.",
        function=infection.regeneration_rate,
        curve=LawCurve(
            "share of AT2 cells alive nearby", "", 0.0, 1.0,
            {"": lambda share, p: infection.regeneration_rate(share, p.epithelium)},
        ),
        needs=("infection",),
    ),
    Law(
        "unbound_antibody", TISSUE, ("virions",), LOWERS, "antibody left to neutralize", "",
        "Virions take up antibody; half of it is left at {adaptive.antibody_excess}.",
        function=adaptive.unbound_antibody,
        curve=LawCurve(
            "virions", "virion/mm^2", 1e2, 1e8,
            {"": lambda virions, p: adaptive.unbound_antibody(1.0, virions, p.adaptive)},
            logarithmic=True, half="adaptive.antibody_excess", power=1.0,
        ),
    ),
)  # fmt: skip
