"""A lecture in two real browsers: the one who lectures, and one who follows; present mode; the queue for a place."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.conftest import LONG, Server, Visitor, expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
TWO = "?arms=influenza,influenza_blockade&side=1000&seed=22"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
Visit = Callable[..., Visitor]


def faults(visitor: Visitor) -> list:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(visitor.page, options={"runOnly": RULES})
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in found.response["violations"]]


def lecture(visitor: Visitor) -> str:
    """Begin a lecture; the path of its link."""
    visitor.press("Classroom")
    visitor.press("Let others follow")
    visitor.wait("embers.classroom.lecture && document.querySelectorAll('.classroom .address').length === 2")
    visitor.wait("[...document.querySelectorAll('.classroom img')].every((code) => code.naturalWidth > 0)")
    token = visitor.of("embers.classroom.lecture.token")
    return f"embers/follow#{token}"


def go(visitor: Visitor, day: float) -> None:
    visitor.of(f"embers.act.ask({{do: 'step', day: {day}}})")
    visitor.at_hour(day * 24)


def test_a_follower_sees_the_same_lungs_curves_names_and_clock_and_whatever_is_changed(visit: Visit) -> None:
    lecturer = visit(TWO)
    link = lecture(lecturer)
    lecturer.page.keyboard.press("Escape")
    go(lecturer, 6)
    follower = visit(link)
    follower.wait("embers.arms.hour === 144")
    same = """JSON.stringify(embers.arms.list.map((arm) =>
      [[...arm.cx], [...arm.cs], [...arm.states], arm.points, arm.info.title]))"""
    assert follower.of(same) == lecturer.of(same)
    expect(follower.page.locator(".clock").first).to_have_text("Day 6.0")
    lecturer.of("embers.act.ask({do: 'title', arm: 1, title: 'What if?'})")
    follower.page.get_by_role("heading", name="What if?").wait_for()
    lecturer.page.select_option("#embers-overlay", "il6")
    for one in (lecturer, follower):
        one.wait("embers.arms.list[0].field !== null && embers.options.overlay === 'il6'")
    lecturer.of("embers.look({colorBy: 'cause'})")
    lecturer.of("embers.views.zoomBy(2)")
    follower.wait("embers.options.colorBy === 'cause' && embers.views.zoom > 1.9")
    follower.settled()
    size = "embers.views.views[0].canvas.width"
    if follower.of(size) == lecturer.of(size):
        assert follower.picture() == lecturer.picture()
    lecturer.of("embers.act.pick(0, {x: embers.arms.list[0].cx[0], y: embers.arms.list[0].cy[0]})")
    follower.page.get_by_text("A cell of clone").wait_for()
    lecturer.press("Play")
    follower.wait("embers.arms.hour > 150 && embers.arms.playing")
    lecturer.press("Pause")
    lecturer.wait("!embers.arms.playing")
    follower.at_hour(lecturer.hour)
    expect(lecturer.page.get_by_role("button", name="Classroom, 1 of 60 seats taken")).to_have_count(1)
    follower.shot("follower")


def test_the_page_of_a_follower_has_nothing_that_steers_and_no_line_but_its_own(visit: Visit) -> None:
    lecturer = visit(TWO)
    link = lecture(lecturer)
    follower = visit(link)
    lines: list[str] = []
    follower.page.on("websocket", lambda line: lines.append(line.url))
    follower.page.reload()
    follower.wait("window.embers && embers.arms.frames > 0 && embers.arms.list.every((arm) => arm.info)")
    assert [line.partition("/embers/")[2] for line in lines] == ["follow/live"]
    for name in ("Play", "Steer", "Tour", "Reset", "New seed", "Download", "Share", "Rename view A"):
        assert follower.page.get_by_role("button", name=name, exact=True).count() == 0, name
    expect(follower.page.get_by_label("Overlay")).to_be_hidden()
    follower.page.locator("canvas").first.click()
    for key in ("Space", "ArrowRight", "r", "n"):
        follower.page.keyboard.press(key)
    follower.page.wait_for_timeout(500)
    assert lecturer.of("[embers.arms.hour, embers.arms.recipe.seed, embers.arms.picked]") == [0, 22, []]
    assert follower.of("embers.socket.readyState") == 1


def test_a_lecture_that_ends_says_so_and_a_wrong_link_too(visit: Visit) -> None:
    lecturer = visit(TWO)
    link = lecture(lecturer)
    follower = visit(link)
    lecturer.press("End")
    follower.page.get_by_role("heading", name="The lecture has ended.").wait_for()
    lecturer.page.get_by_role("button", name="Let others follow").wait_for()
    follower.page.reload()
    follower.page.get_by_role("heading", name="This link leads to no lecture").wait_for()
    follower.shot("lecture-over")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_panel_in_present_mode_and_on_the_page_of_a_follower(visit: Visit, theme: str) -> None:
    lecturer = visit(TWO, color_scheme=theme)
    link = lecture(lecturer)
    assert not faults(lecturer)
    lecturer.shot(f"classroom-{theme}")
    lecturer.page.keyboard.press("Escape")
    go(lecturer, 8)
    lecturer.page.keyboard.press("p")
    lecturer.wait(f"embers.present.on && {FOOT} === '1'")  # half faded in, its contrast is no contrast
    assert not faults(lecturer)
    lecturer.shot(f"present-{theme}")
    follower = visit(link, width=390, height=844, color_scheme=theme)
    follower.settled()
    assert follower.of("document.documentElement.scrollWidth") <= 390
    assert not faults(follower)


SEEN = "[...document.querySelectorAll('.present %s')].filter((one) => one.checkVisibility())"
FOOT = "getComputedStyle(document.querySelector('.present .foot')).opacity"


def presented(visit: Visit) -> Visitor:
    visitor = visit("?seed=22", width=1280, height=720)
    go(visitor, 4)
    visitor.press("Present")
    visitor.wait("embers.present.on && document.fullscreenElement !== null")
    visitor.settled()
    return visitor


def test_present_mode_has_type_of_28_pixels_and_the_views_that_are_talked_about(visit: Visit) -> None:
    visitor = presented(visit)
    small = """[...document.querySelectorAll('.present *')].filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
      .filter((one) => parseFloat(getComputedStyle(one).fontSize) * (one.ownerSVGElement ? one.ownerSVGElement.getScreenCTM().a : 1) < 27.9).map((one) => one.outerHTML)"""  # noqa: E501
    assert visitor.of(small) == []
    shown = f"{SEEN % '.view'}.map((one) => one.ariaLabel)"
    assert visitor.of(shown) == ["View B", "View C"]  # the first two that are infected
    visitor.page.keyboard.press("1")
    visitor.page.keyboard.press("2")
    visitor.settled()
    assert visitor.of(shown) == ["View A", "View C"]
    expect(visitor.page.locator(".present .numbers strong")).to_have_count(2)
    sizes = f"{SEEN % 'canvas'}.map((one) => one.getBoundingClientRect().bottom)"
    assert max(visitor.of(sizes)) <= 720


def test_present_mode_plays_by_keyboard_hides_its_controls_and_is_left_by_escape(visit: Visit) -> None:
    visitor = presented(visit)
    assert visitor.of("document.activeElement.className").startswith("present")
    visitor.page.keyboard.press("Space")
    visitor.wait("embers.arms.hour > 97")
    visitor.wait(f"embers.arms.playing && {FOOT} === '0'")  # after a while the controls go
    visitor.page.keyboard.press("Tab")
    visitor.wait(f"{FOOT} === '1'")
    assert visitor.of("document.querySelector('.present').contains(document.activeElement)")
    visitor.page.keyboard.press("Space")
    visitor.wait("!embers.arms.playing")
    visitor.page.keyboard.press("Escape")
    visitor.wait("!embers.present.on && document.fullscreenElement === null")
    assert visitor.of("embers.views.element.parentElement.className") == "board"
    assert visitor.of("document.activeElement.textContent") == "Present"
    assert visitor.of("embers.views.element.style.cssText") == ""
    assert visitor.of("[...document.querySelectorAll('.view')].every((one) => one.checkVisibility())")


def test_orders_that_wait_are_named_and_done_in_their_order(visit: Visit) -> None:
    visitor = visit(TWO.replace("influenza,", "no_virus,influenza,sars_cov_2,"))
    go_on = visitor.hold_line(after="laying out")  # else a fast machine would have nothing that waits
    visitor.of("embers.act.ask({do: 'recipe', recipe: {side: 5000, days: 28}})")
    visitor.of("embers.act.ask({do: 'step', day: 28})")
    visitor.page.get_by_text("Then, in this order: day 28.").wait_for()
    expect(visitor.page.get_by_text("Laying out the sections")).to_be_visible()
    visitor.shot("orders-wait")
    go_on()
    visitor.page.get_by_text("Running to day 28.0").wait_for(timeout=LONG)
    visitor.of("embers.act.ask({do: 'pause'})")
    visitor.wait("!embers.arms.playing && embers.arms.hour < 28 * 24")
    visitor.wait("document.querySelector('.work').hidden && !embers.notices.queue.orders.length")


class ServerOfOne(Server):
    """With one place, which somebody else gets a second after a browser has gone."""

    def command(self) -> list[str]:
        code = "from abm.cli.main import main; from abm.dashboard.server import sessions; sessions.RELOAD = 1.0; main()"
        return [sys.executable, "-c", code, "serve", "--no-browser", "--port", str(self.port), "--visitors", "1"]


def test_who_finds_no_place_sees_the_queue_and_what_they_press_is_done_once_they_are_in(
    browser: "Browser",
) -> None:
    alone = ServerOfOne()
    try:
        context = browser.new_context()
        first = Visitor(context.new_page(), alone.address).open("?arms=influenza&side=600")
        second = Visitor(browser.new_context().new_page(), alone.address)
        second.page.goto(f"{alone.address}?arms=influenza&side=600")
        second.page.get_by_text("Waiting for a free place").wait_for()
        expect(second.page.locator(".room .place b")).to_have_text("1")
        assert second.page.get_by_role("button", name="Steer").count() == 0  # no button that does nothing
        assert not faults(second)
        second.shot("queue")
        second.page.keyboard.press("Space")
        first.page.context.close()
        second.wait("embers.arms.frames > 0 && embers.arms.hour > 2", 60_000)
        expect(second.page.locator(".room")).to_be_hidden()
        second.page.context.close()
    finally:
        alone.stop()
