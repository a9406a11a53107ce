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
    from abm.scenario.scenario import Scenario


class OwnNames(NamedTuple):
    """Names of what a scenario declares of its own: substances, and types of mobile cells."""

    substances: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


NO_NAMES = OwnNames()


def own_names(scenario: Scenario) -> OwnNames:
    """The names of what a scenario declares of its own, as measures and tables have them."""
    return OwnNames(*(tuple(one.key for one in declared) for declared in (scenario.substances, scenario.cells)))


class Snapshot(NamedTuple):
    """The tissue at one time, as a picture needs it."""

    hour: float
    epithelium: np.ndarray  # uint8[rows, columns], EpithelialState, 255 where no cell covers the site
    fields: Any  # Fields, amount of each substance, float32[rows, columns] of its own grid, ng/mL
    virus: np.ndarray  # float32[rows, columns], virions of all viruses
    cancer: pd.DataFrame  # one row a living cancer cell
    mobile: pd.DataFrame  # one row a mobile cell
    own_substances: tuple[str, ...] = ()  # names of the last fields in use

    @property
    def il6(self) -> np.ndarray:
        """IL-6 [ng/mL], float32[block rows, block columns]."""
        il6: np.ndarray = self.fields.il6
        return il6

    @property
    def maps(self) -> dict[str, np.ndarray]:
        """All its maps by name: the epithelium, each substance, the virus."""
        names = [*self.fields._fields[:SUBSTANCES], *self.own_substances]
        return {"epithelium": self.epithelium, **dict(zip(names, self.fields, strict=False)), "virus": self.virus}


def snapshot_of(tissue: Tissue, hour: float, own: OwnNames = NO_NAMES) -> Snapshot:
    """The tissue now; own: names of what the scenario declares."""
    states = np.append(tissue.states, 255).astype(np.uint8)
    cancer, mobile = tissue.cancer[tissue.cancer.alive], tissue.mobile[tissue.mobile.alive]
    cancer_frame = _frame(
        cancer, ("uid", "parent", "clone", "x", "y", "awoke", "awoke_il6"),
        signal=tissue.blocks.signal[cancer.y // BLOCK, cancer.x // BLOCK], state=_names(cancer.state, CancerState),
        phenotype=_names(cancer.phenotype, Phenotype), cause=_names(cancer.cause, Cause),
    )  # fmt: skip
    mobile_frame = _frame(
        mobile, ("uid", "x", "y", "activation", "activated", "memory"), kind=_names(mobile.kind, CellKind, own.cells)
    )
    covered = np.take(states, tissue.cell_of_site, mode="wrap")  # -1, no cell, is the last
    fields = Fields(*(field[AMOUNT].copy() for field in tissue.fields))
    return Snapshot(hour, covered, fields, virions_on_sites(tissue), cancer_frame, mobile_frame, own.substances)


def events_of(tissue: Tissue) -> pd.DataFrame:
    """Awakenings with their cause, births, returns, deaths and first lesions so far, one row an event."""
    log = tissue.log[: tissue.status[0].events]
    return _frame(log, EVENT.names or (), kind=_names(log["kind"], EventKind), cause=_names(log["cause"], Cause))


def _names(codes: Any, names: Any, own: tuple[str, ...] = ()) -> pd.Categorical:
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
