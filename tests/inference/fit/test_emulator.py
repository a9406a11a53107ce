import numpy as np
import pytest
from scipy.optimize import approx_fprime

from abm.inference.fit import emulator
from abm.inference.fit.emulator import Relevances, learn, mean_relevances


def drawn(points, parameters, seed=1):
    return np.random.default_rng(seed).standard_normal((points, parameters))


def law(z):
    return np.column_stack([2.0 * z[:, 0] - z[:, 1], np.sin(2.0 * z[:, 0]), np.full(len(z), 3.0)])


def test_a_law_with_a_linear_and_a_curved_part_is_learned():
    z, new = drawn(200, 4), drawn(100, 4, seed=2)
    found, variance = learn(z, law(z)).predict(new)
    off = found - law(new)
    assert off[:, 0] == pytest.approx(0.0, abs=0.05)
    assert np.sqrt(np.mean(off[:, 1] ** 2)) < 0.1
    assert off[:, 2] == pytest.approx(0.0, abs=1e-9)  # what never varied
    assert set(variance[:, 2]) == {0.0}


def test_noise_is_told_from_the_law_and_the_variance_is_that_of_the_guess():
    chance = np.random.default_rng(3)
    z, new = drawn(300, 3), drawn(300, 3, seed=4)
    given = law(z)[:, :2] + chance.normal(0.0, 0.5, (300, 2))
    found, variance = learn(z, given).predict(new)
    standard = (found - law(new)[:, :2]) / np.sqrt(variance)
    assert np.sqrt(np.mean((found - law(new)[:, :2]) ** 2)) < 0.25
    assert 0.7 < np.sqrt(np.mean(standard**2)) < 1.5


def test_far_from_all_points_the_guess_is_unsure():
    z = drawn(100, 2)
    one = learn(z, law(z))
    assert one.predict(np.full((1, 2), 6.0))[1][0, 1] > 10.0 * one.predict(z[:5])[1][:, 1].max()


def test_a_parameter_that_does_nothing_is_found_to():
    z = drawn(200, 3)
    found = learn(z, law(z)).relevances
    assert found.curved[2] < 0.1 * found.curved[0]
    assert found.linear[2] < 0.1 * found.linear[1]


def test_the_slopes_of_the_likelihood_are_right(monkeypatch):
    asked = {}

    def refused(loss, begin, **_):
        asked.update(loss=loss, begin=begin)
        raise StopIteration

    monkeypatch.setattr(emulator, "minimize", refused)
    z = drawn(30, 3)
    with pytest.raises(StopIteration):
        learn(z, law(z)[:, :2] + 0.1 * drawn(30, 2, seed=5))
    _, slopes = asked["loss"](asked["begin"])
    numeric = approx_fprime(asked["begin"], lambda logs: asked["loss"](logs)[0], 1e-6)
    assert slopes == pytest.approx(numeric, abs=1e-4)


def test_relevances_that_are_given_are_taken_without_a_search():
    z = drawn(50, 2)
    given = Relevances(np.array([0.5, 0.1]), np.array([1.0, 2.0]), 3.0)
    assert learn(z, law(z), given, iterations=0).relevances is given


def test_the_mean_of_relevances_is_geometric():
    one, other = (Relevances(np.full(2, at), np.full(2, at), at) for at in (1.0, 4.0))
    assert mean_relevances([one, other]).curved.tolist() == pytest.approx([2.0, 2.0])
    assert mean_relevances([one, other]).height == pytest.approx(2.0)
