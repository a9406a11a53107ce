"""The summary of a model: a tree of scenario, seed, day, section, cells, infections and treatments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm.core.tree import Tree, tree
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState
from abm.scenario.shown import entries_tree, section_line, time_text
from abm.tissue.state import Tissue

if TYPE_CHECKING:
    from abm.model.lung_model import LungModel

INFECTED = (EpithelialState.ECLIPSE, EpithelialState.EXPRESSING)


def tree_of(model: LungModel) -> Tree:
    """The summary of a model, also before its tissue is laid out, when a debugger may ask for it."""
    name = type(model).__name__
    if model.tissue is None:
        return tree(f"{name}: not laid out")
    scenario = model.experiment
    return tree(
        f'{name} of "{scenario.name}"' + (f": {scenario.title}" if scenario.title else ""),
        f"seed: {model.chance_seed}",
        f"time: day {model.day:.4g} of {scenario.duration / 24.0:g}, in steps of {time_text(scenario.step)}",
        f"section: {section_line(scenario)}",
        *_cells(model.tissue, [one.title for one in scenario.cells]),
        entries_tree("infections", scenario.infections),
        entries_tree("treatments", scenario.treatments),
    )


def _cells(tissue: Tissue, own: Sequence[str]) -> Iterator[Tree]:
    """Current numbers of cells by state and type; own: titles of the types that the scenario declares."""
    cancer, mobile = tissue.cancer[tissue.cancer.alive], tissue.mobile[tissue.mobile.alive]
    yield _counted("cancer cells", cancer.state, [state.name.lower() for state in CancerState])
    yield _counted("mobile cells", mobile.kind, [*(kind.type.title for kind in CellKind), *own])
    infected = int(tissue.epithelial_counts[list(INFECTED)].sum())
    yield tree(f"epithelial cells: {tissue.states.size:,}, of which {infected:,} infected")


def _counted(name: str, codes: np.ndarray, titles: Sequence[str]) -> Tree:
    """Number of cells, in total and of each state or type present."""
    counts = np.bincount(codes, minlength=len(titles)).tolist()
    parts = (f"{title}: {count:,}" for title, count in zip(titles, counts, strict=True) if count)
    return tree(f"{name}: {codes.size:,}", *parts)
