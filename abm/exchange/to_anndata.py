"""The cells of a snapshot as AnnData, which scanpy, squidpy and their relatives read.

obs             the columns in words and numbers of `abm.exchange.cell_table`
obsm["spatial"] float64[cells, 2], x and y [um]; cells that share a site stand apart within it
X, var          float32[cells, levels], the level of each substance and of the virus where the cell is; var["unit"]
uns["embers"]   scenario, seed, hour, day, version, and the units of the columns of obs

Wolf FA et al. (2018) doi:10.1186/s13059-017-1382-0 (scanpy and AnnData); Palla G et al. (2022)
doi:10.1038/s41592-021-01358-2 (squidpy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.exchange.cell_table import UNITS, VIRUS, cell_table
from abm.exchange.described import LEVEL_UNIT, facts_of
from abm.installation.optional_deps import need

if TYPE_CHECKING:
    from anndata import AnnData

    from abm.model.snapshots import Snapshot

PLACE = ["x_um", "y_um"]


def to_anndata(snapshot: Snapshot, epithelium: bool = True) -> AnnData:
    """The cells of a snapshot as AnnData.

    Args:
        snapshot: the tissue at one time.
        epithelium: whether epithelial cells are in it too.

    Raises:
        MissingLibraryError: anndata is not installed; it says how to get it.
    """
    need("export", "anndata")
    from anndata import AnnData

    table = cell_table(snapshot, epithelium)
    levels = [*snapshot.substances, VIRUS]
    units = [UNITS.get(name, LEVEL_UNIT) for name in levels]
    obs = _of_objects(table.drop(columns=[*levels, *PLACE]))
    facts: dict[str, Any] = {**facts_of(snapshot), "units": {name: UNITS[name] for name in obs if name in UNITS}}
    return AnnData(
        X=table[levels].to_numpy(),
        obs=obs,
        var=_of_objects(pd.DataFrame({"unit": pd.Categorical(units)}, index=levels)),
        obsm={"spatial": table[PLACE].to_numpy()},
        uns={"embers": facts},
    )


def _of_objects(table: pd.DataFrame) -> pd.DataFrame:
    """The same, with text as Python objects: anndata before 0.13 does not write the strings of pandas 3."""
    index = pd.Index(table.index.astype(object), dtype=object, name=table.index.name)
    told = {
        name: column.cat.rename_categories(pd.Index(column.cat.categories.astype(object), dtype=object))
        for name, column in table.items()
        if isinstance(column.dtype, pd.CategoricalDtype)
    }
    return table.assign(**told).set_axis(index)
