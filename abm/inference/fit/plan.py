"""The plan of a fit, read from `plan.toml`: stages, each with its free parameters and its data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from abm.core.select_names import chosen as among
from abm.inference.fit.free import Free, free
from abm.validate.curves import HOURS_PER_DAY, ArmCurves
from abm.validate.operations import measure
from abm.validate.scoring import observables, score
from abm.validate.suite import last_day
from abm.validate.target import Value, find_targets

FILE = Path(__file__).with_name("plan.toml")
TINY = 1e-9


@dataclass(frozen=True)
class Aim:
    """A number of a target that the fit steers to.

    Attributes:
        value: what is read from the curves. aim: where it should lie. error: how far off is as bad as one spread; a
            factor where the aim is `logarithmic`.
    """

    value: Value
    label: str
    aim: float
    error: float
    logarithmic: bool

    def gap(self, curves: ArmCurves) -> float:
        """How far off the curves are, in errors."""
        found = measure(self.value, curves, curves.replicates(self.value.arms)).value
        if self.logarithmic:
            return float(np.log(max(found, TINY) / self.aim) / np.log(self.error))
        return (found - self.aim) / self.error


@dataclass(frozen=True)
class FitStage:
    """A part of the fit.

    Attributes:
        name, title: what it is called. free: the parameters.
        members, rounds: of the ensemble. steps: from the best start on to the best point.
        replicates: runs an arm and parameter set in a round. step_replicates: the same in a step.
        judges: runs per arm that measure the error of an intermediate point.
        arm: the scenario compared with the curves of mice; "" for none. aims: numbers.
    """

    name: str
    title: str
    free: tuple[Free, ...]
    members: int
    rounds: int
    steps: int
    replicates: int
    step_replicates: int
    judges: int
    arm: str = ""
    aims: tuple[Aim, ...] = ()

    @property
    def arms(self) -> tuple[str, ...]:
        """The scenarios that it runs."""
        own = (self.arm,) if self.arm else ()
        return tuple(dict.fromkeys((*own, *(arm for aim in self.aims for arm in aim.value.arms))))

    def hours(self, arm: str) -> float:
        """How long an arm must run."""
        days = [last_day(aim.value) for aim in self.aims if arm in aim.value.arms]
        if arm == self.arm:
            days += [float(one.days[-1]) for one in observables().values()]
        return HOURS_PER_DAY * max(days)

    def gaps(self, curves: ArmCurves) -> np.ndarray:
        """How far the model is from all data of the stage, in errors of the data: float[data]."""
        mice = self._gaps_to_mice(curves) if self.arm else []
        return np.concatenate([*mice, [aim.gap(curves) for aim in self.aims]])

    def groups(self) -> list[slice]:
        """Which data belong together: those of an observable, and each number of the dormancy paper."""
        sizes = [int(one.scored.sum()) for one in (observables().values() if self.arm else ())] + [1] * len(self.aims)
        ends = np.cumsum(sizes)
        return [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]

    def labels(self) -> list[str]:
        """What each of the gaps is, in their order."""
        mice = [
            f"{one.title}, day {day:g}"
            for one in (observables().values() if self.arm else ())
            for day in one.days[one.scored]
        ]
        return [*mice, *(aim.label for aim in self.aims)]

    def _gaps_to_mice(self, curves: ArmCurves) -> list[np.ndarray]:
        days, n = curves.days([self.arm]), curves.replicates([self.arm])
        found = []
        for one in observables().values():
            curve = curves.of(self.arm, one.measures, n).mean(axis=0)
            found.append(score(np.interp(one.days, days, curve), one).residuals / one.goal)
        return found


def stage_names() -> list[str]:
    """The names of all stages, in their order."""
    return [entry["name"] for entry in _entries()]


def chosen(only: str) -> list[str]:
    """Names of the stages in a list with commas between them; all where it is empty.

    Raises:
        ValueError: a name is unknown; the message has the nearest ones.
    """
    return among(only, stage_names(), "stage")


def read_stage(name: str) -> FitStage:
    """A stage of the plan."""
    entry = dict(next(entry for entry in _entries() if entry["name"] == name))
    entry["free"] = tuple(free(**one) for one in entry["free"])
    entry["aims"] = tuple(_aim(**one) for one in entry.get("aims", []))
    return FitStage(**entry)


def _aim(target: str, number: int, aim: float, error: float, logarithmic: bool = False) -> Aim:
    value = find_targets([target])[0].values[number - 1]
    return Aim(value, f"{target}: {value.name}", aim, error, logarithmic)


@cache
def _entries() -> list[dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))["stage"]
