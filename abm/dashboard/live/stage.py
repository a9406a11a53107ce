"""The arms of a recipe, run step by step on one clock: models, what was measured of them, snapshots to go back to."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.dashboard.content.news import News, Watch
from abm.dashboard.content.recipe import Recipe, scenarios_for
from abm.dashboard.live.rewind import KeptState, keep, put_back
from abm.dashboard.mechanism.secretion import total_by_source
from abm.model.lung_model import LungModel
from abm.model.section import section_of
from abm.rules.states import EventKind
from abm.rules.substances import Substance
from abm.scenario.scenario import Scenario

HOUR, DAY = 1, 24  # h
SECRETED_EVERY = 6  # h, between two looks at who secretes IL-6
MEMORY = 64_000_000  # bytes of snapshots at most; beyond, every second one goes


class ArmRun:
    """One arm: its model, its curve points (one row per hour), and when each clone first awakened.

    `secreted`: IL-6 by source [ng/mL/h], one row every SECRETED_EVERY hours.
    """

    def __init__(self, model: LungModel) -> None:
        """Measure day 0."""
        self.model = model
        self.points: list[list[float]] = []
        self.secreted: list[list[float]] = []
        self.watch = Watch(model)
        self.awoke = np.full(model.tissue.clones.size, np.inf)  # hour
        self._read = 0  # rows of the event log
        self.read_log()

    @property
    def measures(self) -> list[str]:
        """Names of what a point of the curves holds: `MEASURES`, then what the scenario declares of its own."""
        return list(self.model.recorder.measures)

    def read_log(self) -> None:
        """Take in the events since it was last asked."""
        tissue = self.model.tissue
        end = int(tissue.status[0].events)
        log: Any = tissue.log[self._read : end]
        self.awoke = np.append(
            self.awoke, np.full(max(0, tissue.clones.size - self.awoke.size), np.inf)
        )  # those that arrived
        awakenings = log[log.kind == EventKind.AWAKENING]
        np.minimum.at(self.awoke, awakenings.clone, awakenings.hour)
        self._read = end

    def measure(self) -> None:
        """Add a point to the curves."""
        self.points.append([self.model.measure(name) for name in self.measures])
        self.read_log()
        self.watch.look(self.points[-1], self.awoke)

    def look_at_sources(self) -> None:
        """Add a row of who secretes IL-6, if it is due."""
        if round(self.model.hour) == len(self.secreted) * SECRETED_EVERY:
            self.secreted.append(total_by_source(self.model, Substance.IL6.value))

    def go_back(self, kept: KeptState) -> None:
        """Be what it was; the curves end there."""
        put_back(self.model, kept)
        self.points = self.points[: round(self.model.hour) + 1]
        self.secreted = self.secreted[: round(self.model.hour) // SECRETED_EVERY + 1]
        self.awoke[:] = np.inf
        self._read = 0
        self.read_log()
        self.watch.forget_after(self.model.hour)


class Stage:
    """Up to four arms on one clock.

    Attributes:
        recipe: what they are made from. arms: their runs. tick: steps since day 0. end: the last step.
    """

    def __init__(self, recipe: Recipe) -> None:
        """Lay out day 0.

        Raises:
            RecipeError, ScenarioError: it cannot be shown; the messages say why.
        """
        scenarios = scenarios_for(recipe)
        self.recipe = recipe
        section = section_of(scenarios[0])
        shared = [(one.layout, one.layout_seed) == (scenarios[0].layout, scenarios[0].layout_seed) for one in scenarios]
        self.arms = [
            ArmRun(LungModel(one, recipe.seed, section if same else None))
            for one, same in zip(scenarios, shared, strict=True)
        ]
        self.per_hour = round(HOUR / scenarios[0].step)
        self._kept: list[tuple[int, list[KeptState]]] = []
        self._note()

    @property
    def tick(self) -> int:
        """Steps since day 0."""
        return self.arms[0].model.tick

    @property
    def hour(self) -> float:
        """Hours since day 0."""
        return self.arms[0].model.hour

    @property
    def end(self) -> int:
        """The last step."""
        return self.recipe.days * 24 * self.per_hour

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run."""
        return [arm.model.experiment for arm in self.arms]

    def advance(self, ticks: int) -> None:
        """Go on by some steps, but only to the next full hour, where all is measured, or to the end."""
        until = min(self.tick + ticks, (self.tick // self.per_hour + 1) * self.per_hour, self.end)
        for arm in self.arms:
            arm.model.go_to(until)
        if until % self.per_hour == 0:
            self._note()

    def back_to(self, tick: int) -> int:
        """Be at the last snapshot at or before this step; gives the step of it."""
        at = bisect.bisect_right([kept[0] for kept in self._kept], max(0, tick)) - 1
        del self._kept[at + 1 :]
        for arm, kept in zip(self.arms, self._kept[at][1], strict=True):
            arm.go_back(kept)
        return self.tick

    def amend(self, recipe: Recipe) -> None:
        """Go on under another recipe, which differs from this one in what is still to come only.

        Raises:
            RecipeError, ScenarioError: it is no recipe that can be shown.
            ValueError: it differs in what has happened already; nothing has changed then.
        """
        scenarios = scenarios_for(recipe)
        before = self.scenarios
        if (recipe.seed, recipe.side, recipe.mask, len(recipe.arms)) != (
            self.recipe.seed, self.recipe.side, self.recipe.mask, len(before)
        ):  # fmt: skip
            raise ValueError("seed, size and number of views belong to the start")
        try:
            for arm, scenario in zip(self.arms, scenarios, strict=True):
                if scenario != arm.model.experiment:
                    arm.model.amend(scenario)
        except ValueError:
            for arm, scenario in zip(self.arms, before, strict=True):
                arm.model.amend(scenario)
            raise
        self.recipe = recipe

    def news(self) -> list[News]:
        """What happened so far, by time."""
        return sorted((one for arm in self.arms for one in arm.watch.news), key=lambda one: one.hour)

    def points(self, first: int) -> Sequence[Sequence[Sequence[float]]]:
        """The curves of each arm from this point on."""
        return [arm.points[first:] for arm in self.arms]

    def close(self) -> None:
        """Let go of the models, and at once of what is large."""
        self._kept.clear()
        for arm in self.arms:
            arm.model.close()

    def _note(self) -> None:
        """Measure, and keep a snapshot once a day."""
        for arm in self.arms:
            if len(arm.points) <= round(arm.model.hour):
                arm.measure()
            arm.look_at_sources()
        if self.tick % (DAY * self.per_hour) == 0 and (not self._kept or self._kept[-1][0] < self.tick):
            self._kept.append((self.tick, [keep(arm.model) for arm in self.arms]))
            while sum(kept.size for _, every in self._kept for kept in every) > MEMORY and len(self._kept) > 2:
                del self._kept[1::2]
