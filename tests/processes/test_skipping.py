"""What a step skips because nothing seems to go on would not have changed anything."""

from __future__ import annotations

import numpy as np

from abm.tissue.section import alveolar_sheet
from abm.tissue.state import Tissue
from abm.treatments.effects_by_step import no_treatment
from tests.processes.tissues import (
    advance,
    assert_books_balance,
    assert_flags_are_true,
    assert_same_state,
    at,
    inhabited,
    lay,
    raise_flags,
)

DAY = 144  # ticks
# Of what is present, the first is interferon.
FLAGS = ("any_activated", "remodeled", "present")
# The matrix heals fast and everywhere, and whoever awakes soon rests again: the section comes to rest within weeks.
SOON_OVER = {
    "dormancy.founders": 6.0, "dormancy.spontaneous_awakening": 0.0, "dormancy.return_rate": 0.1,
    "dormancy.cycle_time": 200.0, "dormancy.proliferating_death": 0.02, "cells.fibroblast.resting_density": 8_000.0,
    "matrix.niche_repair": 0.05, "matrix.collagen_decay": 0.05,
}  # fmt: skip


def both(infected_at: int, days: int, seed: int) -> tuple[Tissue, Tissue, np.ndarray]:
    """A section as it is stepped, its twin in which nothing is skipped, and the flags after each step."""
    p = inhabited(SOON_OVER)
    course = no_treatment(days * DAY)
    course.inoculum[infected_at] = 20_000.0
    plain, forced = (lay(alveolar_sheet(24, 24, 1), p, seed) for _ in range(2))
    flags = []
    for tick in range(days * DAY):
        assert advance(plain, p, course, at(tick, seed), tick + 1) == tick + 1
        raise_flags(forced)
        assert advance(forced, p, course, at(tick, seed), tick + 1) == tick + 1
        assert_flags_are_true(plain, p)
        flags.append([bool(np.ravel(plain.status[0][flag])[0]) for flag in FLAGS])
        if tick % 24 == 0:
            assert_same_state(plain, forced)
    assert_books_balance(plain, int(p.dormancy.site_capacity))
    assert_same_state(plain, forced)
    return plain, forced, np.array(flags)


def test_a_section_that_skips_equals_one_that_does_not_before_in_and_after_an_infection():
    _, _, flags = both(2 * DAY, 45, 1)
    changes = np.diff(flags.astype(int), axis=0)
    for number, flag in enumerate(FLAGS):
        assert (changes[:, number] == 1).any(), flag
        assert (changes[:, number] == -1).any(), flag
