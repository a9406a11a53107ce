"""A comparison under parameter sets shows chance beside what the parameters do."""

import shutil

import numpy as np
import pandas as pd
import pytest

import abm
from abm.runs import provenance
from abm.scenario.posterior import read, sample_of
from abm.scenario.read import load_scenario
from abm.studies.compare import plan, status
from tests.commands import SMALL, embers, only_folder
from tests.scenario.samples import around_the_defaults

TINY = load_scenario("influenza").with_section(width=320, height=320).with_duration("1 d")
HELD = TINY.with_parameters({"dormancy.awakening": "0.02 /h"}).with_name("held")
SETS = 3


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "mine.csv"
    path.write_text(around_the_defaults(6).text())
    return path


@pytest.fixture(scope="module")
def comparison(sample, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return abm.compare(TINY, HELD, replicates=5, out=out, posterior=f"{sample}:{SETS}", workers=2)


def test_every_arm_is_run_under_every_set_with_the_same_seeds(comparison):
    runs = pd.read_parquet(comparison.folder / "sets" / "runs.parquet")
    assert runs.groupby(["set", "arm"], observed=True)["seed"].apply(tuple).unique().tolist() == [(1, 2, 3, 4, 5)]
    assert runs["set"].unique().tolist() == [1, 2, 3]
    assert (runs["status"] == "done").all()
    assert status(comparison.folder).total == status(comparison.folder).done == 2 * 5 * (1 + SETS)


def test_a_run_under_a_set_is_that_of_simulate_with_its_values(comparison):
    used = read(comparison.folder / "sets" / "posterior.csv")
    series = pd.read_parquet(comparison.folder / "sets" / "series.parquet")
    mine = series.query("set == 2 and arm == 'influenza' and seed == 4")["virions"]
    assert mine.tolist() == abm.simulate(used.scenario(TINY, 1), seed=4).series["virions"].tolist()


def test_the_defaults_are_what_a_comparison_without_sets_gives(comparison, tmp_path):
    plain = abm.compare(TINY, HELD, replicates=5, out=tmp_path, figures=False)
    pd.testing.assert_frame_equal(plain.summary, comparison.summary)
    assert plain.folder.name != comparison.folder.name
    assert plain.uncertainty.empty
    assert plain.sets.empty


def test_median_and_range_are_those_of_the_numbers_under_the_sets(comparison):
    key = ["arm", "against", "quantity"]
    by_set = comparison.sets.dropna(subset=["value"]).groupby(key)["value"]
    rows = comparison.uncertainty.fillna({"against": ""}).set_index(key)
    for name, values in by_set:
        expected = np.percentile(values, [5, 50, 95])
        assert rows.loc[name, ["low", "median", "high"]].tolist() == pytest.approx(expected.tolist(), rel=1e-9)
        assert rows.loc[name, "sets"] == len(values)
    cells = rows.loc["influenza", "", "cells_end"]
    assert cells["chance_low"] <= cells["value"] <= cells["chance_high"]


def test_what_a_scenario_sets_itself_is_said(comparison):
    page = (comparison.folder / "uncertainty.md").read_text()
    assert "held sets dormancy.awakening itself: the scenario wins" in page
    assert "influenza sets" not in page


def test_the_sets_are_drawn_beside_chance(comparison):
    names = {path.name for path in comparison.figures}
    assert {"curves.png", "curves_parameters.png"} <= names
    assert "uncertainty: over 3 parameter sets" in repr(comparison)


def test_its_folder_is_opened_as_it_was_and_gives_the_same_sets_again(comparison):
    opened = abm.open_study(comparison.folder)
    pd.testing.assert_frame_equal(opened.uncertainty, comparison.uncertainty, check_dtype=False)
    again = plan((TINY, HELD), range(1, 6), sample_of(comparison.folder))
    assert again.name == comparison.folder.name
    assert provenance.read(comparison.folder)["parameter_sets"] == SETS


def test_runs_that_are_missing_are_run_again_and_the_tables_are_the_same_with_two_workers(comparison, sample, tmp_path):
    folder = tmp_path / comparison.folder.name
    shutil.copytree(comparison.folder, folder)
    for path in sorted((folder / "runs").iterdir())[::3]:
        path.unlink()
    (folder / "sets" / "series.parquet").unlink()
    for workers in (1, 2):
        again = abm.compare(TINY, HELD, replicates=5, out=tmp_path, posterior=f"{sample}:{SETS}", workers=workers)
        assert again.folder == folder
        pd.testing.assert_frame_equal(again.uncertainty, comparison.uncertainty)
        for name in ("sets/series.parquet", "sets/summary.csv", "uncertainty.csv"):
            assert (folder / name).read_bytes() == (comparison.folder / name).read_bytes()
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("mine.csv:7", "--posterior 7: there are 6 sets; allowed are 1 to 6"),
        ("mine.csv:0", "--posterior 0: there are 6 sets; allowed are 1 to 6"),
        ("none.csv", "none.csv: there is no posterior sample; `embers fit`"),
        ("bad.csv", 'bad.csv, line 2, column 1: dormancy.awakening is "9", allowed are'),
    ],
)
def test_the_command_refuses_what_is_no_sample_before_anything_runs(given, complaint, sample, tmp_path):
    shutil.copy(sample, tmp_path)
    (tmp_path / "bad.csv").write_text("dormancy.awakening\n9\n")
    done = embers("compare", "influenza", *SMALL, "--posterior", given, cwd=tmp_path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_the_command_shows_chance_and_parameters(sample, tmp_path):
    shutil.copy(sample, tmp_path)
    asked = ("compare", "influenza", "--replicates", "1", *SMALL, "--posterior", "mine.csv:2", "--workers", "1")
    done = embers(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "chance (95 %)" in done.stdout
    assert "parameters (90 %)" in done.stdout
    assert len(read(only_folder(tmp_path / "outputs") / "sets" / "posterior.csv")) == 2


def test_rules_act_under_every_set_and_a_set_changes_what_they_leave(sample, tmp_path):
    mine = TINY.with_substance("X", molar_mass="20 kDa").with_name("mine")
    mine = mine.with_rule("fibroblast", "niche integrity", raises="secretion of X", to=9.0, half=0.5, form="threshold")
    mine = mine.with_rule("neutrophil", "X", lowers="speed", to="20 %", half="0.001 ng/mL")
    done = abm.compare(TINY, mine, replicates=2, out=tmp_path, posterior=f"{sample}:2", workers=2, figures=False)
    used = read(done.folder / "sets" / "posterior.csv")
    series = pd.read_parquet(done.folder / "sets" / "series.parquet")
    for number in (0, 1):
        scenario = used.scenario(mine, number)
        assert scenario.rules == mine.rules
        assert scenario.parameters.virus.infectivity != mine.parameters.virus.infectivity
        chosen = series.query(f"set == {number + 1} and arm == 'mine' and seed == 2")
        there = abm.simulate(scenario, seed=2).series
        for name in ("x", "virions", "neutrophils"):
            assert chosen[name].tolist() == there[name].tolist(), name
    assert not series.query("arm == 'mine'")["x"].eq(0.0).any()
