"""Parameters that change during a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from abm.core.quantity import Quantity
from abm.rules.renamed import current_name

READ_AT_START = (  # parameters that nothing reads any more once the tissue is laid out
    *("dormancy.founders", "dormancy.push_reach", "matrix.collagen_start"),
    *("virus.inoculum", "virus.arrival_time", "virus.arrival_doubling"),
    *("second_virus.inoculum", "second_virus.arrival_time", "second_virus.arrival_doubling"),
)


@dataclass(frozen=True)
class Change:
    """A parameter that has another value from one time on; `parameter` is its dotted name."""

    parameter: str
    value: float
    time: Annotated[float, Quantity("time of the change", "h", 0.0, 87600.0, "scenario", "assumed")] = 0.0

    def __post_init__(self) -> None:
        """Replace an earlier name of the parameter by its current one."""
        if isinstance(self.parameter, str):
            object.__setattr__(self, "parameter", current_name(self.parameter))
