import json
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator

import pytest

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.player import Player

SMALL = Recipe((RecipeArm("no_virus"), RecipeArm("influenza")), seed=1, side=1200, days=6)


class Screen:
    """A browser, as far as a player can tell."""

    def __init__(self, recipe: Recipe = SMALL, hour: float = 0.0) -> None:
        self.news, self.frames, self.said = threading.Event(), [], []
        self.draws = True
        self.player = Player(recipe, hour, self.news.set)
        self.player.start()

    def look(self) -> None:
        for message in self.player.messages():
            if isinstance(message, bytes):
                (length,) = struct.unpack("<I", message[:4])
                self.frames.append(json.loads(message[4 : 4 + length]))
                if self.draws:
                    self.player.ask({"do": "seen", "number": self.frames[-1]["number"]})
            elif message["say"] != "done":
                self.said.append(message)

    def until(self, condition: Callable[[], object], seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            self.news.wait(0.02)
            self.news.clear()
            self.look()

    def at(self, hour: float) -> None:
        self.until(lambda: self.frames and self.frames[-1]["hour"] == hour and not self.frames[-1]["playing"])

    def ask(self, do: str, **order: object) -> None:
        self.player.ask({"do": do, **order})

    def last(self, say: str) -> dict:
        return next(said for said in reversed(self.said) if said["say"] == say)


def hours(screen: Screen) -> float:
    """Where the model is, whatever is shown of it."""
    found: list[float] = []
    screen.ask("give", to=lambda stage: found.append(stage.hour))
    screen.until(lambda: found)
    return found[0]


@pytest.fixture
def screen() -> Iterator[Screen]:
    made = Screen()
    made.at(0)
    yield made
    made.player.close()
    made.player.join(60)
    assert not made.player.is_alive()


def test_the_first_frame_brings_the_sections_and_later_ones_do_not(screen: Screen) -> None:
    assert screen.frames[0]["sections"] == [0, 0]  # the second arm has the section of the first
    screen.ask("step")
    screen.at(1)
    assert "sections" not in screen.frames[-1]


def test_points_come_once_each_and_all_of_them(screen: Screen) -> None:
    screen.ask("step", hours=30)
    screen.at(30)
    count = 0
    for frame in screen.frames:
        assert frame["from"] == count
        count += len(frame["points"][1])
    assert count == 31


def test_it_plays_to_the_end_at_full_speed_and_stops_there(screen: Screen) -> None:
    screen.ask("speed", at=4)
    screen.ask("play")
    screen.until(lambda: screen.frames[-1]["ended"])
    assert screen.frames[-1]["hour"] == 144
    screen.ask("step")
    screen.ask("back")
    screen.until(lambda: screen.said and screen.said[-1]["say"] == "refused")
    assert "there is not" in screen.said[-1]["text"]


def test_a_browser_that_does_not_draw_gets_no_more_frames_but_the_model_goes_on(screen: Screen) -> None:
    screen.draws = False
    before = len(screen.frames)
    screen.ask("step", hours=100)
    screen.until(lambda: hours(screen) == 100)
    time.sleep(0.2)
    screen.look()
    assert len(screen.frames) - before <= 2
    screen.draws = True
    screen.ask("seen", number=screen.frames[-1]["number"])
    screen.at(100)


def test_a_change_that_can_act_now_does_and_one_that_cannot_waits_for_a_reset(screen: Screen) -> None:
    screen.ask("step", hours=50)
    screen.at(50)
    entry = {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "50 h"}
    screen.ask("edit", arms=[1], edits=[{"op": "add", "list": "treatment", "entry": entry}])
    screen.until(lambda: screen.last("recipe")["arms"][1]["treatments"])
    assert not screen.last("recipe")["pending"]
    screen.ask("edit", arms=[0, 1], edits=[{"op": "add", "list": "treatment", "entry": {"type": "vaccination"}}])
    screen.until(lambda: screen.last("recipe")["pending"])
    assert len(screen.last("recipe")["pending"]) == 2
    assert screen.frames[-1]["hour"] == 50
    screen.ask("reset")
    screen.at(0)
    screen.until(lambda: len(screen.last("recipe")["arms"][1]["treatments"]) == 2)
    assert [one["type"] for one in screen.last("recipe")["arms"][1]["treatments"]] == ["anti-IL-6", "vaccination"]
    assert not screen.last("recipe")["pending"]


def test_what_is_wrong_is_told_and_what_was_there_stays(screen: Screen) -> None:
    screen.ask("step", hours=5)
    screen.at(5)
    for order in (
        {"do": "recipe", "recipe": {"arms": ["influenca"]}},
        {"do": "recipe", "recipe": {"side": 10**9}},
        {"do": "reset", "seed": "x"},
        {"do": "edit", "arms": [9], "edits": [{}]},
        {"do": "edit", "arms": [0], "edits": [{"op": "set", "key": "parameters.dormancy.cycle", "value": 1}]},
        {"do": "step", "hours": "many"},
        {},
    ):
        count = sum(said["say"] == "refused" for said in screen.said)
        screen.player.ask(order)
        screen.until(lambda: sum(said["say"] == "refused" for said in screen.said) == count + 1)  # noqa: B023
    screen.ask("step")
    screen.at(6)


def test_it_waits_for_a_browser_that_left_and_then_goes_on(screen: Screen) -> None:
    screen.ask("speed", at=0)
    screen.ask("play")
    screen.until(lambda: screen.frames[-1]["hour"] > 0.5)
    screen.ask("leave")
    stopped = hours(screen)
    time.sleep(0.3)
    assert hours(screen) == stopped
    screen.ask("attach")
    screen.until(lambda: screen.frames[-1]["hour"] > stopped)
    assert screen.frames[-1]["playing"]


def test_a_reset_lets_go_of_what_was_before(screen: Screen) -> None:
    before: list[weakref.ref] = []
    screen.ask("give", to=lambda stage: before.extend(weakref.ref(arm.model) for arm in stage.arms))
    screen.ask("step", hours=30)
    screen.at(30)
    screen.ask("reset")
    screen.at(0)
    screen.until(lambda: before and all(model() is None for model in before))


def test_it_begins_where_it_is_told_to() -> None:
    screen = Screen(hour=30.5)
    screen.at(30.5)
    screen.player.close()


def test_a_recipe_that_cannot_be_shown_gives_the_usual_views_and_the_reason() -> None:
    screen = Screen(Recipe((RecipeArm("influenca"),)))
    screen.until(lambda: screen.frames)
    assert "influenca" in screen.last("refused")["text"]
    assert len(screen.frames[0]["points"]) == 4
    screen.player.close()
