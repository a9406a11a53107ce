"""A section of lung over years: stepped while something happens, carried over quiet time (`abm.cohort.calm`)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from abm.cohort import calm
from abm.cohort.resting import Resting, resting
from abm.core.chance import uniform
from abm.core.clock import time_step
from abm.core.population import ALIVE, USED, fresh_rows
from abm.core.quantity import as_record
from abm.model.initial_state import lay_out, records
from abm.model.lung_model import section_of
from abm.model.measures import NO_CENSUS
from abm.model.schedule import advance
from abm.processes.il6 import spread_il6
from abm.rules.states import CancerState, CellKind, EpithelialState, EventKind
from abm.scenario.scenario import Scenario
from abm.tissue.capacity import with_capacity
from abm.tissue.state import AMOUNT, MOBILE_CELL, SOURCE, Niche, Tissue
from abm.treatments.effects_by_step import TreatmentEffects, no_treatment

SAMPLING_INTERVAL = 6  # h between two looks while it is stepped
QUIET_LOOK = 720  # h between two in quiet time
RELAXING = 720  # h after the last trace of infection, in which immune cells come back to rest: ten lives of a T cell
FIELD_COMES_TO_REST = 12  # h, seven times the life of IL-6 in tissue
MOST_AT_REST = 600  # cancer cells that are carried over quiet time; more are thinned to so many
DRAINED = 1e-9  # fewer responders than this are none
PICK = 101  # decision of which awake cell is looked at; those of the model are below 100


class Look(NamedTuple):
    """The section at one time.

    Attributes:
        hour: since the start. cells: living cancer cells. awake: those that proliferate (all weighted: `Lung.weight`).
        awake_hours: cell-hours awake since the start. clone: cells of the clone of an awake cell picked at random, 0
            where none is. il6: mean, ng/mL. infected: share of the epithelium.
    """

    hour: float
    cells: float
    awake: float
    awake_hours: float
    clone: float
    il6: float
    infected: float


class Lung:
    """One section of lung.

    Args:
        scenario: host, virus, section and parameters; its infections and treatments are left aside: `course` has them.
        seed: of chance.
        course: what treatments and infections do in each step, from hour 0 to the last.
        eventful: times [h] of inoculations and vaccinations, with their ends: never passed over.
        jump: whether quiet time is jumped; if not, every step is done.
        means: what a cancer cell meets in this section at rest; worked out if not given.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        course: TreatmentEffects,
        eventful: tuple[tuple[int, int], ...] = (),
        jump: bool = True,
        means: Resting | None = None,
    ) -> None:
        """Lay out the section at hour 0, at rest."""
        self.seed, self.step, self.course, self.jump = seed, scenario.step, course, jump
        self.p: Any = as_record(scenario.parameters)
        self.eventful = sorted(eventful)
        self.rest = means or resting(scenario)
        self.tissue: Tissue = lay_out(section_of(scenario), self.p, seed, self.step)
        self.tick = 0
        self.an_hour = round(1.0 / self.step)
        self.awake_hours = 0.0
        self.weight = 1.0  # cells that each living cancer cell stands for
        self.looks: list[Look] = []
        self._disturbed = -RELAXING  # hour of the last trace of infection
        self._look()

    @property
    def hour(self) -> int:
        """Whole hours since the start; it only stops at such."""
        return self.tick // self.an_hour

    @property
    def seeded(self) -> int:
        """Dormant cells at the start."""
        return int(self.tissue.clones.size)

    def run(self, until: int) -> None:
        """Go on to an hour."""
        while self.hour < until:
            end = min(until, self._next_event())
            if self.jump and end > self.hour and self._is_quiet():
                self._pass(end)
            else:
                self._step_to(min(until, self.hour + SAMPLING_INTERVAL))
            self._look()

    def _next_event(self) -> int:
        """The hour at which the next inoculation or vaccination begins; now, during one."""
        for begin, end in self.eventful:
            if self.hour < end:
                return max(begin, self.hour)
        return 1 << 40

    def _is_quiet(self) -> bool:
        """Whether nothing goes on but what `calm` carries on."""
        status, node = self.tissue.status[0], self.tissue.node[0]
        settled = self.hour - self._disturbed >= RELAXING
        return bool(settled and status.proliferating == 0 and node.stages.sum() + node.antibody_stages.sum() < DRAINED)

    def _is_disturbed(self) -> bool:
        """Whether there is a trace of infection or alarm, which healing cells and matrix are not."""
        tissue, status = self.tissue, self.tissue.status[0]
        others = (
            tissue.epithelium.size
            - tissue.epithelial_counts[EpithelialState.HEALTHY]
            - tissue.epithelial_counts[EpithelialState.DENUDED]
        )
        nets = tissue.niche[Niche.NETS].any() if status.remodeled else False
        return bool(status.virus or status.interferon or status.any_activated or others > 0 or nets)

    def _step_to(self, until: int) -> None:
        """Do every step up to an hour."""
        last = until * self.an_hour
        while self.tick < last:
            now = time_step(self.seed, self.tick, self.step)
            before = self.tissue.status[0].proliferating
            reached = int(advance(self.tissue, self.p, self.course, now, last, 1, NO_CENSUS))
            awake = 0.5 * float(before + self.tissue.status[0].proliferating) * self.weight
            self.awake_hours += awake * (reached - self.tick) * self.step
            self.tick = reached
            if reached < last:
                self._make_room()
        if self._is_disturbed():
            self._disturbed = self.hour

    def _make_room(self) -> None:
        """Let arrays that are too short grow. The log of events begins anew: looks keep what is needed."""
        self.tissue.status[0].events = 0
        effects = self.course[min(self.tick, self.course.size - 1)]
        self.tissue = with_capacity(self.tissue, self.p, effects, self.step)

    def _pass(self, until: int) -> None:
        """Carry the section over quiet time."""
        begin, rest = self.hour, self.rest
        self._thin()
        self._make_room()  # for the death of every cell
        fibroblasts, others = self._split()
        quiet = self._without_mobile(fibroblasts)
        quiet.il6[AMOUNT][:] = rest.il6
        is_memory = (others.kind == CellKind.CD8) & others.memory
        memory_until = begin + others.residence_hazard_left[is_memory] * self.p.recruitment.memory_life
        now = time_step(self.seed, self.tick, self.step)
        hour = int(calm.rest(quiet, self.p, self.course, rest, memory_until, now, until))
        self._look_back(begin, hour, quiet)
        self.tick = hour * self.an_hour
        fresh = self._without_mobile(_living(quiet.mobile))
        now = time_step(self.seed, self.tick, self.step)
        calm.repopulate(others, float(hour - begin), fresh, self.p, now)
        calm.age_node(fresh.node[0], float(rest.il6.mean()), float(hour - begin), self.p)
        self.tissue = fresh
        self._settle_field()

    def _thin(self) -> None:
        """Take cancer cells out where there are too many to be carried on, and count the others for more."""
        cells = int(self.tissue.cancer_rows[ALIVE])
        if cells > MOST_AT_REST:
            calm.thin(self.tissue, MOST_AT_REST / cells, time_step(self.seed, self.tick, self.step))
            self.weight *= cells / MOST_AT_REST

    def _split(self) -> tuple[Any, Any]:
        """Copies of the fibroblasts and of all other mobile cells."""
        mobile = _living(self.tissue.mobile)
        is_fibroblast = mobile.kind == CellKind.FIBROBLAST
        return mobile[is_fibroblast], mobile[~is_fibroblast]

    def _without_mobile(self, kept: Any) -> Tissue:
        """The tissue with these fibroblasts as its only mobile cells, and as much room as it had for all."""
        tissue = self.tissue
        mobile, rows = records(tissue.mobile.size, MOBILE_CELL), fresh_rows(tissue.mobile.size)
        mobile[: kept.size] = kept
        rows[USED] = rows[ALIVE] = kept.size
        for layer in (Niche.CD4, Niche.NEUTROPHIL_ACTIVATION):
            tissue.niche[layer] = 0.0
        return tissue._replace(mobile=mobile, mobile_rows=rows)

    def _settle_field(self) -> None:
        """Let IL-6 come to rest around the macrophages where they now stand."""
        effects = self.course[min(self.tick, self.course.size - 1)]
        self.tissue.il6[AMOUNT][:] = self.rest.il6
        self.tissue.il6[SOURCE][:] = 0.0
        for _ in range(FIELD_COMES_TO_REST):
            spread_il6(self.tissue, self.p, effects, time_step(self.seed, self.tick, 1.0))
        calm.meet_field(self.tissue, self.p, effects)

    def _look_back(self, begin: int, end: int, quiet: Tissue) -> None:
        """Keep what was seen now and then while quiet time was passed: who had died by then, while nobody was awake.

        IL-6 is that of rest, also while a drug against it is still there.
        """
        events = quiet.log[: quiet.status[0].events]
        deaths = np.sort(events["hour"][np.isin(events["kind"], (EventKind.DEATH, EventKind.KILLED))])
        cells, il6 = int(quiet.cancer_rows[ALIVE]) + deaths.size, float(self.rest.il6.mean())
        for hour in range(begin + QUIET_LOOK, end, QUIET_LOOK):
            left = cells - int(np.searchsorted(deaths, hour, side="right"))
            self.looks.append(Look(float(hour), left * self.weight, 0.0, self.awake_hours, 0.0, il6, 0.0))

    def _look(self) -> None:
        """Keep what is seen now."""
        tissue, awake = self.tissue, int(self.tissue.status[0].proliferating)
        infected = (
            tissue.epithelial_counts[EpithelialState.ECLIPSE] + tissue.epithelial_counts[EpithelialState.EXPRESSING]
        )
        cells, clone = float(tissue.cancer_rows[ALIVE]), self._clone_of_one(awake)
        self.looks.append(
            Look(
                float(self.hour), cells * self.weight, awake * self.weight, self.awake_hours, clone * self.weight,
                float(tissue.il6[AMOUNT].mean()), float(infected) / tissue.epithelium.size,
            )
        )  # fmt: skip

    def _clone_of_one(self, awake: int) -> int:
        """Cells of the clone of an awake cell picked at random."""
        if not awake:
            return 0
        cells = _living(self.tissue.cancer)
        clones = cells.clone[cells.state == CancerState.PROLIFERATING]
        return int(self.tissue.clones.cells[clones[int(uniform(self.seed, PICK, 0, self.tick) * clones.size)]])


def _living(cells: np.recarray) -> Any:
    """Copies of the rows of living cells."""
    return cells[cells["alive"]]


def quiet_course(hours: int, step: float) -> TreatmentEffects:
    """A course of so many hours in which nothing is done."""
    return no_treatment(round(hours / step) + 1)
