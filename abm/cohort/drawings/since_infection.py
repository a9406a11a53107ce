"""Hazard ratios by months since infection."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, NullFormatter

from abm.cohort.analysis import DEATH, FOUND, RECORDED
from abm.cohort.drawings.style import COLORS, framed

SHOWN = (FOUND, RECORDED, DEATH)
FARTHEST = 30.0  # largest ratio drawn of an interval


def since_figure(since: dict[str, pd.DataFrame]) -> Figure:
    """Hazard ratios of infection under usual care for the events of SHOWN.

    Args:
        since: results of `ratios_since`, by key of the event.
    """
    figure = framed(
        10.4, 4.9, "Effect of infection over time: hazard ratio by months since infection",
        "Infected patients and their uninfected twins from the same day. Bars: 95 % intervals. "
        "In the registries, the effect is strongest in the first months.",
    )  # fmt: skip
    axes = figure.subplots()
    for at, (end, color, mark) in enumerate(zip(SHOWN, (COLORS[1], COLORS[4], COLORS[6]), "osD", strict=True)):
        rows = since[end.key]
        place = np.arange(len(rows)) + (at - 1) * 0.16
        ends = [
            (rows["ratio"] - rows["low"].clip(lower=1.0 / FARTHEST)).clip(lower=0.0),
            (rows["high"].clip(upper=FARTHEST) - rows["ratio"]).clip(lower=0.0),
        ]
        axes.errorbar(
            place, rows["ratio"], yerr=ends, fmt=mark, ms=6.5, capsize=3, lw=1.5, color=color, label=end.title
        )
        for x in place[rows["ratio"].isna()]:
            axes.text(x, 1.0, "×", color=color, ha="center", va="center", size=12)
    for edge in range(len(rows) - 1):
        axes.axvline(edge + 0.5, color="0.92", lw=0.9, zorder=0)
    axes.axhline(1.0, color="0.45", lw=1.0, zorder=0)
    labels = [f"{row.begin:g} to {row.end:g}" for row in rows.itertuples()]
    axes.set_xticks(range(len(rows)), labels)
    axes.set(yscale="log", xlabel="months since infection", ylabel="hazard ratio (1: no difference)")
    axes.set_xlim(-0.5, len(rows) - 0.5)
    bottom, top = axes.get_ylim()
    bottom, top = min(bottom, 0.8), 1.2 * max(top, 2.5)  # room for the legend
    axes.set_ylim(bottom, top)
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 20) if bottom <= tick <= top]
    axes.set_yticks(ticks)
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.legend(ncols=3, fontsize=9.5, loc="upper right")
    return figure
