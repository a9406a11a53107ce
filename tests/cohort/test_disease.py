import math

import numpy as np
import pytest

from abm.cohort.disease import (
    MONTH,
    Disease,
    cells_of,
    diameter_of,
    escapes,
    gompertz,
    growth_rate,
    hours_to_grow,
    surface_share,
)

D = Disease()
B = growth_rate(D.doubling_time, D)


@pytest.mark.parametrize("handed_over", [1.0, 80.0, 5e3, 1e6])
def test_a_lesion_handed_over_at_any_size_goes_on_along_the_same_curve(handed_over):
    hours = hours_to_grow(1.0, handed_over, B, D.limit)
    later = 9000.0
    whole = gompertz(1.0, hours + later, B, D.limit)
    assert gompertz(handed_over, later, B, D.limit) == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("cells", [1.0, 300.0])
def test_growth_begins_at_the_size_of_the_clone_with_the_rate_of_the_law(cells):
    assert gompertz(cells, 0.0, B, D.limit) == pytest.approx(cells, rel=1e-12)
    slope = (gompertz(cells, 1e-3, B, D.limit) - cells) / 1e-3
    assert slope == pytest.approx(B * cells * math.log(D.limit / cells), rel=1e-4)


def test_a_single_cell_of_a_median_patient_takes_two_and_a_half_years_to_four_millimeters():
    size = cells_of(4000.0, D.packing)
    assert size == pytest.approx(3.35e7, rel=0.01)
    assert hours_to_grow(1.0, size, B, D.limit) / MONTH == pytest.approx(29.8, abs=0.3)
    assert diameter_of(size, D.packing) == pytest.approx(4000.0)


def test_a_lesion_never_outgrows_its_limit_and_a_large_one_is_visible_at_once():
    assert gompertz(10.0, 1e9, B, D.limit) == pytest.approx(D.limit)
    assert hours_to_grow(10.0, D.limit, B, D.limit) == math.inf
    assert hours_to_grow(10.0, 5.0, B, D.limit) == 0.0


def test_a_lesion_of_a_centimeter_has_the_doubling_time_of_the_patient():
    size = cells_of(10_000.0, D.packing)
    assert hours_to_grow(0.5**0.5 * size, 2.0**0.5 * size, B, D.limit) == pytest.approx(D.doubling_time, rel=0.01)
    assert D.doubling_time * math.exp(0.5 * D.doubling_spread**2) / 24.0 == pytest.approx(118.0, abs=1.0)


@pytest.mark.parametrize(("cells", "share"), [(1.0, 1.0), (8.0, 1.0), (1000.0, 1.0 - 0.8**3), (1e9, 0.006)])
def test_cells_at_the_surface_of_a_lesion_are_fewer_the_larger_it_is(cells, share):
    assert surface_share(cells) == pytest.approx(share, rel=2e-3)


def test_escapes_are_a_poisson_process_of_the_hazard():
    rng, hours, hazard = np.random.default_rng(1), np.array([0.0, 100.0, 300.0]), np.array([0.0, 1.0, 5.0])
    found = [escapes(np.cumsum(rng.exponential(size=64)), hours, hazard, np.zeros(3)).hours for _ in range(4000)]
    counts = np.array([times.size for times in found])
    early = np.array([(times < 100.0).sum() for times in found])
    assert counts.mean() == pytest.approx(5.0, abs=0.15)
    assert counts.var() == pytest.approx(5.0, abs=0.5)
    assert early.mean() == pytest.approx(1.0, abs=0.07)


def test_the_arm_with_the_larger_hazard_has_every_lesion_earlier():
    thresholds, hours = np.cumsum(np.full(64, 0.3)), np.linspace(0.0, 1000.0, 50)
    low = escapes(thresholds, hours, hours / 400.0, np.zeros(50)).hours
    high = escapes(thresholds, hours, hours / 250.0, np.zeros(50)).hours
    assert high.size > low.size
    assert (high[: low.size] < low).all()


def test_a_lesion_has_the_size_of_the_clone_that_was_awake():
    hours, hazard, clones = np.array([0.0, 6.0, 12.0]), np.array([0.0, 0.0, 1.0]), np.array([0.0, 40.0, 90.0])
    found = escapes(np.array([0.5]), hours, hazard, clones)
    assert found.hours[0] == pytest.approx(9.0)
    assert found.cells[0] == 90.0


def test_no_hazard_no_escape():
    assert escapes(np.array([0.1]), np.array([0.0, 10.0]), np.array([0.0, 0.0]), np.zeros(2)).hours.size == 0
