"""What a sensitivity analysis found, in words, as a table and as figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.inference.sensitivity import AxisEffect, AxisTie, Sensitivity
from abm.plots.figures import save_figure
from abm.runs.store.files import atomic, write_text
from abm.studies.design.sample import MORRIS
from abm.studies.design.study import Study
from abm.studies.sweep.figure_axes import label_of, scale

BLUE, LIGHT, GRAY = "#1f4e8c", "#8fb3df", "0.6"
COLUMNS = 4
ROOM = 0.42  # inches a bar


def write(folder: Path, study: Study, found: Sequence[Sensitivity]) -> list[Path]:
    """Write sensitivity.md, sensitivity.csv and a figure a group; gives their paths.

    Raises:
        OSError: no room, no right to write.
    """
    (folder / "figures").mkdir(exist_ok=True)
    figures = [
        save_figure(figure_of(study, one), folder / "figures" / f"sensitivity-{_file_name(one)}.png") for one in found
    ]
    text = [f"# Sensitivity: {study.title}", ""]
    for one, figure in zip(found, figures, strict=True):
        text += [f"## {one.group}: {one.outcome.label}", "", paragraph(study, one), ""]
        text += [*table_lines(one), "", f"![{one.group}](figures/{figure.name})", ""]
    write_text(folder / "sensitivity.md", "\n".join(text))
    with atomic(folder / "sensitivity.csv") as temporary:
        pd.concat([_rows(one) for one in found]).to_csv(temporary, index=False)
    return [folder / "sensitivity.md", folder / "sensitivity.csv", *figures]


def paragraph(study: Study, one: Sensitivity) -> str:
    """What was found, for people."""
    return " ".join(
        [*_what_matters(one), *_what_chance_does(one), *_what_is_settled(one), _what_it_stands_on(study, one)]
    )


def table_lines(one: Sensitivity) -> list[str]:
    """The effects as a table in Markdown."""
    main, second = _headings(one)
    lines = [f"| rank | axis | {main} | 95 % interval | {second} | 95 % interval |", "|---:|---|---:|---|---:|---|"]
    for rank, effect in enumerate(one.effects, start=1):
        lines.append(
            f"| {rank} | {effect.axis} | {effect.main:.3g} | {effect.low:.3g} to {effect.high:.3g} "
            f"| {effect.second:.3g} | {effect.second_low:.3g} to {effect.second_high:.3g} |"
        )
    return lines


def _headings(one: Sensitivity) -> tuple[str, str]:
    if one.method == MORRIS:
        return "mean absolute effect over its range", "spread of the effect"
    return "total index (with interactions)", "first-order index (alone)"


def _what_matters(one: Sensitivity) -> Iterator[str]:
    strong = [effect for effect in one.effects if effect.clear]
    if not strong:
        yield f"Over the ranges studied, no axis changes the {one.outcome.label} by more than chance."
        return
    first = strong[0]
    if one.method == MORRIS:
        yield f"Over the ranges studied, {first.axis} changes the {one.outcome.label} most: {_moves(one, first)}."
        rest = [f"{effect.axis} ({_moves(one, effect)})" for effect in strong[1:]]
    else:
        yield (
            f"Of the variance of the {one.outcome.label} that the axes cause, {first.axis} contributes to "
            f"{_percent(first)}, and to {100.0 * max(0.0, first.second):.0f} % alone."
        )
        rest = [f"{effect.axis} ({_percent(effect)})" for effect in strong[1:]]
    if rest:
        yield f"It is followed by {_listed(rest)}."
    weak = [effect.axis for effect in one.effects if not effect.clear]
    if weak:
        yield f"With {one.replicates} replicates the effect of {_listed(weak)} cannot be distinguished from chance."


def _moves(one: Sensitivity, effect: AxisEffect) -> str:
    bends = effect.second > effect.main / 2.0
    how = "up or down" if abs(effect.direction) < effect.main / 2.0 else "up" if effect.direction > 0.0 else "down"
    size = f"by a factor of {10.0**effect.main:.3g}" if one.outcome.logarithmic else f"by {effect.main:.3g}"
    return f"{size} {how} across its range{', depending on the others' if bends else ''}"


def _percent(effect: AxisEffect) -> str:
    return f"{100.0 * effect.main:.0f} % ({100.0 * max(0.0, effect.low):.0f} to {100.0 * effect.high:.0f})"


def _what_chance_does(one: Sensitivity) -> Iterator[str]:
    if one.shares is None:
        yield "With a single replicate, the noise of chance is unknown and affects all these numbers."
        return
    axes, seed, rest = (100.0 * share for share in (one.shares.axes, one.shares.seed, one.shares.rest))
    yield (
        f"Of the variance of single runs, the axes cause {axes:.0f} %, the seed (the same lung and cells at all "
        f"points) {seed:.0f} %, and chance that differs from point to point {rest:.0f} %."
    )
    if one.method == MORRIS:
        yield f"This chance alone would appear as an effect of {one.floor:.2g}."


def _what_is_settled(one: Sensitivity) -> Iterator[str]:
    if not one.ties:
        if any(effect.clear for effect in one.effects):
            yield "The order of all axes that exceed chance is certain."
        return
    yield "Not certain: " + "; ".join(map(_tie, one.ties)) + "."


def _tie(tie: AxisTie) -> str:
    ranks = f"rank {tie.ranks[0]} versus {tie.ranks[1]} ({tie.first}, {tie.second})"
    if tie.more is None:
        return f"{ranks} cannot be separated by any feasible number of runs"
    return f"{ranks} needs about {_rounded(tie.more):,} more runs"


def _rounded(number: float) -> int:
    """To two digits."""
    digits = max(0, len(str(int(number))) - 2)
    return max(1, int(round(number, -digits)))


def _what_it_stands_on(study: Study, one: Sensitivity) -> str:
    kind = "Morris screening" if one.method == MORRIS else "Sobol indices"
    assert study.sample is not None
    what = "trajectories" if one.method == MORRIS else "base points"
    return f"({kind}, {study.sample.points} {what}, {one.replicates} replicates, {one.runs:,} runs.)"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _rows(one: Sensitivity) -> pd.DataFrame:
    table = pd.DataFrame([vars(effect) for effect in one.effects])
    names = ["mean_absolute_effect", "spread"] if one.method == MORRIS else ["total_index", "first_order_index"]
    table = table.rename(columns={"main": "value", "second": "second_value"})
    table.insert(0, "group", one.group)
    table.insert(1, "measure", one.outcome.measure)
    table.insert(2, "hour", one.outcome.hour)
    table.insert(3, "value_is", names[0])
    table.insert(4, "second_is", names[1])
    return table


def _file_name(one: Sensitivity) -> str:
    return re.sub(r"[^\w.+-]+", "_", f"{one.group}-{one.outcome.measure}-day_{one.outcome.hour / 24:g}")


def figure_of(study: Study, one: Sensitivity) -> Figure:
    """Bars of the effects with their intervals; below them the outcome against each axis, strongest first."""
    count = len(one.effects)
    rows = -(-count // COLUMNS)
    heights = [max(2.2, ROOM * count + 0.9), *[2.3] * rows]
    figure = Figure(figsize=(12.0, sum(heights) + 1.0), layout="constrained")
    grid = figure.add_gridspec(rows + 1, COLUMNS, height_ratios=heights)
    _bars(figure.add_subplot(grid[0, :]), one)
    first: Axes | None = None
    for place, effect in enumerate(one.effects):
        ax = figure.add_subplot(grid[1 + place // COLUMNS, place % COLUMNS], sharey=first)
        first = first or ax
        _scatter(ax, study, one, effect)
        ax.tick_params(labelleft=place % COLUMNS == 0)
    figure.suptitle(f"{one.group}: effects on the\n{one.outcome.label}", fontsize=12)
    figure.supxlabel(f"upright in the small panels: the outcome, mean over {one.replicates} seeds", fontsize=9)
    return figure


def _bars(ax: Axes, one: Sensitivity) -> None:
    main, second = _headings(one)
    at = np.arange(len(one.effects))
    for offset, color, label, values in (
        (-0.18, BLUE, main, [(e.main, e.low, e.high) for e in one.effects]),
        (0.18, LIGHT, second, [(e.second, e.second_low, e.second_high) for e in one.effects]),
    ):
        middle, low, high = np.array(values).T
        ax.barh(at + offset, middle, 0.34, color=color, label=label)
        ends = np.abs(np.array([middle - np.minimum(low, middle), np.maximum(high, middle) - middle]))
        ax.errorbar(middle, at + offset, xerr=ends, fmt="none", ecolor="0.2", elinewidth=1.0, capsize=2.5)
    if one.floor > 0.0:
        ax.axvline(one.floor, color=GRAY, linestyle="--", linewidth=1.2, label="expected from chance alone")
    ax.set(yticks=at, yticklabels=[effect.axis for effect in one.effects], xlim=(min(0.0, ax.get_xlim()[0]), None))
    ax.invert_yaxis()
    unit = " (powers of ten)" if one.outcome.logarithmic and one.method == MORRIS else ""
    ax.set_xlabel(f"effect on the outcome{unit}, bars: 95 % interval" if one.method == MORRIS
                  else "share of the variance caused by the axes, bars: 95 % interval")  # fmt: skip
    ax.legend(loc="lower right", fontsize=9, frameon=False)
    ax.spines[["top", "right"]].set_visible(False)


def _scatter(ax: Axes, study: Study, one: Sensitivity, effect: AxisEffect) -> None:
    column = one.axes.index(effect.axis)
    axis = study.sampled[column]
    x = axis.at(one.rows[:, column])
    ax.plot(x, one.results, ".", color=BLUE, alpha=0.35, markersize=4)
    edges = np.quantile(one.rows[:, column], np.linspace(0.0, 1.0, 9))
    bins = np.clip(np.searchsorted(edges, one.rows[:, column], side="right") - 1, 0, 7)
    used = np.unique(bins)
    middle = [float(np.median(x[bins == one_bin])) for one_bin in used]
    ax.plot(middle, [float(one.results[bins == one_bin].mean()) for one_bin in used], color="0.1", linewidth=1.6)
    scale(ax, axis, "x")
    ax.set_xlabel(label_of(axis), fontsize=9)
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)
