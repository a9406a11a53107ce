"""The figures of a study, drawn from its folder: curves, maps of tissue and substances, ratios between twins."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from abm.plots.curves import curves_figure
from abm.plots.data import Drawn, read_study
from abm.plots.maps import field_figure, tissue_figure
from abm.plots.ratios import ratio_figure
from abm.plots.sets import sets_figure
from abm.rules.substances import Substance
from abm.runs.store.files import atomic

COMPRESSION = 3  # of PNG: half the time of the usual 6, for files 7 % larger
STYLE: dict[Any, Any] = {
    "figure.dpi": 150,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "0.35",
    "axes.linewidth": 0.8,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "xtick.color": "0.2",
    "ytick.color": "0.2",
    "legend.frameon": False,
    "legend.fontsize": 11,
}
FIGURES: dict[str, Callable[[Drawn], Figure | None]] = {
    "curves": curves_figure,
    "curves_parameters": sets_figure,
    "tissue": tissue_figure,
    **{each.key: partial(field_figure, substance=each) for each in Substance},
    "twin_ratio": ratio_figure,
}


def draw_all(folder: Path) -> list[Path]:
    """Draw what can be drawn of a study into `figures/` in its folder: maps need snapshots, ratios two arms.

    Returns:
        The files written.

    Raises:
        OSError: no series there, no room, no right to write.
    """
    study = read_study(folder)
    target = folder / "figures"
    target.mkdir(exist_ok=True)
    written = []
    with matplotlib.rc_context(STYLE):
        for name, draw in FIGURES.items():
            figure = draw(study)
            if figure is not None:
                written.append(save_figure(figure, target / f"{name}.png"))
    return written


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG at once.

    Raises:
        OSError: no room, no right to write.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    with atomic(path) as temporary:
        picture.save(temporary, "png", compress_level=COMPRESSION, dpi=(figure.dpi, figure.dpi))
    return path
