"""The diagram of a scenario: which cells secrete which substances, and what these raise or lower, in whom.

It is drawn from the laws that act, so it shows the rules of a scenario as well. Three columns: secreting cells,
substances, and what responds to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.laws.catalogue import LawInScenario
from abm.laws.law import LOWERS, RAISES
from abm.laws.places import DRUG
from abm.plots.curves import NotebookFigure
from abm.plots.laws import SETTINGS, save_both
from abm.plots.palette import BLUE, ORANGE, hexadecimal
from abm.rules.substances import Substance
from abm.scenario.scenario import Scenario

SECRETION = "secretion of "
LINE = 0.34  # inches from one name to the next
WIDTH = 13.0  # inches
LEFT, MIDDLE, RIGHT = (
    3.0,
    5.9,
    8.6,
)  # inches: right end of the cells, middle of the substances, left end of the responses
RAISING, LOWERING, GRAY = hexadecimal(BLUE), hexadecimal(ORANGE), "0.55"


class Arrow(NamedTuple):
    """From whom to what, and whether it raises, lowers, or both ("")."""

    start: str
    end: str
    effect: str


class Network(NamedTuple):
    """What is drawn: who secretes a substance, and what responds to it."""

    secretion: tuple[Arrow, ...]
    response: tuple[Arrow, ...]


def network(scenario: Scenario, acting: Sequence[LawInScenario]) -> Network:
    """Who secretes which substance, and which rate of which cell responds to it, from the laws that act."""
    titles = [*(each.type.title for each in Substance), *(one.title for one in scenario.substances)]
    made, felt = [], []
    for law in acting:
        if law.law.cell == DRUG:  # it shows the tissue
            continue
        if law.law.target.startswith(SECRETION) and law.law.target.removeprefix(SECRETION) in titles:
            made.append(Arrow(law.law.cell, law.law.target.removeprefix(SECRETION), RAISES))
        for signal in law.law.signals:
            if signal in titles:
                felt.append(Arrow(signal, f"{law.law.target} ({law.law.cell})", law.law.effect))
    return Network(tuple(dict.fromkeys(made)), tuple(dict.fromkeys(felt)))


def diagram(scenario: Scenario, acting: Sequence[LawInScenario]) -> Figure:
    """The diagram as a figure."""
    shown = network(scenario, acting)
    columns = [
        list(dict.fromkeys(arrow.start for arrow in shown.secretion)),
        list(dict.fromkeys(arrow.end for arrow in shown.secretion)),
        list(dict.fromkeys(arrow.end for arrow in shown.response)),
    ]
    columns[1] = list(dict.fromkeys([*columns[1], *(arrow.start for arrow in shown.response)]))
    height = LINE * max(map(len, columns)) + 1.3
    with matplotlib.rc_context(SETTINGS):
        figure: Figure = NotebookFigure(figsize=(WIDTH, height))
    ax = figure.add_axes((0.0, 0.0, 1.0, 1.0), frameon=False)
    ax.set(xlim=(0.0, WIDTH), ylim=(height, 0.0), xticks=[], yticks=[])
    places = [_names(ax, column, at, height) for at, column in enumerate(columns)]
    for arrow in shown.secretion:
        _draw(ax, (LEFT, places[0][arrow.start]), (MIDDLE - 0.75, places[1][arrow.end]), GRAY)
    for arrow in shown.response:
        color = {RAISES: RAISING, LOWERS: LOWERING}.get(arrow.effect, GRAY)
        _draw(ax, (MIDDLE + 0.75, places[1][arrow.start]), (RIGHT, places[2][arrow.end]), color)
    for x, text, side in ((LEFT, "secreted by", "right"), (MIDDLE, "substance", "center"), (RIGHT, "acts on", "left")):
        ax.text(x, 0.7, text, size=12, weight="bold", ha=side, va="center")
    ax.text(
        0.3, 0.3, f"{scenario.title or scenario.name}: who secretes what, and what it acts on", size=13, va="center"
    )
    ax.text(RIGHT + 1.0, 0.7, "raised", size=11, color=RAISING, va="center")
    ax.text(RIGHT + 1.75, 0.7, "lowered", size=11, color=LOWERING, va="center")
    return figure


def draw_diagram(scenario: Scenario, acting: Sequence[LawInScenario], folder: Path) -> tuple[Path, Path]:
    """Draw the diagram into a folder, as PNG and SVG; returns the files.

    Raises:
        StorageError: no room, no right to write.
    """
    return save_both(diagram(scenario, acting), folder, f"diagram-{scenario.name}")


def _names(ax: Axes, names: Sequence[str], column: int, height: float) -> Mapping[str, float]:
    """Write the names of a column, evenly from top to bottom; gives where each stands."""
    step = (height - 1.3) / max(1, len(names))
    places = {name: 1.1 + step * (at + 0.5) for at, name in enumerate(names)}
    for name, y in places.items():
        x, side = ((LEFT - 0.1, "right"), (MIDDLE, "center"), (RIGHT + 0.1, "left"))[column]
        ax.text(x, y, name, size=10.5, ha=side, va="center", weight="bold" if column == 1 else "normal")
    return places


def _draw(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    style = {"arrowstyle": "-|>", "color": color, "lw": 1.1, "alpha": 0.8, "shrinkA": 2, "shrinkB": 2}
    ax.annotate("", end, start, arrowprops=style)
