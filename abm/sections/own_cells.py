"""Cancer cells of one's own: positions from a table become the founders of a section.

Only cancer cells are placed. Leukocytes and fibroblasts are at the densities of resting lung whatever a table says,
since they leave their places within hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.core.lattice import SPACING
from abm.installation.optional_deps import need
from abm.rules.states import SiteKind
from abm.scenario.errors import Fault, ScenarioError, label
from abm.studies.design.data_table import LINE, TableError, content_of, number_in, rows_of
from abm.tissue.section_mask import FOUNDER_COLORS

CANCER = "cancer cell"
NEAR = 3  # sites: how far a cell may be moved to a site on which it can stand
TYPES = ("cell_type", "type")  # columns with the type of a cell; `embers export` calls it by the first
_STEPS = range(-NEAR, NEAR + 1)
_REACH = np.array(sorted(((y, x) for y in _STEPS for x in _STEPS), key=lambda step: step[0] ** 2 + step[1] ** 2))


@dataclass(frozen=True)
class Positions:
    """Where cells are.

    Attributes:
        file: where it came from.
        x, y: float64[n], from the upper left corner of the image [um].
        rows: of each cell in the table, as people count them.
    """

    file: Path
    x: np.ndarray
    y: np.ndarray
    rows: Sequence[int]


def read_positions(file: Path, unit: str, pixel: float, of_type: str = CANCER) -> Positions:
    """The positions in a table (columns x, y, perhaps a type) or an AnnData file (`obsm["spatial"]`, a type in `obs`).

    Args:
        file: CSV, or with tabs or semicolons; .h5ad.
        unit: of the positions: "um" or "px".
        pixel: side of a pixel [um].
        of_type: the type of the rows that are taken, where there is a column of TYPES.

    Raises:
        ScenarioError: no such columns, no such type, no number.
        MissingLibraryError: anndata is not installed.
    """
    x, y, types, rows = _of_anndata(file) if file.suffix.lower() == ".h5ad" else _of_table(file)
    if types is not None:
        taken = np.array([one.strip().lower() == of_type.lower() for one in types])
        if not taken.any():
            found = ", ".join(sorted(dict.fromkeys(types))[:12])
            raise _refused(
                file, 0, "type", of_type, "is the type of no cell", found, "name another one with --cells-type"
            )
        x, y, rows = x[taken], y[taken], [row for row, keep in zip(rows, taken, strict=True) if keep]
    scale = pixel if unit == "px" else 1.0
    return Positions(file, x * scale, y * scale, rows)


def founder_sites(cells: Positions, kinds: np.ndarray, image: tuple[float, float]) -> tuple[np.ndarray, list[str]]:
    """The sites of the cells: each its own, or the nearest free one on which a cancer cell can stand.

    Args:
        cells: of the table.
        kinds: uint8[rows, columns], SiteKind.
        image: height and width of the image [um]; what lies in it but not on the map was cut off with its edge.

    Returns:
        int32[founders], flat indices in rising order, and what was moved or left out, in sentences.

    Raises:
        ScenarioError: a cell outside the image, or without a free site within 30 um.
    """
    free = np.isin(kinds, list(FOUNDER_COLORS))
    rows, columns = kinds.shape
    found: list[int] = []
    moved = cut = 0
    for x, y, line in zip(cells.x, cells.y, cells.rows, strict=True):
        if not (0.0 <= x <= image[1] and 0.0 <= y <= image[0]):
            allowed = f"x 0 to {image[1]:g} um, y 0 to {image[0]:g} um"
            raise _refused(cells.file, line, "x, y", f"{x:g} um, {y:g} um", "is outside the image", allowed)
        row, column = int(y // SPACING), int(x // SPACING)
        if row >= rows or column >= columns:
            cut += 1
            continue
        near = _REACH + np.array([row, column])
        near = near[(near >= 0).all(axis=1) & (near[:, 0] < rows) & (near[:, 1] < columns)]
        near = near[free[near[:, 0], near[:, 1]]]
        if not near.size:
            kind = SiteKind(int(kinds[row, column])).name.lower()
            problem = f"has no free site within {NEAR * SPACING:g} um ({kind})"
            raise _refused(cells.file, line, "x, y", f"{x:g} um, {y:g} um", problem, "tissue on which a cell can stand")
        moved += tuple(near[0]) != (row, column)
        free[tuple(near[0])] = False
        found.append(int(near[0][0]) * columns + int(near[0][1]))
    notes = [f"{len(found)} cancer cells placed, {moved} of them on a neighboring site (one cell a site, none in air)"]
    if cut:
        notes.append(f"{cut} cells lay in the margin that was cut off, and are left out")
    return np.array(sorted(found), dtype=np.int32), notes


def _of_table(file: Path) -> tuple[np.ndarray, np.ndarray, list[str] | None, list[int]]:
    try:
        rows = rows_of(content_of(file))
        if missing := [name for name in ("x", "y") if name not in rows[0]]:
            columns = ", ".join(name for name in rows[0] if name != LINE)
            raise _refused(
                file, 1, "", "", f'has no column "{missing[0]}"', "columns x, y, and type if wanted", columns
            )
        numbers: list[list[float]] = [[], []]
        for row in rows:
            for axis, values in zip(("x", "y"), numbers, strict=True):
                try:
                    values.append(number_in(row[axis]))
                except TableError as error:
                    raise _refused(file, int(row[LINE]), axis, row[axis], error.problem, hint=error.hint) from error
    except TableError as error:
        raise ScenarioError([error.fault(file)]) from error
    column = next((name for name in TYPES if name in rows[0]), None)
    types = [row[column] for row in rows] if column else None
    return np.array(numbers[0]), np.array(numbers[1]), types, [int(row[LINE]) for row in rows]


def _of_anndata(file: Path) -> tuple[np.ndarray, np.ndarray, list[str] | None, list[int]]:
    need("export", "anndata")
    import anndata  # type: ignore[import-untyped, unused-ignore]

    try:
        data = anndata.read_h5ad(file)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise _refused(file, 0, "", "", f"cannot be read as AnnData: {error}") from error
    if "spatial" not in data.obsm or data.obsm["spatial"].shape[1] < 2:
        raise _refused(file, 0, "", "", 'has no obsm["spatial"] with two columns')
    spatial = np.asarray(data.obsm["spatial"], dtype=np.float64)
    column = next((name for name in TYPES if name in data.obs), None)
    types = [str(one) for one in data.obs[column]] if column else None
    return spatial[:, 0], spatial[:, 1], types, list(range(1, data.n_obs + 1))


def _refused(
    file: Path, line: int, key: str, value: str, problem: str, allowed: str = "", hint: str = ""
) -> ScenarioError:
    return ScenarioError([Fault(label(file), line, key, value, problem, allowed=allowed, hint=hint)])
