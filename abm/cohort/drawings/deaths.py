"""Deaths by the end of follow-up, by cause and arm."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from abm.cohort.analysis import CAUSES, Tables
from abm.cohort.drawings.style import CAUSE_COLORS, CAUSE_TITLES, framed

LEAST_WRITTEN = 0.022  # of the axis; narrower parts of a bar have no number


def deaths_figure(tables: Tables, titles: dict[str, str]) -> Figure:
    """Stacked bars per 1,000 patients; hatched: deaths from the infection that a registry records as cancer deaths."""
    names = [*tables.names]
    figure = framed(
        10.4, 2.5 + 0.52 * len(names), f"Deaths within {tables.months:.4g} months, per 1,000 patients, by cause",
        "Hatched: deaths from the infection that a registry would record as deaths from cancer.",
    )  # fmt: skip
    axes = figure.subplots()
    totals = {name: sum(_per_thousand(tables, name).values()) for name in names}
    most = max(*totals.values(), 1e-3)
    for row, name in enumerate(names):
        begin = 0.0
        for what, deaths in _per_thousand(tables, name).items():
            is_recorded = what == "recorded"
            cause = "infection" if is_recorded else what
            axes.barh(
                row, deaths, left=begin, height=0.64, color=CAUSE_COLORS[cause], edgecolor="white", lw=0.6,
                hatch="////" if is_recorded else None,
            )  # fmt: skip
            if deaths > LEAST_WRITTEN * most:
                color = "white" if cause == "cancer" else "0.1"
                box = {"facecolor": CAUSE_COLORS[cause], "edgecolor": "none", "pad": 1.5} if is_recorded else None
                axes.text(begin + deaths / 2, row, f"{deaths:.0f}", ha="center", va="center", color=color, bbox=box)
            begin += deaths
        axes.text(begin + 0.01 * most, row, f"{totals[name]:.0f}", va="center", weight="bold")
    axes.set_yticks(range(len(names)), [titles[name] for name in names])
    axes.set(xlim=(0, 1.07 * most), ylim=(len(names) - 0.5, -0.5), xlabel="deaths per 1,000 patients")
    axes.tick_params(axis="y", length=0)
    handles = [Patch(color=CAUSE_COLORS[cause], label=CAUSE_TITLES[cause]) for cause in CAUSES]
    axes.legend(
        handles=handles, ncols=len(handles), loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9.5,
        handlelength=1.1, columnspacing=1.4,
    )  # fmt: skip
    return figure


def _per_thousand(tables: Tables, name: str) -> dict[str, float]:
    """Deaths by cause; `recorded` are those from the infection that are recorded as from cancer."""
    cause = tables.column(name, "cause")
    is_recorded = (cause == "infection") & (tables.column(name, "recorded") == "cancer")
    parts = {what: 1000.0 * float((cause == what).mean()) for what in CAUSES}
    moved = 1000.0 * float(is_recorded.mean())
    return {
        "cancer": parts["cancer"], "recorded": moved, "infection": parts["infection"] - moved,
        "treatment": parts["treatment"], "other": parts["other"],
    }  # fmt: skip
