"""What readers of a comparison and of a sweep have in common: which rows are asked for, and curves as xarray."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.installation.optional_deps import need
from abm.rules.states import Cause, EventKind
from abm.studies.sweep.selection import check_names, listed

if TYPE_CHECKING:
    import xarray as xr

Chosen = Any  # a value, or a list of values of which any will do


def measures_asked(asked: str | Sequence[str] | None, known: Mapping[str, Any]) -> list[str]:
    """Names of measures; all if none are asked for.

    Raises:
        UnknownNameError: one is none of the study, with the nearest ones.
    """
    names = [asked] if isinstance(asked, str) else list(asked or known)
    check_names(names, known, "measure of this study")
    return names


def check_where(where: Mapping[str, Chosen], columns: Sequence[str], arms: Sequence[str]) -> None:
    """Refuse columns that are not there, and names that no row can have.

    Raises:
        UnknownNameError: with the nearest names.
    """
    check_names(list(where), columns, "column")
    if "arm" in where:
        check_names(listed(where["arm"]), arms, "arm")
    for column, names in (("kind", EventKind), ("cause", Cause)):
        if column in where:
            check_names(listed(where[column]), [one.name.lower() for one in names], column)


def matching(table: pd.DataFrame, where: Mapping[str, Chosen]) -> pd.DataFrame:
    """The rows with these values."""
    for name, chosen in where.items():
        table = table[table[name].isin(listed(chosen))]
    return table.reset_index(drop=True)


def as_xarray(
    table: pd.DataFrame, index: Sequence[str], measures: Mapping[str, Mapping[str, str]], title: str
) -> xr.Dataset:
    """Curves as an array.

    Args:
        table: curves, one row for each combination of the index.
        index: columns that become dimensions.
        measures: unit and meaning of those that become variables, by name.
        title: of the study.

    Raises:
        MissingLibraryError: xarray is not installed.
    """
    need("export", "xarray")
    import xarray as xr  # noqa: F401 - pandas needs it for what follows

    if "arm" in table:
        table = table.assign(arm=table["arm"].astype(str).astype(object))  # NetCDF and Zarr have no categories
    cube = table.set_index(list(index))[list(measures)].to_xarray()
    for name, told in measures.items():
        cube[name].attrs.update(units=told["unit"], long_name=told["meaning"])
    return cube.assign_attrs(title=title)
