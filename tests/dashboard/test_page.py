import threading
import time
from collections.abc import Callable, Iterator

import ipyvuetify as v
import pytest
import solara

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

    def words(self) -> str:
        return " ".join(
            child for html in self.rc.find(v.Html).widgets for child in html.children if isinstance(child, str)
        )

    def button(self, name: str) -> v.Btn | None:
        found = [button for button in self.rc.find(v.Btn).widgets if name in button.children]
        return found[0] if found else None

    def click(self, name: str) -> None:
        self.button(name).click()

    def picture(self) -> object:
        found = self.rc.find(page._Picture(0, "", "", 0, "", event_seen=print).component.widget).widgets
        return found[0] if found else None

    def see(self) -> None:
        """What a browser does with each frame."""
        picture = self.picture()
        picture._event_callbacks["seen"](picture.number)


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
    seed = opened.rc.find(v.TextField, label="Seed").widget.v_model
    assert int(seed) != 1


def test_what_is_no_seed_is_refused_in_place_and_the_section_stays(opened: Opened) -> None:
    before = opened.picture().number
    field = opened.rc.find(v.TextField, label="Seed").widget
    field.v_model = "abc"
    until(lambda: "whole number" in str(field.error_messages) + str(field.label))
    assert opened.picture().number == before


def test_another_scenario_tells_its_story_and_that_it_is_a_prediction(opened: Opened) -> None:
    assert "no experiment has tested this" not in opened.words()
    opened.rc.find(v.Select).widget.v_model = "influenza_blockade"
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
    opened.rc.find(v.Select).widget.v_model = "influenca"
    until(lambda: opened.rc.find(v.Alert).widgets)
    assert opened.button("Play").disabled
    opened.rc.find(v.Select).widget.v_model = "no_virus"
    until(lambda: not opened.rc.find(v.Alert).widgets)
    until(lambda: not opened.button("Play").disabled)
