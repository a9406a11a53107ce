"""Trajectories of the Simularium viewer: cancer and mobile cells, and epithelial cells that are not healthy, over time.

Lyons B et al. (2022) doi:10.1038/s41592-022-01442-1; written with simulariumio, of the makers of the viewer. The
middle of the section is at 0, y upwards; lengths are in the unit that the file states, as the viewer needs small ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.core.lattice import SPACING
from abm.exchange.cell_table import CANCER, EPITHELIUM
from abm.exchange.described import HOURS_PER_DAY, facts_of
from abm.installation.optional_deps import need
from abm.model.snapshots import Snapshot
from abm.plots.palette import CANCER_COLORS, CELL_COLORS, CELL_NAMES, EPITHELIUM_COLORS, OWN_CELL_COLORS, hexadecimal

RADIUS = 5.0  # um
WIDTH = 64.0  # of the longer side in the viewer, which shows scenes of 4 to 64 units
DEFAULT_SHAPE = 1000.0  # of a sphere, in files of the viewer
THICKNESS = 10.0  # um, of the box


def write_simularium(snapshots: Sequence[Snapshot], path: Path, title: str) -> None:
    """Write snapshots of a run as a trajectory, a frame per snapshot.

    Args:
        snapshots: of one run, by rising time.
        path: of the file; the viewer reads those that end in ".simularium".
        title: heading of the trajectory.

    Raises:
        MissingLibraryError: simulariumio is not installed; it says how to get it.
        OSError: no room, no right to write.
    """
    need("export", "simulariumio")
    import simulariumio as sim

    tables = [_shown(one) for one in snapshots]
    rows, columns = snapshots[0].section.kind.shape
    types = sorted({name for table in tables for name in table["type"]})
    colors = _colors(types)
    scale = WIDTH / (max(rows, columns) * SPACING)
    sphere, radius = sim.DISPLAY_TYPE.SPHERE, RADIUS * scale
    shapes = {name: sim.DisplayData(name, sphere, radius, color=colors[name]) for name in types}
    counts = np.array([len(table) for table in tables])
    agents = sim.AgentData(
        times=np.array([one.hour / HOURS_PER_DAY for one in snapshots]),
        n_agents=counts,
        viz_types=np.full((len(tables), counts.max(initial=0)), DEFAULT_SHAPE),
        unique_ids=_padded(_numbered(tables), counts),
        types=[table["type"].tolist() for table in tables],
        positions=scale * _padded((_positions(table, rows, columns) for table in tables), counts, 3),
        radii=np.full((len(tables), counts.max(initial=0)), radius),
        display_data=shapes,
    )
    version = str(facts_of(snapshots[0])["embers"])
    told = sim.MetaData(
        box_size=scale * np.array([columns * SPACING, rows * SPACING, THICKNESS]),
        trajectory_title=title,
        model_meta_data=sim.ModelMetaData(title="Embers", version=version, description=title),
    )
    data = sim.TrajectoryData(told, agents, sim.UnitData("day"), sim.UnitData("um", 1.0 / scale))
    with path.open("w", encoding="utf-8") as file:
        json.dump(sim.JsonWriter.format_trajectory_data(data), file)


def _shown(snapshot: Snapshot) -> pd.DataFrame:
    """The cells of a frame, with the type that the viewer lists: "cancer cell#proliferating"."""
    cells = snapshot.cells()
    state = cells["state"].astype(object)
    shown = cells[(cells["population"] != EPITHELIUM) | ~state.isin(["healthy"])].copy()
    with_state = shown["population"].isin([CANCER, EPITHELIUM])
    names = shown["cell_type"].astype(str)
    shown["type"] = np.where(with_state, names + "#" + shown["state"].astype(str), names)
    return shown


def _numbered(tables: Sequence[pd.DataFrame]) -> Iterable[np.ndarray]:
    """Identities as small numbers: the viewer reads them as floating point, which 63 bits do not fit."""
    known = pd.Index(np.unique(np.concatenate([table.index.to_numpy(dtype=object) for table in tables])))
    return [known.get_indexer(table.index.astype(object)) for table in tables]


def _positions(table: pd.DataFrame, rows: int, columns: int) -> np.ndarray:
    """x, y and z [um] as the viewer has them: float64[cells, 3]."""
    x = table["x_um"].to_numpy() - columns * SPACING / 2.0
    y = rows * SPACING / 2.0 - table["y_um"].to_numpy()
    return np.column_stack([x, y, np.zeros(len(table))])


def _padded(arrays: Iterable[np.ndarray], counts: np.ndarray, *inner: int) -> Any:
    """Arrays of several lengths as one, filled up with 0."""
    filled = np.zeros((counts.size, counts.max(initial=0), *inner), dtype=float if inner else np.int64)
    for at, array in enumerate(arrays):
        filled[at, : len(array)] = array
    return filled


def _colors(types: Sequence[str]) -> dict[str, str]:
    """Color of each type, as in pictures."""
    known = {f"cancer cell#{state.name.lower()}": color for state, color in CANCER_COLORS.items()}
    known |= {CELL_NAMES[kind]: color for kind, color in CELL_COLORS.items()}
    by_state = {state.name.lower(): color for state, color in EPITHELIUM_COLORS.items()}
    found = {}
    for at, name in enumerate(types):
        other = by_state.get(name.partition("#")[2], OWN_CELL_COLORS[at % len(OWN_CELL_COLORS)])
        found[name] = hexadecimal(known.get(name, other))
    return found
