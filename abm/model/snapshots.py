"""The tissue at one time, and the events of its cancer cells, as tables."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from abm.core.lattice import BLOCK
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, Cause, EventKind, Phenotype
from abm.rules.substances import SUBSTANCES
from abm.tissue.state import AMOUNT, EVENT, Fields, Tissue
from abm.tissue.viruses import virions_on_sites

if TYPE_CHECKING:
    import xarray as xr
    from anndata import AnnData

    from abm.scenario.scenario import Scenario


class Origin(NamedTuple):
    """The run that a snapshot is of.

    Attributes:
        scenario: its name; "" where it is not known.
        seed: of chance; -1 where it is not known.
        substances, cells: names of the substances and types of mobile cells that the scenario declares.
    """

    scenario: str = ""
    seed: int = -1
    substances: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


UNKNOWN = Origin()


def origin_of(scenario: Scenario, seed: int) -> Origin:
    """The run of a scenario with this seed; names are those of measures and tables."""
    own = (tuple(one.key for one in declared) for declared in (scenario.substances, scenario.cells))
    return Origin(scenario.name, seed, *own)


class StaticSection(NamedTuple):
    """What of a section stays the same from day 0 on.

    Attributes:
        kind: uint8[rows, columns], SiteKind.
        y, x: int32[cells], the site of each epithelial cell nearest to its middle.
        cell_type: uint8[cells], EpithelialType. No cells: a run of an older version, which did not store them.
    """

    kind: np.ndarray
    y: np.ndarray
    x: np.ndarray
    cell_type: np.ndarray


def static_section(tissue: Tissue) -> StaticSection:
    """What of a section stays the same."""
    cells = tissue.epithelium
    return StaticSection(tissue.kind, *(np.ascontiguousarray(cells[name]) for name in ("y", "x", "cell_type")))


class Snapshot(NamedTuple):
    """The tissue at one time: maps, tables of cells, and what it is of."""

    hour: float
    epithelium: np.ndarray  # uint8[rows, columns], EpithelialState, 255 where no cell covers the site
    fields: Any  # Fields, amount of each substance, float32[rows, columns] of its own grid, ng/mL
    virus: np.ndarray  # float32[rows, columns], virions of all viruses
    cancer: pd.DataFrame  # one row a living cancer cell
    mobile: pd.DataFrame  # one row a mobile cell
    section: StaticSection
    origin: Origin = UNKNOWN

    @property
    def il6(self) -> np.ndarray:
        """IL-6 [ng/mL], float32[block rows, block columns]."""
        il6: np.ndarray = self.fields.il6
        return il6

    @property
    def substances(self) -> dict[str, np.ndarray]:
        """The field of each substance by name [ng/mL], float32[rows, columns] of its own grid."""
        names = [*self.fields._fields[:SUBSTANCES], *self.origin.substances]
        fields = zip(names, self.fields, strict=False)
        return {name: field for name, field in fields if field.size}  # a run of an older version may have fewer

    @property
    def maps(self) -> dict[str, np.ndarray]:
        """All its maps by name: the epithelium, each substance, the virus."""
        return {"epithelium": self.epithelium, **self.substances, "virus": self.virus}

    def cells(self, epithelium: bool = True) -> pd.DataFrame:
        """All cells as one table in words, with positions in um and local levels: see `abm.exchange.cell_table`.

        Args:
            epithelium: whether epithelial cells are in it too.
        """
        from abm.exchange.cell_table import cell_table

        return cell_table(self, epithelium)

    def to_anndata(self, epithelium: bool = True) -> AnnData:
        """The cells as AnnData, for scanpy and squidpy: see `abm.exchange.to_anndata`.

        Args:
            epithelium: whether epithelial cells are in it too.

        Raises:
            MissingLibraryError: anndata is not installed; it says how to get it.
        """
        from abm.exchange.to_anndata import to_anndata

        return to_anndata(self, epithelium)

    def to_xarray(self) -> xr.Dataset:
        """The maps as an xarray Dataset over time (here one), y and x: see `abm.exchange.to_xarray`.

        Raises:
            MissingLibraryError: xarray is not installed; it says how to get it.
        """
        from abm.exchange.to_xarray import to_xarray

        return to_xarray([self])


def snapshot_of(tissue: Tissue, hour: float, origin: Origin = UNKNOWN) -> Snapshot:
    """The tissue now; origin: the run that it is of."""
    states = np.append(tissue.states, 255).astype(np.uint8)
    cancer, mobile = tissue.cancer[tissue.cancer.alive], tissue.mobile[tissue.mobile.alive]
    cancer_frame = _frame(
        cancer, ("uid", "parent", "clone", "x", "y", "awoke", "awoke_il6"),
        signal=tissue.blocks.signal[cancer.y // BLOCK, cancer.x // BLOCK], state=named(cancer.state, CancerState),
        phenotype=named(cancer.phenotype, Phenotype), cause=named(cancer.cause, Cause),
    )  # fmt: skip
    mobile_frame = _frame(
        mobile, ("uid", "x", "y", "activation", "activated", "memory"), kind=named(mobile.kind, CellKind, origin.cells)
    )
    covered = np.take(states, tissue.cell_of_site, mode="wrap")  # -1, no cell, is the last
    fields = Fields(*(field[AMOUNT].copy() for field in tissue.fields))
    return Snapshot(
        hour, covered, fields, virions_on_sites(tissue), cancer_frame, mobile_frame, static_section(tissue), origin
    )


def events_of(tissue: Tissue) -> pd.DataFrame:
    """Awakenings with their cause, births, returns, deaths and first lesions so far, one row an event."""
    log = tissue.log[: tissue.status[0].events]
    return _frame(log, EVENT.names or (), kind=named(log["kind"], EventKind), cause=named(log["cause"], Cause))


def named(codes: Any, names: Any, own: tuple[str, ...] = ()) -> pd.Categorical:
    """Storage codes as lower-case names; own: those after the members of the enumeration."""
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int8), dtype=_categories(names, own))


@lru_cache
def _categories(names: Any, own: tuple[str, ...]) -> pd.CategoricalDtype:
    """The names of an enumeration; made once, because pandas takes its time."""
    return pd.CategoricalDtype([*(member.name.lower() for member in names), *own])


def _frame(cells: Any, fields: tuple[str, ...], **more: Any) -> pd.DataFrame:
    """Some fields of cell records as a table, with more columns; in one go, as each step of pandas takes its time."""
    plain = cells.view(np.ndarray)
    return pd.DataFrame({**{name: np.ascontiguousarray(plain[name]) for name in fields}, **more}, copy=False)
