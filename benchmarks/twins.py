"""Embers against Mesa: the same three rules, the same tissue, the same trajectory, two times.

In two styles: as Mesa's manual shows it, on its grid, and without a grid, as a careful user can write it.

Embers' side is its own kernels `spread_virions`, `update_epithelium` and `move`, unchanged, in a compiled loop; all
other processes are off. They do more than the reference: they keep the counts that other processes read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from abm.core.clock import TimeStep, time_step
from abm.core.compiled import compiled
from abm.core.lattice import SPACING
from abm.core.population import Record
from abm.core.quantity import replaced
from abm.core.record import as_record
from abm.model.initial_state import lay_out
from abm.model.section import section_of
from abm.processes.epithelium import update_epithelium
from abm.processes.movement import move
from abm.processes.virus import spread_virions
from abm.rules.parameters import Parameters
from abm.scenario.scenario import Scenario
from abm.tissue.state import AMOUNT, Tissue
from abm.treatments.effects_by_step import no_treatment
from benchmarks.mesa_documented import DocumentedModel
from benchmarks.mesa_reference import PlainModel, ThreeRules
from benchmarks.table import Aim, Line
from benchmarks.yardsticks import cpu_of

NEVER = 1e12  # h
STEP, SEED = 1 / 6, 1  # h
DAY = round(24 / STEP)
ROUNDS = 3
STYLES: dict[str, tuple[type[ThreeRules], Aim | None]] = {
    "Mesa as documented": (DocumentedModel, Aim(300.0, of="ratio", at_least=True)),
    "Mesa without its grid": (PlainModel, None),
}


def parameters() -> Parameters:
    """The declared parameters, without mixing and uptake of virions and without regeneration."""
    p = replaced(replaced(Parameters(), "virus.mixing", 0.0), "epithelium.regeneration_time", NEVER)
    return replaced(p, "virus.neutrophil_uptake", 0.0)


def infected_tissue(side: float, virions: float) -> Tissue:
    """A resting section of this side [um] on which so many virions per mm2 have just come down."""
    section = section_of(Scenario(width=side, height=side))
    tissue = lay_out(section, as_record(parameters()), SEED, STEP)
    tissue.virus[AMOUNT] = virions * (SPACING / 1000.0) ** 2
    tissue.viruses[0].present = True
    return tissue


@compiled
def _three_rules(tissue: Tissue, p: Parameters, effects: Record, start: TimeStep, until: int) -> None:
    for tick in range(start.tick, until):
        now = time_step(start.seed, tick, start.dt)
        spread_virions(tissue, p, effects, now)
        update_epithelium(tissue, p, effects, now)
        move(tissue, p, now)


def run_kernels(tissue: Tissue, start: int, until: int) -> None:
    """Carry a tissue from one step to another by the kernels of the three rules, in place."""
    _three_rules(tissue, as_record(parameters()), no_treatment(1)[0], time_step(SEED, start, STEP), until)


def twin_of(tissue: Tissue, style: type[ThreeRules]) -> ThreeRules:
    """The same tissue in Mesa; take it before the tissue moves on."""
    return style(tissue, parameters(), SEED, STEP)


def run_twin(twin: ThreeRules, steps: int) -> None:
    """Carry a twin so many steps on."""
    for _ in range(steps):
        twin.step()


def lines(quick: bool) -> Iterator[Line]:
    """Time per site and step of all on the default section, from infection on: the first 4 days (quick: 1 day)."""
    steps = DAY if quick else 4 * DAY
    run_kernels(infected_tissue(160.0, 0.0), 0, 1)  # compile
    spent: dict[str, list[float]] = {name: [] for name in ("kernels", *STYLES)}
    for _ in range(ROUNDS):
        tissue = infected_tissue(2000.0, 230.0)
        twins = {name: twin_of(tissue, style) for name, (style, _) in STYLES.items()}
        spent["kernels"].append(cpu_of(partial(run_kernels, tissue, 0, steps)))
        for name, twin in twins.items():
            spent[name].append(cpu_of(partial(run_twin, twin, steps)))
    each = {name: 1e9 / steps / tissue.kind.size * min(seconds) for name, seconds in spent.items()}
    for name, (_, aim) in STYLES.items():
        what = f"three rules in {name}, {len(twins[name].agents)} agents, {steps} steps"
        yield Line(what, each[name], "ns/site/step", each["kernels"], "the same by the kernels", aim)
