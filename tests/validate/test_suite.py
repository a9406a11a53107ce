import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from abm.reporting.measured import Measured
from abm.runs.progress import Show
from abm.scenario.read import load_scenario
from abm.validate import suite
from abm.validate.suite import Plan, TargetResult, as_it_is, validate
from abm.validate.target import ValidationError, ValidationTarget
from tests.validate.courses import curves, value


def target(*values, **entries):
    told = {"id": "F2", "title": "t", "kind": "fitted", "finding": "f", "tolerance": "t", "source": "s"}
    return ValidationTarget(**(told | {"values": values} | entries))


def silent():
    return Show(Console(file=io.StringIO()))


PASSED, FAILED = Measured("a", 1.0, 0.0, 2.0), Measured("b", 3.0, 0.0, 2.0)
OPEN, FREE = Measured("c", 1.5, 0.0, 2.0, 1.0, 2.5), Measured("d", 1.0)


@pytest.mark.parametrize(
    ("measured", "any_of", "verdict"),
    [
        ((PASSED,), False, "passed"),
        ((PASSED, OPEN), False, "inconclusive"),
        ((PASSED, OPEN, FAILED), False, "failed"),
        ((PASSED, FAILED), True, "passed"),
        ((OPEN, FAILED), True, "failed"),
    ],
)
def test_a_target_is_as_good_as_its_worst_value_or_its_best_if_one_suffices(measured, any_of, verdict):
    assert TargetResult(target(value(), any_of=any_of), measured, 5).verdict == verdict


def test_a_prediction_neither_passes_nor_fails():
    result = TargetResult(target(value(), kind="prediction"), (FREE,), 5)
    assert result.verdict == "skipped"
    assert result.said == "prediction"


@pytest.mark.parametrize(
    ("kind", "measured", "outcome"),
    [("fitted", PASSED, "fitted"), ("reproduced", PASSED, "reproduced"), ("fitted", FAILED, "failed"),
     ("reproduced", OPEN, "inconclusive"), ("prediction", FREE, "prediction")],
)  # fmt: skip
def test_what_passes_is_fitted_or_reproduced_and_nothing_else_is(kind, measured, outcome):
    assert TargetResult(target(value(), kind=kind), (measured,), 5).outcome == outcome


def test_a_finding_that_needs_what_the_model_lacks_cannot_be_run(tmp_path):
    result = TargetResult(target(missing="a clock"), (), 5)
    assert (result.verdict, result.said, result.outcome) == ("skipped", "cannot be run", "cannot be run")
    results, _ = validate(["G5"], tmp_path, 1, silent(), Plan(5, 5))  # runs nothing
    assert [one.outcome for one in results] == ["cannot be run"]
    assert not list((tmp_path / "runs").iterdir())


# ---- replicates ----------------------------------------------------------------------------------------------------


def made_up(monkeypatch, levels, targets):
    """Let arms be constant curves at these levels, one a replicate; tells the runs that were asked for."""
    asked = []

    def read(jobs, _):
        many = {job.kind: max(other.replicate for other in jobs if other.kind == job.kind) for job in jobs}
        asked.append(many)
        return curves(**{arm: [lambda _, x=x: x for x in levels[arm][:n]] for arm, n in many.items()})

    monkeypatch.setattr(suite, "find_targets", lambda _: targets)
    monkeypatch.setattr(suite, "load_arm", lambda name: replace(load_scenario("no_virus"), name=name))
    monkeypatch.setattr(suite, "run_needed", lambda *_: None)
    monkeypatch.setattr(suite, "read_curves", read)
    return asked


def test_what_is_not_decided_gets_more_replicates_and_nothing_else_does(monkeypatch, tmp_path):
    drawn = np.random.default_rng(1).normal(1.0, 0.5, 100)
    levels = {"a": drawn, "b": np.ones(100)}
    targets = [target(value(day=1.0, most=1.2), id="F2"), target(value(day=1.0, arm="b", most=1.2), id="F3")]
    asked = made_up(monkeypatch, levels, targets)
    results, _ = validate(["F2", "F3"], tmp_path, 1, silent(), Plan(5, 80))
    assert [result.verdict for result in results] == ["passed", "passed"]
    assert len(asked) > 1
    assert asked[0] == {"a": 5, "b": 5}
    assert asked[-1] == {"a": results[0].replicates, "b": 5}
    assert results[0].replicates == 5 * 2 ** (len(asked) - 1)


def test_what_stays_open_at_the_limit_is_inconclusive(monkeypatch, tmp_path):
    levels = {"a": np.random.default_rng(1).normal(1.0, 0.5, 100)}
    asked = made_up(monkeypatch, levels, [target(value(day=1.0, most=float(levels["a"][:12].mean())))])
    results, _ = validate(["F2"], tmp_path, 1, silent(), Plan(6, 12))
    assert results[0].verdict == "inconclusive"
    assert [one["a"] for one in asked] == [6, 12]


def test_twins_of_two_targets_share_their_runs(monkeypatch, tmp_path):
    targets = [target(value(day=1.0, most=2.0)), target(value(day=2.0, most=2.0), id="F3")]
    asked = made_up(monkeypatch, {"a": np.ones(9)}, targets)
    validate(["F2", "F3"], tmp_path, 1, silent(), Plan(5, 5))
    assert asked == [{"a": 5}]


# ---- real runs -----------------------------------------------------------------------------------------------------


def small(monkeypatch):
    """Let every arm be small and short, and ask for what such runs can tell."""
    values = (
        value(arm="influenza", measure="arrived_per_seeded", day=2.0, least=0.0, most=0.0),
        value(arm="influenza", measure="virions", compare="arm", against="no_virus", day=2.0, floor=1e-3, least=10.0),
    )
    monkeypatch.setattr(suite, "find_targets", lambda _: [target(*values)])
    short = {"duration": 48.0, "width": 400.0, "height": 400.0, "snapshots": ()}
    monkeypatch.setattr(suite, "load_arm", lambda name: replace(load_scenario(name), **short))


def test_real_runs_are_made_once_and_read(monkeypatch, tmp_path):
    small(monkeypatch)
    results, found = validate(["F2"], tmp_path, 1, silent(), Plan(5, 5))
    assert results[0].measured[0].verdict == "passed"
    assert results[0].measured[1].value > 1.0
    assert found.replicates(["influenza", "no_virus"]) == 5
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    assert len(kept) == 10
    again, _ = validate(["F2"], tmp_path, 1, silent(), Plan(5, 5))
    assert [result.measured for result in again] == [result.measured for result in results]
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()} == kept


def test_runs_of_other_versions_are_removed_and_nothing_else(monkeypatch, tmp_path):
    small(monkeypatch)
    mine = suite._all_jobs(["influenza"], 1, tmp_path, as_it_is)["influenza"][0]
    for name in (f"{mine.id}.zip", "0123456789abcdef.zip", "notes.zip"):
        (tmp_path / "runs" / name).touch()
    for name in (mine.id, "0123456789abcdef", "notes"):  # as older versions kept runs
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed" / "0123456789abcdef.json").touch()
    suite.clear_others(tmp_path, as_it_is)
    assert not list((tmp_path / "failed").iterdir())
    kept = {path.name for path in (tmp_path / "runs").iterdir()}
    assert kept == {f"{mine.id}.zip", "notes.zip", mine.id, "notes"}


def test_a_run_that_breaks_off_is_told(monkeypatch, tmp_path):
    small(monkeypatch)
    jobs = suite._all_jobs(["influenza"], 1, tmp_path, as_it_is)["influenza"]
    broken = replace(jobs[0], scenario=replace(jobs[0].scenario, layout=str(tmp_path / "no_lung.png")))
    with pytest.raises(ValidationError, match=r"influenza, seed 1: .*no_lung\.png"):
        suite.run_needed([broken], tmp_path, 1, silent())
