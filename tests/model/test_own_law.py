"""A user's function in the place of a law, in whole runs; all share one law, for which the model is compiled once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from abm.cohort.lung import Lung
from abm.core.compiled import interpreted
from abm.model.lung_model import LungModel
from abm.runs.store.checkpoint import PastDiffersError, load, resumed, save
from abm.scenario.errors import ScenarioError
from abm.treatments.effects_by_step import no_treatment
from tests.own_laws import INFECTED, NEVER, never

SEED = 3
FORK = 4  # days

pytestmark = pytest.mark.skipif(interpreted(), reason="a user's law acts in compiled code only")


@pytest.fixture(scope="module")
def mine():
    return INFECTED.with_law(NEVER, never).with_name("mine")


@pytest.fixture(scope="module")
def usual():
    """The run without the law, before any model had one."""
    return run(INFECTED)


@pytest.fixture(scope="module")
def own(usual, mine):
    return run(mine)


def run(scenario, seed=SEED):
    model = LungModel(scenario, seed)
    model.run()
    return model


def awakenings(model, cause="il6"):
    events = model.events()
    return int(((events["kind"] == "awakening") & (events["cause"] == cause)).sum())


def test_a_law_that_never_awakens_awakens_none_by_il6_and_its_twin_some(own, usual):
    assert awakenings(usual) > 0
    assert awakenings(own) == 0
    assert own.digest() != usual.digest()


def test_its_twin_starts_alike_and_differs_only_by_the_law(mine, usual):
    ours, theirs = LungModel(mine, SEED), LungModel(INFECTED, SEED)
    assert ours.digest() == theirs.digest()
    assert LungModel(mine.without_laws(), SEED).digest() == theirs.digest()
    assert run(mine.without_laws()).digest() == usual.digest()


def test_models_that_take_turns_are_bit_for_bit_what_each_is_alone(mine, own, usual):
    ours, theirs = LungModel(mine, SEED), LungModel(INFECTED, SEED)
    while ours.tick < ours.ticks:
        ours.run(days=0.5)
        theirs.run(days=0.5)
        ours.measure("il6")
    assert (ours.digest(), theirs.digest()) == (own.digest(), usual.digest())
    assert ours.result().series.equals(own.result().series)


def test_a_reporter_of_one_may_run_the_other(mine, own, usual):
    class Watching(LungModel):
        def step(self):
            super().step()
            other.step()

    other, watching = LungModel(INFECTED, SEED), Watching(mine, SEED)
    for _ in range(watching.ticks):
        watching.step()
    assert (watching.digest(), other.digest()) == (own.digest(), usual.digest())


def test_threads_do_not_meet(mine, own, usual):
    barrier = threading.Barrier(2)

    def at_once(scenario):
        barrier.wait()
        return run(scenario).digest()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(at_once, (mine, INFECTED))) == [own.digest(), usual.digest()]


def test_nothing_is_compiled_again_once_both_have_run(mine, own, usual):
    from abm.model.schedule import advance

    with_laws = len(advance._made)
    run(mine)
    run(INFECTED)
    assert len(advance._made) == with_laws
    assert all(len(one.signatures) == 1 for one in advance._made.values())


def test_a_saved_state_goes_on_under_the_same_law_only(mine, own, tmp_path):
    model, path = LungModel(mine, SEED), tmp_path / "mine.state"
    model.run(days=FORK)
    save(model, path)
    saved = load(path)
    assert saved.scenario == mine
    on = resumed(saved, mine)
    on.run()
    assert on.digest() == own.digest()
    for other in (INFECTED, INFECTED.with_law("return_rate", other_law)):
        with pytest.raises(PastDiffersError, match=r"functions in the place of laws: never for il6_awakening_rate"):
            resumed(saved, other)


def other_law(signal, p):
    return 0.5 * p.return_rate


def test_a_state_without_a_law_does_not_go_on_under_one(mine, tmp_path):
    model, path = LungModel(INFECTED, SEED), tmp_path / "usual.state"
    model.run(days=1)
    save(model, path)
    with pytest.raises(PastDiffersError, match="none then, never for il6_awakening_rate"):
        resumed(load(path), mine)


def test_a_model_cannot_take_up_a_law_on_the_way(mine):
    model = LungModel(INFECTED, SEED)
    model.run(days=1)
    with pytest.raises(ValueError, match="differs from what has happened"):
        model.amend(replace(INFECTED, laws=mine.laws))


def test_a_cohort_refuses_it(mine):
    with pytest.raises(ScenarioError, match="a cohort follows the built-in laws"):
        Lung(mine, SEED, no_treatment(10))
