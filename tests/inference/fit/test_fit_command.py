import io
import signal
import sys
import tomllib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from abm.cli.main import app
from abm.core.quantity import declared, replaced
from abm.inference.fit import evaluation, plan, report, suite
from abm.runs import engine, provenance
from abm.runs.engine import run_jobs
from abm.runs.progress import Show
from abm.runs.status import last_status
from abm.scenario.posterior import read
from abm.treatments.treatments import Infection
from abm.validate.suite import load_arm
from tests.studies import studies


def silent():
    return Show(Console(file=io.StringIO()))


FEW = {
    "ensembles": 2, "members": 6, "rounds": 1, "points": 5, "sets": 8, "checked": 4, "replicates": 1, "searches": 2,
    "judges": 2, "fresh": 2, "optional": (), "demands": (),
}  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """A stage with three parameters on a scrap of lung."""
    stage = plan.read_stage("infection")
    scrap = {"width": 320.0, "height": 320.0, "infections": (Infection(dose=50.0),)}  # so much that it takes hold
    monkeypatch.setattr(suite, "load_arm", lambda name: replace(load_arm(name), **scrap))
    return replace(stage, free=stage.free[:3], **FEW)


@pytest.mark.slow
def test_a_fit_goes_on_from_its_rounds_and_gives_the_same_bits(small, monkeypatch, tmp_path):
    (found,) = suite.fit([small], tmp_path, 2, silent(), 1)
    assert found.z.shape == (8, 3)
    assert found.gaps.shape == (4, found.judged.size)
    assert np.isfinite(found.gaps).all()
    assert [one.z.shape for one in found.ensembles] == [(6 + 5, 3)] * 2
    kept = list((tmp_path / "rounds" / "infection").glob("*.npz"))
    assert len(kept) == 2 * (1 + 2) + 2 + 2 * 2 + 1  # ensembles, sample, searches: points and gaps; the result

    assert not (tmp_path / "runs").exists()  # all that is needed of them is in the rounds

    def refused(*_):
        raise AssertionError("a round was done again")

    monkeypatch.setattr(evaluation, "run_needed", refused)
    (again,) = suite.fit([small], tmp_path, 2, silent(), 1)
    assert provenance.read(tmp_path)["status"] == "complete"
    assert suite.is_fit(tmp_path)
    assert last_status(tmp_path).failed == 0
    assert np.array_equal(again.z, found.z)
    assert np.array_equal(again.judged, found.judged)
    report.write(tmp_path, [found], 1)
    told = tomllib.loads((tmp_path / "fit.toml").read_text())
    (stage,) = told["stage"]
    assert [entry["value"] for entry in stage["parameter"]] == found.values.tolist()
    for name in ("first_error", "second_error", "first_between_mice", "second_apart"):
        assert list(stage[name]) == list(small.observables)
    assert len(read(tmp_path / "posterior.csv")) == 8
    page = (tmp_path / "fit.md").read_text()
    for one in small.free:
        assert f"| `{one.label}` |" in page
    assert "| second experiment, day 6 |" in page
    assert "\n[Jhutty 2022]: https://doi.org/10.1101/2022.02.23.481638\n" in page
    for name in ("infection_curves.png", "infection_parameters.png"):
        assert (tmp_path / name).read_bytes()[:4] == b"\x89PNG"
        assert name in page


def test_a_fit_that_is_stopped_in_its_second_round_keeps_the_first(small, monkeypatch, tmp_path):
    out, done = tmp_path / "fit", []
    run_round = evaluation.run_needed

    def stopped(*arguments):
        if done:
            raise KeyboardInterrupt
        done.append(run_round(*arguments))

    monkeypatch.setattr(evaluation, "run_needed", stopped)
    with pytest.raises(KeyboardInterrupt):
        suite.fit([small], out, 1, silent(), 1)
    assert len(list((out / "rounds" / "infection").glob("*.npz"))) == 2  # with the points of the second
    assert provenance.read(out)["status"] == "interrupted"


def test_a_fit_that_is_stopped_within_a_round_does_not_do_its_runs_again(small, monkeypatch, tmp_path):
    asked = []

    def stopped(batch, *more):
        asked.append([job.path for job in batch.jobs])
        first = list(batch.jobs)[:3]
        run_jobs(replace(batch, jobs=first, missing=Counter(job.kind for job in first)), *more)
        return True

    monkeypatch.setattr(engine, "run_jobs", stopped)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            suite.fit([small], tmp_path, 2, silent(), 1)
    assert asked[1] == asked[0][3:]
    assert sorted((tmp_path / "runs").iterdir()) == sorted(asked[0][:6])


def test_no_data_may_pay_for_others():
    groups = [slice(0, 2), slice(2, 4)]
    assert suite.unevenness(np.array([1.0, -1.0, 1.0, 1.0]), groups) == pytest.approx(1.0)
    assert suite.unevenness(np.array([0.0, 0.0, 1.0, 1.0]), groups) == pytest.approx(0.5)
    assert suite.unevenness(np.array([0.0, 0.0, 2.0, 0.0]), groups) == pytest.approx(2.0)


def test_the_groups_of_a_stage_are_its_observables_and_its_aims():
    for name in plan.stage_names():
        stage = plan.read_stage(name)
        groups = stage.groups()
        assert [at for group in groups for at in range(group.start, group.stop)] == list(range(len(stage.data())))
        assert len(groups) == 2 * len(stage.observables) + len(stage.aims)


def test_an_unknown_stage_is_refused_with_the_nearest():
    result = CliRunner().invoke(app, ["fit", "--only", "infektion"])
    assert result.exit_code == 2
    assert "infection" in result.output


SCRAP = (
    f"FEW = {FEW}"
    + """
from dataclasses import replace
from abm.inference.fit import command
from abm.inference.fit import plan
from abm.inference.fit import suite
from abm.treatments.treatments import Infection
arm, stage = suite.load_arm, plan.read_stage
scrap = {"width": 320.0, "height": 320.0, "infections": (Infection(dose=50.0),)}
suite.load_arm = lambda name: replace(arm(name), **scrap)
command.read_stage = lambda name: replace(stage(name), free=stage(name).free[:3], **FEW)
"""
)


def rounds(folder):
    found = {}
    for path in folder.glob("rounds/*/*.npz"):
        with np.load(io.BytesIO(path.read_bytes())) as file:
            found[path.name] = {name: file[name].tolist() for name in file}
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_fit_that_is_killed_goes_on_past_damaged_rounds_and_ends_the_same(small, tmp_path):
    process = studies.start("fit", "--only", "infection", "--out", "killed", "--workers", 2, cwd=tmp_path, patch=SCRAP)
    try:
        studies.wait_until(lambda: len(list(tmp_path.glob("killed/rounds/*/*.npz"))) >= 2 or process.poll() is not None)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    first, *_ = sorted(tmp_path.glob("killed/rounds/*/*.npz"))
    first.write_bytes(first.read_bytes()[:-30])
    first.with_name(f".{first.name}-4194305.part").touch()  # as it is left by a kill while it is written
    (one,) = suite.fit([small], tmp_path / "killed", 2, silent(), 1)
    (other,) = suite.fit([small], tmp_path / "whole", 2, silent(), 1)
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(one.judged, other.judged)
    assert rounds(tmp_path / "killed") == rounds(tmp_path / "whole")
    assert not list((tmp_path / "killed").rglob(".*"))


def test_a_round_of_another_scenario_is_kept_in_another_file(small, tmp_path):
    """Also where the scenarios differ in the last digit of one parameter of many that are not at their defaults."""
    arm = load_arm(small.arms[0])
    for item in declared(arm.parameters):
        if not item.name.startswith("virus."):
            arm = replace(arm, parameters=replaced(arm.parameters, item.name, item.value * (1.0 - 1e-9)))
    last = replaced(arm.parameters, "dormancy.lesion_size", arm.parameters.dormancy.lesion_size * (1.0 - 1e-12))
    arms = ({"one": arm}, {"one": replace(arm, parameters=last)})
    z = np.zeros((1, len(small.free)))
    files = {evaluation.gaps_file(small, evaluation.Work(one, tmp_path, 1, silent()), z, range(1)) for one in arms}
    assert len(files) == 2
