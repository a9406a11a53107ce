"""The figure for print has the size, the resolution and the content that were asked for."""

import io
import re
import zlib
from collections.abc import Iterator

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.stage import Stage
from abm.dashboard.live.worker import series_of
from abm.dashboard.publication.figure import draw, sheet_of, tissue_of
from abm.dashboard.publication.wish import wish_of
from abm.plots.figures import STYLE
from abm.plots.palette import CANCER_COLORS, EPITHELIUM_COLORS
from abm.plots.sheet import HINTED, MM_PER_INCH, SheetError, sheet_figure
from abm.plots.sheet_charts import Course, SheetChart, draw_chart
from abm.rules.states import CancerState, EpithelialState
from tests.dashboard.mechanism.conftest import SMALL, played

CHARTS = "cells_per_seeded,il6"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = played(SMALL, 120)
    yield made
    made.close()


def drawn(stage: Stage, kind: str, **query: str) -> bytes:
    wish = wish_of(query, kind)
    return draw(sheet_of(stage, wish), wish.size, kind)


@pytest.mark.parametrize(("width", "unit", "dpi"), [("120", "mm", 150), ("4", "in", 200)])
def test_a_png_has_the_width_and_the_resolution(stage: Stage, width: str, unit: str, dpi: int) -> None:
    content = drawn(
        stage, "png", width=width, unit=unit, dpi=str(dpi), measures=CHARTS, height="7" if unit == "in" else ""
    )
    picture = Image.open(io.BytesIO(content))
    inches = float(width) / (MM_PER_INCH if unit == "mm" else 1)
    assert picture.width == pytest.approx(inches * dpi, abs=1)
    assert picture.info["dpi"] == pytest.approx((dpi, dpi), rel=1e-3)
    if unit == "in":
        assert picture.height == 7 * dpi
    colors = {tuple(color) for color in np.asarray(picture.convert("RGB")).reshape(-1, 3)}
    assert CANCER_COLORS[CancerState.DORMANT] in colors


def test_a_pdf_has_the_size_and_text_with_its_fonts(stage: Stage) -> None:
    content = drawn(stage, "pdf", width="180", measures=CHARTS, dpi="100")
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    assert float(box[0]) / 72 * MM_PER_INCH == pytest.approx(180, abs=0.1)
    assert b"/FontFile2" in content
    streams = [zlib.decompress(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)[:1]]
    assert b" Tf" in streams[0]  # text, not outlines


def test_an_svg_has_titles_treatments_citation_and_vector_curves(stage: Stage) -> None:
    text = drawn(
        stage, "svg", width="180", measures=CHARTS, dpi="100", overlay="il6", level="1", title="Fig. 1 <b>"
    ).decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    for part in (
        "Fig. 1 &lt;b&gt;", "A Influenza", "B Influenza, IL-6 blocked", "influenza on day 0", "anti-IL-6 (MP5-20F3)",
        "100 µm", "IL-6 (ng/mL, log)", "half of the full STAT3 response", "Cancer cells per seeded cell", "re-dormant",
        f"seed {SMALL.seed}", "10.1038/s41586-025-09332-0", "not medical advice", "prediction",
    ):  # fmt: skip
        assert part in words, part
    assert drawn(stage, "svg", width="90", measures="", legend="0", caption="0").decode().count("re-dormant") == 0


@pytest.mark.parametrize("width", ["60", "110", "180"])
@pytest.mark.parametrize("overlay", ["", "il6_sources"])
def test_all_text_stays_on_the_figure_at_any_width(stage: Stage, width: str, overlay: str) -> None:
    measures = "cells_per_seeded,epcam_share,redormant_per_seeded,virions"
    wish = wish_of({"width": width, "overlay": overlay, "level": "1", "measures": measures, "dpi": "72"}, "png")
    with matplotlib.rc_context({**STYLE, **HINTED}):
        figure = sheet_figure(sheet_of(stage, wish), wish.size)
        FigureCanvasAgg(figure).draw()
        renderer = figure.canvas.get_renderer()
        boxes = {text.get_text(): text.get_window_extent(renderer) for text in figure.findobj(Text) if text.get_text()}
    wide, tall = figure.bbox.size
    outside = [
        text for text, box in boxes.items() if box.x0 < -1 or box.x1 > wide + 1 or box.y0 < -1 or box.y1 > tall + 1
    ]
    assert not outside


def test_views_and_bands_are_those_that_were_asked_for(stage: Stage) -> None:
    found = [[series_of(one, seed) for one in stage.scenarios] for seed in (5, 6, 7)]
    sheet = sheet_of(stage, wish_of({"views": "1", "measures": "il6,niche_hold"}, "pdf"), found)
    assert [arm.letter for arm in sheet.arms] == ["B"]
    (course,) = sheet.charts[0].courses
    assert course.values[-1] == stage.arms[1].points[-1][stage.arms[1].measures.index("il6")]
    at = stage.arms[1].measures.index("il6")
    runs = np.array([each[1][:, at] for each in found])
    assert course.band_days[-1] == stage.hour / 24
    assert np.allclose(course.low, np.quantile(runs[:, : course.low.size], 0.25, axis=0))
    assert "Bands: middle half of 3 other sections." in sheet.caption


def test_the_tissue_is_that_of_the_stage_with_what_lies_over_it(stage: Stage) -> None:
    plain, field, sourced = (tissue_of(stage.arms[0], overlay, 3) for overlay in ("", "il6", "il6_sources"))
    rows, columns = stage.arms[0].model.tissue.kind.shape
    assert plain.shape == (3 * rows, 3 * columns, 3)
    assert (plain != field).any()
    infected = EPITHELIUM_COLORS[EpithelialState.EXPRESSING]
    orange = np.abs(sourced.astype(int) - infected).sum(axis=-1) < 90
    assert orange.any()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"width": "20"}, "width: 20 must be from 60 to 600 mm"),
        ({"width": "wide"}, '"wide" is not a number'),
        ({"width": "nan"}, "not understood"),
        ({"width": "1", "unit": "in"}, "width: 1 must be from 2.4 to 23.6 in"),
        ({"unit": "pt"}, 'unit: "pt" is not known; allowed: mm, in'),
        ({"dpi": "5000"}, "resolution: 5000 must be from 72 to 1200 dpi"),
        ({"width": "600", "height": "600", "dpi": "1200"}, "million pixels; allowed: 80 million"),
        ({"measures": ",".join(["il6"] * 13)}, "13 charts were asked for"),
        ({"views": "7"}, "view: 7 must be from 0 to 3"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(query: dict[str, str], text: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(text)):
        wish_of(query, "png")


def test_what_there_is_not_or_does_not_fit_is_refused(stage: Stage) -> None:
    with pytest.raises(RecipeError, match='overlay: "mood" is not known'):
        sheet_of(stage, wish_of({"overlay": "mood"}, "png"))
    with pytest.raises(RecipeError, match='measure: "mood" is not known'):
        sheet_of(stage, wish_of({"measures": "mood"}, "png"))
    with pytest.raises(SheetError, match=r"80 mm wide and 60 mm high.* at least \d+ mm high"):
        drawn(stage, "png", width="80", height="60", measures=CHARTS)


def test_the_least_height_that_is_named_is_enough(stage: Stage) -> None:
    with pytest.raises(SheetError) as refused:
        drawn(stage, "png", width="80", height="60", measures=CHARTS, dpi="72")
    (least,) = re.findall(r"at least (\d+) mm", str(refused.value))
    assert Image.open(io.BytesIO(drawn(stage, "png", width="80", height=least, measures=CHARTS, dpi="72"))).width > 200


def test_four_views_stand_beside_each_other_where_they_can_be_seen() -> None:
    four = played(
        Recipe(tuple(RecipeArm(name) for name in ("no_virus", "influenza", "rsv", "sars_cov_2")), side=400, days=2), 1
    )
    wide, narrow = (Image.open(io.BytesIO(drawn(four, "png", width=width, dpi="72"))) for width in ("180", "85"))
    assert wide.height < wide.width
    assert narrow.height > narrow.width
    four.close()


@pytest.mark.parametrize(("values", "ends"), [([1.0, 0.95], (0.09, 1.0)), ([1.0, 3.0, 170.0], (0.9, 1000.0))])
def test_a_logarithmic_axis_has_whole_decades_and_at_least_one(values: list[float], ends: tuple[float, float]) -> None:
    none = np.empty(0)
    course = Course(np.arange(float(len(values))), np.array(values), False, none, none, none)
    ax = Figure().add_subplot()
    draw_chart(ax, SheetChart("cells", "", True, 0.01, [course], 1.0, 28.0, None), ["#000000"], 2.0)
    assert ax.get_ylim() == pytest.approx(ends)
