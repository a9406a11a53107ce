"""What readers of a study ask for: names that are none get the nearest ones, a folder that is none says what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from abm.core.names import nearest
from abm.runs import provenance


class UnknownNameError(KeyError):
    """A name that is none, with those there are."""

    def __str__(self) -> str:
        """The sentence, without the quotes of a KeyError."""
        return str(self.args[0])


class NoStudyError(FileNotFoundError):
    """A folder that holds no study."""


def listed(chosen: Any) -> list[Any]:
    """One value, or several of which any will do, as a list."""
    return [chosen] if isinstance(chosen, str) or not isinstance(chosen, Iterable) else list(chosen)


def check_names(asked: Sequence[Any], known: Iterable[str], noun: str) -> None:
    """Refuse names that are not known.

    Raises:
        UnknownNameError: with the nearest names.
    """
    known = list(known)
    lines = []
    for name in dict.fromkeys(asked):
        if name not in known:
            near = nearest(str(name), known)
            hint = f"nearest: {', '.join(near)}" if near else f"there are: {', '.join(known) or 'none'}"
            lines.append(f'there is no {noun} "{name}"; {hint}')
    if lines:
        raise UnknownNameError("\n".join(lines))


def explained(folder: Path) -> str:
    """Why this folder cannot be opened as a study, and how what is in it is read."""
    if not folder.is_dir():
        return f'there is no folder "{folder}"'
    if "patients" in provenance.read(folder):
        return (
            f'"{folder}" was made by `embers cohort`: read it with pandas.read_parquet, its patients.parquet, '
            "arms.parquet and scales.parquet"
        )
    if (folder / "points").is_dir():
        one = next(iter(sorted((folder / "points").iterdir())), folder / "points")
        return f'"{folder}" was made by `embers calibrate`, whose runs are studies in points/, such as "{one}"'
    inside = [path.parent.name for path in sorted(folder.glob("*/study.json"))]
    hint = f"; there are studies in it: {', '.join(inside[:5])}" if inside else ""
    return f'"{folder}" holds no study (no study.json){hint}'
