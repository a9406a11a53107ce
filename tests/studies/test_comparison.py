"""A comparison from Python is `embers compare`, with tables at hand."""

import shutil

import numpy as np
import pandas as pd
import pytest

import abm
from abm.plots.curves import GROUPS
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario
from abm.studies.compare import plan
from abm.studies.stored_run import NoRunError
from abm.studies.sweep.selection import NoStudyError, UnknownNameError

SMALL = load_scenario("influenza").with_section(width=320, height=320).with_duration("2 d")
HEALTHY = SMALL.without_infections().with_name("healthy", "No virus")


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    return abm.compare(HEALTHY, SMALL, replicates=2, seed=5, out=tmp_path_factory.mktemp("out"), figures=False)


def test_it_is_the_study_of_the_command_line(comparison):
    assert comparison.folder.name == plan((HEALTHY, SMALL), (5, 6)).name
    assert comparison.seeds == (5, 6)
    assert set(comparison.series()["arm"]) == {"healthy", "influenza"}
    assert {"healthy", "influenza"} <= set(comparison.summary["arm"])
    assert comparison.failures == ()


def test_its_runs_are_those_of_simulate(comparison):
    virions = comparison.series("virions", arm="influenza", seed=6)
    run = abm.simulate(SMALL, seed=6)
    assert list(virions) == ["arm", "replicate", "seed", "hour", "virions"]
    assert virions["virions"].tolist() == run.series["virions"].tolist()
    opened = comparison.open_run(arm="influenza", seed=6)
    pd.testing.assert_frame_equal(opened.series, run.series, check_dtype=False)
    pd.testing.assert_frame_equal(opened.events, run.events, check_dtype=False, check_categorical=False)
    assert (opened.digest, opened.scenario.infections) == (run.digest, SMALL.infections)
    assert [one.hour for one in opened.snapshots] == [one.hour for one in run.snapshots]
    assert opened.snapshot(0).cells().equals(run.snapshot(0).cells())


def test_a_run_that_is_not_there_is_refused_with_those_that_are(comparison):
    with pytest.raises(NoRunError, match=r"name one arm\. There are: healthy, influenza"):
        abm.open_run(comparison.folder)
    with pytest.raises(NoRunError, match=r"name one replicate\. There are: 1, 2"):
        abm.open_run(comparison.folder, arm="healthy")
    with pytest.raises(NoRunError, match=r"no run with seed 9\. There are: 5, 6"):
        abm.open_run(comparison.folder, arm="healthy", seed=9)
    with pytest.raises(UnknownNameError, match="nearest: influenza"):
        abm.open_run(comparison.folder, arm="influnza")
    with pytest.raises(ValueError, match="is a comparison"):
        abm.open_run(comparison.folder, run=1)


def test_its_tables_are_asked_as_those_of_a_sweep(comparison):
    with pytest.raises(UnknownNameError, match="nearest: virions"):
        comparison.series("virion")
    with pytest.raises(UnknownNameError, match="nearest: awakening"):
        comparison.events(kind="awakning")
    with pytest.raises(UnknownNameError, match='no column "day"'):
        comparison.series("il6", day=3)
    assert set(comparison.series("il6", hour=[6.0, 12.0])["hour"]) == {6.0, 12.0}
    cube = comparison.to_xarray("il6")
    assert cube["il6"].dims == ("arm", "replicate", "hour")
    assert cube["il6"].attrs["units"] == comparison.measures["il6"]["unit"] == "ng/mL"
    assert not np.isnan(cube["il6"]).any()


def test_it_says_nothing_where_there_is_no_terminal(comparison, capsys):
    out = comparison.folder.parent
    abm.compare(HEALTHY, SMALL, replicates=2, seed=5, out=out, figures=False)
    assert capsys.readouterr() == ("", "")
    abm.compare(HEALTHY, SMALL, replicates=2, seed=5, out=out, figures=False, progress=True)
    assert "complete already" in capsys.readouterr().err


def test_it_shows_what_was_compared_and_where_it_is(comparison):
    shown = repr(comparison)
    assert shown.startswith("Comparison of 2 scenarios, 2 replicates each (twins)\n")
    assert 'Scenario "healthy": No virus' in shown
    assert shown.count("virus and host") == 1
    assert str(comparison.folder.name) in shown
    assert len(comparison.plot().axes) == sum(map(len, GROUPS.values()))


def test_its_folder_is_opened_as_it_was(comparison):
    opened = abm.open_study(comparison.folder)
    pd.testing.assert_frame_equal(opened.summary, comparison.summary, check_dtype=False)
    assert (opened.scenarios, opened.seeds, opened.failures) == (comparison.scenarios, (5, 6), ())
    assert opened.series().equals(comparison.series())
    assert opened.runs()["status"].tolist() == ["done"] * 4
    assert set(opened.events()["arm"]) <= {"healthy", "influenza"}
    assert repr(opened) == repr(comparison)


def test_a_folder_without_tables_says_how_to_get_them(comparison, tmp_path):
    shutil.copy(comparison.folder / "provenance.json", tmp_path)
    with pytest.raises(NoStudyError, match="has no tables yet"):
        abm.open_study(tmp_path)


def test_two_scenarios_of_one_name_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match=r'scenario = "influenza": is the name of two of them'):
        abm.compare("influenza", SMALL, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_all_faults_of_all_scenarios_are_told(tmp_path):
    with pytest.raises(ScenarioError) as told:
        abm.compare("influnza", "no_virs", out=tmp_path)
    assert len(told.value.faults) == 2


def test_nothing_to_compare_is_refused(tmp_path):
    for wrong in ({"replicates": 0}, {"workers": 0}):
        with pytest.raises(ValueError, match="at least one"):
            abm.compare("influenza", out=tmp_path, **wrong)
    with pytest.raises(ValueError, match="at least one"):
        abm.compare(out=tmp_path)
