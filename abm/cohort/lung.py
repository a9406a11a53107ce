"""A section of lung over years: stepped while active, advanced in long strides while quiet (`abm.model.quiet`)."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np

from abm.cohort.reading import SectionReading, read_section
from abm.core.clock import TimeStep, time_step
from abm.core.population import ALIVE
from abm.core.record import as_record
from abm.model.initial_state import lay_out
from abm.model.measures import NO_CENSUS
from abm.model.multirate import OF_RUNS, Pace
from abm.model.quiet.conditions import SETTLING_TIME, is_quiet
from abm.model.quiet.passage import pass_quiet_time, thin
from abm.model.quiet.resting_contacts import RestingContacts, resting_contacts
from abm.model.schedule import advance
from abm.model.section import section_of
from abm.rules.states import EventKind
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.hypothesis.replaced_laws import parameters_in_use
from abm.scenario.scenario import Scenario
from abm.tissue.capacity import has_capacity, with_capacity
from abm.tissue.state import AMOUNT, Tissue
from abm.treatments.effects_by_step import TreatmentEffects, no_treatment

SAMPLING_INTERVAL = 12  # h from one look to the next while stepping; looks are at multiples of it
RESTING_LOOK = 24  # h, the same without a trace of infection
QUIET_LOOK = 720  # h between two in quiet time
PACE = Pace(resting=6.0, active=1.0, fast=0.5)  # h (assumed; docs/cohorts.md compares it with that of runs)
MOST_IN_QUIET = 150  # most cancer cells that pass quiet time; more are thinned to this number


class SectionAtTime(NamedTuple):
    """The section at one time.

    Attributes:
        hour: since the start. cells: living cancer cells. `awake`: proliferating ones (all weighted: `Lung.weight`).
        awake_hours: cell-hours of proliferation. clone: cells of the clone of a randomly chosen proliferating
            cell, 0 without one. il6: mean, ng/mL. infected: share of the epithelium.
    """

    hour: float
    cells: float
    awake: float
    awake_hours: float
    clone: float
    il6: float
    infected: float
    cycling: float
    killing: float


class Lung:
    """One section of lung.

    Args:
        scenario: host, virus, section and parameters; its infections and treatments are ignored (see `course`).
        seed: of chance.
        course: effects of treatments and infections in each step, from hour 0 to the last.
        eventful: times [h] of inoculations and vaccinations, with their ends; no stride passes them.
        jump: whether quiet time is passed in long strides, and other tissue at rest at the pace PACE; if not,
            every step is computed as in a run.
        contacts: of a cancer cell in this section at rest; computed if not given.
        growth_at_rest: mean of `growth_in` at rest; that of hour 0 if not given.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        course: TreatmentEffects,
        eventful: tuple[tuple[int, int], ...] = (),
        jump: bool = True,
        contacts: RestingContacts | None = None,
        growth_at_rest: tuple[float, float] | None = None,
    ) -> None:
        """Lay out the section at hour 0, at rest.

        Raises:
            ScenarioError: a function replaces a law.
        """
        if scenario.laws:  # strides of quiet time use their own laws, which would ignore the function
            problem, hint = "is a function, and a cohort follows the built-in laws", "scenario.without_laws()"
            names = [(f"law {law.name}", law.function.name) for law in scenario.laws]
            raise ScenarioError([Fault(scenario.name, 0, *name, problem, hint=hint) for name in names])
        self.seed, self.step, self.course, self.jump = seed, scenario.step, course, jump
        self.p: Any = as_record(parameters_in_use(scenario.parameters, scenario))
        self.eventful = sorted(eventful)
        self.contacts = contacts or resting_contacts(scenario)
        self.tissue: Tissue = lay_out(
            section_of(scenario), self.p, seed, self.step, two_viruses=bool(scenario.second_virus)
        )
        self.tick = 0
        self.an_hour = round(1.0 / self.step)
        self.awake_hours = 0.0
        self.weight = 1.0  # cells that each living cancer cell represents
        self.looks: list[SectionAtTime] = []
        self._disturbed = -SETTLING_TIME  # hour of the last trace of infection
        self._look()
        self._at_rest = growth_at_rest or (self._reading.cycling, self._reading.killing)

    def branch(self, course: TreatmentEffects, eventful: tuple[tuple[int, int], ...]) -> Lung:
        """A copy of the section that continues from here under another course; `self` is unchanged."""
        other = copy.copy(self)
        other.follow(course, eventful)
        other.tissue, other.looks = copy.deepcopy(self.tissue), list(self.looks)
        return other

    def follow(self, course: TreatmentEffects, eventful: tuple[tuple[int, int], ...]) -> None:
        """Continue under another course."""
        self.course, self.eventful = course, sorted(eventful)

    @property
    def hour(self) -> int:
        """Whole hours since the start; the section stops only at whole hours."""
        return self.tick // self.an_hour

    @property
    def seeded(self) -> int:
        """Dormant cells at the start."""
        return int(self.tissue.status[0].clones)

    def run(self, until: int) -> None:
        """Advance to an hour."""
        while self.hour < until:
            end = min(until, self._next_event())
            if self.jump and end > self.hour and self._is_quiet():
                self._pass(end)
            else:
                self._step_to(min(until, self.next_look))
            self._look()

    @property
    def next_look(self) -> int:
        """Hour of the next look while stepping."""
        rests = not self._reading.disturbed and self._next_event() > self.hour
        interval = RESTING_LOOK if rests else SAMPLING_INTERVAL
        return self.hour + interval - self.hour % interval

    def _now(self) -> TimeStep:
        return time_step(self.seed, self.tick, self.step)

    def _effects(self) -> Any:
        """Current effects of treatments."""
        return self.course[min(self.tick, self.course.size - 1)]

    def _next_event(self) -> int:
        """The hour at which the next inoculation or vaccination begins; now, during one."""
        for begin, end in self.eventful:
            if self.hour < end:
                return max(begin, self.hour)
        return 1 << 40

    def _step_to(self, until: int) -> None:
        """Compute every step up to an hour."""
        last, pace = until * self.an_hour, PACE if self.jump else OF_RUNS
        while self.tick < last or self.tissue.status[0].fast_steps_since_sync > 0:
            before = self.tissue.status[0].proliferating
            reached = int(advance(self.tissue, self.p, self.course, self._now(), last, 1, NO_CENSUS, pace))
            awake = 0.5 * float(before + self.tissue.status[0].proliferating) * self.weight
            self.awake_hours += awake * (reached - self.tick) * self.step
            self.tick = reached
            if reached < last:
                self._make_room()

    def _make_room(self) -> None:
        """Extend arrays that are too short. The log of events restarts; the recorded looks keep what is needed."""
        self.tissue.status[0].events = 0
        self.tissue = with_capacity(self.tissue, self.p, self._effects(), self.step)

    def _is_quiet(self) -> bool:
        undisturbed = self.hour - self._disturbed
        if self._reading.proliferating or undisturbed < SETTLING_TIME:
            return False
        return bool(is_quiet(self.tissue, self.p, self.course, self.tick, undisturbed))

    def _pass(self, until: int) -> None:
        """Advance the section over quiet time."""
        begin = self.hour
        self._thin()
        self.tissue.status[0].events = 0
        if not has_capacity(self.tissue, self.p, self._effects(), self.step):  # also for the death of every cell
            self._make_room()
        self.tissue, hour = pass_quiet_time(self.tissue, self.p, self.course, self.contacts, self._now(), until)
        self._look_back(begin, hour)
        self.tick = hour * self.an_hour

    def _thin(self) -> None:
        """Remove cancer cells if there are too many to advance, and raise the weight of the others."""
        cells = int(self.tissue.cancer_rows[ALIVE])
        if cells > MOST_IN_QUIET:
            thin(self.tissue, MOST_IN_QUIET / cells, self._now())
            self.weight *= cells / MOST_IN_QUIET

    def _look_back(self, begin: int, end: int) -> None:
        """Record looks within quiet time: deaths up to each, while no cell proliferated.

        IL-6 is that at rest, even while a drug against it is still present; under rules, that at the end of quiet time.
        """
        events = self.tissue.log[: self.tissue.status[0].events]
        deaths = np.sort(events["hour"][np.isin(events["kind"], (EventKind.DEATH, EventKind.KILLED))])
        cells = int(self.tissue.cancer_rows[ALIVE]) + deaths.size
        il6 = float((self.tissue.fields.il6[AMOUNT] if self.p.present.rules else self.contacts.il6).mean())
        for hour in range(begin + QUIET_LOOK, end, QUIET_LOOK):
            left = cells - int(np.searchsorted(deaths, hour, side="right"))
            self.looks.append(
                SectionAtTime(float(hour), left * self.weight, 0.0, self.awake_hours, 0.0, il6, 0.0, *self._at_rest)
            )

    def _look(self) -> None:
        """Record the section now."""
        self._reading = now = self._read()
        if now.disturbed:
            self._disturbed = self.hour
        cells, proliferating, clone = (number * self.weight for number in (now.cells, now.proliferating, now.clone))
        self.looks.append(
            SectionAtTime(
                float(self.hour), cells, proliferating, self.awake_hours, clone, now.il6, now.infected, now.cycling,
                now.killing,
            )
        )  # fmt: skip

    def _read(self) -> SectionReading:
        return SectionReading(*read_section(self.tissue, self.p, self.contacts.touching, self._effects(), self._now()))


def quiet_course(hours: int, step: float) -> TreatmentEffects:
    """Treatment effects by step over these hours, without treatment."""
    return no_treatment(round(hours / step) + 1)
