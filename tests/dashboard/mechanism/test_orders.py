"""Questions of the page: answers, refusals, and what takes the place of what."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.orders import Orders
from abm.dashboard.live.player import Player
from abm.dashboard.mechanism.inquiries import Inquiries

SMALL = Recipe((RecipeArm("influenza"), RecipeArm("influenza_blockade")), seed=1, side=400, days=3)


class Asked:
    """Orders, and what they say."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.orders = Orders(SMALL, 0.0, self.said.append)

    def ask(self, **what: Any) -> dict[str, Any]:
        self.said.clear()
        self.orders.obey({"do": "ask", **what})
        return self.said[-1]


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    made = Asked()
    yield made
    made.orders.stage.close()


def test_a_distribution_is_answered(asked: Asked) -> None:
    said = asked.ask(about="distribution", name="clone")
    assert (said["say"], said["counted"], len(said["arms"])) == ("distribution", "clones", 2)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ({"about": "distribution", "name": "mood"}, 'distribution: "mood" is not known; allowed: signal'),
        ({"about": "ratio", "over": 0, "under": 0, "measure": "il6"}, "with another one"),
        ({"about": "ratio", "over": 0, "under": 7, "measure": "il6"}, "view: 7 must be from 0 to 1"),
        ({"about": "ratio", "over": 0, "under": 1, "measure": "mood"}, 'measure: "mood" is not known'),
        ({"about": "band", "measure": 3}, 'measure: "3" is not known'),
        ({"about": "record"}, "no cell is picked"),
    ],
)
def test_what_cannot_be_answered_says_why_where_it_was_asked(asked: Asked, what: dict, text: str) -> None:
    said = asked.ask(**what)
    assert said["say"] == what["about"]
    assert text in said["fault"]


DRUG = {"type": "anti-IL-6", "drug": "MP5-20F3"}
TIMING = {"about": "timing", "arm": 0, **DRUG, "starts": [1], "replicates": 1, "day": 3}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"starts": [3]}, "day of begin: 3 must be before the day of the count, 3"),
        ({"starts": []}, "0 first days of the drug were asked for: 1 to 16"),
        ({"starts": [-1]}, "day of begin: -1 must be from 0 to 3 d"),
        ({"replicates": 99}, "replicates: 99 must be from 1 to 12"),
        ({"replicates": 1.5}, "must be a whole number"),
        ({"type": "depletion"}, 'treatment: "depletion" is not known'),
        ({"drug": "siltuximab"}, "mouse"),
        ({"day": 9}, "day of the count: 9 must be from 0 to 3 d"),
    ],
)
def test_a_blockade_that_cannot_be_run_says_why(asked: Asked, change: dict, text: str) -> None:
    assert text in asked.ask(**TIMING | change)["fault"]


@pytest.mark.parametrize("what", [{"about": "everything"}, {"about": "distribution"}, {"about": "timing", "arm": "x"}])
def test_what_is_no_question_is_refused(asked: Asked, what: dict) -> None:
    assert asked.ask(**what)["say"] == "refused"


class Listener:
    """What a player says, in any thread."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.changed = threading.Condition()
        self.player = Player(SMALL, 24.0, self.tell)
        self.player.start()

    def tell(self) -> None:
        with self.changed:
            self.heard.extend(one for one in self.player.messages() if isinstance(one, dict))
            self.changed.notify()

    def wait_for(self, kind: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [one for one in self.heard if one["say"] == kind and holds(one)]

        with self.changed:
            assert self.changed.wait_for(found, timeout=120)
            return found()[-1]


def test_the_record_of_a_picked_cell_and_a_blockade_come_from_runs_beside_the_views() -> None:
    listener, places = Listener(), queue.Queue[tuple[int, int]]()

    def look(stage: Any) -> None:
        cells = stage.arms[0].model.tissue.cancer
        places.put((int(cells.x[0]), int(cells.y[0])))

    listener.player.ask({"do": "give", "to": look})
    x, y = places.get(timeout=60)
    listener.player.ask({"do": "pick", "arm": 0, "x": x, "y": y})
    listener.player.ask({"do": "ask", "about": "record"})
    listener.player.ask({"do": "ask", **TIMING})
    record = listener.wait_for("record", lambda one: len(one["traces"]) == 2)
    assert record["traces"][0]["hours"][0] == 0.0
    assert listener.wait_for("timing", lambda one: one["done"] == 2 and "points" in one)["points"][0]["day"] == 1
    listener.player.close()
    listener.player.join(60)
    assert not listener.player.is_alive()


def test_a_newer_question_takes_the_place_of_the_last_and_faults_are_said() -> None:
    heard: list[dict[str, Any]] = []
    changed, gate = threading.Condition(), threading.Event()

    def say(what: dict[str, Any]) -> None:
        with changed:
            heard.append(what)
            changed.notify()

    def slow() -> Iterator[dict[str, Any]]:
        yield {"say": "it", "step": 1}
        gate.wait(30)
        yield {"say": "it", "step": 2}

    def broken() -> Iterator[dict[str, Any]]:
        yield {"say": "it", "step": 3}
        raise ValueError("no such thing")

    inquiries = Inquiries(say)
    inquiries.begin("it", slow())
    with changed:
        assert changed.wait_for(lambda: len(heard) == 1, timeout=30)
    inquiries.begin("it", broken())
    gate.set()
    with changed:
        assert changed.wait_for(lambda: len(heard) == 3, timeout=30)
    assert heard[1:] == [{"say": "it", "step": 3}, {"say": "it", "fault": "no such thing"}]
    inquiries.close()
    inquiries.begin("it", slow())  # nothing comes of it
    inquiries._threads["it"].join(30)
    assert not inquiries._threads["it"].is_alive()
