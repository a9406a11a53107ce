"""Play, pause, step, back, reset, seed, jump: in a real browser."""

from collections.abc import Callable

import pytest

from tests.dashboard.conftest import Visitor, expect

pytestmark = pytest.mark.slow
ONE = "?arms=influenza&side=1000&seed=1"
Visit = Callable[..., Visitor]


def test_the_page_opens_with_four_twins_on_one_clock(visit: Visit) -> None:
    visitor = visit()
    titles = visitor.of("embers.arms.list.map((arm) => arm.info.name)")
    assert titles == ["no_virus", "influenza", "influenza_blockade", "late_blockade"]
    assert visitor.page.get_by_text("not medical advice").is_visible()
    expect(visitor.page.get_by_text("prediction", exact=True)).to_have_count(2)
    assert len({visitor.picture(at) for at in range(4)}) == 1  # twins start alike
    visitor.shot("four-views-day-0")


def test_play_moves_tissue_words_and_curves_until_pause(visit: Visit) -> None:
    visitor = visit()
    visitor.page.select_option("#embers-speed", "3")
    before = visitor.picture(1)
    visitor.press("Play")
    visitor.wait("embers.arms.hour > 120")
    visitor.press("Pause")
    visitor.wait("!embers.arms.playing")
    stopped = visitor.hour
    visitor.page.wait_for_timeout(600)
    assert visitor.hour == stopped
    assert visitor.picture(1) != before
    assert visitor.picture(1) != visitor.picture(0)
    for words in (".told", ".bar .clock", ".spoken"):
        expect(visitor.page.locator(words).first).to_contain_text(f"Day {stopped / 24:.1f}")
    assert visitor.of("document.querySelectorAll('.chart').length") == 5
    assert visitor.of("document.querySelectorAll('[data-measure=il6] .line')[1].points.length") > 100
    expect(visitor.page.get_by_text("IL-6 exceeds the EC50 of awakening").first).to_be_visible()
    visitor.shot("four-views-playing")


def test_days_and_numbers_are_written_as_the_server_writes_them(visit: Visit) -> None:
    hours = [step / 6 for step in range(28 * 144 + 1)]
    days = "(hours) => import('/embers/static/dom.js').then(({ day }) => hours.map(day))"
    visitor = visit(ONE)
    assert visitor.of(days, hours) == [f"{hour / 24:.1f}" for hour in hours]
    values = [value / 20 for value in range(2, 4000)]  # cells per seeded cell
    numbers = "(values) => import('/embers/static/dom.js').then(({ number }) => values.map(number))"
    assert visitor.of(numbers, values) == [f"{one:,.0f}" if one >= 9.95 else f"{one:.1f}" for one in values]


def test_step_is_an_hour_and_reset_gives_the_same_section_again_and_again(visit: Visit) -> None:
    visitor = visit(ONE)
    first = visitor.picture()
    for _ in range(2):
        visitor.press("Step 1 h")
        visitor.at_hour(1)
        assert visitor.picture() != first
        visitor.press("Reset")
        visitor.at_hour(0)
        assert visitor.picture() == first
        assert visitor.of("embers.arms.list[0].points.length") == 1


def test_back_and_on_again_is_the_same_as_never_having_been_back(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.of("embers.act.ask({do: 'step', day: 2.25})")
    visitor.at_hour(54)
    there, curve = visitor.picture(), visitor.of("embers.arms.list[0].points")
    visitor.press("Back 1 h")
    visitor.at_hour(53)
    assert visitor.picture() != there
    visitor.page.keyboard.press("Shift+ArrowLeft")
    visitor.at_hour(29)
    assert visitor.of("embers.arms.list[0].points.length") == 30
    visitor.of("embers.act.ask({do: 'step', day: 2.25})")
    visitor.at_hour(54)
    assert visitor.picture() == there
    assert visitor.of("embers.arms.list[0].points") == curve


def test_a_day_is_chosen_on_the_axis_of_time(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.page.get_by_role("slider", name="Day").fill("96")
    visitor.at_hour(96)


def test_another_seed_is_another_section_and_what_is_none_is_refused_in_place(visit: Visit) -> None:
    visitor = visit(ONE)
    first = visitor.picture()
    seed = visitor.page.get_by_label("Seed", exact=True)
    seed.fill("abc")
    seed.press("Enter")
    visitor.page.get_by_text("must be a whole number").wait_for()
    assert visitor.picture() == first
    expect(seed).to_have_value("1")
    visitor.page.keyboard.press("Escape")
    seed.fill("7")
    seed.press("Enter")
    visitor.wait("embers.arms.recipe.seed === 7 && embers.arms.scenes === 2")
    assert visitor.picture() != first
    visitor.obeyed()
    assert visitor.of("embers.arms.scenes") == 2  # asked for once, although Enter is a change as well
    visitor.press("New seed")
    visitor.wait("embers.arms.recipe.seed !== 7")


def test_everything_goes_by_keyboard(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.page.keyboard.press("Space")
    visitor.wait("embers.arms.playing && embers.arms.hour > 0")
    visitor.page.keyboard.press("Space")
    visitor.wait("!embers.arms.playing")
    before = visitor.hour
    visitor.page.keyboard.press("r")
    visitor.at_hour(0)
    visitor.page.get_by_role("button", name="Back to day").click()  # it was a slip
    visitor.at_hour(before)
    visitor.page.keyboard.press("r")
    visitor.at_hour(0)
    visitor.page.keyboard.press("ArrowRight")
    visitor.at_hour(1)
    visitor.page.keyboard.press("ArrowLeft")
    visitor.at_hour(0)
    scenes = visitor.of("embers.arms.scenes")
    visitor.page.keyboard.press("n")
    visitor.wait(f"embers.arms.recipe.seed !== 1 && embers.arms.scenes > {scenes}")  # a new section starts unzoomed
    visitor.page.keyboard.press("+")
    assert visitor.of("embers.views.zoom") > 1
    visitor.page.keyboard.press("f")
    assert visitor.of("embers.views.zoom") == 1
    visitor.page.keyboard.press("?")
    expect(visitor.page.get_by_role("dialog")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_role("dialog")).to_be_hidden()


def test_single_letters_can_be_switched_off_and_stay_off(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.press("Keys")
    visitor.page.get_by_label("Single letters, digits and signs act as keys").uncheck()
    visitor.page.keyboard.press("Escape")
    visitor.page.reload()
    visitor.wait("window.embers && embers.arms.frames > 0 && embers.arms.list.every((arm) => arm.info)")
    for key in ("n", "s", "d", "+", "1", "?"):
        visitor.page.keyboard.press(key)
    visitor.page.keyboard.press("ArrowRight")
    visitor.at_hour(1)
    assert visitor.of("embers.arms.recipe.seed") == 1
    assert visitor.of("[embers.steer.element.hidden, embers.views.zoom, embers.options.alone]") == [True, 1, None]
    assert not visitor.page.get_by_role("dialog").is_visible()


def test_another_seed_keeps_the_day_and_the_way_back_is_offered(visit: Visit) -> None:
    visitor = visit(ONE)
    visitor.of("embers.act.ask({do: 'step', day: 2})")
    visitor.at_hour(48)
    visitor.page.keyboard.press("+")
    assert visitor.of("embers.views.zoom") > 1
    visitor.press("New seed")
    visitor.wait("embers.arms.recipe.seed !== 1 && embers.arms.scenes === 2")
    assert visitor.of("embers.views.zoom") == 1  # the cells are elsewhere now
    visitor.at_hour(48)
    visitor.press("Back to seed 1")
    visitor.wait("embers.arms.recipe.seed === 1 && embers.arms.scenes === 3")
    visitor.at_hour(48)


def test_at_the_end_it_plays_again(visit: Visit) -> None:
    visitor = visit(f"{ONE}&days=1")
    visitor.of("embers.act.ask({do: 'step', day: 1})")
    visitor.at_hour(24)
    visitor.press("Play again")
    visitor.wait("embers.arms.playing && embers.arms.hour > 0 && embers.arms.hour < 24")


def test_where_the_virus_does_not_establish_another_seed_is_offered(visit: Visit) -> None:
    visitor = visit("?arms=influenza&side=600&seed=2")
    visitor.of("embers.act.ask({do: 'step', day: 6})")
    visitor.at_hour(144)
    visitor.page.get_by_text("The virus did not establish here").wait_for()
    visitor.press("Another seed")
    visitor.wait("embers.arms.recipe.seed !== 2 && embers.arms.scenes === 2")
    visitor.at_hour(144)
