"""The environment: one step is one day, an action gives drugs on it, the reward is minus the burden and its price."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import ArrayLike, NDArray

from abm.core.seeds import MOST_SEED, seed_of
from abm.gym.doses import DAY, chosen_drugs, given
from abm.gym.observation import observed, observed_names
from abm.model.lung_model import MOST_DAYS, LungModel
from abm.model.measures import MEASURES, own_measures
from abm.model.section import section_of
from abm.plots.one_run import picture_arrays
from abm.plots.tissue_picture import tissue_picture
from abm.scenario.given import scenario_from
from abm.scenario.scenario import Scenario
from abm.treatments.arrivals import CancerCellArrival

BURDEN = "cells_per_seeded"
RENDERED_SCALE = 3  # pixels per side of a site


class DosingEnv(gymnasium.Env[NDArray[np.float32], NDArray[np.int8]]):
    """A section of lung under a scenario, in which an agent decides each day which drugs are given.

    Action, `MultiBinary(drugs)`: whether each drug is given on this day, in its usual dose and at its usual interval
    within the day (`drugs`). Concentrations follow from all doses so far, as for a treatment of a scenario file.

    Observation, `Box` of float32: `observation_names` and `observation_units` say what each number is. "clinic" has
    what a patient can be tested for, "full" every measure of the model.

    Reward of a day: -(living cancer cells per seeded cell at its end) - `dose_cost` x (drugs given on it). Their sum
    over an episode is minus the burden-days and the cost of treatment, in cells per seeded cell x day.

    An episode is truncated after `days` days and terminated when no cancer cell is left. `reset(seed=s)` gives the
    tissue and the draws of `embers run --seed s`: two policies with the same seed are twins, which differ only by what
    their doses change. What drugs do to the burden is a *prediction* of the model, never medical advice.

    Args:
        scenario: the name of a packaged scenario, the path of a file, or a Scenario; its own treatments act as well.
        days: length of an episode.
        drugs: names of the drugs, in the order of the action; None: all that suit the host and virus of the scenario.
        observation: "clinic" or "full".
        dose_cost: of one drug on one day [cells per seeded cell x day], 0 or more; assumed.
        render_mode: "rgb_array" for pictures of the tissue: uint8[3 x rows, 3 x columns, 3].

    Raises:
        ScenarioError: with all faults of the scenario, also where it does not last for `days`.
        ValueError: another argument is not allowed.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 4}  # type: ignore[misc]

    def __init__(
        self,
        scenario: Scenario | str | Path = "influenza",
        days: int = 28,
        drugs: Sequence[str] | None = None,
        observation: str = "clinic",
        dose_cost: float = 0.1,
        render_mode: str | None = None,
    ) -> None:
        """Check everything, and lay out the section that all episodes share."""
        self.days = _whole_days(days)
        self.scenario = scenario_from(scenario).with_duration(f"{self.days} d")
        self.drugs = chosen_drugs(self.scenario, drugs)
        self.dose_cost = _cost(dose_cost)
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(f'render_mode: "{render_mode}": is not known; allowed: rgb_array')
        self.render_mode = render_mode
        measures = {**MEASURES, **own_measures(self.scenario)}
        names = [drug.name for drug in self.drugs]
        self.observation_names = observed_names(observation, list(measures), names)
        self.observation_units = tuple(
            measures[name].unit if name in measures else "d" for name in self.observation_names
        )
        self.observation_space = spaces.Box(0.0, np.inf, (len(self.observation_names),), np.float32)
        self.action_space = spaces.MultiBinary(len(self.drugs))
        self._section = section_of(self.scenario)
        self._arrives_later = any(isinstance(one, CancerCellArrival) for one in self.scenario.treatments)
        self._model: LungModel | None = None
        self._given: dict[str, list[int]] = {}  # days on which each drug was given

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin an episode on day 0.

        Args:
            seed: of the tissue and of chance; None draws one, which `info["seed"]` reports.
            options: none are known.

        Raises:
            SeedError: it is no seed. ValueError: an option is given.
        """
        if options:
            raise ValueError(f"options: {', '.join(map(str, options))}: no options are known")
        number = None if seed is None else seed_of(seed)
        super().reset(seed=number)
        drawn = int(self.np_random.integers(MOST_SEED)) if number is None else number
        self._given = {drug.name: [] for drug in self.drugs}
        self._begin(self.scenario, drawn)
        return self._observation(), self._info()

    def step(self, action: ArrayLike) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Give the drugs of the action, and let one day pass.

        Args:
            action: int[drugs], 1 for each drug that is given today.

        Returns:
            Observation, reward, whether no cancer cell is left, whether the episode is over, and `info` with the day,
            the seed, the days on which each drug was given, and every measure.

        Raises:
            ResetNeeded: `reset` was not called. ValueError: it is no such action.
        """
        model, chosen = self._running(), self._checked(action)
        day = self._day(model)
        if day >= self.days:
            raise gymnasium.error.ResetNeeded("the episode is over: call reset")
        if chosen.any():
            for drug, is_given in zip(self.drugs, chosen, strict=True):
                if is_given:
                    self._given[drug.name].append(day)
            model = self._under_treatment(model)
        model.run_until(round(DAY * (day + 1) / self.scenario.step))
        burden = model.measure(BURDEN)
        reward = -burden - self.dose_cost * int(chosen.sum())
        is_cleared = burden == 0.0 and not self._arrives_later
        return self._observation(), float(reward), is_cleared, day + 1 >= self.days, self._info()

    def render(self) -> NDArray[np.uint8] | None:
        """The tissue now: uint8[3 x rows, 3 x columns, 3], in the colors of the figures; None without a render mode."""
        if self.render_mode is None:
            return None
        model = self._running()
        return tissue_picture(picture_arrays(model.snapshot()), model.tissue.kind, scale=RENDERED_SCALE)

    def close(self) -> None:
        """Let go of the model."""
        if self._model is not None:
            self._model.close()
            self._model = None

    # ----------------------------------------------------------------------------------------------------------

    def _begin(self, scenario: Scenario, seed: int) -> LungModel:
        self.close()
        self._model = LungModel(scenario, seed=seed, section=self._section, checked=scenario is self.scenario)
        return self._model

    def _under_treatment(self, model: LungModel) -> LungModel:
        """The model under the doses so far: it goes on from where it is, and begins again on day 0 only."""
        hours = {drug: [hour for day in self._given[drug.name] for hour in drug.hours_on(day)] for drug in self.drugs}
        doses = tuple(given(drug, when) for drug, when in hours.items() if when)
        treated = replace(self.scenario, treatments=(*self.scenario.treatments, *doses))
        if model.tick == 0:  # what acts in the first step is read when the tissue is laid out
            return self._begin(treated, model.chance_seed)
        model.amend(treated)
        return model

    def _running(self) -> LungModel:
        if self._model is None:
            raise gymnasium.error.ResetNeeded("call reset before step or render")
        return self._model

    def _checked(self, action: ArrayLike) -> NDArray[np.int8]:
        chosen = np.asarray(action)
        names = ", ".join(drug.name for drug in self.drugs)
        if chosen.shape != (len(self.drugs),) or not np.isin(chosen, (0, 1)).all():
            raise ValueError(f"action = {action!r}: is not 0 or 1 for each drug, in the order {names}")
        return chosen.astype(np.int8)

    def _day(self, model: LungModel) -> int:
        return round(model.day)

    def _observation(self) -> NDArray[np.float32]:
        model = self._running()
        day = self._day(model)
        measures = {name: model.measure(name) for name in self.observation_names if name in model.recorder.measures}
        since = {name: day - days[-1] if days else self.days for name, days in self._given.items()}
        return observed(self.observation_names, day, measures, since)

    def _info(self) -> dict[str, Any]:
        model = self._running()
        return {
            "day": self._day(model),
            "seed": model.chance_seed,
            "given": {name: list(days) for name, days in self._given.items()},
            "measures": {name: model.measure(name) for name in model.recorder.measures},
        }


def _whole_days(days: object) -> int:
    if isinstance(days, bool) or not isinstance(days, Integral) or not 1 <= int(days) <= MOST_DAYS:
        raise ValueError(f"days = {days!r}: is not a whole number of days; allowed: 1 to {MOST_DAYS:g}")
    return int(days)


def _cost(cost: object) -> float:
    if isinstance(cost, bool) or not isinstance(cost, Real) or not (0.0 <= float(cost) < math.inf):
        raise ValueError(f"dose_cost = {cost!r}: is not a number of cells per seeded cell x day; allowed: 0 or more")
    return float(cost)
