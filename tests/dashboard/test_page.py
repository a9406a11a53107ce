import threading
import time
from collections.abc import Callable, Iterator

import ipyvuetify as v
import pytest
import solara
from ipywidgets import Widget

from abm.dashboard import page
from abm.dashboard.player import Setup

LONG = 120.0


def players() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("player of")]


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Opened:
    """The page as a visitor has it, without a browser."""

    def __init__(self) -> None:
        self.box, self.rc = solara.render(page.Page(), handle_error=False)

    def all(self, kind: type[Widget] = Widget) -> list[Widget]:
        """Every widget of this kind, from top to bottom."""
        found, left = [], [self.box]
        while left:
            widget = left.pop()
            found += [widget] if isinstance(widget, kind) else []
            left += reversed([child for child in getattr(widget, "children", ()) if isinstance(child, Widget)])
        return found

    def words(self) -> str:
        return " ".join(child for widget in self.all(v.Html) for child in widget.children if isinstance(child, str))

    def button(self, name: str) -> v.Btn | None:
        return next((button for button in self.all(v.Btn) if name in button.children), None)

    def click(self, name: str) -> None:
        self.button(name).click()

    def one(self, kind: type[Widget]) -> Widget:
        (found,) = self.all(kind)
        return found

    def picture(self) -> Widget:
        (found,) = [widget for widget in self.all() if hasattr(widget, "picture")]
        return found

    def see(self) -> None:
        """What a browser does with each frame."""
        self.picture().vue_seen(self.picture().number)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setattr(page, "Setup", lambda: Setup("influenza", 1, 1000))
    visitor = Opened()
    until(lambda: "Day 0.0" in visitor.words())
    yield visitor
    visitor.rc.close()
    until(lambda: not players())


def test_the_page_opens_with_a_picture_words_and_curves_and_says_what_it_is(opened: Opened) -> None:
    assert "not medical advice" in opened.words()
    assert "1.0 cells per seeded cell" in opened.words()
    assert opened.picture().picture.startswith("data:image/png;base64,")
    assert opened.button("Play")


def test_a_step_is_an_hour(opened: Opened) -> None:
    assert "hour 0" in opened.words()
    opened.click("Step 1 h")
    until(lambda: "hour 1" in opened.words())


def test_play_turns_into_pause_and_back(opened: Opened) -> None:
    opened.see()
    opened.click("Play")
    until(lambda: opened.button("Pause"))
    until(lambda: "hour 0" not in opened.words())
    opened.click("Pause")
    until(lambda: opened.button("Play"))


def test_reset_goes_back_to_the_same_section(opened: Opened) -> None:
    before = opened.picture().picture
    for _ in range(2):
        opened.click("Step 1 h")
        until(lambda: "hour 1" in opened.words())
        assert opened.picture().picture != before
        opened.click("Reset")
        until(lambda: "hour 0" in opened.words())
        assert opened.picture().picture == before
    until(lambda: len(players()) == 1)


def test_a_new_seed_is_another_section(opened: Opened) -> None:
    before = opened.picture().picture
    opened.click("New seed")
    until(lambda: opened.picture().picture != before)
    assert int(opened.one(v.TextField).v_model) != 1


def test_what_is_no_seed_is_refused_in_place_and_the_section_stays(opened: Opened) -> None:
    before = opened.picture().number
    field = opened.one(v.TextField)
    field.v_model = "abc"
    field.fire_event("keyup.enter")
    until(lambda: "whole number" in str(opened.one(v.TextField).messages))
    assert opened.picture().number == before
    field.v_model = "7"
    field.fire_event("keyup.enter")
    until(lambda: opened.picture().number > before)
    assert "whole number" not in str(opened.one(v.TextField).messages)


def test_another_scenario_tells_its_story_and_that_it_is_a_prediction(opened: Opened) -> None:
    assert "no experiment has tested this" not in opened.words()
    opened.one(v.Select).v_model = "influenza_blockade"
    until(lambda: "no experiment has tested this" in opened.words())
    assert "most cells sleep on" in opened.words()
    until(lambda: "Day 0.0" in opened.words())


def test_two_visitors_have_sections_of_their_own(opened: Opened) -> None:
    other = Opened()
    until(lambda: "Day 0.0" in other.words())
    other.click("Step 1 h")
    until(lambda: "hour 1" in other.words())
    assert "hour 0" in opened.words()
    other.rc.close()
    until(lambda: len(players()) == 1)


def test_a_scenario_that_cannot_be_read_is_told_in_place(opened: Opened) -> None:
    opened.one(v.Select).v_model = "influenca"
    until(lambda: opened.all(v.Alert))
    until(lambda: opened.button("Play").disabled)
    opened.one(v.Select).v_model = "no_virus"
    until(lambda: not opened.all(v.Alert))
    until(lambda: not opened.button("Play").disabled)
