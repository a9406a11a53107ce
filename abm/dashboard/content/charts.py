"""The curves under the views: which measures a chart can show, in which unit, on which axis."""

from __future__ import annotations

from typing import Any, NamedTuple

from abm.model.measures import MEASURES, Measure
from abm.plots.palette import capitalized
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
    _one("cells_per_seeded", "Cancer cells per seeded cell", "×", 0.1, log=True),
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
UNITS = {"cell/mm^2": "per mm²", "virion/mm^2": "virions/mm²", "copy/mm^2": "copies/mm²"}  # as charts show them
_CANCER, _EPITHELIUM, _MATRIX = "Cancer cells", "Virus and epithelium", "Matrix"
_OF_MOBILE = {each.type.curve for each in CellKind} | {"mhcii_share", "cd4_near_cancer"}
_OF_MATRIX = {"niche_hold", "collagen"}


def measure_facts() -> list[dict[str, Any]]:
    """Every measure as charts show it: name, title, unit and factor, group of the menu; log: its axis at first."""
    return [
        {
            "name": one.name, "title": capitalized(one.meaning), "group": _group(one.name),
            "unit": "%" if _is_share(one) else UNITS.get(one.unit, one.unit),
            "factor": 100.0 if _is_share(one) else 1.0, "log": one.name.startswith(("cells_", "virions", "viral_")),
            "meaning": one.meaning,
        }
        for one in MEASURES.values()
    ]  # fmt: skip


def _is_share(measure: Measure) -> bool:
    return measure.name.endswith(("_share", "_share_second"))


def _group(name: str) -> str:
    names = list(MEASURES)
    if name in _OF_MOBILE:
        return MOBILE_CELLS
    if name in _OF_MATRIX:
        return _MATRIX
    if name.removesuffix("_lavage").removesuffix("_held") in {each.key for each in Substance}:
        return SUBSTANCES
    return _CANCER if names.index(name) < names.index(next(iter(Substance)).key) else _EPITHELIUM
