"""The curves and the tissue of one run, drawn as those of a study are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from abm.core.lattice import SPACING
from abm.model.snapshots import Snapshot
from abm.plots.curves import NotebookFigure, curves_figure
from abm.plots.data import Drawn
from abm.plots.figures import STYLE
from abm.plots.legend import WIDTH as LEGEND_WIDTH
from abm.plots.legend import draw_legend, height_with, own_cells
from abm.plots.tissue_picture import ARRAYS, tissue_picture
from abm.reporting.report import DISCLAIMER
from abm.scenario.scenario import Scenario

HOURS_PER_DAY = 24.0
LEFT, TOP, GAP, CAPTION = 0.2, 0.85, 0.1, 0.4  # inches
FINEST = 8  # pixels a side of a site, at most: large sections get two for each that is shown


@dataclass(frozen=True)
class DrawnRun(Drawn):
    """One run as figures show it: a study of one arm and one seed that lies in no folder."""

    kind: np.ndarray  # uint8[rows, columns], SiteKind of the section
    heading: ClassVar[str] = "Curves of one run"

    @property
    def sections(self) -> dict[str, np.ndarray]:
        """The section."""
        return {self.arms[0]: self.kind}

    def what_was_run(self) -> str:
        """Seed, section and days in words."""
        tall, wide = (SPACING / 1000 * sites for sites in self.kind.shape)
        (seed,) = self.series["seed"].unique()
        return f"Seed {seed}, section of {wide:g} mm x {tall:g} mm, {self.days:g} days."


def run_figure(series: pd.DataFrame, scenario: Scenario, seed: int, kind: np.ndarray, prediction: bool) -> Figure:
    """Cancer cells, infection and immune cells of one run over its days.

    Args:
        series: hour and every measure, one row per time.
        scenario: what was run.
        seed: of chance.
        kind: uint8[rows, columns], SiteKind of the section.
        prediction: whether no experiment has tested what is shown.
    """
    arm = scenario.name
    labeled = series.assign(arm=arm, replicate=1, seed=seed)
    predictions = frozenset([arm] if prediction else [])
    with matplotlib.rc_context(STYLE):
        return curves_figure(DrawnRun(Path(), (arm,), {arm: scenario.title or arm}, predictions, labeled, kind))


def run_tissue_figure(snapshots: Sequence[Snapshot], scenario: Scenario, seed: int, kind: np.ndarray) -> Figure:
    """The section, its epithelium and its cells at the times of the snapshots, with a legend of everything.

    Args:
        snapshots: of the run, one or more.
        scenario: what was run.
        seed: of chance.
        kind: uint8[rows, columns], SiteKind of the section.
    """
    side = float(np.clip(13.6 / len(snapshots), 2.3, 5.0))
    tall = side * kind.shape[0] / kind.shape[1]
    span = len(snapshots) * (side + GAP) - GAP
    width = max(LEGEND_WIDTH, 2 * LEFT + span)
    own = own_cells([[one.title for one in scenario.cells]])
    below = height_with(own) + CAPTION + 0.1
    height = TOP + tall + below
    with matplotlib.rc_context(STYLE):
        figure = NotebookFigure(figsize=(width, height))
        fine = max(1, min(FINEST, round(2 * side * figure.dpi / kind.shape[1])))
        figure.text(LEFT / width, 1 - 0.12 / height, scenario.title or scenario.name, size=17, weight="bold", va="top")
        for number, snapshot in enumerate(snapshots):
            corner = ((width - span) / 2 + number * (side + GAP)) / width, below / height
            ax = figure.add_axes((*corner, side / width, tall / height))
            ax.imshow(tissue_picture(picture_arrays(snapshot), kind, scale=fine))
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
            ax.set_title(f"day {snapshot.hour / HOURS_PER_DAY:g}", loc="center", size=13)
        draw_legend(figure, CAPTION, own)
        rows, columns = (SPACING / 1000 * sites for sites in kind.shape)
        caption = (
            f"Seed {seed}, section of {columns:g} mm x {rows:g} mm. Cells are drawn larger than they are. {DISCLAIMER}"
        )
        figure.text(LEFT / width, 0.12 / height, caption, size=10.5, color="0.25")
    return figure


def picture_arrays(snapshot: Snapshot) -> dict[str, np.ndarray]:
    """The arrays that a picture needs; names of kinds and states become their codes."""
    arrays = {"epithelium": snapshot.epithelium}
    for name in ARRAYS:
        table, _, column = name.partition("_")
        if column:
            cells = getattr(snapshot, table)[column]
            arrays[name] = cells.cat.codes.to_numpy(np.uint8) if cells.dtype == "category" else cells.to_numpy()
    return arrays
