"""The figures of a fit: each parameter in its range, and the curves of the posterior sample over those of mice."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from abm.inference.fit.posterior import INTERVAL, FitBand, bands, estimates
from abm.inference.fit.suite import FittedStage
from abm.plots.figures import STYLE, save_figure
from abm.plots.palette import BLUE, RED, hexadecimal
from abm.reporting.report import short
from abm.validate.scoring import FIRST, SECOND

COLUMNS = 4
PANEL, ROW, MARGIN = 2.9, 0.23, 0.9  # inches
COLORS, MARKERS = {FIRST: BLUE, SECOND: RED}, {FIRST: "o", SECOND: "D"}  # by experiment


def draw(fitted: FittedStage, out: Path) -> None:
    """Draw the figures of a stage into a folder.

    Raises:
        OSError: no room, no right to write.
    """
    with matplotlib.rc_context(STYLE):
        save_figure(_parameters(fitted), out / f"{fitted.stage.name}_parameters.png")
        if fitted.stage.arm:
            save_figure(_curves(fitted), out / f"{fitted.stage.name}_curves.png")


def _parameters(fitted: FittedStage) -> Figure:
    """Where in the range of its prior each parameter lies."""
    found = estimates(fitted)
    figure = Figure(figsize=(9.5, ROW * len(found) + MARGIN), layout="constrained")
    ax = figure.subplots()
    rows = np.arange(len(found))[::-1]
    low, high = norm.cdf(np.quantile(fitted.z, INTERVAL, axis=0))
    ax.hlines(rows, 0.0, 1.0, color="0.85", lw=5)
    ax.hlines(rows, low, high, color=hexadecimal(BLUE), lw=5, alpha=0.55)
    ax.plot(norm.cdf(fitted.z_of_result), rows, "o", color=hexadecimal(RED), ms=4.5)
    ax.set_yticks(rows, [each.free.label for each in found], fontsize=8)
    for row, each in zip(rows, found, strict=True):
        text = f"{short(each.value)} {each.free.quantity.unit}  ({short(each.low, 2)}–{short(each.high, 2)})"
        ax.text(1.02, row, text, fontsize=8, va="center")
    ax.set_xlim(0.0, 1.0)
    ax.set_xticks([0.0, 0.5, 1.0], ["low end", "range of the prior", "high end"])
    ax.set_title(f"{fitted.stage.title}: result (dot) and 95 % interval (blue)", loc="left")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    return figure


def _curves(fitted: FittedStage) -> Figure:
    """The curves of the posterior sample over those of mice, an observable a panel."""
    found = bands(fitted)
    names = list(dict.fromkeys(band.observable.name for band in found))
    rows = -(-len(names) // COLUMNS)
    figure = Figure(figsize=(PANEL * COLUMNS, PANEL * rows), layout="constrained")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for ax, name in zip(axes, names, strict=False):
        for band in found:
            if band.observable.name == name:
                _draw_band(ax, band)
    for ax in axes[len(names) :]:
        ax.set_visible(False)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_band(ax: Axes, band: FitBand) -> None:
    one = band.observable
    days, name = one.days[one.scored], f"{one.experiment} experiment"
    color = hexadecimal(COLORS[one.experiment])
    ax.fill_between(
        days, band.low, band.high, color=color, alpha=0.25, lw=0, label=f"model, {name}: 95 % of the sample"
    )
    ax.plot(days, band.result, color=color, label=f"model, {name}: result")
    low, high = (np.maximum(part, one.floor)[one.scored] for part in (one.lowest, one.highest))
    ax.vlines(days, low, high, color=color, lw=1)
    ax.plot(
        days,
        one.scored_median,
        MARKERS[one.experiment],
        color=color,
        ms=4.5,
        mec="0.15",
        mew=0.7,
        label=f"mice, {name}: median, range",
    )
    ax.set_yscale("log")
    ax.set_title(f"{one.title}\n{one.unit}", fontsize=9)
    ax.set_xlabel("day")
