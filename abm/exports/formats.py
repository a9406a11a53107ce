"""Formats of files that snapshots are exported to: what each is for, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from abm.exchange.to_anndata import to_anndata
from abm.exchange.to_xarray import to_xarray
from abm.exports.ome_tiff import write_ome_tiff
from abm.exports.ome_zarr import write_ome_zarr
from abm.exports.simularium import write_simularium
from abm.installation.optional_deps import need
from abm.model.snapshots import Snapshot

Writer = Callable[[Sequence[Snapshot], Path, str], None]  # snapshots by rising time, path, title


class FileFormat(NamedTuple):
    """A format of snapshots.

    Attributes:
        ending: of its files, with the dot.
        modules: libraries of the extra `export` that it needs.
        write: what writes it.
        is_of_one_day: whether a file holds one snapshot only.
        is_folder: whether it is a folder.
    """

    ending: str
    modules: tuple[str, ...]
    write: Writer
    is_of_one_day: bool = False
    is_folder: bool = False


def write_h5ad(snapshots: Sequence[Snapshot], path: Path, title: str) -> None:
    """Write the cells of the last snapshot as AnnData; title: kept in `uns`.

    Raises:
        MissingLibraryError: anndata is not installed; it says how to get it.
        OSError: no room, no right to write.
    """
    cells = to_anndata(snapshots[-1])
    cells.uns["embers"]["title"] = title
    cells.write_h5ad(path, compression="gzip")


def write_netcdf(snapshots: Sequence[Snapshot], path: Path, title: str) -> None:
    """Write the maps as NetCDF 4.

    Raises:
        MissingLibraryError: xarray or h5netcdf is not installed; it says how to get it.
        OSError: no room, no right to write.
    """
    need("export", "xarray", "h5netcdf")
    maps = to_xarray(snapshots).assign_attrs(title=title)
    packed = {name: {"zlib": True, "complevel": 4} for name in maps.data_vars}
    maps.to_netcdf(path, engine="h5netcdf", encoding=packed)


def write_zarr(snapshots: Sequence[Snapshot], path: Path, title: str) -> None:
    """Write the maps as a Zarr store, which xarray reads piece by piece.

    Raises:
        MissingLibraryError: xarray or zarr is not installed; it says how to get it.
        OSError: no room, no right to write.
    """
    need("export", "xarray", "zarr")
    to_xarray(snapshots).assign_attrs(title=title).to_zarr(path, mode="w", consolidated=False)


FORMATS: dict[str, FileFormat] = {
    "h5ad": FileFormat(".h5ad", ("anndata",), write_h5ad, is_of_one_day=True),
    "ome-tiff": FileFormat(".ome.tiff", ("tifffile",), write_ome_tiff),
    "ome-zarr": FileFormat(".ome.zarr", ("yaozarrs", "zarr"), write_ome_zarr, is_folder=True),
    "netcdf": FileFormat(".nc", ("xarray", "h5netcdf"), write_netcdf),
    "zarr": FileFormat(".zarr", ("xarray", "zarr"), write_zarr, is_folder=True),
    "simularium": FileFormat(".simularium", ("simulariumio",), write_simularium),
}
