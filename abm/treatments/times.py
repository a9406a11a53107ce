"""Begin and end of a treatment."""

from __future__ import annotations

from typing import Annotated

from abm.core.quantity import Quantity

ALWAYS = 1e6  # h: later than any run

Start = Annotated[float, Quantity("first dose, or start", "h", 0.0, 87600.0, "scenario")]
Stop = Annotated[float, Quantity("end: no dose at or after this time", "h", 0.0, ALWAYS, "scenario")]
