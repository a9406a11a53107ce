"""The figure that a visitor asks for: size, resolution, format and content, read from the query of an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from abm.dashboard.content.asked import number_within, one_of, whole_within
from abm.dashboard.content.charts import CHARTS
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.naming import plain_title
from abm.plots.sheet import FORMATS, MM_PER_INCH, SheetSize

WIDTHS, HEIGHTS = (60.0, 600.0), (60.0, 900.0)  # mm
DPI = (72, 1200)
MOST_PIXELS = 80_000_000  # of a PNG: what it takes in memory is four bytes each, and some copies
MOST_CHARTS = 12
UNITS = {"mm": 1.0, "in": MM_PER_INCH}
USUAL_WIDTH, USUAL_DPI = 180.0, 300  # mm: two columns of most journals


class FigureWish(NamedTuple):
    """What the figure is to be.

    Attributes:
        size: of the figure. kind: "png", "svg" or "pdf". title: heading; "" for the day alone.
        overlay: name of a field, or of sources, over the tissue; "" for none. level: whether its lines are drawn.
        measures: of the charts. legend, caption: whether there is one. views: numbers of the arms; empty for all.
    """

    size: SheetSize
    kind: str
    title: str
    overlay: str
    level: bool
    measures: tuple[str, ...]
    legend: bool
    caption: bool
    views: tuple[int, ...]


def usual_wish(kind: str, width: float = USUAL_WIDTH) -> FigureWish:
    """A figure of usual size with all of its parts."""
    measures = tuple(chart.shown for chart in CHARTS)
    return FigureWish(SheetSize(width / MM_PER_INCH, 0.0, USUAL_DPI), kind, "", "", False, measures, True, True, ())


def wish_of(query: Mapping[str, str], kind: str) -> FigureWish:
    """The wish that the query of an address states.

    Raises:
        RecipeError: something in it is not what it must be; the message has name, value, unit and range.
    """
    unit = UNITS[one_of(query.get("unit", "mm"), UNITS, "unit")]
    name = query.get("unit", "mm")
    width = number_within(_number(query.get("width", USUAL_WIDTH / unit)), *_in(WIDTHS, unit), "width", name)
    height = 0.0
    if query.get("height", ""):
        height = number_within(_number(query["height"]), *_in(HEIGHTS, unit), "height", name)
    dpi = whole_within(_number(query.get("dpi", USUAL_DPI)), *DPI, "resolution", "dpi")
    inches = tuple(side * unit / MM_PER_INCH for side in (width, height or HEIGHTS[1] / unit / 3))
    pixels = inches[0] * inches[1] * dpi**2
    if pixels > MOST_PIXELS:
        raise RecipeError(
            f"resolution: {dpi} dpi at this size gives about {pixels / 1e6:.0f} million pixels; allowed: "
            f"{MOST_PIXELS / 1e6:.0f} million. A lower resolution, a smaller figure, or SVG or PDF needs fewer"
        )
    measures = tuple(one for one in query.get("measures", "").split(",") if one)
    if len(measures) > MOST_CHARTS:
        raise RecipeError(f"{len(measures)} charts were asked for: a figure has at most {MOST_CHARTS}")
    views = tuple(whole_within(_number(one), 0, 3, "view") for one in query.get("views", "").split(",") if one)
    return FigureWish(
        SheetSize(width * unit / MM_PER_INCH, height * unit / MM_PER_INCH, dpi),
        one_of(kind, FORMATS, "format"), plain_title(query.get("title", "")), query.get("overlay", "")[:60],
        query.get("level") == "1", measures, query.get("legend", "1") == "1", query.get("caption", "1") == "1", views,
    )  # fmt: skip


def _in(ends: tuple[float, float], unit: float) -> tuple[float, float]:
    return round(ends[0] / unit, 1), round(ends[1] / unit, 1)


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError as error:
        raise RecipeError(f'"{str(text)[:40]}" is not a number') from error
