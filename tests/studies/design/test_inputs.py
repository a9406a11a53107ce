"""What a study reads is part of it: maps by their content, and all of it in the folder of its results."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

import abm
from abm.runs.store.folder import StudyChangedError
from abm.scenario.read import load_scenario
from abm.scenario.toml.text import write_table
from abm.studies.design.data_table import TableError, number_in, rows_of
from abm.studies.design.study_file import read_study
from abm.tissue.section import alveolar_sheet
from abm.tissue.section_map import SectionMap
from abm.tissue.section_mask import write_mask
from tests.commands import embers
from tests.studies.studies import run

ARM = """
extends = "influenza"
duration = "1 d"
snapshots = []
[section]
layout = "map.png"
width = "160 um"
height = "160 um"
"""
STUDY = """
arms = ["mine.toml"]
duration = "1 d"
replicates = {replicates}
measures = ["il6", "virions"]
[section]
width = "160 um"
height = "160 um"
[[axis]]
vary = "infection.dose"
values = [1.0, 50.0]
"""


def written(folder, replicates=1, seed=0):
    folder.mkdir(exist_ok=True)
    write_mask(alveolar_sheet(16, 16, 0), folder / "map.png")
    if seed:
        image = np.full((16, 16, 3), (245, 212, 223), np.uint8)
        image[:, :seed] = (196, 48, 43)
        from PIL import Image

        Image.fromarray(image).save(folder / "map.png")
    (folder / "mine.toml").write_text(ARM)
    (folder / "s.toml").write_text(STUDY.format(replicates=replicates))
    return folder / "s.toml"


def digests(folder):
    runs = abm.open_study(folder).runs()
    return dict(zip(runs["id"], runs["digest"], strict=True))


def test_a_map_exported_anew_gives_new_addresses_and_a_study_stopped_midway_is_refused(tmp_path):
    first = read_study(written(tmp_path))
    run(first, tmp_path / "out")
    again = read_study(written(tmp_path, replicates=2, seed=4))
    assert set(first.ids()).isdisjoint(again.ids())
    with pytest.raises(StudyChangedError, match="content of its section map"):
        run(again, tmp_path / "out")


def test_a_run_uses_the_map_that_was_read_also_where_the_file_is_gone_or_another_one(tmp_path):
    path = written(tmp_path / "one")
    study = read_study(path)
    before = digests(run(study, tmp_path / "a").folder)
    shutil.rmtree(tmp_path / "one")
    copied = pickle.loads(pickle.dumps(study))
    assert digests(run(copied, tmp_path / "b").folder) == before
    assert before == digests(run(read_study(written(tmp_path / "two")), tmp_path / "c").folder)


def test_maps_are_equal_where_their_content_is():
    one, same, other = SectionMap("a.png", b"1"), SectionMap("a.png", b"1"), SectionMap("a.png", b"2")
    assert one == same
    assert one != other
    assert one == "a.png"
    assert pickle.loads(pickle.dumps(other)).content == b"2"


@pytest.mark.slow
def test_the_folder_of_a_sweep_is_run_again_alone_to_the_same_digests(tmp_path):
    before = run(read_study(written(tmp_path / "mine")), tmp_path / "out").folder
    moved = tmp_path / "elsewhere"
    shutil.copytree(before / "study", moved)
    shutil.rmtree(tmp_path / "mine")
    result = embers("sweep", "s.toml", "--workers", "1", cwd=moved)
    assert result.returncode == 0, result.stderr
    assert digests(moved / "outputs" / "s") == digests(before)


@pytest.mark.slow
def test_packaged_studies_with_options_are_the_same_from_the_files_that_are_kept(tmp_path):
    from abm.studies.design.inputs import write_inputs
    from abm.studies.design.study_file import load_study, study_names

    for name in study_names():
        study = load_study(name, days=3, replicates=1)
        write_inputs(tmp_path / name, study.inputs)
        again = load_study(str(tmp_path / name / "study" / f"{name}.toml"), days=3, replicates=1)
        assert again.text() == study.text()
        assert again.ids()[:3] == study.ids()[:3]


def test_a_calibration_keeps_the_data_and_is_the_same_study_from_them(tmp_path):
    from abm.studies.design.inputs import write_inputs
    from tests.inference.test_calibrate import STUDY as FIT

    (tmp_path / "data.csv").write_text("day,value\n1,10\n2,20\n3,30\n4,40\n")
    study = read_study(_put(tmp_path / "fit.toml", FIT))
    write_inputs(tmp_path / "out", study.inputs)
    (tmp_path / "data.csv").unlink()
    again = read_study(tmp_path / "out" / "study" / "fit.toml")
    assert again.text() == study.text()
    assert [curve.means.tolist() for curve in again.calibration.curves] == [
        curve.means.tolist() for curve in study.calibration.curves
    ]


def test_the_folder_of_a_cohort_holds_the_cohort(tmp_path):
    from abm.cohort.cohort_file import cohort_names, load_cohort
    from abm.cohort.run import design

    for name in cohort_names():
        cohort = load_cohort(name)
        path = _put(tmp_path / f"{name}.toml", cohort.text)
        assert design(load_cohort(str(path))) == design(cohort)


def _put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_tables_are_written_as_toml_that_reads_back():
    import tomllib

    table = {"a b": 1, "t": 'quote " and \\ and ü\n', "l": [1.5, True], "e": [], "in": {"x": [{"y": {"z": 1e-07}}]},
             "rows": [{"m": {"k": "v"}}, {"n": [[1], [2]]}]}  # fmt: skip
    assert tomllib.loads(write_table(table)) == table


def test_a_scenario_that_changes_another_does_not_expect_the_same(tmp_path):
    weak = load_scenario(_put(tmp_path / "weak.toml", 'extends = "influenza"\n[section]\nwidth = "400 um"\n'))
    assert "1,000" not in weak.expect
    words = load_scenario(_put(tmp_path / "words.toml", 'extends = "influenza"\ntitle = "Flu"\n'))
    assert "1,000" in words.expect
    open_ = load_scenario(_put(tmp_path / "o.toml", 'extends = "human_influenza"\nduration = "700 h"\n'))
    assert open_.expect == "A prediction."


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("", 0, "is empty"),
        ("# only words\n", 0, "is empty"),
        ("day,value\n", 0, "no rows"),
        ("day,value\n1,2\n2,3,4\n", 3, "3 cells"),
        ("day,value\n1,2\n2\n", 3, "1 cells"),
        ("day,value,value\n1,2,3\n", 1, 'two columns named "value"'),
        ("day,,value\n1,2,3\n", 1, "without a name"),
        ("# a\nday,value\n# b\n\n1,2,3\n", 5, "3 cells"),
        ('day,value\n1,"2\n', 2, "is no table"),
    ],
)
def test_faulty_tables_are_refused_with_the_line_of_an_editor(content, line, problem):
    with pytest.raises(TableError) as caught:
        rows_of(content.encode())
    assert caught.value.line == line
    assert problem in caught.value.problem


@pytest.mark.parametrize("content", [b"day,value\n1,\xff\n", "day,value\n1,2\n".encode("utf-16"), b"a\0b\n1\n"])
def test_a_table_that_is_no_text_is_refused(content):
    with pytest.raises(TableError, match="UTF-8"):
        rows_of(content)


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_tabs_and_semicolons_separate_too_and_lines_are_those_of_the_file(mark):
    text = f"\ufeff# words\r\nday{mark}value\r\n# more, words\r\n1{mark}2\r\n\r\n 2 {mark}3\r\n"
    assert rows_of(text.encode()) == [{"day": "1", "value": "2", "": "4"}, {"day": "2", "value": "3", "": "6"}]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("NA", "holds no number"),
        ("", "holds no number"),
        ("<0.5", "limit of detection"),
        ("inf", "finite"),
        ("-nan", "finite"),
        ("1e999", "finite"),
        ("1,5", "not a number"),
        ("1_0", "not a number"),
    ],
)
def test_cells_that_are_no_numbers_are_refused(cell, told):
    with pytest.raises(TableError, match=told):
        number_in(cell)


def test_a_cell_without_a_number_is_refused_with_its_line_in_a_study(tmp_path):
    from abm.scenario.errors import ScenarioError
    from tests.inference.test_calibrate import STUDY as FIT

    (tmp_path / "data.csv").write_text("# words\nday;value\n1;10\n# gap\n2;<0.5\n")
    with pytest.raises(ScenarioError, match=r"data\.csv, line 5.*limit of detection"):
        read_study(_put(tmp_path / "fit.toml", FIT))
