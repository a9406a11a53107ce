"""The maps of snapshots as an xarray Dataset over time, y and x, which saves to NetCDF and Zarr.

time            hour of each snapshot; day beside it
y, x            middles of the sites [um]; y increases downwards, as in images
site_kind       (y, x); codes, with their words in the attributes flag_values and flag_meanings (CF conventions)
epithelium      (time, y, x); codes
il6, ..., virus (time, y, x); attributes units, long_name and grid_spacing (of the model's own grid [um])
..._cells       (time, y, x); how many cancer cells of each state and mobile cells of each type stand on the site

Hoyer S, Hamman J (2017) doi:10.5334/jors.148 (xarray).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.core.lattice import SPACING
from abm.exchange.described import HOURS_PER_DAY, facts_of
from abm.exchange.rasters import Raster, epithelium_raster, levels, numbers_of_cells, section_raster
from abm.installation.optional_deps import need

if TYPE_CHECKING:
    import xarray as xr

    from abm.model.snapshots import Snapshot

OVER_TIME = ("time", "y", "x")


def to_xarray(snapshots: Sequence[Snapshot]) -> xr.Dataset:
    """The maps of one or more snapshots of a run.

    Args:
        snapshots: of one run, by rising time.

    Raises:
        MissingLibraryError: xarray is not installed; it says how to get it.
        ValueError: no snapshot.
    """
    need("export", "xarray")
    import xarray as xr

    if not snapshots:
        raise ValueError("there is no snapshot to export")
    by_time = [_by_name(one) for one in snapshots]
    names = [name for name in by_time[-1] if all(name in maps for maps in by_time)]
    variables = {name: _variable(OVER_TIME, [maps[name] for maps in by_time]) for name in names}
    section = section_raster(snapshots[0])
    hours = [one.hour for one in snapshots]
    rows, columns = section.values.shape
    coordinates = {
        "time": ("time", hours, {"units": "h", "long_name": "time since the start"}),
        "day": ("time", [hour / HOURS_PER_DAY for hour in hours], {"units": "d"}),
        **{
            name: (name, (np.arange(count) + 0.5) * SPACING, {"units": "um", "long_name": meaning})
            for name, count, meaning in (("y", rows, "distance from the upper edge"), ("x", columns, "from the left"))
        },
    }
    facts = {name: value for name, value in facts_of(snapshots[0]).items() if name not in ("hour", "day")}
    section_variable = (OVER_TIME[1:], section.values, _attributes(section))
    return xr.Dataset({"site_kind": section_variable, **variables}, coordinates, facts)


def _by_name(snapshot: Snapshot) -> dict[str, Raster]:
    makers: tuple[Callable[[Snapshot], Any], ...] = (levels, numbers_of_cells)
    return {one.name: one for one in [epithelium_raster(snapshot), *(one for make in makers for one in make(snapshot))]}


def _variable(dimensions: tuple[str, ...], rasters: Sequence[Raster]) -> tuple[Any, ...]:
    return dimensions, np.stack([one.values for one in rasters]), _attributes(rasters[0])


def _attributes(raster: Raster) -> dict[str, Any]:
    """Attributes as the CF conventions have them."""
    told: dict[str, Any] = {"long_name": raster.meaning, "units": raster.unit or "1"}
    if raster.words:
        codes = np.array(list(raster.words), dtype=raster.values.dtype)
        return told | {"flag_values": codes, "flag_meanings": " ".join(raster.words.values())}
    return told | {"grid_spacing": raster.spacing}
