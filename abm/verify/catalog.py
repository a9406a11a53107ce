"""The names of all checks and where each stands; loads none of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from abm.core.select_names import chosen as among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.verify.check import Check

CATALOG: dict[str, str] = {  # name of a check: its module; in the order of reports
    "diffusion": "fields",
    "order": "fields",
    "mass": "fields",
    "decay-length": "fields",
    "lattice": "lattice",
    "uniformity": "chance",
    "lags": "chance",
    "neighbors": "chance",
    "avalanche": "chance",
    "identities": "chance",
    "battery": "battery",
    "draws": "waiting_times",
    "cancer-times": "waiting_times",
    "infection-times": "waiting_times",
    "antibodies": "pharmacokinetics",
    "small-molecules": "pharmacokinetics",
    "process-steps": "process_steps",
    "step": "time_step",
    "ode-twin": "ode_comparison",
    "workers": "same_bits",
    "interpreted": "same_bits",
}


def chosen(only: str | None) -> list[str]:
    """Names of the checks in a list with commas between them; None: all.

    Raises:
        ValueError: a name is unknown, and the message has the nearest ones; or none is named.
    """
    return among(only, list(CATALOG), "check")


def find_check(name: str) -> Check:
    """A check by its name."""
    checks: Sequence[Check] = importlib.import_module(f"abm.verify.{CATALOG[name]}").CHECKS
    return next(check for check in checks if check.name == name)
