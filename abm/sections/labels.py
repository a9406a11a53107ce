"""What the labels of an image stand for: a small table with the columns `label` and `site`.

A label is a color (`#0000ff`), a whole number (images of numbers), or the name of a class (QuPath). A site is one of
the kinds of the model, or `airspace`: air in alveoli, or in a lumen where walls of bronchioles or vessels enclose it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.core.names import nearest
from abm.rules.states import SiteKind
from abm.scenario.errors import Fault, ScenarioError, label
from abm.studies.design.data_table import LINE, TableError, content_of, rows_of
from abm.tissue.section_mask import MASK_COLORS

AIRSPACE = len(SiteKind)  # the code of air that is sorted into alveoli and lumens later
CODES = {kind.name.lower(): kind.value for kind in SiteKind} | {"airspace": AIRSPACE}
COLUMNS = ("label", "site")
SHOWN = 12  # labels in a message
MOST_PIXELS = 400_000_000  # of an image; decoded, they take 1.6 GB
OUTSIDE = "(none)"  # label of what no class of a GeoJSON file covers
_OWN = {f"#{bytes(MASK_COLORS[kind]).hex()}": kind.value for kind in SiteKind}


@dataclass(frozen=True)
class LabelImage:
    """An image of labels.

    Attributes:
        file: where it came from.
        labels: int32[rows, columns], index into names.
        names: of the labels: colors, whole numbers or names of classes.
        pixel: side of a pixel [um]; 0 where the file does not say.
        notes: what was left out or assumed on the way, in sentences.
    """

    file: Path
    labels: np.ndarray
    names: Sequence[str]
    pixel: float
    notes: Sequence[str] = ()


def read_labels(file: Path) -> dict[str, int]:
    """Code of each label of a table.

    Raises:
        ScenarioError: no table of labels; every row that is wrong.
    """
    try:
        rows = rows_of(content_of(file), comments=False)
    except TableError as error:
        raise ScenarioError([error.fault(file)]) from error
    if missing := [name for name in COLUMNS if name not in rows[0]]:
        found = ", ".join(name for name in rows[0] if name != LINE)
        problem = f'has no column "{missing[0]}"'
        raise ScenarioError(
            [Fault(label(file), 1, "", "", problem, allowed="columns label, site", hint=f"it has {found}")]
        )
    codes: dict[str, int] = {}
    faults = []
    for row in rows:
        name, site = _plain(row["label"]), row["site"].lower()
        if site not in CODES:
            near = nearest(site, CODES, 1)
            hint = f"nearest: {near[0]}" if near else ""
            faults.append(_fault(file, row, "site", site, "is no kind of site", ", ".join(CODES), hint))
        elif name in codes:
            faults.append(_fault(file, row, "label", name, "stands in two rows", "each label once"))
        codes[name] = CODES.get(site, AIRSPACE)
    if faults:
        raise ScenarioError(faults)
    return codes


def coded(image: LabelImage, codes: Mapping[str, int] | None, nearest_color: bool = False) -> np.ndarray:
    """The code of each pixel: uint8[rows, columns], SiteKind or AIRSPACE.

    Args:
        image: of labels.
        codes: of the labels; None: the colors of a map of the model, or classes called as the kinds of sites are.
        nearest_color: whether a color that is not in the table stands for the one in it that is nearest.

    Raises:
        ScenarioError: labels that the table does not have, with their shares of the image.
    """
    table = codes if codes is not None else _OWN | {**CODES, OUTSIDE: AIRSPACE}
    found = [table.get(_plain(name)) for name in image.names]
    if nearest_color:
        found = [_nearest(name, table) if code is None else code for name, code in zip(image.names, found, strict=True)]
    unknown = [number for number, code in enumerate(found) if code is None]
    if unknown:
        raise ScenarioError([_unknown(image, unknown, codes is not None)])
    return np.array(found, dtype=np.uint8)[image.labels]


def _plain(name: str) -> str:
    """A label as it is compared: case does not count, nor does the mark of a color, nor zeros before a number."""
    name = name.strip().lower()
    if len(name) == 6 and not name.isdigit() and all(sign in "0123456789abcdef" for sign in name):
        return f"#{name}"
    return str(int(name)) if name.isdecimal() else name


def _nearest(name: str, table: Mapping[str, int]) -> int | None:
    """The code of the color of the table that is nearest to this one; None where there is none."""
    colors = [other for other in table if _is_color(other)]
    if not _is_color(name) or not colors:
        return None
    return table[min(colors, key=lambda other: sum((a - b) ** 2 for a, b in zip(_rgb(name), _rgb(other), strict=True)))]


def _is_color(name: str) -> bool:
    return len(name) == 7 and name.startswith("#")


def _rgb(name: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(name[1:7]))


def _unknown(image: LabelImage, unknown: Sequence[int], has_table: bool) -> Fault:
    """Which labels are not known, the largest first."""
    counts = np.bincount(image.labels.ravel(), minlength=len(image.names)) / image.labels.size
    largest = sorted(unknown, key=lambda number: -counts[number])
    listed = ", ".join(f"{image.names[number]} ({counts[number]:.1%})" for number in largest[:SHOWN])
    more = f", and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
    what = "are not in the table of labels" if has_table else "are no colors of a map, and no table of labels is given"
    hint = "add a line for each to the table"
    if not has_table:
        example = f"{image.names[largest[0]]},septum"
        hint = f"give a CSV table with --labels: a first line label,site, then lines such as {example}"
    if _is_color(image.names[largest[0]]):
        hint += "; where these are smoothed edges, --nearest gives them the label of the nearest color"
    return Fault(
        label(image.file), 0, "labels", f"{listed}{more}", what, allowed=f"sites: {', '.join(CODES)}", hint=hint
    )


def _fault(
    file: Path, row: Mapping[str, str], key: str, value: str, problem: str, allowed: str, hint: str = ""
) -> Fault:
    return Fault(label(file), int(row[LINE]), key, value, problem, allowed=allowed, hint=hint)
