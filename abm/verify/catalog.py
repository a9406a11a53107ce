"""The names of all checks and where each stands; loads none of them."""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from typing import TYPE_CHECKING

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
    "step": "time_step",
    "workers": "same_bits",
    "interpreted": "same_bits",
}


def chosen(only: str) -> list[str]:
    """Names of the checks in a list with commas between them; all where it is empty.

    Raises:
        ValueError: a name is unknown; the message has the nearest ones.
    """
    names = list(dict.fromkeys(name.strip() for name in only.split(",") if name.strip()))
    unknown = [name for name in names if name not in CATALOG]
    if unknown:
        raise ValueError("\n".join(f'there is no check "{name}"; {_near(name)}' for name in unknown))
    return [name for name in CATALOG if name in names or not names]


def _near(name: str) -> str:
    near = get_close_matches(name, CATALOG, cutoff=0.4)
    return f"nearest: {', '.join(near)}" if near else f"there are: {', '.join(CATALOG)}"


def find_check(name: str) -> Check:
    """A check by its name."""
    checks: Sequence[Check] = importlib.import_module(f"abm.verify.{CATALOG[name]}").CHECKS
    return next(check for check in checks if check.name == name)
