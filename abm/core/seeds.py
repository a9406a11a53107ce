"""The one rule for seeds of chance, wherever they come from: a whole number from 0 to 2^63 - 1."""

from __future__ import annotations

from numbers import Integral

MOST_SEED = 2**63 - 1  # the compiled loops count in 64 bits with a sign
ALLOWED = f"0 to {MOST_SEED}"
PROBLEM = "is not a whole number in the range"
SHOWN = 60  # characters of a value in a message


class SeedError(ValueError):
    """A value that is no seed."""


def is_seed(value: object, least: int = 0) -> bool:
    """Whether this is a whole number (of Python or numpy, no truth value) in the range."""
    return not isinstance(value, bool) and isinstance(value, Integral) and least <= int(value) <= MOST_SEED


def seed_of(value: object, name: str = "seed") -> int:
    """The value as a seed.

    Args:
        value: what was given.
        name: what the value is called, for the message.

    Raises:
        SeedError: it is no whole number from 0 to 2^63 - 1.
    """
    if isinstance(value, Integral) and is_seed(value):
        return int(value)
    hint = "; from a generator: int(rng.integers(2**63))" if hasattr(value, "integers") else ""
    raise SeedError(f"{name} = {_shown(value)}: {PROBLEM}; allowed: {ALLOWED}{hint}")


def _shown(value: object) -> str:
    """A value in one short line; a whole number may have more digits than Python writes."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:
        return "a very long number"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
