import json

import pytest

from abm.runs import status


@pytest.fixture
def now(monkeypatch):
    """The time of day, which only moves when it is told to."""
    hands = [100.0]
    monkeypatch.setattr(status.time, "monotonic", lambda: hands[0])
    return hands


@pytest.fixture
def clock(tmp_path):
    """Of ten short runs and ten long ones, on two workers."""
    return status.Clock(tmp_path, 0, 20, {"short": 10, "long": 10}, workers=2)


def left(folder):
    return json.loads((folder / status.FILE).read_text())["seconds_left"]


def test_nothing_is_told_before_a_run_of_each_arm_has_ended(clock, now, tmp_path):
    for done in (1, 2, 3):
        now[0] += 1.0
        clock.note(done, 0, "short", 1.0)
        assert clock.measured == 0
        assert left(tmp_path) is None
    clock.note(4, 0, "long", 9.0)
    assert clock.measured == 4


def test_short_runs_that_end_first_do_not_make_the_estimate_short(clock):
    for done, arm, seconds in ((1, "short", 1.0), (2, "short", 1.0), (3, "short", 1.0), (4, "long", 9.0)):
        clock.note(done, 0, arm, seconds)
    assert clock.estimate() == pytest.approx((10 * 1.0 + 10 * 9.0) / 2)


def test_what_processes_load_with_their_first_runs_does_not_make_the_estimate_long(tmp_path):
    clock = status.Clock(tmp_path, 0, 1000, {"patient": 1000}, workers=2)
    for done in range(1, 20):
        clock.note(done, 0, "patient", 3.0 if done <= 2 else 0.6)
        assert clock.measured == 0  # some take longer than others, so that a few say little
    clock.note(20, 0, "patient", 0.6)
    assert clock.measured == 20
    assert clock.estimate() == pytest.approx(1000 * 0.6 / 2)


def test_what_is_left_follows_the_pace_and_the_work(clock, now, tmp_path):
    clock.note(1, 0, "short", 1.0)
    now[0] += 5.0  # in which a long run of 9 s was done beside half a short one
    clock.note(2, 0, "long", 9.0)
    assert left(tmp_path) == pytest.approx((9 * 1.0 + 9 * 9.0) * 5.0 / 9.0)
