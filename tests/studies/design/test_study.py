from collections import Counter

import numpy as np
import pytest

from abm.runs.identity import run_id
from abm.studies.design.study_file import load_study
from tests.studies.studies import POINTS, SMALL, small

SAMPLED = """
arms = ["influenza"]
[sample]
method = "{method}"
points = {points}
[[axis]]
vary = "infection.dose"
low = 0.1
high = 10.0
scale = "logarithmic"
[[axis]]
vary = "parameters.dormancy.cycle_time"
low = "16 h"
high = "1 d"
"""


def sampled(method, points=16):
    return small(text=SAMPLED.replace("{method}", method).replace("{points}", str(points)))


def test_points_are_arms_times_axes_and_a_reference_stands_there_once():
    points = small().points
    assert len(points) == POINTS
    assert Counter(point.arm for point in points) == {0: 2, 1: 4}
    assert {point.coordinates for point in points if point.arm == 0} == {(None, 1.0), (None, 50.0)}


def test_the_scenario_of_a_point_is_the_arm_with_its_values():
    study = small()
    for point in study.points:
        scenario = study.scenario(point)
        assert [infection.dose for infection in scenario.infections] == [point.coordinates[1]]
        assert [treatment.start for treatment in scenario.treatments] == (
            [] if point.arm == 0 else [point.coordinates[0]]
        )


def test_values_have_the_unit_kept_inside():
    assert {point.coordinates[0] for point in small().points} == {None, 0.0, 24.0}


def test_runs_are_addressed_by_what_they_are():
    study = small(replicates=3)
    ids = study.ids()
    assert len(set(ids)) == study.total == 3 * POINTS
    at, replicate = study.place(POINTS + 2)
    assert (at, replicate) == (2, 1)
    assert ids[POINTS + 2] == run_id(study.scenario(study.points[2]), study.seed + 1)


def test_more_replicates_go_on_with_the_same_runs():
    assert small(replicates=5).ids()[: 2 * POINTS] == small(replicates=2).ids()
    assert small(replicates=5).text() == small(replicates=2).text()


def test_a_part_of_the_runs_is_a_balanced_sample():
    study = load_study("blockade_timing", replicates=2)
    half = study.points[: len(study.points) // 2]
    starts = Counter(point.coordinates[0] for point in half if point.arm == 1)
    assert len(starts) == 7
    assert max(starts.values()) <= 4
    whole = [study.place(run)[0] for run in range(len(study.points))]
    assert whole == list(range(len(study.points)))  # one replicate of all before the second of any


@pytest.mark.parametrize(("method", "count"), [("latin hypercube", 16), ("sobol", 16), ("sobol indices", 64)])
def test_samples_fill_the_range_evenly(method, count):
    study = sampled(method)
    values = np.array([point.coordinates for point in study.points])
    assert values.shape == (count, 2)
    for axis, column in zip(study.axes, values.T, strict=True):
        assert (column >= axis.low).all()
        assert (column <= axis.high).all()
        assert np.histogram(axis.share(column), bins=4, range=(0, 1))[0].min() >= count // 8
    assert sampled(method).points == study.points


def test_a_morris_sample_moves_one_axis_at_a_time():
    study = sampled("morris", 4)
    values = np.array([point.coordinates for point in study.points])
    assert len(values) <= 4 * 3
    assert all((np.diff(values, axis=0) != 0).sum(axis=1)[at] >= 1 for at in range(len(values) - 1))


def test_relative_values_are_multiples_of_what_the_arm_has():
    text = SMALL + '\n[[axis]]\nvary = "parameters.dormancy.cycle_time"\nrelative = true\nvalues = [1.0, 1.5]\n'
    study = small(text=text)
    usual = study.arms[0].parameters.dormancy.cycle_time
    cycles = {study.scenario(point).parameters.dormancy.cycle_time for point in study.points}
    assert cycles == {usual, 1.5 * usual}


def test_the_text_tells_every_change():
    text = small().text()
    assert small(text=SMALL.replace("50.0", "49.0")).text() != text
    assert small(text=SMALL.replace("seed = 3", "seed = 4")).text() != text
    assert small(text=SMALL.replace('"2 d"', '"3 d"')).text() != text
