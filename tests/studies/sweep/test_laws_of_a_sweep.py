"""A user's function in the place of a law in an arm of a sweep."""

from dataclasses import replace

import pytest

import abm
from abm import LungModel
from abm.core.compiled import interpreted
from tests.own_laws import NEVER, never
from tests.studies.studies import run, small, tables

pytestmark = pytest.mark.skipif(interpreted(), reason="a user's law acts in compiled code only")


@pytest.fixture(scope="module")
def study():
    """The small study, with a function in one of its two arms."""
    usual = small()
    first, second = usual.arms
    return replace(usual, arms=(first.with_law(NEVER, never), second))


def test_a_sweep_gives_the_same_tables_on_one_worker_and_on_two(study, tmp_path):
    one, two = (run(study, tmp_path / str(workers), workers=workers) for workers in (1, 2))
    assert (one.failures, two.failures) == ([], [])
    assert tables(one.folder) == tables(two.folder)
    runs = abm.open_study(one.folder).runs()
    for name in ("influenza", "influenza_blockade"):
        row = runs[runs["arm"] == name].iloc[-1]
        at, _ = study.place(int(row["run"]))
        model = LungModel(study.scenario(study.points[at]), seed=int(row["seed"]))
        assert bool(model.experiment.laws) == (name == "influenza")
        model.run()
        assert row["digest"] == model.digest()


def test_a_sweep_with_a_function_is_another_study(study):
    assert study.text() != small().text()
