"""A cohort under parameter sets: all its patients again under each set, the same patients and the same chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from abm.cohort.cohort_file import problem_at_rest
from abm.cohort.plan import Cohort
from abm.cohort.run import perform
from abm.reporting.summary import SummaryRow
from abm.reporting.uncertainty import UncertaintyRow, uncertainties
from abm.reporting.uncertainty_report import Told, write_uncertainty
from abm.rules.infection import VIRUSES
from abm.runs.engine import RunOptions
from abm.runs.progress import Show
from abm.runs.store.files import storage
from abm.runs.store.folder import StudyResult
from abm.scenario.posterior import SETS, PosteriorSample
from abm.scenario.scenario import Scenario
from abm.studies.parameter_sets import held_by, write_sample

if TYPE_CHECKING:
    from abm.cohort.analysis import Tables

TOLD = Told(
    (("Found by the end, %", "found"),),
    (
        ("Hazard ratio", "hazard_ratio"), ("Risk ratio", "risk_ratio"), ("Odds ratio", "odds_ratio"),
        ("Helped less harmed, % of the infected", "helped"), ("Months gained, mean", "gained"),
    ),
    "patients", "patients",
)  # fmt: skip


@dataclass
class CohortUnderSets:
    """What came of it.

    Attributes:
        rows: every number with its uncertainty. notes: what a reader must know of sets and scenario.
    """

    rows: list[UncertaintyRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def under(cohort: Cohort, sample: PosteriorSample, number: int) -> Cohort:
    """A cohort under a set, counted from 0; its name is the address of the set."""
    scenario = cohort.scenario
    others = tuple(
        (name, sample.scenario(_of_virus(cohort, name), number).parameters.virus)
        for name, _ in cohort.viruses
        if name != scenario.virus
    )
    return replace(
        cohort, name=sample.key(number), scenario=sample.scenario(scenario, number), other_viruses=others
    )  # fmt: skip


def _of_virus(cohort: Cohort, name: str) -> Scenario:
    parameters = cohort.scenario.parameters._replace(virus=VIRUSES[name, cohort.scenario.host])
    return replace(cohort.scenario, virus=name, parameters=parameters)


def perform_sets(
    cohort: Cohort, sample: PosteriorSample, result: StudyResult, options: RunOptions, show: Show
) -> CohortUnderSets:
    """Run what is missing of a cohort under each set, into folders below its own, and write numbers and ranges.

    Args:
        cohort: as it is.
        sample: the sets.
        result: how the cohort itself ended; counts, failures and interruption are added to it.
        options: on what.
        show: reporter of progress.

    Raises:
        StorageError: the folder is full or cannot be written; finished patients are kept.
        StudyBusyError: another process runs it.
        ClusterError: the scheduler or a worker cannot be used.
    """
    from abm.cohort.analysis import read
    from abm.cohort.disease import MONTH

    found = CohortUnderSets(notes=held_by([replace(cohort.scenario, name=cohort.name)], sample))
    months, numbers = cohort.hours / MONTH, dict[int, list[SummaryRow]]()
    with storage(result.folder):
        write_sample(result.folder, sample)
    for at in range(len(sample)):
        own = under(cohort, sample, at)
        if problem := problem_at_rest(own.scenario):
            found.notes.append(f"Set {at + 1} is left out: {problem}, so that the lung has no rest.")
            continue
        show.say(f"set {at + 1} of {len(sample)}")
        ended = perform(own, result.folder / SETS, replace(options, fresh=False), show)
        result.total, result.done = result.total + ended.total, result.done + ended.done
        result.failures += [f"set {at + 1}: {line}" for line in ended.failures]
        if ended.interrupted:
            result.interrupted = True
            return found
        if ended.done == ended.total:
            numbers[at + 1] = list(numbers_of(read(ended.folder, months)))
        else:
            found.notes.append(f"Set {at + 1} is left out: {ended.total - ended.done} of its patients failed.")
    found.rows = uncertainties(list(numbers_of(read(result.folder, months))), numbers.values())
    _write(result.folder, cohort, numbers, found)
    return found


def numbers_of(tables: Tables) -> Iterator[SummaryRow]:
    """Every number of a finished cohort that the report compares, with its 95 % interval by chance over patients."""
    from statsmodels.stats.proportion import proportion_confint

    from abm.cohort.analysis import INFECTED, NONE, benefit
    from abm.cohort.ratios import hazard_ratio, odds_ratio, risk_ratio

    def row(against: str, quantity: str, unit: str, value: float, low: float, high: float) -> SummaryRow:
        return SummaryRow(name, against, quantity, unit, value, low, high, len(rows), "95 % interval", True)

    none = tables.arm(NONE)
    for name in tables.names:
        rows = tables.arm(name)
        count, n = int(rows["event"].sum()), len(rows)
        low, high = proportion_confint(count, n, method="wilson")
        yield row("", "found", "%", 100.0 * count / n, 100.0 * low, 100.0 * high)
        for ratio in (hazard_ratio, risk_ratio, odds_ratio) if name != NONE else ():
            yield row(NONE, ratio.__name__, "", *ratio(rows, none))
        if name not in (NONE, INFECTED):
            one, missing = benefit(tables, name), float("nan")
            yield row(INFECTED, "helped", "%", *(100.0 * float(end) for end in one.difference))
            yield row(INFECTED, "gained", "months", one.gained, missing, missing)


def _write(folder: Path, cohort: Cohort, numbers: dict[int, list[SummaryRow]], found: CohortUnderSets) -> None:
    from abm.reporting.report import write_rows

    with storage(folder):
        rows = [(at, *one) for at, own in numbers.items() for one in own]
        write_rows(folder / SETS / "summary", ("set", *SummaryRow._fields), rows)
        write_uncertainty(folder, cohort.title, found.rows, found.notes, TOLD)
