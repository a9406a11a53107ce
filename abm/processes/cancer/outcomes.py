"""What a step can bring a cancer cell."""

from __future__ import annotations

NOTHING, WOKEN, AWOKE_ALONE, WOKEN_BY_RULE, RETURNS, CYCLED, DIED, KILLED = range(8)
AHEAD = 12  # cells or blocks for which the memory is asked in time
