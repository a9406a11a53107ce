import numpy as np
import pytest

from abm.inference.fit.emulator import learn
from abm.inference.fit.sampling import drawn, log_likelihood

CHAINS = 2000


def test_a_linear_model_gives_the_posterior_of_bayes():
    law = np.array([[2.0, 0.0, 0.5], [1.0, 3.0, 0.0], [0.0, 1.0, 0.2], [0.5, 0.5, 0.0]])
    data = np.array([1.0, -2.0, 0.5, 1.5])
    covariance = np.linalg.inv(law.T @ law + np.eye(3))
    chance = np.random.default_rng(1)
    z = drawn(lambda z: -0.5 * ((z @ law.T - data) ** 2).sum(axis=1), chance.standard_normal((CHAINS, 3)), 60, chance)
    error = np.sqrt(np.diag(covariance) / CHAINS)
    assert np.all(np.abs(z.mean(axis=0) - covariance @ law.T @ data) < 5 * error)
    assert np.allclose(np.cov(z.T), covariance, atol=0.05)


def test_two_hills_are_both_found():
    chance = np.random.default_rng(2)
    z = drawn(lambda z: -8.0 * (np.abs(z[:, 0]) - 1.0) ** 2, chance.standard_normal((CHAINS, 1)), 30, chance)
    assert np.mean(z > 0.0) == pytest.approx(0.5, abs=0.05)
    assert np.abs(z).mean() == pytest.approx(0.97, abs=0.05)


def test_a_parameter_that_the_data_do_not_see_keeps_its_prior():
    chance = np.random.default_rng(3)
    z = drawn(lambda z: -4.0 * (z[:, 0] - 1.0) ** 2, np.zeros((CHAINS, 2)), 60, chance)
    assert z[:, 1].mean() == pytest.approx(0.0, abs=0.1)
    assert z[:, 1].std() == pytest.approx(1.0, abs=0.08)


def test_data_that_are_left_out_do_not_count_and_an_unsure_guess_counts_less():
    z = np.random.default_rng(4).standard_normal((60, 2))
    emulator = learn(z, 3.0 * z)
    likelihood = log_likelihood(emulator, np.array([True, False]))
    assert likelihood(np.array([[0.0, 0.0], [0.0, 2.0]])) == pytest.approx([0.0, 0.0], abs=0.1)
    gaps, variance = emulator.predict(np.array([[4.0, 0.0]]))
    known = -0.5 * (gaps**2 / (1.0 + variance) + np.log1p(variance)).sum()
    assert log_likelihood(emulator)(np.array([[4.0, 0.0]])) == pytest.approx(known)


def test_the_same_chance_gives_the_same_draws():
    one, other = (drawn(lambda z: -(z**2).sum(axis=1), np.zeros((5, 2)), 9, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)
