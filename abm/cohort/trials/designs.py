"""Designs of a trial from a finished cohort: arms, scan intervals, lengths of follow-up, and the registries' set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.cohort.expected.inputs import UnfinishedCohortError, read_expected
from abm.cohort.expected.lesion_hazard import NO_INFECTION
from abm.cohort.expected.outcomes import ExpectedCohort
from abm.cohort.expected.outlook import CAUSES, Outlook, UnknownFactors
from abm.cohort.expected.ratios import GroupedCounts, counts_of_deaths, counts_of_found, log_hazard_ratio
from abm.cohort.registries.calibration import RANGES
from abm.cohort.trials.sizes import (
    OUTCOMES,
    FollowedArm,
    followed,
    patients_per_arm,
    simulated_power,
    simulated_size,
    times_and_events,
    twins_needed,
)
from abm.runs.errors import SweepError
from abm.runs.store.sealed import check

SET_POINTS = 60  # of the registries' set, taken evenly
AS_THE_COHORT = 0.0  # stands for the cohort's own scans
SEED = 20_240_501  # of simulated trials


class TrialError(SweepError):
    """A trial that cannot be designed; its text says why."""


class QuestionError(TrialError):
    """An option that asks for what cannot be; its text says what is allowed."""


@dataclass(frozen=True)
class Question:
    """The question of a trial.

    Attributes:
        arms: policies. against: the arm they are compared with. outcome: one of OUTCOMES. power, alpha: of the test.
        scans: months between scans. follow_ups: months.
    """

    arms: tuple[str, ...]
    against: str = "infection"
    outcome: str = "found"
    power: float = 0.8
    alpha: float = 0.05
    scans: tuple[float, ...] = (6.0, 12.0, 24.0)
    follow_ups: tuple[float, ...] = (24.0, 36.0, 52.0, 84.0)


class PlannedTrial(NamedTuple):
    """One design in closed form.

    Attributes:
        arm: policy. scan_every: months between scans; AS_THE_COHORT: as the cohort has them. months: follow-up.
        log_ratio: logarithm of the hazard ratio. share, share_against: of the patients with the event.
        per_arm: patients per arm; infinite without an effect to show. over_set: sizes at the points of the
            registries' set, float64[points]; empty without a set.
    """

    arm: str
    scan_every: float
    months: float
    log_ratio: float
    share: float
    share_against: float
    per_arm: float
    over_set: np.ndarray


class SimulatedTrial(NamedTuple):
    """The cohort's own design by its simulated patients.

    Attributes:
        arm: policy. one, other: followed patients of the arm and of that it is compared with.
        power: of simulated trials of the size that the closed form gives; NaN if it gives none.
        per_arm: patients per arm by simulation. twins: pairs of simulated twins that are enough.
        differing: pairs of simulated twins in which only one has the outcome.
    """

    arm: str
    one: FollowedArm
    other: FollowedArm
    power: float
    per_arm: float
    twins: float
    differing: int


class TrialStudy(NamedTuple):
    """All designs for a question, in closed form and simulated, from `patients` with `turns` random draws each."""

    question: Question
    planned: list[PlannedTrial]
    simulated: list[SimulatedTrial]
    patients: int
    turns: int
    set_points: int

    def own(self, arm: str) -> PlannedTrial:
        """The cohort's own scans, over all of its follow-up."""
        rows = [one for one in self.planned if one.arm == arm and one.scan_every == AS_THE_COHORT]
        return max(rows, key=lambda one: one.months)


def plan_trials(folder: Path, question: Question) -> TrialStudy:
    """Compute all designs from a finished cohort.

    Args:
        folder: of the cohort.
        question: of the trial; without arms, every policy.

    Raises:
        UnfinishedCohortError: a table is missing.
        DamagedError: a table is damaged.
        QuestionError: an arm is not in the cohort, or the question makes no sense.
        TrialError: nobody is infected.
    """
    cohort, arms, patients = read_expected(folder), *_simulated(folder)
    question = _checked(question, list(dict.fromkeys(arms["arm"])), cohort.constants.months)
    infected = set(patients.loc[patients["infections"] > 0, "number"])
    here = np.isfinite(cohort.people.infected_at)
    if not infected or not here.any():
        raise TrialError("No patient of this cohort is infected, so no arm can differ from another.")
    points = _set_of(folder)
    planned = [one for arm in question.arms for one in _planned(cohort, here, question, arm, points)]
    rows = arms[arms["number"].isin(infected)]
    own = {one.arm: one for one in planned if one.scan_every == AS_THE_COHORT and one.months == cohort.constants.months}
    simulated = [_by_simulation(rows, question, own[arm], cohort.constants.months) for arm in question.arms]
    return TrialStudy(question, planned, simulated, len(infected), int(arms["turn"].max()) + 1, len(points))


def _simulated(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = []
    for name in ("arms.parquet", "patients.parquet"):
        if not (folder / name).is_file():
            raise UnfinishedCohortError(folder, name)
        check(folder / name)
        tables.append(pd.read_parquet(folder / name))
    return tables[0], tables[1]


def _checked(question: Question, names: Sequence[str], months: float) -> Question:
    """The question, with all policies if no arm is named.

    Raises:
        QuestionError: it makes no sense.
    """
    arms = question.arms or tuple(name for name in names if name not in (NO_INFECTION, question.against))
    for name in (*arms, question.against):
        if name not in names:
            raise QuestionError(f'There is no arm "{name}" in this cohort; there are: {", ".join(names)}')
    if not arms:
        raise QuestionError('This cohort has no policy: name an arm with --arm, such as "no infection".')
    if question.against in arms:
        raise QuestionError(f'Arm "{question.against}" cannot be compared with itself.')
    if question.outcome not in OUTCOMES:
        raise QuestionError(f'There is no outcome "{question.outcome}"; there are: {", ".join(OUTCOMES)}')
    if not 0.0 < question.alpha < 1.0 or not question.alpha < question.power < 1.0:
        raise QuestionError("alpha must lie between 0 and 1, and power between alpha and 1.")
    if any(not 0.5 <= every <= 120.0 for every in question.scans):
        raise QuestionError("Scans are allowed every 0.5 to 120 months.")
    if question.follow_ups != Question.follow_ups and max(question.follow_ups) > months:
        raise QuestionError(
            f"This cohort was followed for {months:g} months; longer trials cannot be designed with it."
        )
    if not all(length >= 1.0 for length in question.follow_ups):
        raise QuestionError("A trial lasts one month or longer.")
    follow_ups = tuple(sorted({length for length in question.follow_ups if length < months} | {months}))
    return Question(arms, question.against, question.outcome, question.power, question.alpha,
                    tuple(sorted(set(question.scans))), follow_ups)  # fmt: skip


def _set_of(folder: Path) -> list[UnknownFactors]:
    """Points of the registries' set, if there is one."""
    path = folder / "registries.csv"
    if not path.is_file():
        return []
    rows = pd.read_csv(path)[list(RANGES)]
    rows = rows.iloc[np.arange(min(SET_POINTS, len(rows))) * len(rows) // max(1, min(SET_POINTS, len(rows)))]
    return [UnknownFactors(*row) for row in rows.itertuples(index=False)]


def _planned(
    cohort: ExpectedCohort, here: np.ndarray, question: Question, arm: str, points: list[UnknownFactors]
) -> list[PlannedTrial]:
    """Designs of one arm."""
    found = []
    for every in (AS_THE_COHORT, *question.scans):
        scanned = cohort if every == AS_THE_COHORT else cohort.with_scans(every)
        effects = [_effects(scanned, here, question, arm, point) for point in (UnknownFactors(), *points)]
        for at, length in enumerate(question.follow_ups):
            sizes = [patients_per_arm(*one[at], question.power, question.alpha) for one in effects]
            found.append(PlannedTrial(arm, every, length, *effects[0][at], sizes[0], np.array(sizes[1:])))
    return found


def _effects(
    cohort: ExpectedCohort, here: np.ndarray, question: Question, arm: str, factors: UnknownFactors
) -> list[tuple[float, float, float]]:
    """Logarithm of the hazard ratio, and shares with the event in both arms, by length of follow-up."""
    counts, count = [], int(here.sum())
    for name in (arm, question.against):
        outlook = cohort.outlook(name, factors).of(here)
        counts.append((_counts(outlook, question.outcome), outlook.months))
    effects = []
    for length in question.follow_ups:
        pair = [GroupedCounts(*(column[months[1:] <= length + 1e-9] for column in one)) for one, months in counts]
        share, other = (float(one.events.sum()) / count for one in pair)
        effects.append((log_hazard_ratio(*pair), share, other))
    return effects


def _counts(outlook: Outlook, outcome: str) -> GroupedCounts:
    if outcome == "found":
        return counts_of_found(outlook)
    cancer = CAUSES.index("cancer")
    return counts_of_deaths(outlook, outlook.deaths.sum(axis=0) if outcome == "death" else outlook.deaths[cancer])


def _by_simulation(rows: pd.DataFrame, question: Question, own: PlannedTrial, months: float) -> SimulatedTrial:
    pair = [rows[rows["arm"] == name].sort_values(["number", "turn"]) for name in (own.arm, question.against)]
    one, other = (followed(part, question.outcome, months) for part in pair)
    power = math.nan
    if math.isfinite(own.per_arm):
        power = simulated_power(one, other, max(2, int(own.per_arm)), question.alpha, SEED)
    size = simulated_size(one, other, own.per_arm, question.power, question.alpha, SEED)
    events = [times_and_events(part, question.outcome, months)[1] for part in pair]
    only = [float((first & ~second).mean()) for first, second in (events, events[::-1])]
    twins = twins_needed(only[0], only[1], question.power, question.alpha)
    return SimulatedTrial(own.arm, one, other, power, size, twins, round(sum(only) * len(pair[0])))
