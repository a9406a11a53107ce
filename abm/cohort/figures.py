"""The figures of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.patches
import matplotlib.ticker
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from abm.cohort.analysis import INFECTED, NONE, REGISTRY, Tables, benefit, by_scale, hazard_since, predictors, survival
from abm.plots.figures import STYLE, save_figure

COLORS = ("#4477AA", "#CC6677", "#228833", "#CCBB44", "#AA3377", "#66CCEE", "#888888")
WARNING = "Research and teaching model, not medical advice. Everything untested in people or mice is a prediction."


def counted_at(months: float) -> np.ndarray:
    """Months at which patients at risk are counted: each year, of a short follow-up each quarter of it."""
    return np.arange(0.0, months + 1e-6, 12.0 if months >= 24.0 else max(1.0, months / 4.0))


def draw_all(tables: Tables, titles: dict[str, str], folder: Path) -> list[Path]:
    """Draw what can be drawn; the files written, in the order of the report.

    Args:
        tables: of the cohort.
        titles: of the arms, by name.
        folder: of the figures.

    Raises:
        OSError: no room, no right to write.
    """
    folder.mkdir(exist_ok=True)
    colors = {name: COLORS[at % len(COLORS)] for at, name in enumerate(tables.names)}
    drawn = {
        "survival": _survival(tables, titles, colors),
        "hazard": _hazard(tables, titles, colors),
        "benefit": _benefit(tables, titles),
        "scale": _scale(tables),
    }
    return [save_figure(figure, folder / f"{name}.png") for name, figure in drawn.items() if figure is not None]


def _figure(width: float, height: float, title: str) -> Figure:
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(rect=(0.0, 0.045, 1.0, 0.955)))
    figure.suptitle(title, x=0.01, ha="left", size=14, weight="bold")
    figure.text(0.01, 0.012, WARNING, size=8.5, color="0.35")
    return figure


def _survival(tables: Tables, titles: dict[str, str], colors: dict[str, str]) -> Figure:
    """Kaplan-Meier curves with numbers at risk below."""
    count = len(tables.names)
    with matplotlib.rc_context(STYLE):
        figure = _figure(8.6, 4.9 + 0.28 * count, "Without a found lung metastasis")
        axes, below = figure.subplots(2, 1, height_ratios=[4.2, 0.35 * count + 0.3])
        months, least = np.linspace(0.0, tables.months, 521), 1.0
        for name in tables.names:
            curve = survival(tables.arm(name), months)
            axes.fill_between(months, curve["low"], curve["high"], step="post", color=colors[name], alpha=0.15, lw=0)
            dashes, above = ("--", 3) if name == NONE else ("-", 2)  # seen also where another curve is the same
            axes.step(
                months,
                curve["share"],
                dashes,
                where="post",
                color=colors[name],
                lw=1.8,
                label=titles[name],
                zorder=above,
            )
            least = min(least, float(curve["low"].min()))
        axes.set(xlim=(0, tables.months), ylim=(max(0.0, least - 0.04), 1.005), ylabel="share of patients")
        counted = counted_at(tables.months)
        axes.set_xticks(counted)
        axes.set_xlabel("months of follow-up")
        axes.legend(loc="lower left", fontsize=9.5)
        below.set(xlim=(0, tables.months), ylim=(count - 0.4, -1.2))
        below.axis("off")
        below.text(0.0, -0.95, "patients at risk, in the colors of the curves", size=9, color="0.35", ha="left")
        for row, name in enumerate(tables.names):
            numbers = survival(tables.arm(name), counted)["at_risk"]
            for month, number in zip(counted, numbers, strict=True):
                below.text(month, row, f"{number:,}", size=9.5, color=colors[name], ha="center", va="center")
    return figure


def _hazard(tables: Tables, titles: dict[str, str], colors: dict[str, str]) -> Figure | None:
    """Rates of found metastases by months since infection."""
    if not tables.patients["first_infection"].notna().any():
        return None
    with matplotlib.rc_context(STYLE):
        figure = _figure(8.6, 4.6, "Metastases found, by months since the first infection")
        axes: Any = figure.subplots()
        names = [name for name in tables.names if name != NONE]
        for at, name in enumerate([NONE, *names]):
            found = hazard_since(tables, name if name != NONE else INFECTED)
            middle = (found["begin"] + found["end"]) / 2 + (at - len(names) / 2) * 0.45
            axes.errorbar(
                middle, found[f"{name} rate"], yerr=found[f"{name} error"], fmt="o", ms=5, capsize=2, lw=1.2,
                color=colors[name], label=titles[name] if name != NONE else "the same patients, not infected",
            )  # fmt: skip
        for edge in found["begin"]:
            axes.axvline(edge, color="0.9", lw=0.8, zorder=0)
        axes.set(xlim=(0, 52), ylim=(0, None), xlabel="months since the first infection")
        axes.set_ylabel("per 100 patient-years (bars: one standard error)")
        axes.legend(fontsize=9.5)
    return figure


def _benefit(tables: Tables, titles: dict[str, str]) -> Figure | None:
    """Shares helped, not changed and harmed by each policy; what predicts the months gained."""
    names = [name for name in tables.names if name not in (NONE, INFECTED)]
    if not names or not (tables.patients["infections"] > 0).any():
        return None
    with matplotlib.rc_context(STYLE):
        figure = _figure(10.5, 3.0 + 0.6 * len(names) + 2.4, "Benefit: each patient compared with their own twin")
        top, bottom = figure.subplots(2, 1, height_ratios=[0.55 * len(names) + 0.7, 2.3])
        for row, name in enumerate(names):
            one = benefit(tables, name)
            other = one.same - one.earlier - one.later
            parts = (
                (one.spared, "#228833"), (one.earlier, "#66CCEE"), (other, "#DDDDDD"),
                (one.later, "#CCBB44"), (one.harmed, "#CC6677"),
            )  # fmt: skip
            begin = 0.0
            for share, color in parts:
                top.barh(row, 100 * share, left=100 * begin, color=color, height=0.62)
                if share >= 0.03:
                    top.text(100 * (begin + share / 2), row, f"{100 * share:.0f} %", ha="center", va="center", size=9.5)
                begin += share
        top.set_yticks(range(len(names)), [titles[name] for name in names], size=9.5)
        top.set(xlim=(0, 100), xlabel="% of the infected patients", ylim=(len(names) - 0.5, -0.5))
        labels = ("no metastasis found,\nunlike without", "found earlier", "no change", "found later",
                  "metastasis found,\nunlike without")  # fmt: skip
        handles = [matplotlib.patches.Patch(color=color) for _, color in parts]
        top.legend(handles, labels, fontsize=8.5, loc="center left", bbox_to_anchor=(1.0, 0.5))
        traits: list[str] = []
        for at, name in enumerate(names):
            found = predictors(tables, name).set_index("trait")
            traits = traits or list(found.index)  # in the order of the first policy that changes anything
            found = found.loc[traits] if len(found) else found
            height = np.arange(len(found)) + (at - (len(names) - 1) / 2) * 0.2
            bottom.errorbar(
                found["rho"], height, xerr=[found["rho"] - found["low"], found["high"] - found["rho"]], fmt="o", ms=4,
                capsize=2, color=COLORS[(at + 2) % len(COLORS)], label=titles[name],
            )  # fmt: skip
        bottom.set_yticks(range(len(traits)), traits, size=9.5)
        bottom.axvline(0.0, color="0.6", lw=0.8)
        bottom.invert_yaxis()
        bottom.set(xlim=(-1, 1), xlabel="rank correlation with the months gained (95 % interval)")
        bottom.legend(fontsize=8.5, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _scale(tables: Tables) -> Figure:
    """Ratios against the factor on how much of the lung infections reach, over the intervals of the registries."""
    found = by_scale(tables)
    with matplotlib.rc_context(STYLE):
        figure = _figure(10.0, 4.6, "How much the scale from section to lung decides")
        panels = figure.subplots(1, 3)
        scales = found["scale"]
        panels[0].plot(scales, 100 * found["risk"], "o-", color=COLORS[1], label="infection")
        panels[0].plot(scales, 100 * found["risk_without"], "o-", color=COLORS[0], label="no infection")
        panels[0].set(title="Risk by the end", ylabel="% with a found metastasis")
        panels[0].legend(fontsize=9)
        for axes, name, title in zip(panels[1:], ("HR", "OR"), ("Hazard ratio", "Odds ratio"), strict=True):
            value, low, high = REGISTRY[name]
            axes.axhspan(low, high, color="#DDCC77", alpha=0.4, lw=0, label=f"registry {value:g} ({low:g}-{high:g}):")
            axes.axhline(value, color="#999933", lw=1.2, label="direction, not a fit")
            axes.plot(scales, found[name], "o-", color=COLORS[1], label="simulated")
            axes.axhline(1.0, color="0.6", lw=0.8, ls=":")
            axes.set(yscale="log", title=title)
            for set_formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
                set_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
            axes.legend(fontsize=8.5, loc="upper left")
        for axes in panels:
            axes.set(xscale="log", xlabel="factor on the share of lung reached")
            axes.axvline(1.0, color="0.6", lw=0.8, ls=":")
    return figure
