"""The cells of a snapshot as one table in words: types and states by name, positions in um, local levels.

Columns, with their units in `UNITS`:

population      "cancer", "mobile" (leukocytes and fibroblasts) or "epithelium"
cell_type       such as "cancer cell", "CD8 T cell", "AT2 cell"
state           of a cancer or epithelial cell; "MHCII+" or "CD206+" macrophage; "memory" T cell; else empty
label           for counting neighbors: cancer cells by state, infected and dying epithelial cells, else cell_type
x_um, y_um      position; y increases downwards, as in images
uid             identity of a cancer or mobile cell, index of an epithelial cell; unique within its population
clone, parent, phenotype, cause, signal, awakened_at, awakened_il6
                of cancer cells, as in events; a founder has no parent, a cell that never awoke no time and IL-6
activation      of mobile cells
il6, ..., virus level of each substance, and of the virus, where the cell is

A site that a denuded epithelial cell has left has no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.core.lattice import SPACING
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialState, EpithelialType

if TYPE_CHECKING:
    from abm.model.snapshots import Snapshot

CANCER, MOBILE, EPITHELIUM = "cancer", "mobile", "epithelium"
EPITHELIAL_TYPES = {
    EpithelialType.AT1: "AT1 cell", EpithelialType.AT2: "AT2 cell",
    EpithelialType.BRONCHIOLAR: "bronchiolar epithelial cell",
}  # fmt: skip
OF_CANCER = {"signal": "signal", "awakened_at": "awoke", "awakened_il6": "awoke_il6"}
WORDS = ["population", "cell_type", "state", "label", "phenotype", "cause"]  # columns of names
VIRUS = "virus"
UNITS = {
    "x_um": "um", "y_um": "um", "awakened_at": "h", "awakened_il6": "ng/mL", VIRUS: "virion/site",
}  # fmt: skip
_INFECTED = (EpithelialState.ECLIPSE, EpithelialState.EXPRESSING)
_DYING = (EpithelialState.APOPTOTIC, EpithelialState.DEAD)
_SPREAD = 0.45 * SPACING  # um: how far from the middle of their site cells that share it stand, at most
_GOLDEN_ANGLE = np.pi * (3.0 - 5.0**0.5)


def cell_table(snapshot: Snapshot, epithelium: bool = True) -> pd.DataFrame:
    """All cells of a snapshot, one row per cell, by name ("cancer-17").

    Args:
        snapshot: the tissue at one time.
        epithelium: whether epithelial cells are in it too; snapshots of older versions have none.

    Returns:
        A table with the columns above.
    """
    parts = [_cancer(snapshot), _mobile(snapshot), *([_epithelium(snapshot)] if epithelium else [])]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    y, x = table.pop("y").to_numpy(np.int64), table.pop("x").to_numpy(np.int64)
    at = spread_within_sites(y, x)
    table.insert(4, "x_um", at[:, 0])
    table.insert(5, "y_um", at[:, 1])
    for name in WORDS:
        table[name] = table[name].astype("category") if name in table else pd.Categorical([None] * len(table))
    for name, level in local_levels(snapshot, y, x).items():
        table[name] = level
    return table.set_index(pd.Index(table["population"].astype(str) + "-" + table["uid"].astype(str), name="cell"))


def spread_within_sites(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Positions of cells on sites of 10 um: the first cell of a site in its middle, others around it.

    Graphs of neighbors lose cells that stand on the same point. A position depends only on the cells before it.

    Args:
        y: int64[cells], row of the site.
        x: int64[cells], column of the site.

    Returns:
        float64[cells, 2], x and y [um], no two equal; each lies within its site.
    """
    order = np.lexsort((x, y))
    is_first = np.ones(order.size, dtype=bool)
    is_first[1:] = (np.diff(y[order]) != 0) | (np.diff(x[order]) != 0)
    first = np.flatnonzero(is_first)
    rank = np.empty(order.size)
    rank[order] = np.arange(order.size) - np.repeat(first, np.diff(np.append(first, order.size)))
    radius, angle = _SPREAD * np.sqrt(rank / (rank + 1.0)), _GOLDEN_ANGLE * rank
    middle = (np.column_stack([x, y]) + 0.5) * SPACING
    return np.asarray(middle + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))


def local_levels(snapshot: Snapshot, y: np.ndarray, x: np.ndarray) -> dict[str, np.ndarray]:
    """The level of each substance [ng/mL] and of the virus [virion/site] on these sites: float32[cells] each."""
    rows = snapshot.virus.shape[0]
    levels = {}
    for name, field in {**snapshot.substances, VIRUS: snapshot.virus}.items():
        side = rows // field.shape[0]
        levels[name] = field[y // side, x // side].astype(np.float32)
    return levels


def title_of_kind(name: str) -> str:
    """The type of a mobile cell in words, from the name that tables have."""
    kind = CellKind.__members__.get(name.upper())
    return kind.type.title if kind is not None else name.replace("_", " ")


def _cancer(snapshot: Snapshot) -> pd.DataFrame:
    cells = snapshot.cancer
    state = cells["state"].astype(str)
    numbers = {new: cells[old].to_numpy(np.float64) for new, old in OF_CANCER.items()}
    never = cells["awoke"].to_numpy() < 0.0
    for name in ("awakened_at", "awakened_il6"):
        numbers[name] = np.where(never, np.nan, numbers[name])
    return pd.DataFrame({
        "population": CANCER, "cell_type": "cancer cell", "state": state, "label": state + " cancer cell",
        "uid": cells["uid"].to_numpy(np.int64), "clone": cells["clone"].astype("Int64"),
        "parent": cells["parent"].astype("Int64").replace(0, pd.NA), "phenotype": cells["phenotype"].astype(str),
        "cause": cells["cause"].astype(str), **numbers, "y": cells["y"], "x": cells["x"],
    })  # fmt: skip


def _mobile(snapshot: Snapshot) -> pd.DataFrame:
    cells = snapshot.mobile
    names = cells["kind"].astype(str)
    titles = {name: title_of_kind(name) for name in names.unique()}
    macrophages = {kind.key for kind in CellKind if kind.type.numbers.is_macrophage}
    state = np.full(len(cells), None, dtype=object)
    state[names.isin(macrophages)] = "CD206+"
    state[cells["activated"].to_numpy(bool)] = "MHCII+"
    state[cells["memory"].to_numpy(bool)] = "memory"
    cell_type = names.map(titles)
    return pd.DataFrame({
        "population": MOBILE, "cell_type": cell_type, "state": state, "label": cell_type,
        "uid": cells["uid"].to_numpy(np.int64), "activation": cells["activation"].to_numpy(np.float64),
        "y": cells["y"], "x": cells["x"],
    })  # fmt: skip


def _epithelium(snapshot: Snapshot) -> pd.DataFrame:
    section = snapshot.section
    states = snapshot.epithelium[section.y, section.x]
    there = np.flatnonzero((states != EpithelialState.DENUDED) & (states != 255))
    states, types = states[there], section.cell_type[there]
    label = _words_of(types, EPITHELIAL_TYPES)
    label[np.isin(states, _INFECTED)] = "infected epithelial cell"
    label[np.isin(states, _DYING)] = "dying epithelial cell"
    return pd.DataFrame({
        "population": EPITHELIUM, "cell_type": _words_of(types, EPITHELIAL_TYPES),
        "state": _words_of(states, {one: one.name.lower() for one in EpithelialState}), "label": label,
        "uid": there.astype(np.int64), "y": section.y[there], "x": section.x[there],
    })  # fmt: skip


def _words_of(codes: np.ndarray, words: dict[Any, str]) -> np.ndarray:
    table = np.empty(256, dtype=object)
    for code, word in words.items():
        table[int(code)] = word
    found: np.ndarray = table[codes]
    return found
