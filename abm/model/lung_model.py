"""`LungModel`: a section of lung as a Mesa model. What happens in a step stands in `abm.model.schedule`."""

from __future__ import annotations

from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from mesa.datacollection import DataCollector

from abm.core.clock import time_step
from abm.core.compiled import check_laws, laws
from abm.core.kernels.replaced import ReplacedError
from abm.core.names import nearest
from abm.core.own_laws import laws_of
from abm.core.record import as_record
from abm.core.tree import ShownAsTree, Tree
from abm.model.agent_model import ModelOfCells, is_of_mesa, one_seed
from abm.model.digest import digest_of
from abm.model.initial_state import lay_out
from abm.model.measures import Reading, empty_census, own_measures, read, reading_of
from abm.model.multirate import OF_RUNS
from abm.model.planned import effects_of_scenario, eras_of, past_of
from abm.model.recorder import Collector
from abm.model.schedule import advance
from abm.model.section import section_of
from abm.model.shown import tree_of
from abm.model.snapshots import Snapshot, events_of, origin_of, snapshot_of
from abm.scenario.given import scenario_from
from abm.scenario.scenario import Scenario
from abm.tissue.capacity import with_capacity
from abm.tissue.section import Section
from abm.tissue.viruses import with_viruses
from abm.treatments.effects_by_step import is_untouched

HOURS_PER_DAY = 24.0
MOST_DAYS = 3650.0  # the longest run of a scenario file
NEVER = 1 << 60  # steps
READ_AT_START = ("step", "layout", "layout_seed", "width", "height", "laws")  # of a scenario, beside its parameters


class Run(NamedTuple):
    """What a run gives: one row per time, one row per event, pictures of the tissue."""

    series: pd.DataFrame
    events: pd.DataFrame
    snapshots: list[Snapshot]


class LungModel(ShownAsTree, ModelOfCells):
    """One section of lung under one scenario.

    Args:
        scenario: the experiment, or its packaged name, or the path of its file; by default a healthy mouse lung with
            dormant cells. Kept as `experiment`, because Mesa from 3.5 on has a `scenario` of its own (one that it
            hands over here is not ours, and ignored).
        seed: of chance, a whole number from 0 to 2^63 - 1; the same seed in two scenarios makes twins, which differ
            only where the scenarios act. None draws one.
        section: a section already laid out, to share it between models; by default that of the scenario.
        rng: another name of the seed, which Mesa's newer tools use.
        checked: False accepts a Scenario with values outside their ranges, such as an awakening rate of 0; no test
            covers what the model then gives.

    Raises:
        ScenarioError: with all faults of the scenario. SeedError: it is no seed. TypeError: it is no scenario.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path | None = None,
        seed: int | None = None,
        section: Section | None = None,
        rng: int | None = None,
        checked: bool = True,
    ) -> None:
        """Lay out the tissue at day 0."""
        check_laws()
        experiment = Scenario() if scenario is None or is_of_mesa(scenario) else scenario_from(scenario, checked)
        super().__init__(one_seed(seed, rng))
        self.experiment = experiment
        self._laws = laws()
        self.snapshots: list[Snapshot] = []
        self._plan(self.experiment)
        self.parameters = self._eras[0][1]
        with laws_of(experiment.laws):
            self.tissue = lay_out(
                section or section_of(self.experiment), self.parameters, self.chance_seed, self.experiment.step,
                self._treatment_effects[0].secretion_left, bool(self.experiment.second_virus),
            )  # fmt: skip
        self.own_cells = tuple(one.title for one in experiment.cells)
        self.recorder = Collector(own_measures(experiment))
        self.datacollector: DataCollector = self.recorder  # a subclass may have one of its own
        self.recorder.note(self.reading(), self.experiment.step)
        self._keep_snapshot()

    @property
    def hour(self) -> float:
        """Hours since day 0."""
        return self.tick * self.experiment.step

    @property
    def day(self) -> float:
        """Days since day 0."""
        return self.hour / HOURS_PER_DAY

    def step(self) -> None:
        """One time step, recorded; the order of events is that of `abm.model.schedule.advance`."""
        self._advance(self.tick + 1, self._every)
        self._keep_snapshot()

    def run(self, days: float | None = None) -> Run:
        """Go on for some days more, or to the end of the scenario, and give what was recorded since day 0.

        Raises:
            ValueError: `days` is no number of days, 0 or more.
            CrowdedError: there are more cells than a run may hold; `result` has what was recorded.
        """
        self.run_until(self.ticks if days is None else self.tick + self._steps_of(days))
        return self.result()

    def run_until(self, tick: int) -> None:
        """Go on to a step, and record what is due on the way; it can be interrupted once a day."""
        if type(self).step is not LungModel.step:
            self._step_until(tick)
            return
        a_day = round(HOURS_PER_DAY / self.experiment.step)
        while self.tick < tick:
            snapshots = (due for due in self._snapshot_ticks if due > self.tick)
            self._advance(min(tick, self.tick + a_day, *snapshots), self._record_ticks)
            self._keep_snapshot()

    def go_to(self, tick: int) -> None:
        """Go on to a step and record nothing."""
        self._advance(tick, NEVER)

    def amend(self, scenario: Scenario) -> None:
        """Go on under a scenario that differs in what is still to come only.

        What follows is, bit for bit, what that scenario gives from day 0 on.

        Raises:
            ValueError: it differs in what has happened already, or in what only the start reads.
        """
        before, planned, done = self.experiment, self._treatment_effects, max(1, self.tick)
        self._plan(scenario)
        same = all(getattr(before, name) == getattr(scenario, name) for name in READ_AT_START)
        same = same and np.array_equal(planned[:done], self._treatment_effects[:done])
        without_second = is_untouched(1, planned[:done])
        if not (same and past_of(before, done, without_second) == past_of(scenario, done, without_second)):
            self._plan(before)
            raise ValueError(f"this differs from what has happened by day {self.day:g}")
        self.tissue = with_viruses(bool(scenario.second_virus), self.tissue)
        self.running = self.tick < self.ticks

    def result(self) -> Run:
        """What was recorded so far."""
        series = self.recorder.get_model_vars_dataframe()
        return Run(series, self.events(), list(self.snapshots))

    def measure(self, name: str) -> float:
        """One measure now.

        Raises:
            ValueError: there is no such measure.
        """
        measures = self.recorder.measures
        if name not in measures:
            near = ", ".join(nearest(str(name), measures)) or ", ".join(measures)
            raise ValueError(f'there is no measure "{name}"; nearest: {near}')
        if self._reading_tick != self.tick:
            self._reading_tick, self._reading = self.tick, self.reading()
        return float(measures[name].of(self._reading)[0])

    def reading(self) -> Reading:
        """The section, counted now."""
        with laws_of(self.experiment.laws):
            return read(self.tissue, self.parameters, self.hour)

    def events(self) -> pd.DataFrame:
        """Awakenings with their cause, births, returns, deaths and first lesions so far, one row an event."""
        return events_of(self.tissue)

    def snapshot(self) -> Snapshot:
        """The tissue now."""
        with laws_of(self.experiment.laws):
            return snapshot_of(self.tissue, self.hour, origin_of(self.experiment, self.chance_seed))

    def digest(self) -> str:
        """Hash of the whole state: equal if and only if two runs are in the same state, bit for bit."""
        return digest_of(self.tissue, self.tick)

    def _tree(self) -> Tree:
        return tree_of(self)

    # ----------------------------------------------------------------------------------------------------------

    _reading: Any = None
    _reading_tick = -1
    _every = 1  # steps between the records of `step`

    def _steps_of(self, days: object) -> int:
        """Number of steps in these days."""
        if isinstance(days, bool) or not isinstance(days, Real) or not 0.0 <= float(days) <= MOST_DAYS:
            raise ValueError(f"days = {days!r}: is not a number of days; allowed: 0 to {MOST_DAYS:g}")
        return round(float(days) * HOURS_PER_DAY / self.experiment.step)

    def _plan(self, scenario: Scenario) -> None:
        """Make this the experiment from the present step on."""
        self.experiment = scenario
        self.ticks = round(scenario.duration / scenario.step)
        self._eras = [(tick, as_record(parameters)) for tick, parameters in eras_of(scenario)]
        self._plan_treatments(max(self.ticks, self.tick))

    def _plan_treatments(self, ticks: int) -> None:
        """Work out what treatments do in each step of the run."""
        scenario = self.experiment
        self._treatment_effects = effects_of_scenario(scenario, ticks)
        self._record_ticks = max(1, round(scenario.record_every / scenario.step))
        self._snapshot_ticks = sorted(round(hour / scenario.step) for hour in scenario.snapshots)

    def _advance(self, until: int, every: int) -> None:
        """Run steps, making room for more cells where needed, and collect measures at multiples of so many.

        Raises:
            ReplacedError: a law was replaced in memory since the model was made.
        """
        if self._laws != laws():
            raise ReplacedError("a law was replaced since this model was made: make a new one, which follows it")
        if self.closed and until > self.tick:
            raise RuntimeError("this model is closed: it takes no more steps")
        if until > self._treatment_effects.size:
            self._plan_treatments(2 * until)
        with laws_of(self.experiment.laws):
            self._advance_under_laws(until, every)

    def _advance_under_laws(self, until: int, every: int) -> None:
        """Run steps under the laws in force."""
        watched = self.recorder.watches or self._has_collector()
        while self.tick < until:
            if self.tick in (first for first, _ in self._eras if first > 0):
                self.parameters = self._parameters_at(self.tick - 1)
                self._go(self.tick, every)  # what waits, under the parameters before
            self.parameters = self._parameters_at(self.tick)
            stop = min([until, *(first for first, _ in self._eras if first > self.tick)])
            if watched:
                stop = min(stop, (self.tick // every + 1) * every)
            self._go(stop, every)
            if self.tick < stop:
                self.tissue = with_capacity(
                    self.tissue, self.parameters, self._treatment_effects[self.tick], self.experiment.step
                )
            elif watched and self.tick % every == 0:
                self._watch()
        self.running = self.tick < self.ticks

    def _go(self, until: int, every: int) -> None:
        """Run steps under the present parameters, as far as there is room, and collect measures."""
        now, begun = time_step(self.chance_seed, self.tick, self.experiment.step), self.tick // every
        census = empty_census(until // every - begun)
        effects = self._treatment_effects
        self.tick = int(advance(self.tissue, self.parameters, effects, now, until, every, census, OF_RUNS))
        counted = census[: self.tick // every - begun]
        if counted.size > 0:
            self.recorder.note(reading_of(self.tissue, self.parameters, counted), self.experiment.step)

    def _step_until(self, tick: int) -> None:
        """Go on to a step with the `step` of a subclass, and record as often as a run does."""
        self._every = self._record_ticks
        try:
            while self.tick < tick:
                before = self.tick
                self.step()
                if self.tick == before:
                    raise RuntimeError(f"{type(self).__name__}.step does not go on: it must call super().step()")
        finally:
            del self._every

    def _has_collector(self) -> bool:
        """Whether a subclass has a collector of its own that its own `step` does not serve."""
        return self.datacollector is not self.recorder and type(self).step is LungModel.step

    def _watch(self) -> None:
        """Let reporters of a user's own, and a collector of a subclass, look at the model at a recorded time."""
        if self.recorder.watches:
            self.recorder.watch(self)
        if self._has_collector():
            self.datacollector.collect(self)

    def _parameters_at(self, tick: int) -> Any:
        """The parameters that hold in a step."""
        return [parameters for first, parameters in self._eras if first <= tick][-1]

    def _keep_snapshot(self) -> None:
        """Take a snapshot, if one is due now."""
        if self.tick in self._snapshot_ticks and (not self.snapshots or self.snapshots[-1].hour < self.hour):
            self.snapshots.append(self.snapshot())
