"""Snapshots as files: the section once a run, and the tissue of each day, as .npz files that numpy reads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from abm.model.snapshots import UNKNOWN, Origin, Snapshot, StaticSection, named
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, Cause, Phenotype
from abm.rules.substances import SUBSTANCES
from abm.tissue.state import Fields

HOURS_PER_DAY = 24.0
SECTION = "section.npz"
_CODES: dict[str, Any] = {"state": CancerState, "phenotype": Phenotype, "cause": Cause, "kind": CellKind}
_OLDER_NAMES = {"alarm": "activation"}  # of columns, in files of older versions
_EMPTY = np.zeros((0, 0), np.float32)


def name_of_day(hour: float) -> str:
    """Name of the file of the snapshot at this hour."""
    return f"day_{hour / HOURS_PER_DAY:02.9g}.npz"


def pictures_of(section: StaticSection, snapshots: Sequence[Snapshot]) -> dict[str, bytes]:
    """The section and each snapshot of a run: name and content of its file."""
    epithelium = {f"epithelium_{name}": getattr(section, name) for name in section._fields[1:]}
    files = {SECTION: _packed({"kind": section.kind, **epithelium})}
    for snapshot in snapshots:
        arrays: dict[str, Any] = {"hour": snapshot.hour, **snapshot.maps}
        arrays |= _columns("cancer", snapshot.cancer) | _columns("mobile", snapshot.mobile)
        files[name_of_day(snapshot.hour)] = _packed(arrays)
    return files


def read_section(content: bytes) -> StaticSection:
    """The section from the content of its file.

    Raises:
        One of ZIP_DAMAGE: it is not whole.
    """
    arrays = _arrays(content)
    nothing = np.zeros(0, np.int32)
    epithelium = (arrays.get(f"epithelium_{name}", nothing) for name in StaticSection._fields[1:])
    return StaticSection(arrays["kind"], *epithelium)


def read_snapshot(content: bytes, section: StaticSection, origin: Origin = UNKNOWN) -> Snapshot:
    """A snapshot from the content of its file.

    Args:
        content: of the file.
        section: that it is of.
        origin: the run that it is of.

    Raises:
        One of ZIP_DAMAGE: it is not whole, or no snapshot.
    """
    arrays = _arrays(content)
    names = [*Fields._fields[:SUBSTANCES], *origin.substances]
    fields = [arrays.get(name, _EMPTY) for name in names]
    fields += [_EMPTY] * (len(Fields._fields) - len(fields))
    cancer, mobile = (_table(population, arrays, origin.cells) for population in ("cancer", "mobile"))
    epithelium, virus = arrays["epithelium"], arrays["virus"]
    return Snapshot(float(arrays["hour"]), epithelium, Fields(*fields), virus, cancer, mobile, section, origin)


def _packed(arrays: Mapping[str, Any]) -> bytes:
    """What `np.savez_compressed` writes, in half its time: packed less hard, for files 3 % larger."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content)) as file:
        return dict(file)


def _columns(prefix: str, cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns of a table of cells as arrays; names become their storage codes (see `abm.rules.states`)."""
    return {
        f"{prefix}_{name}": column.cat.codes.to_numpy(np.uint8) if column.dtype == "category" else column.to_numpy()
        for name, column in cells.items()
    }


def _table(prefix: str, arrays: Mapping[str, np.ndarray], own_cells: tuple[str, ...]) -> pd.DataFrame:
    """The columns of a table of cells from arrays; storage codes become names."""
    columns = {}
    for key, array in arrays.items():
        if key.startswith(f"{prefix}_"):
            name = key.removeprefix(f"{prefix}_")
            name = _OLDER_NAMES.get(name, name)
            codes = _CODES.get(name)
            own = own_cells if name == "kind" else ()
            columns[name] = array if codes is None else named(array, codes, own)
    return pd.DataFrame(columns)
