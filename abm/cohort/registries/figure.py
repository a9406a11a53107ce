"""The figure of the registries: pairwise factors that agree with them, and results of the arms over the set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from abm.cohort.registries.calibration import BIOBANK, FLATIRON, LOGARITHMIC, RANGES, USED, RegistryFit, on_scale
from abm.cohort.registries.policies import range_of
from abm.plots.figures import STYLE

COLORS = ("#4477AA", "#CC6677", "#228833", "#CCBB44", "#AA3377", "#66CCEE", "#888888")
WARNING = "Research and teaching model, not medical advice. Everything untested in people or mice is a prediction."
LABELS = {"reach": "reach, factor", "expansion": "expansion, factor", "occult": "occult lesions,\nfactor",
          "recorded": "infection deaths\nrecorded as cancer"}  # fmt: skip
PANELS = (("found", "Lung metastasis found"), ("cancer", "Death from cancer"), ("death", "Death from any cause"))
SHADE, MARK = "#EFEFEF", "#4477AA"
BINS = 14


def draw_registries(fit: RegistryFit, results: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Draw the set and the results of the arms over it.

    Args:
        fit: with a set that is not empty.
        results: of the arms over the set.
        titles: of the arms, by name.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(14.0, 8.0))
        figure.suptitle("What two registries can and cannot show", x=0.012, y=0.985, ha="left", size=15, weight="bold")
        figure.text(0.012, 0.012, WARNING, size=8.5, color="0.35")
        grid = figure.add_gridspec(len(RANGES), len(RANGES), left=0.075, right=0.575, top=0.925, bottom=0.115,
                                   wspace=0.1, hspace=0.1)  # fmt: skip
        _corner(figure, grid, fit)
        names = list(dict.fromkeys(results["arm"]))
        right = figure.add_gridspec(len(PANELS), 1, left=0.745, right=0.985, top=0.89, bottom=0.115, hspace=0.55)
        for row, (outcome, title) in enumerate(PANELS):
            shown = [(name, titles.get(name, name)) for name in names]
            _bars(figure.add_subplot(right[row]), results, outcome, title, shown)
        figure.text(
            0.985, 0.945, "Infected patients over the set: median, 95 % range", size=10, color="0.3", ha="right"
        )
        _ratios(figure.add_axes((0.405, 0.6, 0.17, 0.285)), fit)
    return figure


def _corner(figure: Figure, grid: Any, fit: RegistryFit) -> None:
    """Pairwise factors: points of the set over the assumed range, and weighted histograms on the diagonal."""
    values, prior, weights = on_scale(fit.chosen), on_scale(fit.points), fit.weights[USED]
    names = list(RANGES)
    ends = {name: _ends(name) for name in names}
    jitter = np.random.default_rng(0)
    for row, below in enumerate(names):
        for column, left in enumerate(names[: row + 1]):
            axes = figure.add_subplot(grid[row, column])
            axes.set(xlim=ends[left])
            axes.set_facecolor(SHADE)
            if row == column:
                edges = np.linspace(*ends[left], BINS + 1)
                height, _ = np.histogram(prior[left], bins=edges, weights=weights)
                axes.bar(edges[:-1], height * BINS, width=np.diff(edges), align="edge", color=MARK, alpha=0.75, lw=0)
                axes.axhline(1.0, color="0.45", lw=1.0, ls="--")
                axes.set(ylim=(0.0, max(1.4, 1.15 * height.max() * BINS)), yticks=[])
                if row == 0:
                    axes.text(0.0, 1.04, "bars: agree with both registries; dashed: prior",
                              transform=axes.transAxes, size=8.5, color="0.3")  # fmt: skip
            else:
                moved = [values[name] + 0.006 * (ends[name][1] - ends[name][0]) * jitter.normal(size=len(values))
                         for name in (left, below)]  # fmt: skip
                axes.plot(*moved, "o", ms=3.0, color=MARK, alpha=0.45, mew=0)
                axes.set(ylim=ends[below])
                _tick(axes.yaxis, below, column == 0)
            if column == 0 and row > 0:
                axes.set_ylabel(LABELS[below], size=9)
            _tick(axes.xaxis, left, row == len(names) - 1)
            if row == len(names) - 1:
                axes.set_xlabel(LABELS[left], size=9)
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)


def _ratios(axes: Any, fit: RegistryFit) -> None:
    """The two predicted ratios, of the prior and of the set, over the intervals of the registries."""
    columns = ["hazard_ratio", "odds_ratio"]
    axes.axvspan(FLATIRON.low, FLATIRON.high, color="#DDCC77", alpha=0.35, lw=0)
    axes.axhspan(BIOBANK.low, BIOBANK.high, color="#DDCC77", alpha=0.35, lw=0)
    axes.plot(*(fit.points[name] for name in columns), "o", ms=1.5, color="0.6", alpha=0.35, mew=0)
    axes.plot(*(fit.chosen[name] for name in columns), "o", ms=3.5, color=MARK, alpha=0.55, mew=0)
    axes.plot(FLATIRON.value, BIOBANK.value, "+", ms=12, mew=2.0, color="#117733")
    axes.set(xscale="log", yscale="log", xlim=(0.8, 6.0), ylim=(0.8, 6.0))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([1.0, 2.0, 4.0], ["1", "2", "4"], size=8.5)
        axis.set_ticks([], minor=True)
    axes.set_xlabel("hazard ratio, lung metastasis (band: Flatiron)", size=9)
    axes.set_ylabel("odds ratio, cancer death\n(band: UK Biobank)", size=9)
    axes.set_title("Predicted: set (blue), prior (grey)", size=10)


def _ends(name: str) -> tuple[float, float]:
    low, high = RANGES[name]
    return (float(np.log10(low)), float(np.log10(high))) if name in LOGARITHMIC else (low, high)


def _tick(axis: Any, name: str, labelled: bool) -> None:
    low, high = _ends(name)
    at = (
        np.arange(np.ceil(low), high + 1e-9, 2.0 if high - low > 3.5 else 1.0)
        if name in LOGARITHMIC
        else np.array([0.0, 0.5, 1.0])
    )
    texts = [f"{10.0**value:g}" if name in LOGARITHMIC else f"{value:g}" for value in at]
    axis.set_ticks(at, texts if labelled else [""] * at.size)
    axis.set_tick_params(labelsize=8.5, length=3)
    if labelled and axis.axis_name == "x":
        for label, side in ((axis.get_ticklabels()[0], "left"), (axis.get_ticklabels()[-1], "right")):
            label.set_horizontalalignment(side)


def _bars(axes: Any, results: pd.DataFrame, outcome: str, title: str, arms: list[tuple[str, str]]) -> None:
    """Median and 95 % range of a share, one line per arm."""
    most = 0.0
    for row, (name, _) in enumerate(arms):
        middle, low, high = (100.0 * one for one in range_of(results.loc[results["arm"] == name, outcome].to_numpy()))
        color = COLORS[row % len(COLORS)]
        axes.plot([low, high], [row, row], "-", lw=5.0, color=color, alpha=0.35, solid_capstyle="round")
        axes.plot(middle, row, "o", ms=7.0, color=color)
        axes.text(middle, row - 0.27, f"{middle:.1f} ({low:.1f} to {high:.1f})", size=8, color="0.25", ha="center")
        most = max(most, high, 1.18 * middle)
    axes.set_yticks(range(len(arms)), [title for _, title in arms], size=9)
    axes.set(xlim=(0.0, 1.06 * most), ylim=(len(arms) - 0.5, -0.75))
    axes.set_title(title)
    axes.set_xlabel("% by the end of follow-up", size=9)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="0.93", lw=0.8)
    axes.set_axisbelow(True)
