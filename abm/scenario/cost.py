"""Upper bound of the computing time of a run, reported before it starts.

The bound holds if the section fills with cancer cells, which is unknown before a run. Most runs cost a small part
of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from abm.core.lattice import SPACING
from abm.scenario.scenario import Scenario

STEP_COST = 40e-6  # s a step and mm2, at rest or inflamed; measured once on one core, assumed for all others
CELL_COST = 36e-9  # s a step of 10 minutes and proliferating cell; measured and assumed alike
USUAL_STEP = 1 / 6  # h
WORTH_A_WORD = 1800.0  # s (assumed)


def cells_at_most(scenario: Scenario) -> int:
    """Cancer cells that fit on the section."""
    return int(scenario.width * scenario.height / SPACING**2 * scenario.parameters.dormancy.site_capacity)


def seconds_at_most(scenario: Scenario) -> float:
    """Time that one run takes on one core if the section fills with proliferating cancer cells, about [s]."""
    steps = scenario.duration / scenario.step
    area = scenario.width * scenario.height * 1e-6
    cells = cells_at_most(scenario) * CELL_COST * max(0.4, scenario.step / USUAL_STEP)
    return steps * (area * STEP_COST + cells)


def warning(arms: Sequence[Scenario], replicates: int, workers: int) -> str:
    """A warning if runs may take long; otherwise empty."""
    seconds = sum(map(seconds_at_most, arms)) * replicates / workers
    if seconds < WORTH_A_WORD:
        return ""
    longest = max(arms, key=seconds_at_most)
    return (
        f"These runs may take up to {_told(seconds)} if the sections fill with cancer cells; most take a small part of "
        f"this time. The longest is {longest.name}, with {longest.duration / longest.step:,.0f} steps and at most "
        f"{cells_at_most(longest):,} cells."
    )


def _told(seconds: float) -> str:
    if seconds < 2 * 3600.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:.0f} h" if seconds < 72 * 3600.0 else f"{seconds / 86400.0:.0f} days"
