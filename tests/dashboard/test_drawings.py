import io
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from abm import LungModel
from abm.dashboard.charts import BOTTOM, CHARTS, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, chart_svg
from abm.dashboard.legend import cells_html, il6_scale_html, sites_html
from abm.dashboard.picture import IL6_HIGH, IL6_LOW, MOST_SCALE, il6_png, tissue_png
from abm.dashboard.player import MEASURES, Point
from abm.rules.states import CancerState, SiteKind
from abm.scenario import Scenario
from abm.study.palette import CANCER_COLORS, CELL_NAMES, EPITHELIUM_NAMES, SITE_NAMES, il6_colors

NAMES = [chart.measure for chart in CHARTS]


@pytest.fixture(scope="module")
def model(healthy: Scenario) -> LungModel:
    return LungModel(replace(healthy, layout="sheet"), seed=1)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def points(values: list[float]) -> list[Point]:
    return [Point(day, dict.fromkeys(NAMES, value)) for day, value in enumerate(values)]


def curve(svg: str) -> np.ndarray:
    line = ElementTree.fromstring(svg).find("polyline").get("points")
    return np.array([[float(part) for part in pair.split(",")] for pair in line.split()])


def test_a_cancer_cell_is_seen_where_it_is(model: LungModel) -> None:
    picture = pixels(tissue_png(model))
    cancer = model.tissue.cancer[model.tissue.cancer.alive]
    middle = MOST_SCALE // 2
    assert picture.shape == (MOST_SCALE * 40, MOST_SCALE * 40, 3)
    assert cancer.size
    assert (picture[cancer.y * MOST_SCALE + middle, cancer.x * MOST_SCALE + middle]
            == CANCER_COLORS[CancerState.DORMANT]).all()  # fmt: skip


def test_il6_runs_from_pale_to_dark_between_the_ends_of_its_scale(model: LungModel) -> None:
    away = model.tissue.kind == SiteKind.SEPTUM
    away = np.repeat(np.repeat(away, MOST_SCALE, axis=0), MOST_SCALE, axis=1)
    shades = []
    for amount in (IL6_LOW / 10, IL6_LOW, IL6_HIGH, IL6_HIGH * 10):
        model.tissue.il6[0] = amount
        colors, counts = np.unique(pixels(il6_png(model))[away], axis=0, return_counts=True)
        shades.append(colors[counts.argmax()].tolist())
    assert shades == [il6_colors()[0].tolist()] * 2 + [il6_colors()[-1].tolist()] * 2


@pytest.mark.parametrize("chart", CHARTS, ids=NAMES)
@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [1.0, 0.02, 3e5, 7.0], [1e-9, 1e9]], ids=str)
def test_a_curve_stays_inside_its_axes(chart: Chart, values: list[float]) -> None:
    x, y = curve(chart_svg(chart, points(values), 28.0)).T
    assert x[0] == LEFT
    assert (x <= WIDTH - RIGHT).all()
    assert (np.diff(x) > 0).all()
    assert (y >= TOP - 0.1).all()
    assert (y <= HEIGHT - BOTTOM + 0.1).all()


def test_more_is_higher() -> None:
    for chart in CHARTS:
        assert (np.diff(curve(chart_svg(chart, points([1.0, 20.0, 300.0]), 28.0))[:, 1]) < 0).all()


@pytest.mark.parametrize("last_day", [0.25, 1.0, 28.0, 90.0, 3650.0])
def test_days_are_marked_a_few_times_whatever_the_length(last_day: float) -> None:
    drawing = ElementTree.fromstring(chart_svg(CHARTS[0], points([1.0]), last_day))
    marks = [text for text in drawing.iter("text") if text.get("text-anchor") == "middle"]
    assert 2 <= len(marks) <= 6


def test_a_curve_tells_its_last_value_to_a_screen_reader() -> None:
    svg = ElementTree.fromstring(chart_svg(CHARTS[1], points([1.0, 34.0]), 28.0))
    assert svg.get("aria-label") == "IL-6 in lavage: 34 pg/mL on day 1.0"


def test_every_curve_is_of_a_measure_that_the_player_takes() -> None:
    assert set(NAMES) <= set(MEASURES)


def test_the_legend_names_everything_that_is_drawn() -> None:
    legend = cells_html() + sites_html()
    for names in (CELL_NAMES, EPITHELIUM_NAMES, SITE_NAMES):
        for name in names.values():
            assert name in legend
    ElementTree.fromstring(f"<div>{legend}{il6_scale_html()}</div>")
