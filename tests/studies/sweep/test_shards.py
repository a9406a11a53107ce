"""Studies that are run in shards: the same tables, whichever shard runs when, and however often it is stopped."""

import os
import shutil
import signal

import pandas as pd
import pytest
from typer.testing import CliRunner

import abm
from abm.cli.main import app
from abm.runs.errors import SweepError
from abm.runs.store.lock import StudyBusyError, held
from abm.studies.sweep.results import status
from abm.studies.sweep.shards import Shard, read_shard
from abm.studies.sweep.sweep import perform
from tests.commands import embers
from tests.docs.columns import OVERVIEW
from tests.studies.studies import POINTS, SMALL, run, silent, small, start, tables, told, wait_until, write

SHARDS = 4  # of 6 points: two have 2 points, two have 1


def run_shard(number, out, study=None, show=None, **how):
    from abm.runs.engine import RunOptions

    options = RunOptions(**{"workers": 1} | how)
    return perform(study or small(), out, options, show or silent(), Shard(number, SHARDS))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(small(), tmp_path_factory.mktemp("whole")).folder


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A folder in which three of four shards have run."""
    out = tmp_path_factory.mktemp("parts")
    for number in (1, 2, 4):
        run_shard(number, out)
    return out / "small"


def test_shards_share_all_runs_and_keep_the_replicates_of_a_point_together():
    study = small()
    runs = [Shard(number, SHARDS).runs_of(study) for number in range(1, SHARDS + 1)]
    assert sorted(one for own in runs for one in own) == list(range(study.total))
    assert [len(own) for own in runs] == [4, 4, 2, 2]
    assert {study.place(one)[0] for one in runs[1]} == {1, 5}


def test_what_shards_have_finished_is_read_together_while_others_are_missing(parts, whole):
    read, all_of_it = abm.open_study(parts), abm.open_study(whole)
    assert read.counts() == {"total": 2 * POINTS, "done": 10, "failed": 0}
    assert (status(parts).done, status(parts).running) == (10, 0)
    runs = read.runs()
    assert sorted(runs.loc[runs["status"] == "missing", "point"].unique()) == [2]
    expected = all_of_it.series()
    expected = expected[expected["point"] != 2].sort_values(["run", "hour"], ignore_index=True)
    pd.testing.assert_frame_equal(read.series().sort_values(["run", "hour"], ignore_index=True), expected)


def test_the_study_without_a_shard_collects_them_runs_the_rest_and_ends_with_the_same_bytes(parts, whole, tmp_path):
    shutil.copytree(parts, tmp_path / "small")
    show = silent()
    result = run(small(), tmp_path, show)
    assert "10 runs of shards are taken over" in told(show)
    assert "10 of 12 runs are there already" in told(show)
    assert (result.done, result.total) == (12, 12)
    assert not (result.folder / "shards").exists()
    assert tables(result.folder) == tables(whole)


def test_a_shard_that_is_started_again_runs_only_what_no_process_has_finished(parts, whole, tmp_path):
    out = tmp_path
    shutil.copytree(parts, out / "small")
    lost = next((out / "small/shards/1-of-4/landed").glob("*.zip"))
    lost.unlink()
    show = silent()
    again = run_shard(1, out, show=show)
    assert "3 of 4 runs are there already" in told(show)
    assert (again.done, again.total) == (4, 4)
    assert lost.exists()
    run(small(), out)
    done = run_shard(3, out, show=show)  # all of its runs are in the tables by now
    assert (done.done, done.total) == (2, 2)
    assert not list((done.folder / "landed").iterdir())
    assert tables(out / "small") == tables(whole)


def test_a_shard_that_was_killed_goes_on_and_nothing_is_lost(whole, tmp_path):
    path = write(tmp_path)
    landed = tmp_path / "outputs/small/shards/1-of-2/landed"
    process = start("sweep", path, "--shard", "1/2", "--workers", "1", cwd=tmp_path)
    wait_until(lambda: list(landed.glob("[!.]*.zip")) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    for more in (["--shard", "2/2"], ["--shard", "1/2"], []):
        assert embers("sweep", path, *more, "--workers", "1", cwd=tmp_path).returncode == 0
    assert tables(tmp_path / "outputs/small") == tables(whole)


def test_shards_of_another_number_take_what_is_finished(parts, tmp_path):
    shutil.copytree(parts, tmp_path / "small")
    from abm.runs.engine import RunOptions

    result = perform(small(), tmp_path, RunOptions(1), silent(), Shard(1, 2))  # points 0, 2, 4
    assert (result.done, result.total) == (6, 6)
    assert abm.open_study(tmp_path / "small").counts()["done"] == 12
    assert len(list((result.folder / "landed").iterdir())) == 2


def test_folders_of_shards_alone_are_enough_as_workflows_hand_them_on(parts, whole, tmp_path):
    shutil.copytree(parts / "shards", tmp_path / "small/shards")
    assert run(small(), tmp_path).done == 12
    assert tables(tmp_path / "small") == tables(whole)


def test_shards_are_not_collected_while_one_is_being_run(parts, tmp_path):
    shutil.copytree(parts, tmp_path / "small")
    with held(tmp_path / "small/shards/2-of-4"), pytest.raises(StudyBusyError, match="2-of-4"):
        run(small(), tmp_path)
    assert abm.open_study(tmp_path / "small").counts()["done"] == 10


def test_a_shard_of_an_edited_study_is_refused_with_the_difference(parts):
    edited = small(text=SMALL.replace("50.0", "40.0"))
    with pytest.raises(SweepError, match=r"infection\.dose = 1, 40"):
        run_shard(3, parts.parent, study=edited)
    assert not (parts / "shards/3-of-4").exists()
    assert abm.open_study(parts).counts()["done"] == 10


def test_one_of_one_is_the_whole_study():
    assert read_shard("1/1") is None
    assert read_shard("3/100") == Shard(3, 100)


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "1/1000000", "-1/3"])
def test_what_is_no_shard_is_refused_with_what_is_allowed(text, tmp_path):
    path = write(tmp_path)
    ended = CliRunner().invoke(app, ["sweep", str(path), f"--shard={text}", "--out", str(tmp_path / "out")])
    assert ended.exit_code == 2
    assert text in ended.output
    assert "such as 3/100" in " ".join(ended.output.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


def test_the_command_runs_a_shard_into_a_folder_of_the_name_given_and_then_reports_all(tmp_path):
    path = write(tmp_path, replicates=1)
    same = ["sweep", str(path), "--out", str(tmp_path / "out"), "--name", "mine", "--workers", "1"]
    for number in (1, 2):
        ended = CliRunner().invoke(app, [*same, "--shard", f"{number}/2"])
        assert ended.exit_code == 0, ended.output
        assert f"shard {number} of 2" in ended.output
    ended = CliRunner().invoke(app, same)
    assert ended.exit_code == 0, ended.output
    assert "6 of 6 runs are done" in ended.output
    written = set(pd.read_csv(tmp_path / "out/mine/overview.csv").columns)
    assert written - {"start", "virus_dose"} == set(OVERVIEW) - {"sets", "ratio_sets"}
