"""Ratios between twins: what an arm does to the number of cancer cells, pair by pair."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from abm.plots.data import HOURS_PER_DAY, Drawn
from abm.reporting.report import DISCLAIMER, number
from abm.reporting.statistics import Estimate, ratio_of_means
from abm.reporting.summary import CELLS, EARLY, Curves, contrasts, read_curves
from abm.reporting.uncertainty import OverSets
from abm.reporting.uncertainty_report import read_uncertainty

WIDTH, LINE, BETWEEN = 15.0, 0.36, 0.26  # inches: of a line, of the gap between two contrasts
LINE_WITH_SETS = 0.5  # inches
TOP, BOTTOM, LEFT, RIGHT = 1.0, 1.4, 4.4, 3.6  # inches
WIDEST = 10.0  # the axis ends at most so many times beyond the outermost twin, wherever intervals end


class RatioOfArms(NamedTuple):
    """Twins of two arms at one time.

    Attributes:
        hour: the time meant. ratios: float[twins], of cells per seeded cell, where both have cells.
        established: bool[twins], whether the infection established in an arm of the study. estimate: ratio of means.
        parameters: the ratio of means over parameter sets; None without them.
    """

    arm: str
    against: str
    hour: float
    ratios: np.ndarray
    established: np.ndarray
    estimate: Estimate
    parameters: OverSets | None = None


def ratio_figure(study: Drawn) -> Figure | None:
    """Every twin as a dot, the ratio of their means with its interval; none without two arms that share seeds."""
    found = list(comparisons(study))
    if not found:
        return None
    line = LINE if all(one.parameters is None for one in found) else LINE_WITH_SETS
    gaps = len({(one.arm, one.against) for one in found}) - 1
    inner = line * len(found) + BETWEEN * gaps + 0.3
    height = TOP + inner + BOTTOM
    figure = Figure(figsize=(WIDTH, height))
    place = (LEFT / WIDTH, BOTTOM / height, (WIDTH - LEFT - RIGHT) / WIDTH, inner / height)
    ax = figure.add_axes(place)
    ax.set(xscale="log", xlim=_limits(found), ylim=(inner, 0), yticks=[])
    ax.spines["left"].set_visible(False)
    _log_ticks(ax)
    ax.grid(axis="x", color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.axvline(1.0, color="0.35", linewidth=1.2, zorder=1)
    ax.set_xlabel("cancer cells, ratio to the twin (log axis); 1 = no difference", size=11.5)
    y = 0.15 + line / 2
    for at, one in enumerate(found):
        begins = at == 0 or (one.arm, one.against) != (found[at - 1].arm, found[at - 1].against)
        y += (BETWEEN if begins and at else 0) + (line if at else 0)
        lines = sum((other.arm, other.against) == (one.arm, one.against) for other in found)
        if begins:
            _name(ax, study, one, y + (lines - 1) * line / 2)
        _draw(ax, study, one, y)
    figure.text(0.2 / WIDTH, 1 - 0.12 / height, "Cancer cells in ratio to the twin", size=17, weight="bold", va="top")
    figure.legend(
        handles=_handles(line > LINE), loc="upper left", bbox_to_anchor=(0.08 / WIDTH, 1 - 0.45 / height), ncols=5
    )
    heading = 1 - (TOP - 0.12) / height
    figure.text((WIDTH - RIGHT + 0.2) / WIDTH, heading, "ratio of means (95 %), twins", size=11, weight="bold")
    figure.text(0.2 / WIDTH, 0.1 / height, _caption(study), size=10.5, color="0.25", va="bottom", linespacing=1.35)
    return figure


def comparisons(study: Drawn) -> Iterator[RatioOfArms]:
    """Every contrast of the summary on day 15 and at the end, where both arms have twins then."""
    curves = read_curves(study.folder)
    uncertain = {(row.arm, row.against, row.quantity): row for row in read_uncertainty(study.folder)}
    carry = curves.established(study.arms)
    for arm, against in contrasts(study.arms):
        end = min(curves.end(arm), curves.end(against))
        for hour in [EARLY, end] if end > EARLY else [end]:
            pair = [_cells(curves, name, hour) for name in (arm, against)]
            treated, reference = pair[0].align(pair[1], join="inner")
            estimate = ratio_of_means(treated.to_numpy(), reference.to_numpy())
            if np.isfinite(estimate.value):
                both = (treated > 0.0) & (reference > 0.0)
                ratios = (treated[both] / reference[both]).to_numpy()
                row = uncertain.get((arm, against, f"cells_ratio_{'end' if hour == end else 'day_15'}"))
                over = OverSets(row.median, row.low, row.high, row.sets) if row and row.sets else None
                yield RatioOfArms(arm, against, hour, ratios, treated[both].index.isin(carry), estimate, over)


def _cells(curves: Curves, arm: str, hour: float) -> pd.Series:
    """Cells per seeded cell by replicate, as in the summary."""
    return curves.of(arm, CELLS).loc[: hour + 1e-6].iloc[-1].dropna()


def _limits(found: list[RatioOfArms]) -> tuple[float, float]:
    """Room for every twin and, within reason, every interval; at least from a half to double."""
    twins = np.concatenate([one.ratios for one in found])
    low, high = min(0.5, float(twins.min(initial=1.0))), max(2.0, float(twins.max(initial=1.0)))
    intervals = [one.estimate[1:3] for one in found] + [one.parameters[1:3] for one in found if one.parameters]
    ends = np.array([end for interval in intervals for end in interval if np.isfinite(end)])
    outer = np.clip(ends, low / WIDEST, high * WIDEST)
    return min(low, outer.min(initial=low)) / 1.3, max(high, outer.max(initial=high)) * 1.3


def _log_ticks(ax: Axes) -> None:
    low, high = ax.get_xlim()
    if high / low > 100:
        ax.xaxis.set_major_locator(LogLocator(numticks=8))
    else:
        steps = [factor * 10.0**power for power in range(-3, 4) for factor in (1, 2, 5)]
        ax.xaxis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,.0f}" if tick >= 1 else f"{tick:g}"))


def _name(ax: Axes, study: Drawn, one: RatioOfArms, y: float) -> None:
    """The two arms, left of their lines."""
    color = study.color(one.arm)
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center"}
    side = WIDTH - LEFT - RIGHT
    left = -(LEFT - 0.2) / side
    ax.text(left, y - 0.11, study.titles[one.arm], size=12, weight="bold", color=color, **place)
    guess = ", prediction" if {one.arm, one.against} & study.predictions else ""
    ax.text(left, y + 0.11, f"compared with {study.titles[one.against]}{guess}", size=10.5, color="0.3", **place)


def _draw(ax: Axes, study: Drawn, one: RatioOfArms, y: float) -> None:
    """One line: day, twins, mean with interval, numbers."""
    color, estimate = study.color(one.arm), one.estimate
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "size": 10.5}
    ax.text(-0.015, y, f"day {one.hour / HOURS_PER_DAY:g}", ha="right", color="0.2", **place)
    above, below = y - 0.1, y + 0.03
    filled: dict[str, Any] = {"markersize": 6.5, "color": color, "alpha": 0.45, "markeredgewidth": 0}
    hollow: dict[str, Any] = {
        "markersize": 5.5,
        "markerfacecolor": "none",
        "markeredgecolor": color,
        "markeredgewidth": 1.2,
    }
    for ratios, how in ((one.ratios[one.established], filled), (one.ratios[~one.established], hollow)):
        ax.plot(ratios, [above] * ratios.size, "o", **how)
    if np.isfinite(estimate.low):
        ends = [estimate.low, estimate.high]
        ax.plot(ends, [below, below], color="black", linewidth=1.6, solid_capstyle="butt", zorder=3)
    ax.plot([estimate.value], [below], "D", markersize=7.5, color=color, markeredgecolor="black", zorder=4)
    interval = f" ({number(estimate.low)} to {number(estimate.high)})" if np.isfinite(estimate.low) else ""
    side = WIDTH - LEFT - RIGHT
    ax.text(1 + 0.2 / side, y, f"{number(estimate.value)}{interval}, {estimate.n}", color="0.1", **place)
    if one.parameters is not None:
        over, lower = one.parameters, y + 0.17
        ax.plot([over.low, over.high], [lower, lower], color=color, alpha=0.55, linewidth=5, solid_capstyle="butt")
        ax.plot([over.median], [lower], "|", markersize=9, markeredgewidth=2, color="black", zorder=4)
        ends_of_sets = f" ({number(over.low)} to {number(over.high)})"
        ax.text(1 + 0.2 / side, lower, f"{number(over.median)}{ends_of_sets}, {over.sets} sets", color="0.35", **place)


def _handles(has_sets: bool) -> list[Line2D]:
    sets = Line2D([], [], color="0.45", alpha=0.55, linewidth=5, label="parameters: 90 % of the sets")
    dot: dict[str, Any] = {"linestyle": "", "color": "0.45"}
    return [
        Line2D([], [], marker="o", alpha=0.5, markersize=7, markeredgewidth=0, label="twins, infected", **dot),
        Line2D([], [], marker="o", markerfacecolor="none", markersize=6, label="twins, not infected", **dot),
        Line2D([], [], marker="D", markeredgecolor="black", markersize=7.5, label="ratio of means", **dot),
        Line2D([], [], color="black", linewidth=1.6, label="chance: 95 % interval"),
        *([sets] if has_sets else []),
    ]


def _caption(study: Drawn) -> str:
    parts = [
        study.what_was_run(),
        "Twins share seed, lung and dormant cells. Infected: 1 % of the epithelium or more at one time, in some arm.",
        "Interval: Student's t on the logarithm of the ratio; it may end beyond the axis.",
        "Predictions are contrasts that no experiment has tested." if study.predictions & {*study.arms} else "",
        DISCLAIMER,
    ]
    return textwrap.fill(" ".join(part for part in parts if part), 165)
