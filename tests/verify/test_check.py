import numpy as np
import pytest

from abm.reporting.measured import Measured
from abm.verify.check import FAMILY_WISE, Finding, p_value


def finding(*measured: Measured, skipped: str = "") -> Finding:
    return Finding("", "", "", measured, "", skipped=skipped)


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (Measured("x", 1.0, 0.0, 2.0), "passed"),
        (Measured("x", 2.0, 0.0, 2.0), "passed"),
        (Measured("x", 2.1, 0.0, 2.0), "failed"),
        (Measured("x", -0.1, 0.0, 2.0), "failed"),
        (Measured("x", float("nan"), 0.0, 2.0), "failed"),
        (Measured("x", 0.1, -0.3, 0.3, -0.1, 0.29), "passed"),
        (Measured("x", 0.1, -0.3, 0.3, -0.1, 0.31), "inconclusive"),
        (Measured("x", 0.0, -0.3, 0.3, -5.0, 5.0), "inconclusive"),
        (Measured("x", 0.5, -0.3, 0.3, 0.4, 0.6), "failed"),
        (Measured("x", 0.0, 0.0, 0.0), "passed"),
        (Measured("x", 1.0, 0.0, 0.0), "failed"),
        (p_value("x", 0.5, 10), "passed"),
        (p_value("x", 0.9 * FAMILY_WISE / 10, 10), "failed"),
        (p_value("x", 1.1 * FAMILY_WISE / 10, 10), "passed"),
        (p_value("x", float("nan"), 1), "failed"),
    ],
)
def test_a_number_passes_only_with_its_whole_interval_within_the_bound(one, verdict):
    assert one.verdict == verdict


def test_a_finding_is_as_bad_as_its_worst_number():
    good, wide, bad = (Measured("x", 0.0, -1.0, 1.0, -reach, reach) for reach in (0.5, 2.0, 0.0))
    bad = Measured("bad", 3.0, -1.0, 1.0)
    assert finding(good).verdict == "passed"
    assert finding(good, wide).verdict == "inconclusive"
    assert finding(good, wide, bad).verdict == "failed"
    assert finding(good, wide, bad).tightest is bad


def test_nothing_measured_is_not_passed():
    assert finding().verdict == "failed"
    assert finding().tightest is None
    assert finding(skipped="no program").verdict == "skipped"


def test_the_number_told_is_the_one_nearest_to_its_bound():
    far, near = Measured("far", 0.1, 0.0, 1.0), Measured("near", 0.99, 0.0, 1.0)
    assert finding(far, near).tightest is near
    assert finding(Measured("a", 1e-9, -np.inf, 1e-5), Measured("b", 9e-6, -np.inf, 1e-5)).tightest.name == "b"
    assert finding(p_value("a", 0.5, 1), p_value("b", 0.001, 1)).tightest.name == "b: p"
    inner, outer = Measured("inner", 0.0, -1.0, 1.0, -0.1, 0.1), Measured("outer", 0.5, -1.0, 1.0, 0.1, 0.9)
    assert finding(inner, outer).tightest is outer
