"""Embers under a name of its own: `import embers_lung as el` gives the public names of `abm`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

_spec = find_spec("abm")
_place = Path(_spec.origin).parent if _spec and _spec.origin else None
if _place is None or not (_place / "processes" / "lymph_node.py").is_file():
    raise ImportError(
        f"the package `abm` found in {_place or 'no folder'} is not that of Embers: another project installs a package "
        "of the same name; install Embers (embers-lung) in an environment of its own"
    )

import abm  # noqa: E402 - only once it is known to be that of Embers

__all__ = list(abm.__all__)


def __getattr__(name: str) -> Any:
    """A public name of `abm`, imported when it is first asked for."""
    return getattr(abm, name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
