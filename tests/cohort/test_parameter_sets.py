"""A cohort under parameter sets: the same patients under each, ranges beside the intervals of chance."""

from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from abm.cohort import parameter_sets, run
from abm.cohort.analysis import FOUND
from abm.cohort.parameter_sets import TOLD, numbers_of, perform_sets, under
from abm.cohort.person import Person, scenario_of
from abm.cohort.statistics.ratios import hazard_ratio
from abm.reporting.summary import SummaryRow
from abm.reporting.uncertainty import uncertainties
from abm.reporting.uncertainty_report import read_uncertainty, uncertainty_text
from abm.rules.infection import VIRUSES
from abm.runs.engine import RunOptions
from abm.runs.progress import Show
from abm.runs.store.folder import StudyResult
from abm.runs.store.sealed import sealed
from abm.scenario.free import free
from abm.scenario.posterior import PosteriorSample, read
from tests.cohort.patients import SCANS, TEXT, small
from tests.cohort.synthetic import tables
from tests.scenario.samples import around_the_defaults

TWO_VIRUSES = TEXT.replace('name = "SARS-CoV-2"', 'shares = { influenza = 0.5, "SARS-CoV-2" = 0.5 }')


def patient(virus):
    return Person(1, 1, 100.0, 1.0, 1.0, virus, 1.0, 0.1, (), 0.5, 0.5, 0.001)


def silent():
    return Show(Console(quiet=True))


def test_patients_have_the_values_of_a_set_whichever_virus_they_catch():
    cohort = small(text=TWO_VIRUSES)
    sample = around_the_defaults(3, ("virus.antibody_clearance", "dormancy.awakening", "virus.clearance"))
    changed = under(cohort, sample, 1)
    for virus in ("influenza", "SARS-CoV-2"):
        parameters = scenario_of(changed, patient(virus)).parameters
        assert parameters.virus.antibody_clearance == sample.values[1, 0]
        assert parameters.dormancy.awakening == sample.values[1, 1]
        assert parameters.virus.clearance == VIRUSES[virus, "human"].clearance


def test_a_cohort_as_it_is_has_the_usual_viruses():
    cohort = small(text=TWO_VIRUSES)
    for virus in ("influenza", "SARS-CoV-2"):
        assert scenario_of(cohort, patient(virus)).parameters.virus == VIRUSES[virus, "human"]


def test_what_the_file_of_a_cohort_sets_wins_over_the_sample():
    cohort = small(text=TEXT.replace('founders = "3 cell"', 'founders = "3 cell"\nawakening = "0.02 /h"'))
    assert under(cohort, around_the_defaults(2), 0).scenario.parameters.dormancy.awakening == 0.02


MONTHS = {
    "no infection": [30.0, 40.0, None, None, None, 45.0, None, None],
    "infection": [10.0, 20.0, 30.0, None, None, 15.0, 40.0, None],
    "scan": [12.0, 22.0, None, None, None, 15.0, 41.0, None],
}


def test_the_numbers_are_those_of_the_report():
    made = tables(MONTHS)
    found = {(one.arm, one.quantity): one for one in numbers_of(made)}
    expected = hazard_ratio(made.follow("infection", FOUND), made.follow("no infection", FOUND))
    assert found["infection", "hazard_ratio"][4:7] == tuple(expected)
    assert found["no infection", "found"].value == 37.5
    assert found["scan", "found_prevented"].value == pytest.approx(12.5)
    assert found["scan", "found_prevented"].against == "infection"
    assert ("no infection", "hazard_ratio") not in found


def test_ranges_over_sets_stand_beside_chance():
    own = SummaryRow("infection", "no infection", "hazard_ratio", "", 1.4, 1.0, 2.0, 8, "95 % interval", True)
    sets = [[own._replace(value=value)] for value in (1.0, 1.2, 1.4, 1.6, np.nan)]
    (row,) = uncertainties([own], sets)
    assert (row.chance_low, row.chance_high, row.median, row.sets) == (1.0, 2.0, pytest.approx(1.3), 4)
    text = uncertainty_text([row], ["a note"], TOLD)
    assert "| Hazard ratio, dates of finding | 1.4 | 1 to 2 | 1.3 | 1.03 to 1.57 | 4 |" in text
    assert "interval over patients" in text
    assert "a note" in text


def test_a_set_without_rest_is_left_out_and_said(tmp_path):
    names = ("dormancy.return_rate", "dormancy.cycling_without_signal", "dormancy.cycle_time")
    parameters = tuple(free(name) for name in names)
    restless = PosteriorSample(parameters, np.array([[parameters[0].low, parameters[1].high, parameters[2].low]]))
    assert parameter_sets.problem_at_rest(under(small(), restless, 0).scenario)
    folder = tmp_path / "small"
    folder.mkdir()
    made = tables(MONTHS)
    for name, table in (("patients", made.patients.reset_index()), ("arms", made.arms)):
        with sealed(folder / f"{name}.parquet") as path:
            table.to_parquet(path, index=False)
    found = perform_sets(small(), restless, StudyResult(folder, 0), RunOptions(1), silent())
    assert found.notes[-1].startswith("Set 1 is left out: ")
    assert not [path for path in (folder / "sets").iterdir() if path.is_dir()]
    assert {row.sets for row in found.rows} == {0}


@pytest.mark.slow
def test_a_cohort_is_run_under_every_set_and_goes_on_where_it_was_stopped(tmp_path):
    cohort, sample, show = replace(small(SCANS), patients=2), around_the_defaults(2), silent()
    whole = run.perform(cohort, tmp_path, RunOptions(2), show)
    first = perform_sets(cohort, sample, whole, RunOptions(2), show)
    assert (whole.done, whole.total) == (6, 6)
    assert read(whole.folder / "sets" / "posterior.csv").text() == sample.text()
    (whole.folder / "sets" / sample.key(1) / run.FINISHED / "0000002.json").unlink()
    again = run.perform(cohort, tmp_path, RunOptions(1), show)
    second = perform_sets(cohort, sample, again, RunOptions(1), show)
    assert str(first.rows) == str(second.rows) == str(read_uncertainty(whole.folder))
    assert all(row.sets <= 2 for row in first.rows)
