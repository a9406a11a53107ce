import numpy as np
import pytest

from abm.inference.fit.posterior_sample import PosteriorError, read, write
from abm.scenario.read import load_scenario
from tests.inference.fit.stages import fitted


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
        ("virus.infectivty\n0.03\n", r"line 1: there is no parameter .*nearest: .*virus\.infectivity"),
        ("virus.infectivity\n0.03\n0.03,1\n", "line 3: 2 values for 1 parameters"),
        ("virus.infectivity\nmuch\n", 'line 2: virus.infectivity is "much", allowed are '),
        ("virus.infectivity\n-1\n", 'virus.infectivity is "-1", allowed are .* 1/virion/h'),
    ],
)
def test_a_faulty_sample_is_refused(text, complaint, tmp_path):
    path = tmp_path / "posterior.csv"
    path.write_text(text)
    with pytest.raises(PosteriorError, match=complaint):
        read(path)


def test_a_sample_that_is_not_there_says_what_writes_it(tmp_path):
    with pytest.raises(PosteriorError, match="`embers fit` writes one"):
        read(tmp_path / "none.csv")
