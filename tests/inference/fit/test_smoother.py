import numpy as np
import pytest

from abm.inference.fit.smoother import assimilated

MEMBERS = 4000


def smoothed(model, parameters, rounds):
    """The ensemble after all rounds, from a standard normal prior; `model`: float[members, parameters] to gaps."""
    chance = np.random.default_rng(1)
    z = chance.standard_normal((MEMBERS, parameters))
    for _ in range(rounds):
        z = assimilated(z, model(z), rounds, chance)
    return z


@pytest.mark.parametrize("rounds", [1, 4])
def test_a_linear_model_gives_the_posterior_of_bayes(rounds):
    law = np.array([[2.0, 0.0, 0.5], [1.0, 3.0, 0.0], [0.0, 1.0, 0.2], [0.5, 0.5, 0.0]])
    data = np.array([1.0, -2.0, 0.5, 1.5])
    covariance = np.linalg.inv(law.T @ law + np.eye(3))
    z = smoothed(lambda z: z @ law.T - data, 3, rounds)
    error = np.sqrt(np.diag(covariance) / MEMBERS)
    assert np.all(np.abs(z.mean(axis=0) - covariance @ law.T @ data) < 5 * error)
    assert np.allclose(np.cov(z.T), covariance, atol=0.05)


def test_a_parameter_that_the_data_do_not_see_keeps_its_prior():
    z = smoothed(lambda z: 3.0 * z[:, :1] - 2.0, 2, 4)
    assert z[:, 0].mean() == pytest.approx(0.6, abs=0.03)  # 3 x 2 / (9 + 1)
    assert z[:, 1].mean() == pytest.approx(0.0, abs=0.06)
    assert z[:, 1].std() == pytest.approx(1.0, abs=0.05)


def test_several_rounds_follow_a_curved_model_to_the_data_where_one_does_not():
    def gaps(z):
        return 10.0 * (np.exp(0.7 * z) - np.exp(1.4))  # fits at z = 2

    one, five = smoothed(gaps, 1, 1), smoothed(gaps, 1, 8)
    assert abs(five.mean() - 2.0) < 0.15
    assert abs(five.mean() - 2.0) < abs(one.mean() - 2.0)


def test_the_same_chance_gives_the_same_ensemble():
    one, other = (smoothed(lambda z: z @ np.ones((2, 2)) - 1.0, 2, 3) for _ in range(2))
    assert np.array_equal(one, other)
