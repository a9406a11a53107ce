import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm import LungModel
from abm.runs.errors import SweepError
from abm.runs.store.lock import StudyBusyError, held, is_held
from abm.studies.stored_run import NoRunError
from abm.studies.sweep.results import status
from abm.studies.sweep.selection import UnknownNameError
from abm.studies.sweep.store import BLOCK, Store
from abm.tissue.section import alveolar_sheet
from abm.tissue.section_map import SectionMap
from abm.tissue.section_mask import write_mask
from tests.studies.studies import POINTS, SMALL, run, silent, small, tables, told


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished study, on one worker; the tests only read it."""
    return run(small(), tmp_path_factory.mktemp("out"), workers=1)


@pytest.fixture(scope="module")
def read(done):
    return abm.open_study(done.folder)


def test_every_run_is_done_and_is_what_the_model_gives(done, read):
    assert (done.done, done.total, done.failures) == (2 * POINTS, 2 * POINTS, [])
    study, runs = small(), read.runs()
    assert (runs["status"] == "done").all()
    row = runs.iloc[9]
    at, _ = study.place(int(row["run"]))
    model = LungModel(study.scenario(study.points[at]), seed=int(row["seed"]))
    result = model.run()
    assert row["digest"] == model.digest()
    series = read.series(run=9)
    for name in study.measures:
        assert series[name].tolist() == result.series[name].tolist()
    events = read.events(run=9)
    assert events["uid"].tolist() == result.events["uid"].tolist()
    assert events["kind"].astype(str).tolist() == result.events["kind"].astype(str).tolist()


def test_the_same_tables_come_from_two_workers(done, tmp_path):
    assert tables(run(small(), tmp_path, workers=2).folder) == tables(done.folder)


def test_a_complete_study_is_not_run_again(done):
    before = {path: path.stat().st_mtime_ns for path in done.folder.rglob("block-*")}
    show = silent()
    again = run(small(), done.folder.parent, show)
    assert again.done == again.total
    assert "12 of 12 runs are there already" in told(show)
    assert {path: path.stat().st_mtime_ns for path in done.folder.rglob("block-*")} == before


def test_rows_can_be_chosen_by_arm_axis_time_and_measure(read):
    chosen = read.series("il6", arm="influenza_blockade", start=24.0, hour=[24.0, 48.0])
    assert set(chosen["arm"]) == {"influenza_blockade"}
    assert sorted(set(chosen["hour"])) == [24.0, 48.0]
    assert list(chosen)[-1] == "il6"
    assert "virions" not in chosen
    assert len(chosen) == 2 * 2 * 2
    with pytest.raises(KeyError, match="il7"):
        read.series("il7")
    with pytest.raises(KeyError, match="day"):
        read.series("il6", day=3)


def test_names_are_dictionaries(read):
    assert isinstance(read.series()["arm"].dtype, pd.CategoricalDtype)
    assert isinstance(read.events()["kind"].dtype, pd.CategoricalDtype)


def test_an_array_has_the_axes_as_dimensions_and_the_reference_at_each_of_their_values(read):
    cube = read.to_xarray("il6")["il6"]
    assert cube.sizes == {"arm": 2, "start": 2, "virus_dose": 2, "replicate": 2, "hour": 9}
    assert not cube.isnull().any()  # noqa: PD003 - of xarray
    alone = cube.sel(arm="influenza")
    assert np.array_equal(alone.isel(start=0), alone.isel(start=1))
    one = read.series("il6", arm="influenza_blockade", start=24.0, virus_dose=50.0, replicate=2, hour=48.0)
    there = cube.sel(arm="influenza_blockade", start=24.0, virus_dose=50.0, replicate=2, hour=48.0)
    assert [float(there)] == one["il6"].tolist()


def test_results_can_be_read_half_way(read, tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "gather", lambda *_: None)  # nothing is put into tables
    half = abm.open_study(run(small(), tmp_path).folder)
    assert half.counts() == {"total": 12, "done": 12, "failed": 0}
    assert not list(half.folder.glob("runs/*"))
    keys = ["run", "hour"]
    pd.testing.assert_frame_equal(
        half.series().sort_values(keys, ignore_index=True), read.series().sort_values(keys, ignore_index=True),
    )  # fmt: skip
    assert half.runs()["digest"].tolist() == read.runs()["digest"].tolist()
    assert len(half.events(kind="awakening")) == len(read.events(kind="awakening"))


@pytest.mark.slow
def test_more_replicates_go_on_and_end_like_a_study_begun_with_them(tmp_path, monkeypatch):
    monkeypatch.setattr("abm.studies.sweep.tables.GROUP", 20)  # rows: many row groups
    first = run(small(replicates=1), tmp_path / "grown")
    show = silent()
    grown = run(small(replicates=3), tmp_path / "grown", show)
    assert grown.folder == first.folder
    assert f"{POINTS} of {3 * POINTS} runs are there already" in told(show)
    assert tables(grown.folder) == tables(run(small(replicates=3), tmp_path / "whole").folder)


def test_an_edited_study_is_refused_with_the_difference(done):
    edited = small(text=SMALL.replace("50.0", "40.0"))
    with pytest.raises(SweepError) as caught:
        run(edited, done.folder.parent)
    message = str(caught.value)
    assert "- axis virus_dose: infection.dose = 1, 50" in message
    assert "+ axis virus_dose: infection.dose = 1, 40" in message
    assert "--fresh" in message
    fresh = run(replace(edited, replicates=1), done.folder.parent, fresh=True)
    assert fresh.folder.name == "small-2"


def test_an_edited_scenario_is_refused_with_the_difference(tmp_path):
    arm = tmp_path / "mine.toml"
    study = f'arms = ["{arm}"]\nduration = "1 d"\n[section]\nwidth = "200 um"\nheight = "200 um"\n'
    arm.write_text('extends = "influenza"\n[parameters.dormancy]\nawakening = "0.05 /h"\n')
    run(small(text=study), tmp_path)
    arm.write_text('extends = "influenza"\n[parameters.dormancy]\nawakening = "0.06 /h"\n')
    with pytest.raises(SweepError, match=r"- awakening = \"0.05 /h\"[^$]*\+ awakening = \"0.06 /h\""):
        run(small(text=study), tmp_path)


def test_a_second_parent_is_refused_while_the_first_lives(done):
    with held(done.folder):
        assert is_held(done.folder)
        with pytest.raises(StudyBusyError, match="process "):
            run(small(), done.folder.parent)
    assert not is_held(done.folder)


@pytest.mark.parametrize("name", ["series/arm=influenza", "events/arm=influenza_blockade", "runs"])
def test_a_truncated_table_is_made_again(done, tmp_path, name):
    folder = tmp_path / "small"
    shutil.copytree(done.folder, folder)
    (path,) = (folder / name).glob("*.parquet")
    path.write_bytes(path.read_bytes()[:-100])
    show = silent()
    again = run(small(), tmp_path, show)
    assert "12 finished runs were in damaged files and are run again" in told(show)
    assert again.done == 12
    assert tables(folder) == tables(done.folder)


def test_a_damaged_run_file_is_run_again(tmp_path, done, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Store, "gather", lambda *_: None)
        folder = run(small(), tmp_path).folder
    first, second, *_ = sorted((folder / "landed").iterdir())
    first.write_bytes(first.read_bytes()[:-30])
    content = bytearray(second.read_bytes())
    content[len(content) // 2] ^= 255
    second.write_bytes(content)
    show = silent()
    run(small(), tmp_path, show)
    assert "2 finished runs were in damaged files" in told(show)
    assert tables(folder) == tables(done.folder)


def test_a_kill_between_any_two_writes_of_a_block_loses_nothing(tmp_path, done, monkeypatch):
    """A block that is written again replaces its files one by one; a kill is played at each of them in turn."""
    begun = run(small(replicates=1), tmp_path / "begun").folder
    with monkeypatch.context() as patch:
        patch.setattr(Store, "gather", lambda *_: None)
        run(small(), tmp_path / "begun")
    assert len(list((begun / "landed").iterdir())) == POINTS
    kills = 0
    for survived in itertools.count():
        folder = tmp_path / str(survived)
        shutil.copytree(begun, folder)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", dies_after(survived))
            try:
                Store(folder, small(), small().ids()).gather_ended()
            except KilledError:
                kills += 1
            else:
                break
        store = Store(folder, small(), small().ids())
        assert (store.damaged, store.finished) == (0, 2 * POINTS)
        store.gather_ended()
        assert tables(folder) == tables(done.folder)
    assert kills >= 10


class KilledError(Exception):
    pass


def dies_after(survived):
    """`Path.replace` that works so many times."""
    real, count = Path.replace, itertools.count()

    def replace_or_die(self, target):
        if next(count) >= survived:
            raise KilledError
        return real(self, target)

    return replace_or_die


def masked(folder):
    """A study one of whose arms has its section from a PNG."""
    write_mask(alveolar_sheet(40, 40, 1), folder / "mask.png")
    section = '[section]\nwidth = "400 um"\nheight = "400 um"\n'
    (folder / "masked.toml").write_text(f'extends = "influenza"\n{section}layout = "mask.png"\n')
    return small(text=f'arms = ["influenza", "{folder}/masked.toml"]\nduration = "1 d"\nreplicates = 2\n{section}')


def test_failures_are_rows_with_seed_and_traceback_and_are_run_again_when_asked(tmp_path):
    study = masked(tmp_path)
    ids = study.ids()

    class Broken(type(study)):
        def ids(self):
            return ids

        def scenario(self, point):
            scenario = super().scenario(point)
            broken = scenario.name == "masked"
            return replace(scenario, layout=SectionMap("mask.png", b"no picture")) if broken else scenario

    first = run(Broken(**{name: getattr(study, name) for name in study.__dataclass_fields__}), tmp_path)
    assert (first.done, len(first.failures)) == (2, 2)
    assert "masked, seed 1" in first.failures[0]
    failures = abm.open_study(first.folder).failures()
    assert failures[["arm", "seed"]].to_numpy().tolist() == [["masked", 1], ["masked", 2]]
    assert failures["traceback"].str.contains("Traceback").all()
    assert status(first.folder).failed == 2
    show = silent()
    assert run(masked(tmp_path), tmp_path, show).done == 2
    assert "--retry-failed" in told(show)
    mended = run(masked(tmp_path), tmp_path, retry_failed=True)
    assert (mended.done, mended.failures) == (4, [])
    assert tables(mended.folder) == tables(run(masked(tmp_path), tmp_path / "other").folder)


def test_snapshots_are_kept_where_asked_for(tmp_path):
    text = SMALL.replace("seed = 3", 'seed = 3\nsnapshots = ["1 d"]')
    study = small(replicates=1, text=text)
    read = abm.open_study(run(study, tmp_path).folder)
    picture = read.snapshot(0, 1)
    assert picture.hour == 24.0
    at, _ = study.place(0)
    model = LungModel(study.scenario(study.points[at]), seed=3)
    model.run(days=1)
    assert np.array_equal(picture.epithelium, model.snapshot().epithelium)
    opened = abm.open_run(read.folder, run=0)
    assert opened.scenario.duration == study.scenario(study.points[at]).duration
    assert opened.scenario.parameters == study.scenario(study.points[at]).parameters
    assert opened.scenario.infections == study.scenario(study.points[at]).infections
    assert opened.series["il6"].tolist() == read.series("il6", run=0)["il6"].tolist()
    assert list(opened.events)[:3] == ["hour", "kind", "cause"]
    labels = read.runs().set_index("run").loc[0, ["arm", *read.axes, "seed"]].dropna().to_dict()
    assert read.open_run(**labels).digest == opened.digest
    with pytest.raises(NoRunError, match=r"has \d+ such runs: say .*, or the number of the run"):
        read.open_run(arm=labels["arm"])
    with pytest.raises(NoRunError, match=r"has no run with seed 99\. There are: 3"):
        read.open_run(seed=99)
    with pytest.raises(UnknownNameError, match='there is no column "armm"; nearest: arm'):
        read.open_run(armm="influenza")
    with pytest.raises(ValueError, match=r"choose run, a number from 0 to \d+"):
        abm.open_run(read.folder)
    with pytest.raises(KeyError):
        read.snapshot(0, 2)


def test_blocks_hold_a_fixed_stretch_of_runs(done):
    store = Store(done.folder, small(replicates=100), small(replicates=100).ids())
    assert list(store.members(1)) == list(range(BLOCK, 2 * BLOCK))
    assert store.members(2)[-1] == 599


def test_the_folder_explains_itself(done):
    text = (done.folder / "README.txt").read_text()
    assert "virus_dose" in text
    assert "living cancer cells per seeded cell" in text
    assert json.loads((done.folder / "provenance.json").read_text())["status"] == "complete"
