"""Embers against plain Mesa: the same three rules, the same tissue, the same trajectory, two times.

Embers' side is its own kernels `spread_virions`, `live_epithelium` and `move`, unchanged, in a compiled loop; all other
processes are off. They do more than the reference: they keep the counts that other processes read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from abm.core.compiled import compiled
from abm.core.lattice import SPACING
from abm.core.population import Record
from abm.core.quantity import as_record, replaced
from abm.course import idle_course
from abm.model import section_of
from abm.processes.epithelium import live_epithelium
from abm.processes.layout import lay_out
from abm.processes.movement import move
from abm.processes.tissue import AMOUNT, Now, Tissue, moment
from abm.processes.virus import spread_virions
from abm.rules.parameters import Parameters
from abm.scenario import Scenario
from benchmarks.mesa_reference import PlainModel
from benchmarks.table import Aim, Line
from benchmarks.yardsticks import cpu_of

NEVER = 1e12  # h
STEP, SEED = 1 / 6, 1  # h
DAY = round(24 / STEP)
ROUNDS = 3


def parameters() -> Parameters:
    """The declared parameters, without mixing of virions and without regeneration."""
    return replaced(replaced(Parameters(), "virus.mixing", 0.0), "epithelium.regeneration_time", NEVER)


def infected_tissue(side: float, virions: float) -> Tissue:
    """A resting section of this side [um] on which so many virions per mm2 have just come down."""
    section = section_of(Scenario(width=side, height=side))
    tissue = lay_out(section, as_record(parameters()), SEED, STEP)
    tissue.virus[AMOUNT] = virions * (SPACING / 1000.0) ** 2
    tissue.ledger[0].virus = True
    return tissue


@compiled
def _three_rules(tissue: Tissue, p: Parameters, effects: Record, start: Now, until: int) -> None:
    for tick in range(start.tick, until):
        now = moment(start.seed, tick, start.step)
        spread_virions(tissue, p, effects, now)
        live_epithelium(tissue, p, effects, now)
        move(tissue, p, now)


def run_kernels(tissue: Tissue, start: int, until: int) -> None:
    """Carry a tissue from one step to another by the kernels of the three rules, in place."""
    _three_rules(tissue, as_record(parameters()), idle_course(1)[0], moment(SEED, start, STEP), until)


def plain_twin(tissue: Tissue) -> PlainModel:
    """The same tissue in plain Mesa; take it before the tissue moves on."""
    return PlainModel(tissue, parameters(), SEED, STEP)


def run_plain(twin: PlainModel, steps: int) -> None:
    """Carry a twin so many steps on."""
    for _ in range(steps):
        twin.step()


def lines(quick: bool) -> Iterator[Line]:
    """Time per site and step of both on the default section, from infection on: the first 4 days (quick: 1 day)."""
    steps = DAY if quick else 4 * DAY
    run_kernels(infected_tissue(160.0, 0.0), 0, 1)  # compile
    kernels, plain_mesa = [], []
    for _ in range(ROUNDS):
        tissue = infected_tissue(2000.0, 230.0)
        twin = plain_twin(tissue)
        kernels.append(cpu_of(partial(run_kernels, tissue, 0, steps)))
        plain_mesa.append(cpu_of(partial(run_plain, twin, steps)))
    each = 1e9 / steps / tissue.kind.size
    yield Line(
        f"three rules in plain Mesa, {len(twin.agents)} agents, {steps} steps", min(plain_mesa) * each, "ns/site/step",
        min(kernels) * each, "the same by the kernels",
        Aim(300.0, of="ratio", at_least=True),
    )  # fmt: skip
