"""The picture of a target: the model's curves with their bands, over what was measured and where they have to lie."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from abm.plots.figures import STYLE, save_figure
from abm.reporting.measured import Measured
from abm.reporting.report import DISCLAIMER
from abm.validate.curves import ArmCurves
from abm.validate.figure_panels import COLORS, Styles, draw_arms, draw_compared, draw_mice
from abm.validate.operations import OF_NUMBERS
from abm.validate.scoring import PEOPLE
from abm.validate.suite import TargetResult, load_arm
from abm.validate.target import Value

WIDTH, HEIGHT, MARGIN = 4.7, 3.7, 0.3  # inches, of a panel and around the figure
NARROWEST = 10.0  # inches, so that the text above has room
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 2, 8: 4}  # by number of panels; of more or others: 3
POINTS = {  # what is measured, by whether it is of people
    False: "Points: median mouse, with the lowest and the highest; circles: first experiment, diamonds: second, gray: "
    "the other one, brought to the same scale.",
    True: "Squares: median person, with the lowest and the highest.",
}
Read = Sequence[tuple[Value, Measured]]


def draw(result: TargetResult, curves: ArmCurves, version: str, path: Path) -> None:
    """Draw a target.

    Raises:
        OSError: no room, no right to write.
    """
    with matplotlib.rc_context(STYLE):
        save_figure(_figure(result, curves, version), path)


def panels_of(result: TargetResult) -> list[tuple[str, Read]]:
    """What each panel shows, in order: "mice", "arms" or "compared", with the values that are read from it.

    The bare curves of all arms of a measure share a panel; so do values that are read from one compared curve.
    """
    panels: dict[tuple[object, ...], list[tuple[Value, Measured]]] = {}
    for value, one in zip(result.target.values, result.measured, strict=True):
        if value.operation == "error":
            panels[one.name, "mice"] = [(value, one)]
            continue
        if value.compare in ("arm", "change", "less", *OF_NUMBERS):
            panels.setdefault((value.measure, "arms"), []).append((value, one))
        if value.compare in OF_NUMBERS:
            continue
        curve = (value.arm, value.measure, value.compare, value.against, value.base)
        panels.setdefault((*curve, "compared"), []).append((value, one))
    return [(str(key[-1]), read) for key, read in panels.items()]


def _figure(result: TargetResult, curves: ArmCurves, version: str) -> Figure:
    target, panels = result.target, panels_of(result)
    columns = COLUMNS.get(len(panels), 3)
    rows = -(-len(panels) // columns)
    width = max(NARROWEST, WIDTH * columns + 2 * MARGIN)
    fold = round((width - 1.8) * 12.0)
    finding = textwrap.fill(f"Finding: {target.finding}. Tolerance: {target.tolerance}.", fold)
    caption = textwrap.fill(_caption(result, version), round(width * 14.5))
    top, bottom = 0.98 + 0.2 * finding.count("\n"), 0.3 + 0.17 * (caption.count("\n") + 1)
    high = HEIGHT * rows + top + bottom
    figure = Figure(figsize=(width, high))
    figure.set_layout_engine(
        ConstrainedLayoutEngine(rect=(0.01, bottom / high, 0.98, 1 - (top + bottom) / high), w_pad=0.1, h_pad=0.1)
    )
    left, right = MARGIN / width, 1 - MARGIN / width
    kind, said = target.kind, result.said
    figure.text(left, 1 - 0.15 / high, f"{target.id}  {target.title}", size=16, weight="bold", va="top")
    figure.text(
        right, 1 - 0.18 / high, said, size=14, weight="bold", va="top", ha="right", color=COLORS[result.verdict]
    )
    if kind != said:
        figure.text(right, 1 - 0.5 / high, f"({kind})", size=10.5, va="top", ha="right", color="0.4")
    figure.text(left, 1 - 0.54 / high, finding, size=11, color="0.3", va="top", linespacing=1.3)
    figure.text(left, 0.1 / high, caption, size=9, color="0.35", va="bottom", linespacing=1.35)
    styles = Styles.of({arm: load_arm(arm).title for arm in target.arms})
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, (kind_of_panel, read) in zip(axes, panels, strict=False):
        drawing = {"mice": draw_mice, "arms": draw_arms, "compared": draw_compared}[kind_of_panel]
        drawing(ax, read, curves, result.replicates, styles)
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    return figure


def _caption(result: TargetResult, version: str) -> str:
    compared = [value.experiment for value in result.target.values if value.operation == "error"]
    is_read_alone = len(compared) < len(result.target.values)
    parts = [
        f"Embers {version}, {result.replicates} sections of lung an arm.",
        "Lines: their mean; dark bands: its 95 % interval; pale bands: 10th to 90th percentile of the sections.",
        *(POINTS[experiment == PEOPLE] for experiment in dict.fromkeys(compared)),
        "Brackets: where a number has to lie; colored diamonds: where it lies, with its 95 % interval."
        if is_read_alone
        else "",
        "A prediction: no experiment has tested it." if result.target.kind == "prediction" else "",
        DISCLAIMER,
    ]
    return " ".join(part for part in parts if part)
