"""Substances and cells of a scenario as measures of a sweep."""

import numpy as np
import pytest

import abm
from abm.scenario.errors import ScenarioError
from abm.scenario.hypothesis.declared import key_of
from abm.studies.design.study_file import read_study
from abm.studies.sweep.outcome import outcome_of
from tests.studies.studies import run

MINE = """
extends = "no_virus"
[substance."IL-17A"]
molar_mass = "31 kDa"
[cell."mast cell"]
like = "fibroblast"
density = "150 cell/mm^2"
[[rule]]
name = "made"
cell = "mast cell"
signal = "niche integrity"
raises = "secretion of IL-17A"
to = "9 molecules/cell/s"
half = 0.5
form = "threshold"
"""
STUDY = """
arms = ["mine.toml", "no_virus"]
duration = "1 d"
replicates = 2
{measures}
[section]
width = "240 um"
height = "240 um"
[[axis]]
name = "made"
vary = "rule made.to"
values = ["1 molecules/cell/s", "10 molecules/cell/s"]
"""


def study_of(folder, measures=""):
    (folder / "mine.toml").write_text(MINE, encoding="utf-8")
    return read_study(folder / "study.toml", STUDY.format(measures=measures))


def test_own_measures_are_kept_by_default_and_are_empty_where_an_arm_has_none(tmp_path):
    study = study_of(tmp_path)
    assert study.measures[-2:] == ("il_17a", "mast_cell")
    assert key_of("IL-17A") == "il_17a"
    done = run(study, tmp_path / "out", workers=1)
    assert done.failures == []
    read = abm.open_study(done.folder)
    assert read.measures["il_17a"]["unit"] == "ng/mL"
    mine, other = (read.series(["il_17a", "mast_cell"], arm=arm, hour=24.0) for arm in ("mine", "no_virus"))
    low, high = (mine[mine["made"] == made]["il_17a"].to_numpy() for made in (1.0, 10.0))
    assert high == pytest.approx(10.0 * low, rel=1e-3)  # the same seeds, and a field that grows with its sources
    assert (mine["mast_cell"] > 0.0).all()
    assert np.isnan(other["il_17a"]).all()
    assert "IL-17A" in outcome_of(study, "il_17a", 1.0).meaning
    assert "il_17a" in (done.folder / "README.txt").read_text()


def test_own_measures_can_be_chosen_and_misspelled_ones_are_found(tmp_path):
    assert study_of(tmp_path, 'measures = ["il_17a"]').measures == ("il_17a",)
    with pytest.raises(ScenarioError, match="il_17a"):
        study_of(tmp_path, 'measures = ["il_17b"]')
