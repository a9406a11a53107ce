"""Several visitors, a reload, a server that is started anew: in a real browser."""

from collections.abc import Callable

import pytest

from tests.dashboard.conftest import Server, Visitor

pytestmark = pytest.mark.slow
ONE = "?arms=influenza&side=1000"
Visit = Callable[..., Visitor]


def test_two_visitors_do_not_disturb_each_other(visit: Visit) -> None:
    one, other = visit(ONE), visit("?arms=no_virus&side=600")
    one.press("Play")
    one.wait("embers.arms.hour > 4")
    assert other.hour == 0
    other.press("Step 1 h")
    other.at_hour(1)
    assert other.of("embers.arms.list[0].info.name") == "no_virus"
    one.wait("embers.arms.hour > 8")
    assert one.of("embers.line.session") != other.of("embers.line.session")


def test_a_click_answers_while_the_model_runs_at_full_speed(visit: Visit) -> None:
    visitor = visit("?days=120&side=3000")  # so much that it does not end before the click
    visitor.page.select_option("#embers-speed", "4")
    visitor.press("Play")
    visitor.wait("embers.arms.playing && embers.arms.hour > 24")
    visitor.press("Pause")
    visitor.wait("!embers.arms.playing", 5_000)
    assert not visitor.of("embers.arms.ended")


def test_a_reload_in_mid_run_goes_on_where_it_was(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.of("embers.act.ask({do: 'step', day: 2})")
    visitor.at_hour(48)
    visitor.page.select_option("#embers-overlay", "il6")
    visitor.page.select_option("#embers-speed", "2")
    visitor.wait("embers.arms.list[0].field !== null && embers.arms.speed === 2 && embers.curves.bands !== null")
    picture, session = visitor.picture(), visitor.of("embers.line.session")
    visitor.page.reload()
    visitor.wait("window.embers && embers.arms.frames > 0 && embers.arms.list.every((arm) => arm.info)")
    visitor.at_hour(48)
    visitor.wait("embers.arms.list[0].field !== null && embers.curves.bands !== null")
    assert visitor.of("embers.line.session") == session
    assert visitor.picture() == picture
    assert visitor.of("[embers.legend.over.value, embers.bar.speed.value]") == ["il6", "2"]
    assert visitor.of("embers.arms.list[0].points.length") == 49


def test_another_link_in_the_same_tab_shows_what_it_says(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.of("embers.act.ask({do: 'step', day: 1})")
    visitor.at_hour(24)
    before = visitor.of("embers.line.session")
    visitor.page.goto(visitor.page.url.partition("?")[0] + "?arms=no_virus,sars_cov_2&side=600&seed=7")
    visitor.wait("window.embers && embers.arms.frames > 0 && embers.arms.list.every((arm) => arm.info)")
    assert visitor.of("embers.arms.list.map((arm) => arm.info.name)") == ["no_virus", "sars_cov_2"]
    assert visitor.of("embers.arms.recipe.seed") == 7
    assert visitor.of("embers.line.session") != before


def test_what_plays_when_the_page_is_loaded_anew_plays_on(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.press("Play")
    visitor.wait("embers.arms.hour > 3")
    visitor.page.reload()
    visitor.wait("window.embers && embers.arms.frames > 0")
    there = visitor.hour
    assert there >= 3
    visitor.wait(f"embers.arms.playing && embers.arms.hour > {there} + 2")


def test_when_the_server_is_started_anew_the_page_comes_back_to_the_same_day_and_changes(
    visit: Visit, server: Server
) -> None:
    visitor = visit(ONE)
    visitor.allowed += [
        "WebSocket",
        "ERR_CONNECTION_REFUSED",
        "Failed to load resource",
        "kernel",
        "socket",
        "Connection lost",
    ]
    visitor.of("embers.act.ask({do: 'step', day: 2})")
    visitor.at_hour(48)
    entry = "{type: 'anti-IL-6', drug: 'MP5-20F3', start: '48 h'}"
    visitor.of(f"embers.act.ask({{do: 'edit', arms: [0], edits: [{{op: 'add', list: 'treatment', entry: {entry}}}]}})")
    visitor.wait("embers.arms.list[0].info.treatments.length === 1")
    visitor.of("embers.act.ask({do: 'step', day: 3})")
    visitor.at_hour(72)
    picture = visitor.picture()
    server.stop()
    visitor.page.get_by_text("The server does not answer").wait_for()
    visitor.page.wait_for_timeout(1500)
    assert not visitor.of("[...document.querySelectorAll('.v-overlay')].some((sheet) => sheet.checkVisibility())")
    visitor.press("Keys")  # nothing lies over the page
    visitor.page.keyboard.press("Escape")
    visitor.shot("server-gone")
    visitor.of("window.isOld = true")  # the page loads itself again, and this one is still at day 3, too
    server.start()
    there = "window.embers && embers.arms.frames > 0 && embers.arms.hour === 72 && !embers.arms.playing"
    visitor.wait(f"!window.isOld && {there}")
    assert visitor.of("embers.arms.list[0].info.treatments.length") == 1
    assert visitor.picture() == picture
