"""The file in a real browser, opened from disk: what a student sees and can press."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from abm.replay.film import Film
from abm.replay.page import LARGEST, replay_page
from abm.replay.recording import record
from abm.scenario.read import load_arms
from tests.replay.test_page import HOSTILE

pytestmark = pytest.mark.slow
Open = Callable[..., "object"]
HOUR = "replay.film.hours[replay.look.frame]"


@pytest.fixture(scope="module")
def file(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replay") / "small.html"
    path.write_text(replay_page(film), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, file) -> Iterator[Open]:
    """Opens a file from disk; in the end nothing may have been asked for elsewhere, nor any error have been met."""
    contexts, elsewhere, faults = [], [], []

    def one(path: Path = file, mark: str = "", width: int = 1440, height: int = 900, **context: object):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.on(
            "request", lambda asked: elsewhere.append(asked.url) if asked.url.split("#")[0] != path.as_uri() else None
        )
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{path.as_uri()}{mark}")
        page.wait_for_selector("#replay canvas")
        return page

    yield one
    for context in contexts:
        context.close()
    assert [url for url in elsewhere if not url.startswith("data:")] == []
    assert faults == []


def picture(page, view: int = 1) -> str:
    return page.evaluate(f"document.querySelectorAll('canvas')[{view}].toDataURL()")


def scrub(page, frame: int) -> None:
    page.locator("#embers-scrubber").evaluate(
        f"(one) => {{ one.value = {frame}; one.dispatchEvent(new Event('input')); }}"
    )


def test_scrubbing_changes_the_tissue_the_clock_and_the_numbers(opened):
    page = opened()
    before = picture(page)
    scrub(page, 12)
    assert picture(page) != before
    assert page.locator(".clock").inner_text() == "Day 6.0"
    assert page.locator("#embers-scrubber").get_attribute("aria-valuetext") == "Day 6.0"
    assert "day 6.0" in page.locator("canvas").nth(1).get_attribute("aria-label")
    scrub(page, 0)
    assert picture(page) == before


def test_keys_step_jump_and_play(opened):
    page = opened()
    for key, hour in (("ArrowRight", 12), ("Shift+ArrowRight", 36), ("ArrowLeft", 24), ("End", 144), ("Home", 0)):
        page.keyboard.press(key)
        assert page.evaluate(HOUR) == hour, key
    page.get_by_label("Speed").select_option("2")  # so slow that it does not end before the second press
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_text("Day 1.0", exact=True).first.wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play").wait_for()
    assert 0 < page.evaluate(HOUR) < 144


def test_play_ends_at_the_end_and_begins_again(opened):
    page = opened(mark="#day=5.5")
    page.get_by_label("Speed").select_option("0.3")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Play again").wait_for()
    assert page.evaluate(HOUR) == 144
    page.get_by_label("Speed").select_option("2")  # so slow that it does not end before the next press
    page.get_by_role("button", name="Play again").click()
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate(HOUR) < 144


def test_every_pixel_at_the_middle_of_a_cancer_cell_has_the_color_of_its_state(opened, film):
    page = opened(mark="#day=6")
    scale = page.evaluate("document.querySelectorAll('canvas')[1].width / replay.film.arms[1].columns")
    last = film.arms[1].frames[-1]
    page.get_by_text("Immune cells").click()
    colors = page.evaluate(
        """([xs, ys, scale]) => {
          const canvas = document.querySelectorAll("canvas")[1], { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
          const at = (x, y) => 4 * (Math.floor((y + 0.5) * scale) * width + Math.floor((x + 0.5) * scale));
          return xs.map((x, cell) => [...data.slice(at(x, ys[cell]), at(x, ys[cell]) + 3)]);
        }""",
        [last.cancer_x.tolist(), last.cancer_y.tolist(), scale],
    )
    known = page.evaluate("replay.film.facts.cancer.map((one) => one.color)")
    assert len(colors) == last.cancer_x.size > 0
    shown = list(zip(colors, last.cancer_state.tolist(), strict=True))
    for state in {state for _, state in shown}:
        assert known[state] in [color for color, own in shown if own == state]


def test_the_canvas_has_the_pixels_of_the_screen(opened):
    page = opened(device_scale_factor=2)
    assert page.evaluate(
        "(() => { const one = document.querySelector('canvas'); return one.width / one.clientWidth; })()"
    ) == pytest.approx(2, abs=0.01)


def test_curves_show_the_past_and_on_demand_the_rest(opened):
    page = opened(mark="#day=3")
    coming = "getComputedStyle(document.querySelector('.coming')).visibility"
    assert page.evaluate(coming) == "hidden"
    widths = page.evaluate("replay.charts.charts.map((one) => Number(one.past.getAttribute('width')))")
    page.get_by_label("Curves to the end").check()
    assert page.evaluate(coming) == "visible"
    scrub(page, 12)
    assert all(
        now > before
        for now, before in zip(
            page.evaluate("replay.charts.charts.map((one) => Number(one.past.getAttribute('width')))"),
            widths,
            strict=True,
        )
    )


def test_the_legend_holds_what_is_on_screen_and_shows_a_type_alone(opened):
    page = opened()
    assert page.locator(".chips").get_by_text("infected, releasing virus").count() == 0
    scrub(page, 8)
    page.locator(".chips").get_by_text("infected, releasing virus").wait_for()
    before = picture(page)
    page.get_by_role("button", name="neutrophil").click()
    assert page.get_by_role("button", name="neutrophil").get_attribute("aria-pressed") == "true"
    assert picture(page) != before
    page.get_by_role("button", name="neutrophil").click()
    assert picture(page) == before


def test_an_overlay_has_its_scale(opened):
    page = opened(mark="#day=4")
    before = picture(page)
    page.get_by_label("Overlay").select_option("il6")
    assert picture(page) != before
    assert "10 ng/mL, log" in page.locator(".ramp").inner_text()


def test_one_view_can_be_enlarged(opened):
    page = opened()
    page.get_by_role("button", name="Enlarge: Influenza, IL-6 blocked").click()
    assert [page.locator("canvas").nth(at).is_visible() for at in (0, 1)] == [False, True]
    page.get_by_role("button", name="Show all views").click()
    assert page.locator("canvas").first.is_visible()


def test_hostile_titles_stay_text(opened, film, tmp_path):
    first, second = film.arms
    hostile = replace(first, scenario=replace(first.scenario, title=HOSTILE, story=HOSTILE))
    path = tmp_path / "hostile.html"
    path.write_text(replay_page(replace(film, arms=(hostile, second)), HOSTILE), encoding="utf-8")
    page = opened(path)
    page.on("dialog", lambda _: pytest.fail("a script of a title has run"))
    assert page.locator("img").count() == 0
    assert "alert(" in page.locator("h1").inner_text()
    assert "alert(" in page.locator(".view h2").first.inner_text()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)])
def test_axe_finds_nothing_to_complain_about(opened, theme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(mark="#day=5", color_scheme=theme, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["impact"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in found] == []


def test_a_phone_shows_tissue_first_and_needs_no_scrolling_sideways(opened):
    page = opened(width=390, height=844, is_mobile=True, has_touch=True, device_scale_factor=2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("canvas").first.bounding_box()["y"] < 300
    box = page.get_by_role("button", name="Play").bounding_box()
    assert box["y"] + box["height"] <= 844
    small = page.evaluate(
        """[...document.querySelectorAll("button, select, input")]
          .filter((one) => one.offsetParent && !one.closest("label")).map((one) => one.getBoundingClientRect())
          .filter((one) => one.height < 24 || one.width < 24).length"""
    )
    assert small == 0  # WCAG 2.2 target size


def test_with_reduced_motion_awakenings_have_rings_that_do_not_grow(opened):
    page = opened(mark="#day=6", reduced_motion="reduce")
    assert page.evaluate("replay.views.calm.matches")


def test_a_damaged_file_says_so(browser, file, tmp_path):
    path = tmp_path / "damaged.html"
    text = file.read_text(encoding="utf-8")
    at = text.index('id="film-1">') + 2000
    path.write_text(text[:at] + text[at + 4000 :], encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.get_by_role("alert").wait_for()
    assert "The file may be damaged" in page.get_by_role("alert").inner_text()
    page.close()


def test_four_arms_of_28_days_are_far_below_the_limit_and_open_quickly(opened, tmp_path):
    arms = load_arms(["no_virus", "influenza", "no_virus_blockade", "influenza_blockade"])
    text = replay_page(record(arms, 8, 3.0))
    assert len(text.encode()) < LARGEST / 2
    path = tmp_path / "four.html"
    path.write_text(text, encoding="utf-8")
    page = opened(path, mark="#day=15")
    assert page.locator("canvas").count() == 4
    assert page.evaluate("performance.now()") < 20_000  # ms; 1 to 2 s on a free machine
