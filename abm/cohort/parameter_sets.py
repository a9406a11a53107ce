"""A cohort under parameter sets: the same patients with the same random numbers, simulated under each set."""

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
    (
        ("Metastasis found by the end, %", "found"), ("Death recorded as from cancer, %", "cancer_death_recorded"),
        ("Death from cancer, %", "cancer_death"), ("Death from any cause, %", "death"),
    ),
    (
        ("Hazard ratio, dates of finding", "hazard_ratio"), ("Hazard ratio, visible lesion", "visible_hazard_ratio"),
        ("Risk ratio of a finding", "risk_ratio"),
        ("Odds ratio, cancer death as recorded", "cancer_death_recorded_odds_ratio"),
        ("Odds ratio, cancer death by true cause", "cancer_death_odds_ratio"),
        ("Findings prevented, % of the infected", "found_prevented"),
        ("Cancer deaths prevented, % of the infected", "cancer_death_prevented"),
        ("Deaths prevented, % of the infected", "death_prevented"), ("Months gained, mean", "gained"),
    ),
    "patients", "patients",
)  # fmt: skip


@dataclass
class CohortUnderSets:
    """Results of a cohort under parameter sets.

    Attributes:
        rows: every number with its uncertainty. notes: on the sets and the scenario, for the reader.
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
    """Simulate a cohort under each set, except finished patients, in subfolders, and write numbers and ranges.

    Args:
        cohort: without the sets.
        sample: the sets.
        result: how the cohort itself ended; counts, failures and interruption are added to it.
        options: workers, scheduler, resume.
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
    from abm.cohort.analysis import CANCER, DEATH, FOUND, INFECTED, NONE, RECORDED
    from abm.cohort.pages.outcomes import visible_ratio
    from abm.cohort.statistics.benefit import benefit, prevented
    from abm.cohort.statistics.ratios import hazard_ratio, odds_ratio, risk_ratio
    from abm.cohort.statistics.shares import share_with

    def row(against: str, quantity: str, unit: str, ends: tuple[float, float, float], scale: float = 1.0) -> SummaryRow:
        value, low, high = (scale * end for end in ends)
        patients = len(tables.patients)
        return SummaryRow(name, against, quantity, unit, value, low, high, patients, "95 % interval", True)

    for name in tables.names:
        for end in (FOUND, RECORDED, CANCER, DEATH):
            yield row("", end.key, "%", share_with(tables.follow(name, end).event), 100.0)
        if name != NONE:
            pair = (tables.follow(name, FOUND), tables.follow(NONE, FOUND))
            yield row(NONE, "hazard_ratio", "", hazard_ratio(*pair))
            yield row(NONE, "visible_hazard_ratio", "", visible_ratio(tables, name))
            yield row(NONE, "risk_ratio", "", risk_ratio(*pair))
            for end in (RECORDED, CANCER):
                ratio = odds_ratio(tables.follow(name, end), tables.follow(NONE, end))
                yield row(NONE, f"{end.key}_odds_ratio", "", ratio)
        if name not in (NONE, INFECTED) and tables.infected.any():
            for end in (FOUND, CANCER, DEATH):
                yield row(INFECTED, f"{end.key}_prevented", "%", prevented(tables, name, end), 100.0)
            yield row(INFECTED, "gained", "months", benefit(tables, name).gained)


def _write(folder: Path, cohort: Cohort, numbers: dict[int, list[SummaryRow]], found: CohortUnderSets) -> None:
    from abm.reporting.report import write_rows

    with storage(folder):
        rows = [(at, *one) for at, own in numbers.items() for one in own]
        write_rows(folder / SETS / "summary", ("set", *SummaryRow._fields), rows)
        write_uncertainty(folder, cohort.title, found.rows, found.notes, TOLD)
