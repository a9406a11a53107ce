"""Intervals of fitted axes hold the truth as often as they say, also where numbers of one animal hang together."""

import numpy as np
import pytest
from scipy.stats import t

from abm.studies.design.moderation import moderated
from abm.studies.design.widening import CovariancePart, widening

DAYS = np.linspace(0.0, 1.0, 12)
SLOPES = np.column_stack([np.ones(12), DAYS])
MODE = np.array([0.5, 0.4])
ANIMALS, SETS = 5, 2000


def half_width(wider, working):
    """Of the 95 % interval of each axis: the likelihood's, stretched."""
    precision = SLOPES.T @ np.linalg.solve(working, SLOPES) + 12.0 * np.eye(2)
    stretch = np.linalg.inv(wider.inverse)
    return 1.96 * np.sqrt(np.diag(stretch @ np.linalg.inv(precision) @ stretch.T))


def test_independent_numbers_need_no_widening():
    working = 0.01 * np.eye(12)
    wider = widening(MODE, SLOPES, working, [CovariancePart(working, np.inf)])
    assert wider.factors == pytest.approx([1.0, 1.0])
    rows = np.array([[0.1, 0.9], [0.5, 0.4]])
    assert wider.inward(rows) == pytest.approx(rows)


def test_an_error_that_all_numbers_share_is_not_averaged_away():
    shared = 0.01 * np.ones((12, 12))
    wider = widening(MODE, SLOPES, 0.01 * np.eye(12), [CovariancePart(shared, np.inf)])
    assert half_width(wider, 0.01 * np.eye(12))[0] == pytest.approx(1.96 * 0.1, rel=0.2)
    assert wider.factors.max() > 1.5


def test_few_animals_widen_by_students_t():
    shared, slopes = 0.01 * np.ones((12, 12)), np.ones((12, 1))
    many, few = (
        widening(MODE[:1], slopes, 0.01 * np.eye(12), [CovariancePart(shared, freedom)]) for freedom in (np.inf, 4.0)
    )
    assert few.factors.max() / many.factors.max() == pytest.approx(t.ppf(0.975, 4) / 1.959964, rel=1e-6)


def test_rows_stay_in_the_unit_cube():
    wider = widening(np.array([0.02, 0.98]), SLOPES, 0.01 * np.eye(12), [CovariancePart(0.05 * np.ones((12, 12)), 4.0)])
    rows = wider.inward(np.random.default_rng(1).random((1000, 2)))
    assert rows.min() >= 0.0
    assert rows.max() <= 1.0


def test_intervals_of_few_animals_hold_the_truth_in_nineteen_of_twenty():
    """Five animals that are ahead or behind on all days; fitted by least squares, as the posterior's mode is."""
    chance = np.random.default_rng(7)
    shape = np.linalg.cholesky(0.04 * np.exp(-3.0 * np.abs(DAYS[:, None] - DAYS)) + 0.002 * np.eye(12))
    held = np.zeros(2)
    for _ in range(SETS):
        animals = chance.standard_normal((ANIMALS, 12)) @ shape.T
        away = animals - animals.mean(axis=0)
        covariance = away.T @ away / ANIMALS / (ANIMALS - 1)
        working = np.diag(moderated(np.diag(covariance), ANIMALS - 1.0))
        wider = widening(MODE, SLOPES, working, [CovariancePart(covariance, ANIMALS - 1.0)])
        weighted = np.linalg.solve(working, SLOPES)
        error = np.linalg.solve(SLOPES.T @ weighted, weighted.T) @ animals.mean(axis=0)
        held += np.abs(error) <= half_width(wider, working)
    assert (held / SETS > 0.93).all()
    assert (held / SETS < 0.985).all()


def test_variances_that_differ_by_luck_alone_become_one():
    chance = np.random.default_rng(3)
    told = moderated(0.5 * chance.chisquare(4.0, 200) / 4.0, 4.0)
    assert told.max() / told.min() < 3.0
    assert np.median(told) == pytest.approx(0.5, rel=0.2)


def test_variances_that_really_differ_keep_their_order_of_size():
    chance = np.random.default_rng(3)
    true = np.repeat([0.01, 1.0], 100)
    told = moderated(true * chance.chisquare(4.0, 200) / 4.0, 4.0)
    assert np.median(told[100:]) / np.median(told[:100]) > 30.0
    assert moderated(np.array([0.0, 0.1, 0.2]), 4.0)[0] == 0.0
