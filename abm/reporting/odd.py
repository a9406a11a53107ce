"""The model after the ODD protocol, written from declarations, the schedule and the laws of a scenario.

ODD: Overview, Design concepts, Details (Grimm et al. 2020, doi:10.18564/jasss.4259). What follows from the code is read
from it; the few sentences that no declaration holds stand here. `docs/odd.md` is this text for the main scenario, and a
test fails where it differs.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from abm.core.lattice import BLOCK, PATCH, SPACING
from abm.core.quantity import declared
from abm.laws.catalogue import CONFIDENCES, LawInScenario
from abm.model import schedule
from abm.model.measures import MEASURES, own_measures
from abm.reporting.laws import submodels
from abm.rules.cells import CellKind
from abm.rules.sources import references
from abm.rules.states import CancerState, EpithelialState, EpithelialType, Phenotype, SiteKind
from abm.rules.substances import Substance
from abm.scenario.shown import time_text
from abm.tissue.state import CANCER_CELL, EPITHELIAL_CELL, LYMPH_NODE, MOBILE_CELL, Niche

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

PURPOSE = """\
Embers asks how a respiratory infection awakens disseminated breast-cancer cells that lie dormant in the lung, through
interleukin-6 (IL-6) and the immune response, and what would prevent it: blockade of IL-6, antivirals, vaccination,
their timing. It is judged by patterns that laboratories have published; `embers validate` compares the model with each
of them and reports those that it does not reproduce. It is a research and teaching model, not medical advice."""
CONCEPTS = {
    "Basic principles": "Dormant cells awaken when IL-6 signals through STAT3 while the matrix no longer holds them. "
    "Infection follows target cells with an eclipse phase, interferon and adaptive immunity.",
    "Emergence": "Clones, their size and place, the course of virus, cytokines and cell numbers, and the window for "
    "treatment emerge. The awakening rate at a given IL-6, and the rates of all other laws, are imposed.",
    "Adaptation and objectives": "Cells have no objectives. They respond to signals at their place by fixed laws.",
    "Learning": "Resident macrophages are trained by an infection; T-cell memory and antibody change the next one.",
    "Prediction": "Cells do not predict.",
    "Sensing": "Cells sense substances, virions, matrix and cells at their place (a site of 10 um, a block of 40 um).",
    "Interaction": "Through fields of virions and substances, by contact (killing, phagocytosis), through the matrix.",
    "Stochasticity": "Waiting times, walks, arrivals and fates are drawn. Each draw is a hash of seed, decision, "
    "identity and time, not the next of a stream: twins of two scenarios meet the same chance until they differ.",
    "Collectives": "Clones of cancer cells share a founder. They are counted, and have no behavior of their own.",
}
AROUND = """\
Before them, rules of a scenario read their signals. In resting tissue, where there is no virus, no infected or dying
cell and hardly any activation, only proliferating cancer cells and lymphocytes take every step; all others take steps
of an hour."""
INPUT = """\
A scenario file gives virus, host, infections, treatments, changes of parameters during the run, and substances, cells
and rules of its own. Nothing else is read during a run."""


def odd(scenario: Scenario, acting: Sequence[LawInScenario]) -> str:
    """The text, in Markdown; acting: the laws that act in the scenario."""
    sources = [f"- {line}" for line in references(text for law in acting for text in law.evidence)]
    parts = (
        *_overview(scenario),
        *_concepts(scenario),
        *_details(scenario),
        *submodels(acting),
        "## Sources",
        "",
        *sources,
    )
    return "\n".join([*parts, ""])


def _overview(scenario: Scenario) -> Iterator[str]:
    yield from (f"# The model after the ODD protocol: {scenario.title or scenario.name}", "")
    yield from ("Written from the declarations, the schedule and the laws in the code. Protocol: Grimm et al. 2020,",
                "doi:10.18564/jasss.4259.", "")  # fmt: skip
    yield from ("## 1. Purpose and patterns", "", PURPOSE, "")
    yield from ("## 2. Entities, state variables and scales", "", *_scales(scenario), "", *_entities(scenario), "")
    yield from ("## 3. Process overview and scheduling", "", *_schedule(), "")


def _scales(scenario: Scenario) -> Iterator[str]:
    side = " x ".join(f"{side / 1000.0:g} mm" for side in (scenario.width, scenario.height))
    yield f"- Section: {scenario.layout}, {side}, sites of {SPACING:g} um, one cell thick; closed edges."
    fine, coarse = PATCH * SPACING, BLOCK * SPACING
    yield f"- Fields: virions on sites, interferon on {fine:g} um, all others and the matrix on {coarse:g} um."
    yield f"- Time: steps of {time_text(scenario.step)} over {time_text(scenario.duration)}; an hour in resting tissue."


def _entities(scenario: Scenario) -> Iterator[str]:
    kinds = [*(kind.type.title for kind in CellKind), *(one.title for one in scenario.cells)]
    substances = [*(each.type.title for each in Substance), *(one.title for one in scenario.substances)]
    yield "| entity | types and states | state variables |"
    yield "|---|---|---|"
    yield f"| site | {_members(SiteKind)} | kind, epithelial cell on it, virions |"
    epithelial = f"{_members(EpithelialType)}; {_members(EpithelialState)}"
    yield f"| epithelial cell | {epithelial} | {_names(EPITHELIAL_CELL.names)} |"
    yield f"| mobile cell | {', '.join(kinds)} | {_names(MOBILE_CELL.names)} |"
    yield f"| cancer cell | {_members(CancerState)}; {_members(Phenotype)} | {_names(CANCER_CELL.names)} |"
    yield f"| block of 40 um | | {', '.join(_plain(layer.name) for layer in Niche)} |"
    yield f"| substance | {', '.join(substances)} | concentration on its grid |"
    yield f"| lymph node | response to each virus | {_names(LYMPH_NODE.names)} |"


def _members(names: object) -> str:
    return ", ".join(_plain(member.name) for member in names)  # type: ignore[attr-defined]


def _names(names: Sequence[str] | None) -> str:
    return ", ".join(map(_plain, names or ()))


def _plain(name: str) -> str:
    """The name of a member or field in words; names such as AT1 and CD4 stay as they are."""
    return name if re.fullmatch(r"[A-Z]+\d", name) else name.replace("_", " ").lower()


def _schedule() -> Iterator[str]:
    text = inspect.getdoc(schedule.step) or ""
    events = re.findall(r"(?m)^(\d+)\. (.*)$", text)
    yield "Each event finds what the events before it left:"
    yield ""
    yield from (f"{number}. {event}" for number, event in events if number != "0")
    yield ""
    yield AROUND


def _concepts(scenario: Scenario) -> Iterator[str]:
    yield from ("## 4. Design concepts", "")
    yield from (f"- **{name}.** {text}" for name, text in CONCEPTS.items())
    measures = MEASURES | own_measures(scenario)
    yield f"- **Observation.** {len(measures)} measures at each recorded time, every event of a cancer cell, and maps:"
    yield f"  {', '.join(measures)}."
    yield ""


def _details(scenario: Scenario) -> Iterator[str]:
    numbers = list(declared(scenario.parameters))
    yield from ("## 5. Initialization", "")
    yield "A healthy section at rest: mobile cells at their resting densities, anywhere, of the ages that they have"
    founders = f"{scenario.parameters.dormancy.founders:g} single dormant cancer cells"
    yield f"there; {founders}, anywhere but in airways and vessels; IL-6 at rest."
    yield from ("", "## 6. Input data", "", INPUT, "")
    yield from ("## 7. Submodels", "")
    levels: list[str] = [one.quantity.confidence for one in numbers]
    told = ", ".join(f"{levels.count(level)} {level}" for level in CONFIDENCES)
    yield f"{len(numbers)} parameters: {told}. `embers describe` lists each with unit, range and source."
    yield ""
