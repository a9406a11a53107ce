"""What is seen of the tissue, held against the arrays of the model; difference, story, phone, axe, in Chromium."""

from collections.abc import Callable

import numpy as np
import pytest

from abm import LungModel
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenario_for
from abm.dashboard.live.frames import OVERLAYS, field_of, shades
from abm.plots.palette import CANCER_COLORS, field_colors, site_color
from abm.rules.states import EpithelialState, SiteKind
from tests.dashboard.conftest import Visitor, expect

pytestmark = pytest.mark.slow
ONE = "?arms=influenza&side=1000&seed=1"
Visit = Callable[..., Visitor]


def go(visitor: Visitor, day: float) -> None:
    visitor.of(f"embers.act.ask({{do: 'step', day: {day}}})")
    visitor.at_hour(day * 24)


def look(visitor: Visitor, **changes: object) -> None:
    visitor.page.evaluate("(changes) => embers.look(changes)", changes)
    visitor.settled()


def middles(visitor: Visitor, view: int = 0) -> np.ndarray:
    """The color in the middle of each site, as the screen has it: uint8[rows, columns, 3]."""
    visitor.settled()
    visitor.allowed.append("Multiple readback")  # the browser about this very reading
    colors = visitor.page.evaluate(
        """(at) => {
          const view = embers.views.views[at], { scale, left, top } = embers.views.place(view);
          const { width, height } = view.canvas, { data } = view.context.getImageData(0, 0, width, height);
          const out = [];
          for (let y = 0; y < view.arm.rows; y += 1) for (let x = 0; x < view.arm.columns; x += 1) {
            const px = Math.floor((x + 0.5 - left) * scale), py = Math.floor((y + 0.5 - top) * scale);
            const from = 4 * (py * width + px);
            out.push(data[from], data[from + 1], data[from + 2]);
          }
          return out;
        }""",
        view,
    )
    rows, columns = visitor.of(f"[embers.arms.list[{view}].rows, embers.arms.list[{view}].columns]")
    return np.array(colors, dtype=np.uint8).reshape(rows, columns, 3)


@pytest.fixture(scope="module")
def day_five() -> LungModel:
    """What is shown by `ONE` on day 5, without the page."""
    model = LungModel(scenario_for(Recipe((RecipeArm("influenza"),), side=1000), 0), seed=1)
    model.run_until(5 * 144)
    return model


def test_every_pixel_of_the_tissue_has_the_color_of_the_models_arrays(visit: Visit, day_five: LungModel) -> None:
    visitor = visit(ONE)
    go(visitor, 5)
    look(visitor, immune=False, fibroblasts=False, cancer=False, haze=False)
    tissue = day_five.tissue
    states = np.append(tissue.states, EpithelialState.HEALTHY)[tissue.cell_of_site]
    table = np.array([[site_color(kind, state) for kind in SiteKind] for state in EpithelialState], dtype=np.uint8)
    assert len(np.unique(states)) > 4
    assert np.array_equal(middles(visitor), table[states, tissue.kind])
    look(visitor, epithelium=False)
    assert np.array_equal(middles(visitor), table[EpithelialState.HEALTHY][tissue.kind])


def test_every_cancer_cell_is_drawn_where_it_is_in_the_color_of_its_state(visit: Visit, day_five: LungModel) -> None:
    visitor = visit(ONE)
    go(visitor, 5)
    look(visitor, immune=False, fibroblasts=False)
    cells = day_five.tissue.cancer[day_five.tissue.cancer.alive]
    assert cells.size > 3
    drawn = {tuple(color) for color in middles(visitor)[cells.y, cells.x].tolist()}
    assert drawn <= {tuple(color) for color in CANCER_COLORS.values()}
    top = cells[cells.state == 1]
    assert (middles(visitor)[top.y, top.x] == CANCER_COLORS[1]).all()


def test_the_overlay_shows_the_field_of_the_model_on_its_scale(visit: Visit, day_five: LungModel) -> None:
    visitor = visit(ONE)
    go(visitor, 5)
    visitor.page.select_option("#embers-overlay", "virus")
    visitor.wait("embers.arms.list[0].field !== null")
    look(visitor, immune=False, fibroblasts=False, cancer=False)
    tissue = day_five.tissue
    expected = field_colors()[shades(field_of(tissue, "virus"), OVERLAYS["virus"])]
    septum = tissue.kind == SiteKind.SEPTUM
    assert np.array_equal(middles(visitor)[septum], expected[septum])
    assert visitor.page.locator(".ramp").inner_text().endswith("virions/mm², log")


def test_zoom_and_pan_move_all_views_together_and_keep_every_site_in_its_place(visit: Visit) -> None:
    visitor = visit("?arms=no_virus,influenza&side=1000&seed=1")
    visitor.settled()
    box = visitor.page.locator("canvas").first.bounding_box()

    def site(x: float, y: float) -> dict[str, int]:
        """Under this place of the first view."""
        event = {"clientX": box["x"] + x, "clientY": box["y"] + y}
        return visitor.page.evaluate("(event) => embers.views.siteAt(embers.views.views[0], event)", event)

    visitor.page.mouse.move(box["x"] + 100, box["y"] + 120)
    before = site(100, 120)
    visitor.page.mouse.wheel(0, -100)
    visitor.page.mouse.wheel(0, -100)
    visitor.wait("embers.views.zoom > 1.5")
    assert site(100, 120) == before  # the site under the pointer stays there
    assert visitor.picture(0) == visitor.picture(1)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + 60, box["y"] + 90, steps=4)
    visitor.page.mouse.up()
    assert visitor.picture(0) == visitor.picture(1)
    moved = site(60, 90)
    assert max(abs(moved[axis] - before[axis]) for axis in "xy") <= 1
    expect(visitor.page.locator(".tip")).to_be_visible()


def test_a_click_on_a_cancer_cell_tells_its_story_and_marks_its_twins(visit: Visit) -> None:
    visitor = visit("?arms=no_virus,influenza&side=1000&seed=1")
    go(visitor, 6)
    place = visitor.of(
        """(() => {
          const view = embers.views.views[1], { arm } = view, at = arm.cs.indexOf(1);
          const { scale, left, top } = embers.views.place(view), box = view.canvas.getBoundingClientRect();
          const side = scale * (box.width / view.canvas.width);
          return [box.left + (arm.cx[at] + 0.5 - left) * side, box.top + (arm.cy[at] + 0.5 - top) * side];
        })()"""
    )
    visitor.page.mouse.move(*place)
    visitor.page.get_by_text("click for its story").wait_for()
    visitor.page.mouse.click(*place)
    visitor.page.get_by_text("A cell of clone").wait_for()
    expect(visitor.page.locator(".story").get_by_text("In A “No virus”")).to_have_count(1)
    visitor.wait("!document.querySelectorAll('.marker')[1].hidden")
    visitor.shot("story")
    visitor.page.locator(".story").get_by_role("button", name="Close").click()
    visitor.press("Step 1 h")
    visitor.at_hour(145)  # the answer to "Close" came before
    expect(visitor.page.locator(".story")).to_be_hidden()


def test_stories_are_told_by_keyboard_too(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.page.locator("canvas").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("A cell of clone").wait_for()
    visitor.wait("embers.arms.picked.some(Boolean)")  # comes with the next frame
    first = visitor.of("JSON.stringify(embers.arms.picked)")
    visitor.page.keyboard.press("Enter")
    visitor.wait(f"JSON.stringify(embers.arms.picked) !== '{first}'")


def test_the_difference_shows_what_awoke_only_here(visit: Visit) -> None:
    visitor = visit("?arms=no_virus,influenza&side=1000&seed=1")
    go(visitor, 7)
    visitor.page.get_by_label("Difference from").check()
    visitor.settled()
    count = "(arm) => arm.awoke.reduce((sum, hour) => sum + Number.isFinite(hour), 0)"
    awoken = visitor.of(f"embers.arms.list.map({count})")
    assert awoken[0] == 0 < awoken[1]
    expect(visitor.page.locator(".told-here").nth(1)).to_contain_text(f"only here, not in A: {awoken[1]} of")
    here = np.array(visitor.of("embers.facts.difference[3].color"))
    assert (middles(visitor, 1) == here).all(axis=2).sum() >= awoken[1]
    assert not (middles(visitor, 0) == here).all(axis=2).any()
    visitor.shot("difference")


def test_hover_names_what_is_under_the_pointer_and_marks_the_place_in_all_views(visit: Visit) -> None:
    visitor = visit()
    visitor.settled()
    box = visitor.page.locator("canvas").nth(1).bounding_box()
    visitor.page.mouse.move(box["x"] + 30, box["y"] + 30)
    tip = visitor.page.locator(".tip")
    tip.wait_for()
    assert "µm right" in tip.inner_text()
    assert visitor.of("[...document.querySelectorAll('.cross')].map((cross) => cross.hidden)") == [
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(visit: Visit, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = visit(color_scheme=theme)
    go(visitor, 4)
    visitor.press("Steer")
    visitor.of("document.querySelectorAll('.steer details').forEach((part) => { part.open = true; })")
    edit = "{op: 'add', list: 'treatment', entry: {type: 'vaccination'}}"
    visitor.of(f"embers.act.ask({{do: 'edit', arms: [0], edits: [{edit}]}})")
    visitor.page.get_by_text("Reset now").wait_for()
    visitor.page.select_option("#embers-overlay", "il6")
    visitor.shot(f"steer-{theme}")
    found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    told = [(rule["id"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in found.response["violations"]]
    assert not told


def test_a_phone_needs_no_scrolling_sideways_and_plays(visit: Visit) -> None:
    visitor = visit(width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=2)
    visitor.settled()
    assert visitor.of("document.documentElement.scrollWidth") <= 390
    visitor.press("Step 1 h")
    visitor.at_hour(1)
    visitor.press("Steer")
    visitor.settled()
    assert visitor.of("document.documentElement.scrollWidth") <= 390
    small = visitor.of("""[...document.querySelectorAll('.embers button')].filter((one) => one.offsetParent)
      .map((one) => one.getBoundingClientRect()).filter((box) => box.height < 24 || box.width < 24).length""")
    assert small == 0  # WCAG 2.2 target size
    visitor.shot("phone")


COVERED = """(() => {
  const card = document.querySelector('.tour').getBoundingClientRect(), about = document.querySelector('.toured').getBoundingClientRect();
  const across = Math.min(card.right, about.right) - Math.max(card.left, about.left), down = Math.min(card.bottom, about.bottom) - Math.max(card.top, about.top);
  return Math.max(0, across) * Math.max(0, down) / (about.width * about.height);
})()"""  # noqa: E501 - share of what a stop of the tour is about


def awakened_in(visitor: Visitor) -> list[int]:
    return visitor.of("embers.arms.list.map((arm) => embers.arms.awakened(arm))")


def test_the_tour_goes_from_stop_to_stop_and_leaves_the_page_as_it_should_be(visit: Visit) -> None:
    visitor = visit()
    visitor.press("Tour")
    stops = 0
    while visitor.page.get_by_role("button", name="Next").count():
        visitor.wait("!document.querySelector('.tour').innerText.includes('Running to day') && !embers.arms.playing")
        visitor.settled()
        if stops == 3:
            shown = [f"{letter} {arm} of 20" for letter, arm in zip("ABCD", awakened_in(visitor), strict=True)]
            assert ", ".join(shown) in visitor.page.inner_text(".tour")
        covered = visitor.of(COVERED)
        assert covered < 0.3, f"stop {stops}: the card covers {covered:.0%} of what it is about"
        visitor.shot(f"tour-{stops}") if stops in (2, 4) else None
        visitor.press("Next")
        stops += 1
    assert stops == 7
    visitor.press("Done")
    visitor.at_hour(15 * 24)
    expect(visitor.page.locator(".tour")).to_be_hidden()
    assert visitor.of("[embers.options.overlay, embers.options.difference]") == ["", False]


def test_with_the_difference_on_what_does_nothing_is_off(visit: Visit) -> None:
    visitor = visit("?arms=no_virus,influenza&side=1000&seed=1")
    go(visitor, 3)
    legend = visitor.page.locator(".chips")
    legend.get_by_text("vessel").wait_for()
    visitor.page.get_by_label("Difference from").check()
    legend.get_by_text("awakened only here").wait_for()
    expect(legend.locator("li")).to_have_count(4)
    expect(visitor.page.locator("#embers-overlay")).to_be_disabled()
    expect(visitor.page.get_by_label("Immune cells", exact=True)).to_be_disabled()
    visitor.page.get_by_label("Difference from").uncheck()
    expect(visitor.page.locator("#embers-overlay")).to_be_enabled()


def test_choosing_an_overlay_moves_nothing_below(visit: Visit) -> None:
    visitor = visit()
    visitor.settled()
    top = "document.querySelector('.curves').getBoundingClientRect().top"
    before = visitor.of(top)
    for name in ("il6", "virus", "matrix"):
        visitor.page.select_option("#embers-overlay", name)
        visitor.wait(f"embers.arms.overlay === '{name}'")
        visitor.settled()
        assert visitor.of(top) == before, name


def test_a_story_is_scrolled_to_on_a_phone(visit: Visit) -> None:
    visitor = visit(ONE, width=390, height=844)
    assert visitor.of("getComputedStyle(document.documentElement).scrollBehavior") == "auto"  # smooth: may stop short
    visitor.page.locator("canvas").focus()
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("A cell of clone").wait_for()
    visitor.wait("document.querySelector('.story').getBoundingClientRect().bottom <= innerHeight + 1")
