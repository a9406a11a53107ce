"""Curves of metastases found and of patients alive, with numbers at risk."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter

from abm.cohort.analysis import DEATH, FOUND, Tables
from abm.cohort.drawings.style import colors_of, counted_at, curve, framed, is_reference, risk_table
from abm.cohort.statistics.shares import incidence, kaplan_meier

COLUMNS = 3  # of arm names above the curves


def survival_figure(tables: Tables, titles: dict[str, str]) -> Figure:
    """Aalen-Johansen curves of found metastases (1 - Kaplan-Meier dotted), and the share alive."""
    colors, count = colors_of(tables), len(tables.names)
    lines = math.ceil(count / COLUMNS)
    figure = framed(
        11.6, 5.3 + 0.27 * count + 0.3 * lines, "Metastases found, and patients alive",
        "Shaded: 95 % intervals over the simulated patients. Dotted: 1 - Kaplan-Meier, as if nobody died without a "
        "finding.",
    )  # fmt: skip
    panels = figure.subplot_mosaic(
        [["names", "names"], ["left", "right"], ["risk of finding", "risk of death"]],
        height_ratios=[0.3 * lines, 4.2, 0.35 * count + 0.35],
    )
    left, right = panels["left"], panels["right"]
    months = np.linspace(0.0, tables.months, 261)
    followed = {end: {name: tables.follow(name, end) for name in tables.names} for end in (FOUND, DEATH)}
    for name in tables.names:
        label, is_dashed = titles[name], is_reference(name)
        curve(left, months, incidence(followed[FOUND][name], months), colors[name], label, is_dashed)
        alone = 100 * (1.0 - kaplan_meier(followed[FOUND][name], months)["share"])
        left.step(months, alone, ":", where="post", color=colors[name], lw=1.1)
        curve(right, months, kaplan_meier(followed[DEATH][name], months), colors[name], label, is_dashed)
    left.set(title="Lung metastasis found (Aalen-Johansen)", ylim=(0, None), ylabel="% of patients")
    low = min(float(np.min(np.asarray(line.get_ydata(), dtype=float))) for line in right.get_lines())
    right.set(title="Alive (Kaplan-Meier; nobody lost to follow-up)", ylim=(max(0.0, low - 0.12 * (100 - low)), 100.4))
    for axes, lower, end in ((left, panels["risk of finding"], FOUND), (right, panels["risk of death"], DEATH)):
        axes.set(xlim=(0, tables.months), xticks=counted_at(tables.months), xlabel="months of follow-up")
        axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
        axes.grid(axis="y", color="0.93", lw=0.8)
        risk_table(lower, tables, followed[end], colors)
    panels["names"].axis("off")
    panels["names"].legend(
        *left.get_legend_handles_labels(), loc="center left", ncols=min(COLUMNS, count), fontsize=9.5, borderpad=0.0,
        bbox_to_anchor=(0.0, 0.5),
    )  # fmt: skip
    return figure
