"""Shares of patients helped and harmed by each policy, and predictors of the months gained."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from abm.cohort.analysis import Tables
from abm.cohort.drawings.style import colors_of, framed
from abm.cohort.statistics.benefit import benefit, predictors

WORSE = {"metastasis found,\nunlike usual care": "#CC6677", "found earlier": "#66CCEE"}
BETTER = {"no metastasis found,\nunlike usual care": "#228833", "found later": "#CCBB44"}


def benefit_figure(tables: Tables, titles: dict[str, str]) -> Figure | None:
    """Each draw of each infected patient compared with the same draw under usual care; None without policies."""
    names = tables.policies
    if not names or not tables.infected.any():
        return None
    figure = framed(
        11.4, 4.6 + 0.75 * len(names) + 1.0, "Who benefits: each patient compared with their own twin",
        "Twins: the same patient with the same random numbers under usual care. More scans find lesions earlier "
        "without more disease.",
    )  # fmt: skip
    top, bottom = figure.subplots(2, 1, height_ratios=[0.5 * len(names) + 0.7, 2.9])
    _shares(top, tables, names)
    top.set_yticks(range(len(names)), [titles[name] for name in names], size=9.5)
    parts = BETTER | WORSE
    top.legend(
        [Patch(color=color) for color in parts.values()], list(parts), fontsize=8.5, loc="center left",
        bbox_to_anchor=(1.0, 0.5),
    )  # fmt: skip
    traits = _traits(bottom, tables, names, titles)
    bottom.set_yticks(range(len(traits)), traits, size=9.5)
    bottom.axvline(0.0, color="0.6", lw=0.8)
    bottom.invert_yaxis()
    widest = max(
        [
            0.25,
            *(
                float(np.abs(line.get_segments()[at][:, 0]).max())
                for line in bottom.collections
                for at in range(len(line.get_segments()))
            ),
        ]
    )
    bottom.set(xlim=(-1.05 * widest, 1.05 * widest), xlabel="rank correlation with the months gained (95 % interval)")
    for row in range(len(traits)):
        bottom.axhline(row, color="0.95", lw=0.8, zorder=0)
    bottom.legend(fontsize=8.5, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _shares(axes: Any, tables: Tables, names: list[str]) -> None:
    widest, same = 1.0, []
    for row, name in enumerate(names):
        one = benefit(tables, name)
        same.append(1000 * (one.same - one.earlier - one.later))
        for parts, shares, side in (
            (BETTER, (one.spared, one.later), 1), (WORSE, (one.harmed, one.earlier), -1),
        ):  # fmt: skip
            begin = 0.0
            for share, color in zip(shares, parts.values(), strict=True):
                axes.barh(row, side * 1000 * share, left=side * begin, color=color, height=0.62)
                begin += 1000 * share
            widest = max(widest, begin)
    for row in range(len(names)):
        for patch in [bar for bar in axes.patches if round(bar.get_y() + 0.31) == row]:
            width = abs(patch.get_width())
            if width > 0.06 * widest:
                middle = patch.get_x() + patch.get_width() / 2
                axes.text(middle, row, f"{width:.0f}", ha="center", va="center", size=9.5)
        axes.text(1.72 * widest, row, f"no change: {same[row]:.0f}", va="center", ha="right", size=9.5, color="0.35")
    axes.axvline(0.0, color="0.4", lw=0.9)
    axes.set(xlim=(-1.1 * widest, 1.75 * widest), ylim=(len(names) - 0.5, -0.5))
    axes.set_xlabel("worse or earlier  ←   of 1,000 infected patients   →  better or later")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
    axes.tick_params(axis="y", length=0)


def _traits(axes: Any, tables: Tables, names: list[str], titles: dict[str, str]) -> list[str]:
    traits: list[str] = []
    colors = colors_of(tables)
    for at, name in enumerate(names):
        found = predictors(tables, name).set_index("trait")
        traits = traits or list(found.index)  # in the order of the first policy that changes anything
        found = found.loc[traits] if len(found) else found
        height = np.arange(len(found)) + (at - (len(names) - 1) / 2) * 0.6 / max(3, len(names))
        axes.errorbar(
            found["rho"], height, xerr=[found["rho"] - found["low"], found["high"] - found["rho"]], fmt="o", ms=5,
            capsize=2.5, color=colors[name], label=titles[name],
        )  # fmt: skip
    return traits
