"""The picture of a score: the data with the model over them, and by how much it is off on each day."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from abm.model.measures import MEASURES
from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import RED, hexadecimal
from abm.reporting.measured import value_text
from abm.reporting.report import DISCLAIMER, number
from abm.reporting.statistics import resampled_interval, resampling
from abm.validate.own_data.comparison import OwnScore
from abm.validate.own_data.measurements import OwnCurve

SIZE = (7.5, 6.4)  # inches
FOLD = 100  # characters


def draw(curve: OwnCurve, score: OwnScore, days: np.ndarray, sections: np.ndarray, title: str, path: Path) -> None:
    """Draw a score.

    Args:
        curve: the data.
        score: how far the model is from them.
        days: of the model, float[times].
        sections: of the model, float[replicates, times].
        title: above the picture.
        path: of the PNG.

    Raises:
        OSError: no room, no right to write.
    """
    with matplotlib.rc_context(STYLE):
        save_figure(_figure(curve, score, days, sections, title), path)


def _figure(curve: OwnCurve, score: OwnScore, days: np.ndarray, sections: np.ndarray, title: str) -> Figure:
    figure = Figure(figsize=SIZE)
    figure.set_layout_engine("constrained", rect=(0.01, 0.07, 0.98, 0.92))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    color = hexadecimal(RED)
    means = np.maximum(resampling(len(sections)) @ sections * score.factor, curve.floor)
    interval = resampled_interval(means[1:], len(sections))
    if interval:
        above.fill_between(days, *interval, color=color, alpha=0.25, linewidth=0)
    above.plot(days, means[0], color=color, linewidth=2.0, label="model, mean of sections")
    above.vlines(curve.days, curve.lowest, curve.highest, color="black", linewidth=1.2)
    above.plot(curve.days, curve.center, "o", color="black", markersize=5.5, label="data, mean of logarithms and range")
    above.set_yscale("log")
    ends = np.concatenate([curve.lowest, curve.highest, score.model])
    above.set_ylim(ends.min() / 2.0, ends.max() * 2.0)
    above.set_ylabel(", ".join(part for part in (MEASURES[curve.columns.measure].meaning, curve.unit) if part))
    above.set_title(f"{title}\n{value_text(score.error, 3)} decades off")
    above.legend(fontsize=9)
    below.axhline(0.0, color="0.5", linewidth=0.9)
    if np.isfinite(curve.spread):
        below.axhspan(-curve.spread, curve.spread, color="0.9", linewidth=0)
    below.bar(curve.days, score.residuals, width=0.012 * float(np.ptp(curve.days)) + 0.05, color=color)
    below.set_ylabel("log10 model / data")
    below.set_xlabel("day")
    scaled = f" One factor was free ({number(score.factor)})." if score.factor != 1.0 else ""
    text = f"Bands: 95 % interval of the mean over {len(sections)} sections. Gray: SD between replicates.{scaled} "
    figure.text(0.015, 0.01, textwrap.fill(text + DISCLAIMER, FOLD), size=8, color="0.35", va="bottom")
    return figure
