import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from abm.model.lung_model import LungModel
from abm.runs.progress import Show
from abm.runs.status import Status
from abm.runs.store.lock import StudyBusyError, held
from abm.scenario.catalog import scenarios_folder
from abm.scenario.prediction import is_prediction
from abm.scenario.read import load_arms, load_scenario, read_scenario, with_overrides
from abm.studies.compare import perform, plan, plan_from, status
from abm.tissue.section import alveolar_sheet
from abm.tissue.section_mask import write_mask
from tests.commands import embers

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("no_virus", "influenza", "influenza_blockade")
TABLES = ("series.parquet", "events.parquet", "summary.csv", "summary.md")


def small_study(names=NAMES, seeds=(1, 2)):
    return plan(load_arms(names, days=2, size="400um"), seeds)


def silent():
    return Show(Console(file=io.StringIO()))


def told(show):
    return show.console.file.getvalue()


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished study, on one worker; the tests only read it."""
    out = tmp_path_factory.mktemp("out")
    return perform(small_study(), out, 1, silent(), figures=False)


def masked(folder, name):
    """A scenario whose section is a PNG."""
    mask = folder / f"{name}.png"
    write_mask(alveolar_sheet(40, 40, 1), mask)
    scenario = with_overrides(load_scenario("no_virus"), days=2, size="400um")
    return replace(scenario, name=name, layout=str(mask))


# ---- plan ----------------------------------------------------------------------------------------------------------


def test_jobs_go_replicate_by_replicate_with_the_same_seeds_in_each_arm(tmp_path):
    jobs = small_study(seeds=(4, 5)).jobs(tmp_path)
    assert [(job.seed, job.replicate, job.kind) for job in jobs] == [
        *((4, 1, name) for name in NAMES),
        *((5, 2, name) for name in NAMES),
    ]
    assert len({job.id for job in jobs}) == len(jobs)


def test_the_name_of_a_study_is_made_from_what_is_run():
    study = small_study()
    assert study.name.startswith("no_virus-vs-influenza-vs-influenza_blockade-")
    assert study.name == small_study().name
    assert study.name != small_study(seeds=(1, 3)).name
    assert study.name != plan(load_arms(NAMES, days=3, size="400um"), (1, 2)).name
    assert len(small_study((*NAMES, "sars_cov_2", "il6_knockout")).name) <= 90


def test_predictions_are_what_no_experiment_has_tested():
    tested = {"no_virus", "influenza", "sars_cov_2", "il6_knockout", "cd4_depletion"}
    assert all(not is_prediction(load_scenario(name)) for name in tested)
    untested = {"influenza_blockade", "no_virus_blockade", "jak_inhibitor", "vaccinated", "reinfection"}
    untested |= {"influenza_then_sars_cov_2"}
    assert all(is_prediction(load_scenario(name)) for name in untested)
    ruled = replace(load_scenario(str(scenarios_folder() / "hypotheses" / "il17a.toml")), expect="")
    changed = load_scenario("influenza").with_change("dormancy.awakening", "0.1 /h", "5 d")
    assert is_prediction(ruled)
    assert is_prediction(replace(changed, expect=""))
    assert not is_prediction(replace(ruled, rules=(), substances=()))


def test_workers_begin_before_what_only_tables_and_figures_need_is_imported():
    program = (
        "import sys, abm.studies.compare\n"
        "print({'pandas', 'pyarrow', 'matplotlib', 'mesa'} & {name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ---- the runs --------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_digest_on_one_worker_four_workers_and_in_another_process(done, tmp_path):
    digests = pd.read_parquet(done.folder / "runs.parquet")["digest"].tolist()
    four = perform(small_study(), tmp_path, 4, silent(), figures=False)
    assert pd.read_parquet(four.folder / "runs.parquet")["digest"].tolist() == digests
    for name in TABLES:
        assert (four.folder / name).read_bytes() == (done.folder / name).read_bytes()
    program = (
        "from abm import LungModel, load_scenario\n"
        "from abm.scenario.read import with_overrides\n"
        "model = LungModel(with_overrides(load_scenario('influenza'), days=2, size='400um'), seed=2)\n"
        "model.run()\nprint(model.digest())"
    )
    other = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    runs = pd.read_parquet(done.folder / "runs.parquet")
    (digest,) = runs[(runs["arm"] == "influenza") & (runs["seed"] == 2)]["digest"]
    assert other.stdout.strip() == digest


def test_seeds_differ_and_arms_differ(done):
    assert pd.read_parquet(done.folder / "runs.parquet")["digest"].nunique() == done.total


def test_the_series_is_that_of_the_model(done):
    series = pd.read_parquet(done.folder / "series.parquet")
    chosen = series[(series["arm"] == "influenza") & (series["seed"] == 1)]
    model = LungModel(with_overrides(load_scenario("influenza"), days=2, size="400um"), seed=1)
    assert chosen["il6"].tolist() == model.run().series["il6"].tolist()


def test_a_complete_study_is_not_run_again_and_not_touched(done):
    before = {path: path.stat().st_mtime_ns for path in done.folder.rglob("*")}
    show = silent()
    again = perform(small_study(), done.folder.parent, 1, show, figures=False)
    assert "complete already" in told(show)
    assert again.rows == done.rows or str(again.rows) == str(done.rows)  # not a number is unlike itself
    assert {path: path.stat().st_mtime_ns for path in done.folder.rglob("*")} == before


def test_a_partial_study_goes_on_with_what_is_missing_and_ends_the_same(done, tmp_path):
    folder = tmp_path / done.folder.name
    shutil.copytree(done.folder / "runs", folder / "runs")
    kept = sorted((folder / "runs").iterdir())
    for path in kept[:2]:
        path.unlink()
    show = silent()
    result = perform(small_study(), tmp_path, 2, show, figures=False)
    assert "4 of 6 runs are there already" in told(show)
    assert result.done == 6
    for name in TABLES:
        assert (folder / name).read_bytes() == (done.folder / name).read_bytes()


def test_status_tells_how_far_a_comparison_is_and_a_second_process_is_refused(done, tmp_path):
    folder = shutil.copytree(done.folder, tmp_path / "out" / done.folder.name)
    gone, *_ = sorted((folder / "runs").iterdir())
    gone.unlink()
    told = embers("status", done.folder.name, "--out", "out", cwd=tmp_path).stdout.splitlines()
    assert [" ".join(line.split()) for line in told[1:]] == [
        "done 5 83.3 %", "running 0", "failed 0", "left 1", "It is not running. Continue with `embers compare`.",
    ]  # fmt: skip
    with held(folder), pytest.raises(StudyBusyError, match="`embers status` shows its progress"):
        perform(small_study(), tmp_path / "out", 1, silent(), figures=False)
    assert status(folder) == Status(6, 5, 0, 0, None)


def test_a_fresh_study_stands_beside_the_old_one(tmp_path):
    study = small_study(("no_virus",), (1,))
    first = perform(study, tmp_path, 1, silent(), figures=False)
    second = perform(study, tmp_path, 1, silent(), fresh=True, figures=False)
    assert second.folder == first.folder.with_name(first.folder.name + "-2")
    assert (first.folder / "series.parquet").read_bytes() == (second.folder / "series.parquet").read_bytes()


def test_a_replicate_that_fails_is_recorded_and_the_others_go_on(tmp_path):
    arms = (masked(tmp_path, "fine"), masked(tmp_path, "broken"))
    study = plan(arms, (1, 2))
    (tmp_path / "out").mkdir()
    result = prepared_then_broken(study, tmp_path)
    failures = pd.read_parquet(result.folder / "failures.parquet")
    assert failures[["arm", "seed"]].to_numpy().tolist() == [["broken", 1], ["broken", 2]]
    assert failures["traceback"].str.contains("Traceback").all()
    assert result.done == 2
    assert [line.split(":")[0] for line in result.failures] == ["FAILED", "FAILED"]
    assert "broken, seed 1" in (result.folder / "summary.md").read_text()
    assert json.loads((result.folder / "provenance.json").read_text())["status"] == "failed runs"
    mended = perform(plan((arms[0], masked(tmp_path, "broken")), (1, 2)), tmp_path / "out", 2, silent(), figures=False)
    assert mended.folder == result.folder
    assert not mended.failures
    assert mended.done == 4


def prepared_then_broken(study, folder):
    """Perform a study, one of whose masks is no picture for its workers."""

    class Saboteur(Show):
        def bar(self, *arguments):
            broken = next(arm for arm in study.arms if arm.name == "broken")
            broken.layout.content = b"no picture"
            return super().bar(*arguments)

    return perform(study, folder / "out", 2, Saboteur(Console(file=io.StringIO())), figures=False)


def test_a_section_from_a_mask_can_be_run_again_from_what_was_written(tmp_path):
    study = plan((masked(tmp_path, "masked"),), (1,))
    result = perform(study, tmp_path / "out", 1, silent(), figures=False)
    used = read_scenario(result.folder / "scenarios" / "masked.toml")
    assert plan((used,), (1,)).name == study.name
    assert str(tmp_path) not in (result.folder / "scenarios" / "masked.toml").read_text()


def test_runs_go_on_from_a_saved_state_also_where_the_map_of_the_section_is_gone(tmp_path):
    scenario = masked(tmp_path, "masked")
    first = perform(replace(plan((scenario,), (1,)), save_at=24.0), tmp_path / "out", 1, silent(), figures=False)
    whole = plan((scenario,), (1,))
    (tmp_path / "masked.png").unlink()
    (state,) = (first.folder / "states").iterdir()
    forked = perform(plan_from(state, [scenario], None), tmp_path / "more", 1, silent(), figures=False)
    runs = [pd.read_parquet(one.folder / "runs.parquet")["digest"].tolist() for one in (first, forked)]
    assert runs[0] == runs[1]
    assert whole.ids["masked"] == first_ids(first)


def first_ids(result):
    return pd.read_parquet(result.folder / "runs.parquet")["id"].tolist()


def test_provenance_tells_how_to_get_the_same_again(done):
    told_of = json.loads((done.folder / "provenance.json").read_text())
    assert told_of["status"] == "complete"
    assert told_of["seeds"] == [1, 2]
    assert told_of["arms"] == list(NAMES)
    assert told_of["predictions"] == ["influenza_blockade"]
    assert {"embers", "python", "numpy", "numba", "mesa"} <= set(told_of["versions"])
    assert len(told_of["source_digest"]) == 64
    assert told_of["started"] <= told_of["finished"]
    assert told_of["runs"] == {"done": 6, "failed": 0, "missing": 0}
    assert str(Path.home()) not in json.dumps(told_of)
