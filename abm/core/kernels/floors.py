"""The floors of the model: which files make up its compiled code. Digests and checks all read them here."""

from __future__ import annotations

FLOORS = ("core", "rules", "treatments", "tissue", "processes", "model")


def is_of_floor(module: str) -> bool:
    """Whether a module of the package, by its full name, stands on one of the model's floors."""
    return module.split(".")[1] in FLOORS
