import json

import pytest

from tests.update_digest import DIGITS, STORED, results

INTENDED = (
    "Results have changed. If that is intended, run `python -m tests.update_digest` and flag the change with "
    '"changes results" in CHANGELOG.md; if not, the change of the source is wrong.'
)


@pytest.fixture(scope="module")
def both() -> tuple[dict, dict]:
    """The results as stored, and those of this source."""
    return json.loads(STORED.read_text()), results()


def test_measures_of_the_guarded_run_are_those_stored(both):
    stored, now = (side["measures"] for side in both)
    assert stored.keys() == now.keys(), INTENDED
    # One in the last digit is rounding, not a change.
    changed = [
        name for name in now if now[name] != pytest.approx(stored[name], rel=2 * 10.0 ** (1 - DIGITS), abs=1e-12)
    ]
    assert not changed, f"{INTENDED} Changed: {', '.join(changed)}"


def test_events_of_the_guarded_run_are_those_stored(both):
    assert both[0]["events"] == both[1]["events"], INTENDED


def test_states_and_places_of_the_guarded_run_are_those_stored(both):
    assert both[0]["whole_numbers"] == both[1]["whole_numbers"], INTENDED


def test_the_guarded_run_has_work_for_every_process(both):
    stored = both[0]
    assert stored["events"]["awakening"] > 0
    assert stored["events"]["birth"] > 0
    assert all(
        max(stored["measures"][name]) > 0.0 for name in ("lost_share", "interferon", "cd8", "antibody", "mhcii_share")
    )
    assert min(stored["measures"]["niche_hold"]) < 1.0
