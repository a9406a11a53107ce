"""What a step can bring a cancer cell."""

from __future__ import annotations

NOTHING, WOKEN, AWOKE_ALONE, RETURNS, CYCLED, DIED, KILLED = range(7)
AHEAD = 12  # cells or blocks for which the memory is asked in time
