"""The first minute: opening screen, watching, a first prediction, legend, terms in place, light and size of cells."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from abm.dashboard.content.about import QUESTION, SENTENCES, STUDY
from abm.dashboard.content.terms import TERMS
from abm.plots import palette
from abm.rules.states import CancerState, SiteKind
from tests.dashboard.conftest import LONG, Visitor, expect
from tests.dashboard.test_browser_looks import go, look, middles

pytestmark = pytest.mark.slow
TWO = "?arms=no_virus,influenza&side=1000&seed=1&days=8"
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
Visit = Callable[..., Visitor]


def violations(visitor: Visitor) -> list[object]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in found.response["violations"]]


def inside(visitor: Visitor, selector: str) -> bool:
    """Whether all of these lie within the window."""
    return visitor.of(f"""[...document.querySelectorAll('{selector}')].map((one) => one.getBoundingClientRect())
      .every((box) => box.width > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth)""")


def test_who_comes_first_sees_the_question_the_study_and_living_tissue_and_can_watch(visit: Visit) -> None:
    visitor = visit(opening=True)
    visitor.settled()
    page = visitor.page
    assert page.get_by_role("heading", name=QUESTION).is_visible()
    assert all(page.get_by_text(text).is_visible() for text in SENTENCES)
    assert page.locator(".begin").get_by_role("link", name=f"doi:{STUDY.doi}").get_attribute("href") == STUDY.link
    assert page.locator(".bar").is_hidden()
    assert inside(visitor, ".view canvas, .begin .ways button, .begin .study")
    assert (middles(visitor, 1) == palette.CANCER_COLORS[CancerState.DORMANT]).all(axis=2).any()
    visitor.shot("opening")
    assert not violations(visitor)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != "Watch":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = page.locator(".caption [role=status]")
    assert "20 dormant cancer cells" in said.inner_text()  # at once, and then for a while
    visitor.wait("embers.arms.playing && embers.arms.hour > 0")
    expect(page.locator(".begin")).to_have_count(0)
    expect(page.locator(":focus")).to_have_text("Pause")
    said.get_by_text("B, C and D").wait_for(timeout=LONG)
    visitor.press("Pause")


@pytest.mark.parametrize("query", ["?arms=influenza&side=400", "?overlay=il6"])
def test_who_comes_by_a_link_sees_what_it_shows(visit: Visit, query: str) -> None:
    visitor = visit(query, opening=True)
    assert not visitor.page.get_by_role("heading", name=QUESTION).count()
    assert visitor.page.locator(".bar").is_visible()


def test_about_says_what_the_model_is_and_how_to_cite_it(visit: Visit) -> None:
    visitor = visit(opening=True)
    visitor.press("About Embers")
    text = visitor.page.inner_text("dialog")
    assert all(part in text for part in ("The study", "The model", "Its limits", "What it is not", "How to cite"))
    assert STUDY.doi in text
    assert not violations(visitor)
    visitor.press("Close")
    visitor.press("Explore")
    assert visitor.page.locator(".bar").is_visible()
    assert visitor.hour == 0


def test_the_last_sentence_has_the_numbers_of_the_end(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.of("embers.watch.begin()")
    visitor.page.select_option("#embers-speed", "4")
    visitor.page.get_by_text("Cancer cells per seeded cell at the end:").wait_for(timeout=LONG)
    end = visitor.page.locator(".caption [role=status]").inner_text()
    told = [float(number.replace(",", "")) for number in re.findall(r"[AB] ([\d,.]*\d)", end)]
    cells = [visitor.of(f"embers.arms.latest(embers.arms.list[{at}], 'cells_per_seeded')") for at in (0, 1)]
    assert cells[1] > cells[0]
    assert told == pytest.approx(cells, rel=0.05, abs=0.051), end  # it gives two digits, or whole numbers


@pytest.mark.parametrize("opening", [True, False])
def test_the_first_screen_of_a_phone_shows_tissue(visit: Visit, opening: bool) -> None:
    visitor = visit(opening=opening, **PHONE)
    visitor.settled()
    assert inside(visitor, ".view canvas, .begin .ways button" if opening else ".view canvas, .bar .main-action")
    assert visitor.of("document.documentElement.scrollWidth") <= 390
    visitor.shot(f"phone-{'opening' if opening else 'first'}")
    assert not violations(visitor)


@pytest.mark.parametrize(("text", "name"), [("clones", "Clone"), ("prediction", "Prediction"), ("Ki67", "Ki67")])
def test_a_term_is_explained_where_it_stands(visit: Visit, text: str, name: str) -> None:
    visitor = visit("?arms=influenza_blockade&side=400")
    term, told = visitor.page.get_by_role("button", name=text, exact=True).first, visitor.page.get_by_role("tooltip")
    term.focus()
    visitor.settled()  # it is scrolled to
    assert told.is_visible()
    expect(told).to_have_text(f"{name}: {TERMS[name]}")
    assert term.get_attribute("aria-describedby") == told.get_attribute("id")
    visitor.page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    term.hover()
    expect(told).to_be_visible()


def test_the_legend_holds_what_is_seen_and_a_chip_shows_it_alone(visit: Visit) -> None:
    visitor = visit(TWO)
    chips = visitor.page.locator(".chips button")
    chips.filter(has_text="dormant").first.wait_for()
    assert not chips.filter(has_text="proliferating").count()
    go(visitor, 6)
    chip = chips.filter(has_text="proliferating")
    chip.wait_for()
    before = visitor.picture(1)
    chip.hover()
    crimson, dormant = (np.array(palette.CANCER_COLORS[state]) for state in (1, 0))
    seen = middles(visitor, 1)
    assert (seen == crimson).all(axis=2).any()
    assert not (seen == dormant).all(axis=2).any()
    assert not any((seen == color).all(axis=2).any() for color in palette.CELL_COLORS.values())
    visitor.page.mouse.move(0, 0)
    assert visitor.picture(1) == before
    chip.click()
    visitor.page.mouse.move(0, 0)
    expect(chip).to_have_attribute("aria-pressed", "true")
    assert visitor.picture(1) != before
    chip.click()
    visitor.page.mouse.move(0, 0)
    assert visitor.picture(1) == before


def test_the_haze_lies_where_il6_is(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 5)
    look(visitor, immune=False, fibroblasts=False, cancer=False)
    hazy = [middles(visitor, view).astype(int) for view in (0, 1)]
    look(visitor, haze=False)
    clear = [middles(visitor, view).astype(int) for view in (0, 1)]
    field = visitor.of("Array.from(embers.arms.list[1].haze.data)")
    assert max(field) > 60
    assert (hazy[0] == clear[0]).all()  # no virus, no haze
    changed = (hazy[1] != clear[1]).any(axis=2)
    assert changed.mean() > 0.5
    alveoli = (clear[1] == palette.SITE_COLORS[SiteKind.SEPTUM]).all(axis=2) & changed
    warmth = [(picture[alveoli][:, 0] - picture[alveoli][:, 2]).mean() for picture in (clear[1], hazy[1])]
    assert warmth[1] - warmth[0] > 15  # redder, less blue


def test_cells_have_their_true_size_when_enlarged_and_dormant_ones_glow(visit: Visit) -> None:
    visitor = visit("?arms=no_virus&side=1000&seed=1")
    look(visitor, immune=False, fibroblasts=False)
    width = """(() => {
      const view = embers.views.views[0], { arm, pixels } = view, { scale, left, top } = embers.views.place(view), { width } = view.canvas;
      const at = [...arm.cs.keys()].find((one) => arm.cx[one] > left + 9 && arm.cy[one] > top + 9 && (arm.cx[one] - left + 9) * scale < width && (arm.cy[one] - top + 9) * scale < width);
      const y = Math.floor((arm.cy[at] + 0.5 - top) * scale), x = Math.floor((arm.cx[at] + 0.5 - left) * scale);
      const rim = (255 << 24 | 0 << 16 | 205 << 8 | 255) >>> 0, row = pixels.subarray(y * width, (y + 1) * width), from = row.indexOf(rim, x - 40), to = row.lastIndexOf(rim, x + 40);
      const near = row[to + Math.round(0.8 * scale) + 2];
      return [(to - from + 1) / scale, near & 255, (near >> 8) & 255, (near >> 16) & 255];
    })()"""  # noqa: E501 - width of a cell in sites, and the color beside it
    sites, red, _, blue = visitor.of(width)
    assert sites > 2  # enlarged
    assert red - blue > 40  # amber
    visitor.of("embers.views.zoomBy(12)")
    cell = "(() => { const { arm } = embers.views.views[0]; embers.views.middle = { x: arm.cx[0], y: arm.cy[0] }; })()"
    visitor.of(cell)
    visitor.of("embers.views.zoomBy(1)")
    visitor.settled()
    sites, *_ = visitor.of(width.replace("+ 9", "+ 1").replace("left + 9", "left + 1"))
    assert sites == pytest.approx(1, abs=0.12)


def test_with_reduced_motion_an_awakening_has_a_ring_that_stays(visit: Visit) -> None:
    visitor = visit(TWO, reduced_motion="reduce")
    red, green, blue = palette.FLARE_COLORS[1]
    ember = f"pixels.includes((255 << 24 | {blue} << 16 | {green} << 8 | {red}) >>> 0)"
    assert not visitor.of(f"embers.views.views[1].{ember}")
    go(visitor, 6)
    awoke = visitor.of("Array.from(embers.arms.list[1].awoke).filter(Number.isFinite)")
    assert any(6 * 24 - 18 < hour <= 6 * 24 for hour in awoke)
    assert visitor.of(f"embers.views.views[1].{ember}")


def test_the_scale_bar_is_seen_on_every_overlay(visit: Visit) -> None:
    visitor = visit("?arms=influenza&side=1000&seed=1")
    go(visitor, 5)
    for overlay in ("", *visitor.of("Object.keys(embers.facts.overlays)")):
        visitor.of(f"embers.act.overlay('{overlay}')")
        visitor.wait(f"embers.arms.overlay === '{overlay}'")
        bar, ring = visitor.of("""(() => { const style = getComputedStyle(document.querySelector('.scale'), '::after');
          return [style.backgroundColor, style.boxShadow]; })()""")
        assert bar == "rgb(34, 28, 40)"
        assert ring.startswith("rgb(255, 255, 255)")  # dark within white: contrast 15 on either
        assert inside(visitor, ".scale")
