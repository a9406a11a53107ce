"""The plan of a fit, read from `plan.toml`: stages, each with its free parameters and its data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from abm.core.select_names import chosen as among
from abm.scenario.free import Free, free
from abm.validate.curves import HOURS_PER_DAY, ArmCurves
from abm.validate.operations import measure
from abm.validate.scoring import EXPERIMENTS, Observable, observables, score
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
class Demand:
    """A number of a target that the result must have within its tolerance; the search does not steer to it.

    Attributes:
        value: what is read from the curves. label: what it is called in tables.
    """

    value: Value
    label: str

    def gap(self, curves: ArmCurves) -> float:
        """0 where it is met, else 1."""
        found = measure(self.value, curves, curves.replicates(self.value.arms)).value
        return float(not self.value.least <= found <= self.value.most)


@dataclass(frozen=True)
class FitDatum:
    """A number that the fit is held to: a day of an observable in an experiment, or the aim of that label."""

    observable: str = ""
    experiment: str = ""
    day: float = 0.0
    aim: str = ""

    @property
    def label(self) -> str:
        """What it is, for people."""
        if self.aim:
            return self.aim
        title = observables(self.experiment)[self.observable].title
        return f"{title}, {self.experiment} experiment, day {self.day:g}"


@dataclass(frozen=True)
class OptionalLaw:
    """A law that was added for the course of an infection, and may not be needed.

    Attributes:
        law: what it says. name: the free parameter by which it is taken out. value: of that, at which it does nothing
            or next to nothing.
    """

    law: str
    name: str
    value: float


@dataclass(frozen=True)
class FitStage:
    """A part of the fit.

    Attributes:
        name, title: what it is called. free: the parameters.
        ensembles: that begin from the ranges. members: sets of the ranges in each. rounds: that follow.
        points: sets of a round. sets: of the posterior sample. checked: how many of them are run.
        replicates: runs an arm and parameter set. searches: for the best point. judges: runs per arm that measure the
            error of a point that could be the best. fresh: of the result, with seeds that the fit has not seen.
        arm: the scenario compared with the curves of mice; "" for none. observables: that are compared, by name.
        aims: numbers. demands: numbers that the result must have as well.
        optional: laws that are taken out one by one, to see whether the data ask for them.
    """

    name: str
    title: str
    free: tuple[Free, ...]
    ensembles: int
    members: int
    rounds: int
    points: int
    sets: int
    checked: int
    replicates: int
    searches: int
    judges: int
    fresh: int
    arm: str = ""
    observables: tuple[str, ...] = ()
    aims: tuple[Aim | Demand, ...] = ()
    demands: tuple[Demand, ...] = ()
    optional: tuple[OptionalLaw, ...] = ()

    @property
    def arms(self) -> tuple[str, ...]:
        """The scenarios that it runs."""
        own = (self.arm,) if self.arm else ()
        return tuple(dict.fromkeys((*own, *(arm for aim in self.aims for arm in aim.value.arms))))

    @property
    def of_demands(self) -> FitStage:
        """The stage with its demands for data."""
        return replace(self, arm="", observables=(), aims=self.demands, demands=())

    def hours(self, arm: str) -> float:
        """How long an arm must run."""
        days = [last_day(aim.value) for aim in self.aims if arm in aim.value.arms]
        if arm == self.arm:
            days += [float(one.days[-1]) for one in self.mice]
        return HOURS_PER_DAY * max(days)

    @property
    def mice(self) -> list[Observable]:
        """What was measured in mice and is fitted: every observable of the first experiment, then of the second."""
        return [observables(experiment)[name] for experiment in EXPERIMENTS for name in self.observables]

    def gaps(self, curves: ArmCurves) -> np.ndarray:
        """How far the model is from all data of the stage, in errors of the data: float[data]."""
        return np.concatenate([*self._gaps_to_mice(curves), [aim.gap(curves) for aim in self.aims]])

    def groups(self) -> list[slice]:
        """Which data belong together: an observable in an experiment, and each number of the dormancy paper."""
        sizes = [int(one.scored.sum()) for one in self.mice] + [1] * len(self.aims)
        ends = np.cumsum(sizes)
        return [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]

    def data(self) -> list[FitDatum]:
        """What each of the gaps is, in their order."""
        mice = [FitDatum(one.name, one.experiment, float(day)) for one in self.mice for day in one.days[one.scored]]
        return [*mice, *(FitDatum(aim=aim.label) for aim in self.aims)]

    def _gaps_to_mice(self, curves: ArmCurves) -> list[np.ndarray]:
        if not self.mice:
            return []
        days, n = curves.days([self.arm]), curves.replicates([self.arm])
        means = {one.measures: curves.of(self.arm, one.measures, n).mean(axis=0) for one in self.mice}
        return [
            score(np.interp(one.days, days, means[one.measures]), one).residuals / one.goal for one in self.mice
        ]  # fmt: skip


def stage_names() -> list[str]:
    """The names of all stages, in their order."""
    return [entry["name"] for entry in _entries()]


def chosen(only: str | None) -> list[str]:
    """Names of the stages in a list with commas between them; None: all.

    Raises:
        ValueError: a name is unknown, and the message has the nearest ones; or none is named.
    """
    return among(only, stage_names(), "stage")


def read_stage(name: str) -> FitStage:
    """A stage of the plan."""
    entry = dict(next(entry for entry in _entries() if entry["name"] == name))
    entry["free"] = tuple(free(**one) for one in entry["free"])
    entry["observables"] = tuple(entry.get("observables", ()))
    entry["aims"] = tuple(_aim(**one) for one in entry.get("aims", []))
    entry["demands"] = tuple(
        Demand(value, f"{one.id}: {value.name}")
        for one in find_targets(entry.get("demands", []))
        for value in one.values
    )
    entry["optional"] = tuple(OptionalLaw(**one) for one in entry.get("optional", []))
    return FitStage(**entry)


def _aim(target: str, number: int, aim: float, error: float, logarithmic: bool = False) -> Aim:
    value = find_targets([target])[0].values[number - 1]
    return Aim(value, f"{target}: {value.name}", aim, error, logarithmic)


@cache
def _entries() -> list[dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))["stage"]
