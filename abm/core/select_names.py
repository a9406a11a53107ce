"""Names on the command line: which of those there are were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


def chosen(only: str | None, known: Sequence[str], noun: str) -> list[str]:
    """Names in a list with commas between them, in the order of those known; all where nothing was asked for.

    Args:
        only: what was asked for; case does not count. None: nothing was.
        known: names there are.
        noun: what they name.

    Raises:
        ValueError: a name is unknown, and the message has the nearest ones; or the list is empty.
    """
    if only is None:
        return list(known)
    by_lower = {name.lower(): name for name in known}
    asked = list(dict.fromkeys(name.strip() for name in only.split(",") if name.strip()))
    if not asked:
        raise ValueError(f"no {noun} is named; leave --only out for all")
    unknown = [name for name in asked if name.lower() not in by_lower]
    if unknown:
        raise ValueError("\n".join(f'there is no {noun} "{name}"; {_near(name, by_lower)}' for name in unknown))
    names = {by_lower[name.lower()] for name in asked}
    return [name for name in known if name in names]


def _near(name: str, by_lower: dict[str, str]) -> str:
    near = [by_lower[one] for one in get_close_matches(name.lower(), by_lower, cutoff=0.4)]
    return f"nearest: {', '.join(near)}" if near else f"there are: {', '.join(by_lower.values())}"
