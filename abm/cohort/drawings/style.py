"""Shared parts of the figures of a cohort: colors, the warning, the frame, numbers at risk below curves."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from abm.cohort.analysis import NONE, Followed, Tables
from abm.cohort.statistics.shares import at_risk

COLORS = (  # Tol's bright palette, and darker colors for further arms
    "#4477AA", "#CC6677", "#228833", "#CCBB44", "#AA3377", "#66CCEE", "#888888", "#EE7733", "#332288", "#44AA99",
    "#661100",
)  # fmt: skip
CAUSE_COLORS = {"cancer": "#882255", "infection": "#DDCC77", "treatment": "#44AA99", "other": "#BBBBBB"}
CAUSE_TITLES = {
    "cancer": "cancer", "infection": "the infection", "treatment": "the treatment", "other": "other causes",
}  # fmt: skip
WARNING = "Research and teaching model, not medical advice. Everything untested in people or mice is a prediction."


def colors_of(tables: Tables) -> dict[str, str]:
    """A color per arm, the same in all figures."""
    return {name: COLORS[at % len(COLORS)] for at, name in enumerate(tables.names)}


def framed(width: float, height: float, title: str, note: str = "") -> Figure:
    """An empty figure with a title, a note below it and the warning at the bottom."""
    head, foot = (0.66 if note else 0.4) / height, 0.26 / height
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(rect=(0.0, foot, 1.0, 1.0 - head - foot)))
    figure.suptitle(title, x=0.012, y=1.0 - 0.08 / height, ha="left", va="top", size=14, weight="bold")
    if note:
        figure.text(0.012, 1.0 - 0.38 / height, note, size=9.5, color="0.3", va="top")
    figure.text(0.012, 0.08 / height, WARNING, size=8.5, color="0.35")
    return figure


def counted_at(months: float) -> np.ndarray:
    """Months at which patients at risk are counted: each year, or each quarter of a short follow-up."""
    return np.arange(0.0, months + 1e-6, 12.0 if months >= 24.0 else max(1.0, months / 4.0))


def curve(axes: Axes, months: np.ndarray, shares: Any, color: str, label: str, is_reference: bool) -> None:
    """A step curve in percent with its interval; the reference is dashed, so that it stays visible under others."""
    low, high = 100 * shares["low"], 100 * shares["high"]
    axes.fill_between(months, low, high, step="post", color=color, alpha=0.14, linewidth=0)
    axes.step(
        months, 100 * shares["share"], "--" if is_reference else "-", where="post", color=color, lw=1.9, label=label,
        zorder=3 if is_reference else 2,
    )  # fmt: skip


def risk_table(axes: Axes, tables: Tables, followed: dict[str, Followed], colors: dict[str, str]) -> None:
    """Patients at risk below curves, one line per arm in its color."""
    counted, count = counted_at(tables.months), len(followed)
    axes.set(xlim=(0, tables.months), ylim=(count - 0.4, -1.3))
    axes.axis("off")
    axes.text(0.0, -0.95, "patients at risk, in the colors of the curves", size=9, color="0.35", ha="left")
    for row, (name, one) in enumerate(followed.items()):
        for month, number in zip(counted, at_risk(one, counted), strict=True):
            axes.text(month, row, f"{number:,.0f}", size=9.5, color=colors[name], ha="center", va="center")


def is_reference(name: str) -> bool:
    """Whether an arm is the one without infection."""
    return name == NONE
