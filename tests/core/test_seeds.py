"""One rule for seeds, wherever they come from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import LungModel
from abm.core.seeds import MOST_SEED, SeedError, is_seed, seed_of
from abm.scenario.read import ScenarioError, load_scenario, read_scenario
from abm.scenario.scenario import Scenario
from abm.studies.compare import plan
from tests.commands import SMALL, embers

SENTENCE = "is not a whole number in the range; allowed: 0 to 9223372036854775807"
TINY = Scenario(width=160.0, height=160.0, duration=1.0)
REFUSED = [
    *(2**63, 10**29, 10**5000, -1, 1.9, True, float("nan"), "3", [1], (1, 2), np.float64(1), np.bool_(True)),
    *(np.random.default_rng(1), np.random.SeedSequence(1)),
]


@given(st.integers(0, MOST_SEED))
def test_every_whole_number_of_the_range_is_a_seed(number):
    assert seed_of(number) == number


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_whole_numbers_of_numpy_are_seeds(kind):
    assert type(seed_of(kind(7))) is int
    assert LungModel(TINY, seed=kind(7)).digest() == LungModel(TINY, seed=7).digest()


@pytest.mark.parametrize("value", REFUSED, ids=lambda value: type(value).__name__)
def test_anything_else_is_refused_in_one_sentence(value):
    for asked in ({"seed": value}, {"rng": value}):
        with pytest.raises(SeedError, match=SENTENCE):
            LungModel(TINY, **asked)
    with pytest.raises(SeedError, match=SENTENCE):
        plan((load_scenario("influenza"),), (1, value))


@pytest.mark.parametrize(
    ("value", "shown"), [("x" * 58, f"'{'x' * 58}'"), ("x" * 59, f"'{'x' * 56}..."), ("a\n", "'a\\n'")]
)
def test_a_long_value_is_cut_at_sixty_characters(value, shown):
    with pytest.raises(SeedError) as told:
        seed_of(value, "replicate")
    assert str(told.value) == f"replicate = {shown}: {SENTENCE}"


@pytest.mark.parametrize(("value", "hint"), [(np.random.default_rng(1), True), (np.random.SeedSequence(1), False)])
def test_a_generator_is_told_how_to_give_a_seed(value, hint):
    with pytest.raises(SeedError) as told:
        seed_of(value)
    assert str(told.value).endswith("from a generator: int(rng.integers(2**63))") == hint


def test_a_seed_may_have_a_least_value_of_its_own():
    assert [is_seed(number, 2) for number in (1, 2, MOST_SEED, MOST_SEED + 1)] == [False, True, True, False]
    assert [is_seed(number) for number in (-1, 0, 1)] == [False, True, True]


def test_the_greatest_seed_runs():
    model = LungModel(TINY, seed=MOST_SEED)
    model.run()
    assert model.chance_seed == MOST_SEED


def test_two_seeds_are_one_too_many():
    with pytest.raises(SeedError, match="two names of one seed"):
        LungModel(TINY, seed=1, rng=2)
    assert LungModel(TINY, seed=1, rng=1).chance_seed == 1


def test_a_file_says_the_same():
    with pytest.raises(ScenarioError, match=SENTENCE):
        read_scenario("mine.toml", "[section]\nlayout_seed = -1")


@pytest.mark.slow
@pytest.mark.parametrize("text", [str(2**63), "-1", "1.9", "nan", "true", "1e3", ""])
@pytest.mark.parametrize("command", ["run influenza", "compare", "fit"])
def test_the_command_line_says_the_same(command, text, tmp_path):
    ended = embers(*command.split(), f"--seed={text}", cwd=tmp_path)
    assert ended.returncode == 2
    assert SENTENCE in " ".join(ended.stderr.replace("│", " ").split())


def test_replicates_may_not_count_beyond_it(tmp_path):
    ended = embers("compare", "influenza", *SMALL, "--replicates=2", f"--seed={MOST_SEED}", cwd=tmp_path)
    assert ended.returncode == 2
    assert f"seed = {MOST_SEED + 1}: {SENTENCE}" in ended.stderr
    assert not list(tmp_path.iterdir())
