import numpy as np
import pytest

from abm.inference.fit.posterior_sample import write
from abm.scenario.errors import PosteriorError
from abm.scenario.posterior import read, sample_of
from abm.scenario.read import load_scenario
from tests.inference.fit.stages import fitted
from tests.scenario.samples import around_the_defaults


@pytest.fixture
def path(tmp_path):
    write(tmp_path / "posterior.csv", [fitted(np.random.default_rng(1).standard_normal((120, 5)))])
    return tmp_path / "posterior.csv"


def test_a_sample_comes_back_from_its_file(path):
    one, sample = fitted(np.random.default_rng(1).standard_normal((120, 5))), read(path)
    assert len(sample) == 120
    assert [each.label for each in sample.parameters] == [each.label for each in one.stage.free]
    for at, each in enumerate(one.stage.free):
        assert sample.values[:, at] == pytest.approx([each.value(z) for z in one.z[:, at]], rel=1e-3)


def test_a_scenario_has_the_values_of_a_set(path):
    sample, influenza = read(path), load_scenario("influenza")
    changed = sample.scenario(influenza, 7)
    at = [one.name for one in sample.parameters].index("virus.infectivity")
    assert changed.parameters.virus.infectivity == sample.values[7, at]
    assert changed.parameters.dormancy == influenza.parameters.dormancy
    assert sample.scenario(load_scenario("sars_cov_2"), 7).parameters.virus.infectivity != sample.values[7, at]
    with pytest.raises(IndexError):
        sample.scenario(influenza, 120)


def test_the_parameter_of_one_virus_is_of_that_virus_only(tmp_path):
    path = tmp_path / "posterior.csv"
    path.write_text("virus.infectivity (SARS-CoV-2)\n0.03\n")
    sample = read(path)
    assert sample.scenario(load_scenario("sars_cov_2"), 0).parameters.virus.infectivity == 0.03
    assert sample.scenario(load_scenario("influenza"), 0) == load_scenario("influenza")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("virus.infectivty\n0.03\n", r"line 1, column 1: there is no parameter .*nearest: .*virus\.infectivity"),
        ("virus.infectivity\n0.03\n0.03,1\n", "line 3: 2 values for 1 parameters"),
        ("virus.infectivity\nmuch\n", 'line 2, column 1: virus.infectivity is "much", allowed are '),
        ("virus.infectivity,virus.infectivity\n1,1\n", "line 1, column 2: virus.infectivity stands in column 1 too"),
        ("virus.infectivity\n", "there is no set below the names"),
        ("", "there is no set below the names"),
        ("virus.infectivity\n-1\n", 'virus.infectivity is "-1", allowed are .* 1/virion/h'),
    ],
)
def test_a_faulty_sample_is_refused(text, complaint, tmp_path):
    path = tmp_path / "posterior.csv"
    path.write_text(text)
    with pytest.raises(PosteriorError, match=complaint):
        read(path)


def test_a_sample_that_is_not_there_says_what_writes_it(tmp_path):
    with pytest.raises(PosteriorError, match="`embers fit` and `embers calibrate` write one"):
        read(tmp_path / "none.csv")


def test_sets_are_taken_evenly_and_more_than_there_are_or_none_is_refused(path):
    sample = read(path)
    assert np.array_equal(sample.evenly(4).values, sample.values[[0, 30, 60, 90]])
    assert len(sample.evenly(120)) == 120
    for count in (121, 0, -3):
        with pytest.raises(PosteriorError, match=rf"--posterior {count}: .* 120 sets; allowed are 1 to 120"):
            sample.evenly(count)


def test_a_sample_is_named_by_its_file_or_by_the_folder_of_a_fit_or_study_with_or_without_a_number(path, tmp_path):
    every = read(path).text()
    (tmp_path / "study" / "sets").mkdir(parents=True)
    (tmp_path / "study" / "sets" / "posterior.csv").write_text(every)
    for given in (path, tmp_path, tmp_path / "study"):
        assert sample_of(given).text() == every
        assert len(sample_of(f"{given}:3")) == 3
    with pytest.raises(PosteriorError, match=r"none\.csv: there is no posterior sample"):
        sample_of(tmp_path / "none.csv")


def test_what_the_scenario_sets_wins_over_the_sample_and_is_named():
    sample = around_the_defaults(3)
    own = load_scenario("influenza").with_parameters({"dormancy.awakening": "0.02 /h"})
    assert sample.held(load_scenario("influenza")) == ()
    assert sample.held(own) == ("dormancy.awakening",)
    changed = sample.scenario(own, 2)
    assert changed.parameters.dormancy.awakening == 0.02
    assert changed.parameters.dormancy.cycle_time == sample.values[2, 2]


def test_a_virus_in_people_keeps_its_own_numbers_and_has_the_others_of_a_set():
    sample = around_the_defaults(2, ("virus.antibody_clearance", "virus.expressing_time"))
    people = load_scenario("influenza").without_treatments().with_virus("influenza", "human")
    changed = sample.scenario(people, 1).parameters.virus
    assert (changed.antibody_clearance, changed.expressing_time) == (sample.values[1, 0], 10.0)


def test_equal_sets_have_equal_addresses_whatever_sample_they_are_in():
    sample = around_the_defaults(6)
    assert sample.evenly(3).key(1) == sample.key(2)
    assert len({sample.key(at) for at in range(6)}) == 6
