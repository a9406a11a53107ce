"""The curves under the views: which measures a chart can show, in which unit, on which axis."""

from __future__ import annotations

from typing import NamedTuple

from abm.rules.cells import CellKind
from abm.rules.substances import Substance


class Chart(NamedTuple):
    """A chart of the page. It shows one measure at a time, which a menu picks where there are several.

    Attributes:
        title: its name, and that of the menu.
        choices: measures by name, each with its name for people.
        shown: the measure shown at first.
        unit: of what is shown, which is a measure times `factor`.
        floor: a logarithmic axis leaves lower values out; where all are lower, it begins here.
        log: whether its axis is logarithmic at first.
        awakening: the measure whose EC50 of awakening is drawn as a line; "" where there is none.
    """

    title: str
    choices: dict[str, str]
    shown: str
    unit: str
    floor: float
    log: bool = False
    factor: float = 1.0
    awakening: str = ""


def _one(measure: str, title: str, unit: str, floor: float, log: bool = False, factor: float = 1.0) -> Chart:
    """A chart of one measure."""
    return Chart(title, {measure: title}, measure, unit, floor, log, factor)


SUBSTANCES, MOBILE_CELLS = "Substances", "Mobile cells"  # charts that also offer what a scenario declares
CHARTS = (
    _one("cells_per_seeded", "Cancer cells per seeded", "×", 0.1, log=True),
    _one("ki67_share", "Ki67+ cells", "%", 0.1, factor=100.0),
    Chart(
        SUBSTANCES, {each.key: each.type.title for each in Substance}, Substance.IL6.key, "ng/mL", 0.001,
        awakening=Substance.IL6.key,
    ),
    _one("virions", "Virus", "virions/mm²", 1.0, log=True),
    Chart(
        MOBILE_CELLS, {each.type.curve: each.type.plural for each in CellKind}, CellKind.CD8.type.curve, "per mm²",
        0.1,
    ),
)  # fmt: skip
CHARTED = tuple(measure for chart in CHARTS for measure in chart.choices)
