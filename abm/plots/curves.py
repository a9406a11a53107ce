"""Small multiples: time courses of cancer cells, infection and mobile cells, one line per arm."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from abm.model.measures import MACROPHAGES, MEASURES
from abm.plots.data import Drawn
from abm.plots.palette import capitalized
from abm.reporting.report import DISCLAIMER
from abm.rules.cells import CellKind
from abm.rules.substances import Substance

COLUMNS = 6
WIDTH = 3.4 * COLUMNS  # inches
PANEL_HEIGHT = 2.55
DASHES = (0, (4, 2.2))


@dataclass(frozen=True)
class Panel:
    """One measure, or the sum of some.

    Attributes:
        title, unit: in words. measures: as in `abm.model.measures`, in units of `scale` of what is shown.
        floor: on a log axis, the least that is shown; all below, also nothing at all, lies on it. 0: a linear axis.
        top: upper end of a linear axis, where it is fixed. whole: ticks at whole numbers only.
    """

    title: str
    unit: str
    measures: tuple[str, ...]
    scale: float = 1.0
    floor: float = 0.0
    top: float = 0.0
    whole: bool = False


class NotebookFigure(Figure):
    """A figure that a notebook shows, also where nobody has imported pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


def _substance_panel(substance: Substance) -> Panel:
    """A substance as lavage would show it where there is such a measure, else its mean in the tissue."""
    title, lavage = capitalized(substance.type.title), f"{substance.key}_lavage"
    if lavage in MEASURES:
        return Panel(f"{title} in lavage", "pg/mL", (lavage,), floor=0.1)
    return Panel(title, "ng/mL in the tissue", (substance.key,), floor=0.001)


def _own_panel(name: str) -> Panel:
    """A substance or type of cell that a scenario declares, under the name of its measure."""
    return Panel(name, "ng/mL, or cells / mm²", (name,))


def _density_panel(name: str, kinds: Sequence[CellKind]) -> Panel:
    """The density of some types of mobile cell together."""
    return Panel(capitalized(name), "cells / mm²", tuple(kind.type.curve for kind in kinds))


GROUPS: dict[str, tuple[Panel, ...]] = {
    "Cancer cells": (
        Panel("Living cancer cells", "per seeded cell", ("cells_per_seeded",), floor=0.1),
        Panel("Proliferating cancer cells", "per seeded cell", ("awake_per_seeded",), floor=0.01),
        Panel("Cells with Ki67", "% of cancer cells", ("ki67_share",), 100.0),
        Panel("Lesions", "clones in the section", ("lesions",), whole=True),
        Panel("Integrity of the niche", "1 = intact matrix", ("niche_hold",), top=1.0),
        Panel("STAT3 signal", "1 = full response", ("il6_signal",), top=1.0),
    ),
    "Infection": (
        Panel("Free virus", "virions / mm²", ("virions",), floor=1.0),
        Panel("Infected epithelium", "% of cells", ("infected_share",), 100.0),
        Panel("Lost epithelium", "% of cells", ("lost_share",), 100.0),
        Panel("Epithelium protected", "% of cells, by interferon", ("refractory_share",), 100.0),
    ),
    "Cytokines": tuple(_substance_panel(each) for each in Substance),
    "Mobile cells": (
        _density_panel("macrophages", MACROPHAGES),
        *(_density_panel(kind.type.plural, [kind]) for kind in CellKind if kind not in MACROPHAGES),
    ),
}


def curves_figure(study: Drawn) -> Figure:
    """All panels whose measures the study has, one shared legend, and below what is seen."""
    groups = GROUPS | {"Of the scenario": tuple(_own_panel(name) for name in sorted(study.measures - {*MEASURES}))}
    rows = [row for heading, panels in groups.items() for row in _rows(heading, panels, study.measures)]
    caption = textwrap.fill(_caption(study), 38 * COLUMNS)
    columns = min(3, len(study.arms)) if len(study.arms) > 4 else len(study.arms)
    legend_rows = -(-len(study.arms) // columns)
    top, bottom = 0.88 + 0.27 * legend_rows, 0.75 + 0.21 * (caption.count("\n") + 1)
    height = top + bottom + (PANEL_HEIGHT + 0.1) * len(rows)
    figure = NotebookFigure(figsize=(WIDTH, height))
    axes = figure.subplots(len(rows), COLUMNS, sharex=True, squeeze=False)
    figure.subplots_adjust(
        left=0.082, right=0.988, top=1 - top / height, bottom=bottom / height, wspace=0.36, hspace=0.27
    )
    lowest: dict[int, Axes] = {}
    for row, (heading, panels) in zip(axes, rows, strict=True):
        middle = row[0].get_position().y0 + row[0].get_position().height / 2
        figure.text(0.016, middle, heading, rotation=90, va="center", ha="center", size=14, weight="bold", color="0.35")
        for column, panel in enumerate(panels):
            _draw_panel(row[column], panel, study)
            lowest[column] = row[column]
        for ax in row[len(panels) :]:
            ax.remove()
    for ax in lowest.values():
        ax.set_xlabel("day")
        ax.tick_params(labelbottom=True)
    figure.text(0.012, 1 - 0.12 / height, study.heading, size=17, weight="bold", va="top")
    figure.legend(
        handles=_handles(study), loc="upper left", bbox_to_anchor=(0.005, 1 - 0.42 / height), ncols=columns,
        handlelength=2.6, columnspacing=2.2, fontsize=12.5,
    )  # fmt: skip
    figure.text(0.012, 0.1 / height, caption, size=10.5, color="0.25", va="bottom", linespacing=1.35)
    return figure


def _rows(heading: str, panels: Sequence[Panel], measures: Collection[str]) -> Iterator[tuple[str, Sequence[Panel]]]:
    """Panels of a group by row; the first row has its heading.

    Panels of measures that are not there are left out: an older study lacks newer ones.
    """
    there = [panel for panel in panels if all(name in measures for name in panel.measures)]
    for first in range(0, len(there), COLUMNS):
        yield "" if first else heading, there[first : first + COLUMNS]


def _caption(study: Drawn) -> str:
    parts = [study.what_was_run(), study.bands]
    parts.append("On log axes, what is at or below the lowest mark lies on it, also zero.")
    parts.append("Predictions are arms that no experiment has tested." if study.predictions & {*study.arms} else "")
    return " ".join(part for part in [*parts, DISCLAIMER] if part)


def _handles(study: Drawn) -> list[Line2D]:
    return [
        Line2D([], [], color=study.color(arm), linestyle=_line(study, arm), linewidth=3, label=study.label(arm))
        for arm in study.arms
    ]


def _draw_panel(ax: Axes, panel: Panel, study: Drawn) -> None:
    bands = {arm: study.band(arm, panel.measures) for arm in study.arms if study.has(arm, panel.measures)}
    for arm, band in bands.items():
        low, middle, high = (_shown(panel, values) for values in (band.low, band.middle, band.high))
        color = study.color(arm)
        if study.replicates[1] > 1:
            ax.fill_between(band.days, low, high, color=color, alpha=0.16, linewidth=0)
        ax.plot(band.days, middle, color=color, linestyle=_line(study, arm), linewidth=2, solid_capstyle="round")
    ax.set_title(panel.title, y=1.0)  # without y, the place is computed from the size of all ticks
    ax.set_ylabel(panel.unit)
    ax.set_xlim(0, study.days)
    ax.xaxis.set_major_locator(_day_locator(study.days))
    ax.grid(axis="y", color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)
    ends = [values for band in bands.values() for values in (band.low * panel.scale, band.high * panel.scale)]
    values = np.concatenate(ends)
    if panel.floor:
        _set_log_axis(ax, panel.floor, values)
    else:
        _set_linear_axis(ax, panel, values)


def _shown(panel: Panel, values: np.ndarray) -> np.ndarray:
    return np.maximum(values * panel.scale, panel.floor)


def _set_linear_axis(ax: Axes, panel: Panel, values: np.ndarray) -> None:
    highest = float(values.max(initial=0.0))
    ax.set_ylim(0, panel.top or (1.05 * highest if highest > 0 else 1.0))
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=panel.whole))


def _set_log_axis(ax: Axes, floor: float, values: np.ndarray) -> None:
    """Whole decades, at least two; the lowest is the floor only where something lies there."""
    lowest, highest = max(floor, float(values.min(initial=np.inf))), float(values.max(initial=0.0))
    bottom = np.floor(np.log10(lowest)) if np.isfinite(lowest) else np.log10(floor)
    top = max(np.ceil(np.log10(max(highest, floor))), bottom + 2)
    ax.set_yscale("log")
    ax.set_ylim(10**bottom * (0.8 if values.min(initial=np.inf) <= floor else 1.0), 10**top)
    stride = 1 if top - bottom <= 4 else 2
    ax.yaxis.set_major_locator(FixedLocator(list(10.0 ** np.arange(bottom, top + 1, stride))))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
    on_floor = bool(values.min(initial=np.inf) <= floor)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: _tick(tick, floor if on_floor else 0.0)))


def _tick(value: float, floor: float) -> str:
    sign = "≤ " if np.isclose(value, floor) else ""
    return f"{sign}{value:,.0f}" if value >= 1 else f"{sign}{value:g}"


def _day_locator(days: float) -> MaxNLocator | FixedLocator:
    return FixedLocator(range(0, int(days) + 1, 7)) if 14 <= days <= 42 else MaxNLocator(5, integer=days >= 5)


def _line(study: Drawn, arm: str) -> Any:
    return DASHES if study.styles[arm].dashed else "-"
