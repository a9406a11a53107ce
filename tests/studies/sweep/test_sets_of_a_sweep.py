"""Parameter sets of a sweep: the whole study under each of them, and the range over them beside chance."""

import numpy as np
import pandas as pd
import pytest

import abm
from abm import LungModel
from abm.runs.errors import SweepError
from abm.scenario.posterior import KEPT, SETS, sample_of
from abm.studies.design.set_axis import with_sets, without_sets
from abm.studies.design.study import Study
from abm.studies.sweep.outcome import MeasureAtTime
from abm.studies.sweep.overview import how, rows_of, table_lines, write
from tests.commands import embers
from tests.scenario.samples import around_the_defaults
from tests.studies.studies import run, small, tables

SAMPLE = around_the_defaults(3)
CELLS = MeasureAtTime("cells_per_seeded", 48.0, True)
STUDY = """
arms = ["influenza", "influenza_blockade"]
duration = "2 d"
replicates = 2
measures = ["cells_per_seeded", "virions"]
[section]
width = "240 um"
height = "240 um"
[[axis]]
vary = "parameters.virus.infectivity"
values = ["0.02 /virion/h", "0.05 /virion/h"]
"""


@pytest.fixture(scope="module")
def study():
    return with_sets(small(text=STUDY), SAMPLE)


@pytest.fixture(scope="module")
def done(study, tmp_path_factory):
    """The finished study; the tests only read it."""
    return run(study, tmp_path_factory.mktemp("out")).folder


def known(study: Study) -> np.ndarray:
    """An outcome that is known: set + 1, ten times as much in the first arm."""
    exact = [(point.coordinates[0] + 1.0) * (10.0, 1.0)[point.arm] for point in study.points]
    return np.repeat(np.array(exact)[:, None], study.replicates, axis=1)


def test_the_defaults_are_the_study_without_sets_and_a_set_is_what_the_sample_says(done, tmp_path):
    runs = abm.open_study(done).runs()
    plain = abm.open_study(run(small(text=STUDY), tmp_path).folder).runs()
    at_defaults = runs[runs["set"] == 0.0]
    keys = ["arm", "infectivity", "seed"]
    both = at_defaults.merge(plain, on=keys, suffixes=("", "_plain"))
    assert len(both) == len(plain) == len(at_defaults) == 8
    assert (both["digest"] == both["digest_plain"]).all()
    row = runs[(runs["set"] == 2.0) & (runs["arm"] == "influenza") & (runs["infectivity"] == 0.05)].iloc[0]
    scenario = SAMPLE.scenario(small(text=STUDY).arms[0], 1).with_parameters({"virus.infectivity": 0.05})
    model = LungModel(scenario, seed=int(row["seed"]))
    model.run()
    assert row["digest"] == model.digest()


def test_an_axis_wins_over_the_sample_also_at_the_value_of_the_default():
    usual = small(text=STUDY).arms[0].parameters.virus.infectivity
    text = STUDY.replace('"0.02 /virion/h"', f'"{usual!r} /virion/h"')
    found = with_sets(small(text=text), SAMPLE)
    values = {found.scenario(point).parameters.virus.infectivity for point in found.points}
    assert values == {usual, 0.05}


def test_the_folder_holds_its_sets_and_gives_the_same_study_again(study, done, tmp_path):
    again = with_sets(small(text=STUDY), sample_of(done))
    assert again.text() == study.text()
    assert sample_of(done / SETS / KEPT.name).text() == SAMPLE.text()
    assert tables(run(again, tmp_path, workers=1).folder) == tables(done)


def test_other_sets_are_another_study(study):
    assert with_sets(small(text=STUDY), around_the_defaults(3, reach=0.2)).text() != study.text()
    assert without_sets(study).text() == small(text=STUDY).text()


def test_the_range_over_sets_stands_beside_the_defaults(study, tmp_path):
    infected = np.full((len(study.points), study.replicates), 0.2)
    rows = rows_of(study, CELLS, known(study), infected)
    assert len(rows) == len(without_sets(study).points) == 4
    for row in rows:
        factor = (10.0, 1.0)[row.point.arm]
        assert row.found.value == pytest.approx(factor)
        assert row.sets == pytest.approx((3.0 * factor, 2.1 * factor, 3.9 * factor, 3))  # of 2, 3 and 4
        if row.point.arm:
            assert row.ratio_sets == pytest.approx((0.1, 0.1, 0.1, 3))  # the same set in both arms
    assert [head.strip() for head in table_lines(without_sets(study), rows)[0].split("|")].count("over sets") == 2
    assert "parameter set" in how(rows)
    write(tmp_path, without_sets(study), CELLS, rows)
    table = pd.read_csv(tmp_path / "overview.csv")
    assert table["sets"].eq(3).all()
    assert table["sets_median"].tolist() == pytest.approx([30.0, 30.0, 3.0, 3.0])


def test_a_study_with_an_axis_of_that_name_is_refused():
    with pytest.raises(SweepError, match='is called "set"'):
        with_sets(small(text=STUDY.replace("[[axis]]", '[[axis]]\nname = "set"')), SAMPLE)


def test_the_command_says_what_stays_and_shows_the_range(tmp_path):
    (tmp_path / "few.toml").write_text(STUDY.replace("0.02", "0.03"), encoding="utf-8")
    (tmp_path / "sets.csv").write_text(SAMPLE.text(), encoding="utf-8")
    asked = embers("sweep", "few.toml", "--posterior", "sets.csv:2", "--measure", "virions", cwd=tmp_path)
    assert asked.returncode == 0, asked.stderr
    assert "over sets" in asked.stdout
    assert "24 runs" in asked.stderr.replace(",", "") or "24 of 24 runs" in asked.stdout
    wrong = embers("sweep", "few.toml", "--posterior", "9999", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "allowed are 1 to" in wrong.stderr
