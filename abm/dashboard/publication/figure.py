"""A figure for print of what is on the stage now."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.dashboard.content.asked import one_of
from abm.dashboard.content.charts import CHARTS, measure_facts
from abm.dashboard.content.naming import LETTERS
from abm.dashboard.live.frames import OVERLAYS, SOURCE_OVERLAYS, field_of, own_overlays, shades, source_arrays
from abm.dashboard.live.stage import ArmRun, Stage
from abm.dashboard.live.worker import EVERY, Series, measured_in
from abm.dashboard.mechanism.contour import awakening_lines
from abm.dashboard.mechanism.secretion import sources
from abm.dashboard.publication.wish import FigureWish
from abm.model.results_version import RESULTS
from abm.plots.legend import own_cells
from abm.plots.overlay import enlarged, lay_over
from abm.plots.palette import ArmStyle, arm_styles, capitalized, field_colors, hexadecimal
from abm.plots.sheet import ColorScale, Sheet, SheetArm, SheetSize, write_sheet
from abm.plots.sheet_charts import Course, SheetChart
from abm.plots.timeline import bars, deed
from abm.plots.tissue_picture import LAYERS, PALETTE, tissue_codes
from abm.reporting.citation import cited_with
from abm.reporting.report import DISCLAIMER
from abm.rules.substances import SUBSTANCES
from abm.scenario.prediction import is_prediction
from abm.tissue.state import AMOUNT

HOURS_PER_DAY = 24.0
FINEST = 12  # pixels a side of a site, at most
PALE = np.array([247, 244, 246])  # of a square in which nothing is secreted, as in sources.js
Replicated = Sequence[Sequence[Series]]
_drawing = threading.Lock()  # matplotlib's settings are those of the process


class MeasureShown(NamedTuple):
    """Facts of a measure that a chart needs."""

    title: str
    unit: str
    factor: float
    log: bool
    floor: float


def draw(sheet: Sheet, size: SheetSize, kind: str) -> bytes:
    """The figure as a file.

    Raises:
        SheetError: its size is too small for what it is to show.
    """
    with _drawing, tempfile.TemporaryDirectory() as folder:
        return write_sheet(sheet, size, Path(folder) / f"figure.{kind}").read_bytes()


def sheet_of(stage: Stage, wish: FigureWish, found: Replicated = ()) -> Sheet:
    """What a figure shows of the stage; it holds no part of the models.

    Args:
        stage: between two steps.
        wish: what is asked for.
        found: replicates of what is shown, for bands.

    Raises:
        RecipeError: it asks for an overlay, a measure or a view that there is not.
    """
    views = [one for one in (wish.views or range(len(stage.arms))) if one < len(stage.arms)]
    overlays = {**OVERLAYS, **SOURCE_OVERLAYS}
    for arm in stage.scenarios:
        overlays |= own_overlays(arm)
    overlay = one_of(wish.overlay, ["", *overlays], "overlay")
    keys = [f"{number}" for number in range(len(stage.arms))]
    names = [arm.base for arm in stage.recipe.arms]
    unique = [name if names.count(name) == 1 else f"{name} {key}" for name, key in zip(names, keys, strict=True)]
    styles = list(arm_styles(unique).values())
    pixels = wish.size.width / max(1, min(len(views), 2)) * wish.size.dpi
    arms = [_arm(stage, number, styles[number], overlay, wish, pixels) for number in views]
    scale = None
    if overlay:
        known = overlays[overlay]
        scale = ColorScale(f"{capitalized(known.name)} ({known.unit}{', log' if known.log else ''})", *known[2:])
    sourced = overlay in SOURCE_OVERLAYS
    half = stage.arms[views[0]].model.parameters.dormancy.half_response
    return Sheet(
        wish.title or f"Day {stage.hour / HOURS_PER_DAY:.3g}",
        arms,
        [_chart(stage, views, styles, one, found) for one in wish.measures],
        scale,
        [(one.title, one.color) for one in sources() if one.secretes_il6] if sourced else (),
        _level(arms, float(half)) if wish.level else "",
        wish.legend,
        own_cells([[one.title for one in stage.scenarios[view].cells] for view in views]),
        _caption(stage, views, len(found)) if wish.caption else "",
    )


def _arm(stage: Stage, number: int, style: ArmStyle, overlay: str, wish: FigureWish, pixels: float) -> SheetArm:
    run, scenario = stage.arms[number], stage.scenarios[number]
    rows, columns = run.model.tissue.kind.shape
    scale = int(np.clip(np.ceil(pixels / columns), 2, FINEST))
    cells = float(run.points[-1][run.measures.index("cells_per_seeded")])
    note = f"{cells:,.0f}" if cells >= 9.95 else f"{cells:.1f}"
    told = f"{note} × seeded cells{', prediction' if is_prediction(scenario) else ''}"
    done = "; ".join(deed(bar, scenario.duration) for bar in bars(scenario)) or "nothing was done"
    lines = awakening_lines(run.model) if wish.level else []
    color = hexadecimal(style.color)
    picture = tissue_of(run, overlay, scale)
    return SheetArm(LETTERS[number], scenario.title, color, picture, (rows, columns), lines, told, done)


def tissue_of(run: ArmRun, overlay: str, scale: int) -> np.ndarray:
    """The tissue of an arm now, `scale` pixels a side of a site: uint8[height, width, 3]."""
    tissue = run.model.tissue
    states = np.append(tissue.states, 255).astype(np.uint8)
    mobile, cancer = tissue.mobile[tissue.mobile.alive], tissue.cancer[tissue.cancer.alive]
    arrays = {
        "epithelium": states[tissue.cell_of_site],  # -1, no cell, is the last
        "mobile_x": mobile.x, "mobile_y": mobile.y, "mobile_kind": mobile.kind,
        "cancer_x": cancer.x, "cancer_y": cancer.y, "cancer_state": cancer.state,
    }  # fmt: skip
    codes = tissue_codes(arrays, tissue.kind, LAYERS, scale)
    picture: np.ndarray = PALETTE.take(codes, axis=0)
    own = own_overlays(run.model.experiment)
    if overlay in SOURCE_OVERLAYS:
        lay_over(picture, codes, _source_colors(run, overlay, codes.shape))
    elif overlay in own:
        field = tissue.fields[SUBSTANCES + list(own).index(overlay)][AMOUNT]
        lay_over(picture, codes, field_colors()[enlarged(shades(field, own[overlay]), codes.shape)])
    elif overlay in OVERLAYS:
        shown = shades(field_of(tissue, overlay), OVERLAYS[overlay])
        lay_over(picture, codes, field_colors()[enlarged(shown, codes.shape)])
    return picture


def _source_colors(run: ArmRun, overlay: str, shape: tuple[int, ...]) -> np.ndarray:
    """Colors of the types of cells that secrete most, the fuller the more all secrete: uint8[height, width, 3]."""
    arrays = source_arrays(run.model, overlay)
    colors = np.array([one.color for one in sources()])[arrays["source"]]
    share = (arrays["secreted"][..., np.newaxis] / 255.0) ** 0.8
    mixed = np.round(PALE * (1 - share) + colors * share).astype(np.uint8)
    return enlarged(mixed, shape, smooth=False)


def _level(arms: Sequence[SheetArm], half: float) -> str:
    nowhere = "" if any(len(arm.lines) for arm in arms) else "; nowhere now"
    return f"IL-6 at half of the full STAT3 response ({half:g} ng/mL without drugs{nowhere})"


def _chart(
    stage: Stage, views: Sequence[int], styles: Sequence[ArmStyle], measure: str, found: Replicated
) -> SheetChart:  # fmt: skip
    told = _told(stage, measure)
    courses = [_course(stage, view, styles[view], measure, told.factor, found) for view in views]
    il6 = next(chart for chart in CHARTS if chart.awakening)
    level = stage.arms[views[0]].model.parameters.dormancy.half_response if measure == il6.awakening else None
    end = stage.recipe.days
    return SheetChart(
        told.title, told.unit, told.log, told.floor, courses, stage.hour / HOURS_PER_DAY, end,
        None if level is None else float(level),
    )  # fmt: skip


def _course(
    stage: Stage, view: int, style: ArmStyle, measure: str, factor: float, found: Replicated
) -> Course | None:  # fmt: skip
    run = stage.arms[view]
    if measure not in run.measures:
        return None
    values = np.array(run.points)[:, run.measures.index(measure)] * factor
    days, none = np.arange(len(values)) / HOURS_PER_DAY, np.empty(0)
    if not found:
        return Course(days, values, style.dashed, none, none, none)
    at = measured_in(stage.scenarios[view]).index(measure)
    replicates = np.array([each[view][:, at] for each in found]) * factor
    seen = np.arange(replicates.shape[1]) * EVERY <= stage.hour
    low, high = np.quantile(replicates[:, seen], (0.25, 0.75), axis=0)
    return Course(days, values, style.dashed, np.flatnonzero(seen) * EVERY / HOURS_PER_DAY, low, high)


def _told(stage: Stage, measure: str) -> MeasureShown:
    """How charts of the page show a measure."""
    for chart in CHARTS:
        if measure in chart.choices:
            return MeasureShown(capitalized(chart.choices[measure]), chart.unit, chart.factor, chart.log, chart.floor)
    known: dict[str, dict[str, Any]] = {one["name"]: one for one in measure_facts()}
    own = {name: one for run in stage.arms for name, one in run.model.recorder.measures.items() if name not in known}
    name = one_of(measure, [*known, *own], "measure")
    if name in own:
        return MeasureShown(capitalized(own[name].meaning), own[name].unit, 1.0, False, 0.0)
    fact = known[name]
    return MeasureShown(fact["title"], fact["unit"], fact["factor"], fact["log"], 1e-3)


def _caption(stage: Stage, views: Sequence[int], replicates: int) -> str:
    several = len(views) > 1
    predictions = any(is_prediction(stage.scenarios[view]) for view in views)
    parts = [
        f"{'Twins of' if several else 'Run with'} seed {stage.recipe.seed}: one section of "
        f"{stage.recipe.side / 1000:g} mm of one lung on day {stage.hour / HOURS_PER_DAY:.3g}. Cells are drawn larger "
        "than they are.",
        "Curves: this section; upright line: the day shown."
        + (f" Bands: middle half of {replicates} other sections." if replicates else ""),
        "A prediction is an arm that no experiment has tested." if predictions else "",
        cited_with(RESULTS),
        DISCLAIMER,
    ]
    return " ".join(part for part in parts if part)
