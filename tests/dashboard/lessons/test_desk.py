"""A lesson over the live line: what a page asks for, what a stranger may try; no answer is out before the run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.content.story import places_of
from abm.dashboard.lessons import catalog
from abm.dashboard.lessons.scoring import HANDLES
from abm.dashboard.live.orders import Orders
from tests.dashboard.lessons.conftest import TEXT
from tests.dashboard.lines import Ask, ask, dial, hear, port  # noqa: F401 - fixtures

ANSWERS = [[0.1] * HANDLES, 0]


class Page:
    """Orders of one page, and what it is told."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.orders = Orders(Recipe((RecipeArm("no_virus"),), side=400, days=1), 0.0, self.said.append)

    def ask(self, part: Any, name: Any = "antibody_and_virus", **what: Any) -> dict[str, Any]:
        self.said.clear()
        self.orders.obey({"do": "lesson", "name": name, "part": part, **what})
        return self.said[-1]

    def play(self) -> None:
        while self.orders.stage.tick < self.orders.stage.end:
            self.orders.stage.advance(self.orders.stage.per_hour)

    def at(self, hour: float) -> None:
        stage = self.orders.stage
        stage.back_to(round(hour * stage.per_hour))
        while stage.hour < hour - 1e-9:
            stage.advance(1)


pytestmark = pytest.mark.usefixtures("known")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("lessons")
    (folder / "antibody_and_virus.toml").write_text(TEXT, encoding="utf-8")
    catalog.library.add_folder(folder)
    yield
    catalog.library._own.clear()


@pytest.fixture
def page() -> Iterator[Page]:
    made = Page()
    yield made
    made.orders.stage.close()


def test_a_lesson_from_watching_to_its_last_task(page: Page) -> None:
    assert page.ask("watch")["part"] == "watch"
    assert [arm.title for arm in page.orders.stage.recipe.arms] == ["Influenza"]
    page.ask("run")
    assert [arm.title for arm in page.orders.stage.recipe.arms] == ["Influenza", "Antibody from day 1"]
    page.play()
    found = page.ask("reveal", answers=ANSWERS)
    assert [one["holds"] for one in found["findings"]] == [True, True]
    assert found["tasks"][1]["right"] == 1
    json.dumps(found, allow_nan=False)
    (cell,) = found["cells"]
    page.at(cell["hour"])
    told = page.ask("cell", pick=cell["pick"], at=0)
    assert told["il6"][0] > max(0.5, 10 * told["il6"][1])
    assert page.orders.pick.uid == int(cell["pick"][1])
    assert told["places"] == places_of(page.orders.stage, page.orders.pick)
    assert any(told["places"])
    page.ask("try", at=4)
    assert page.orders.stage.scenarios[1].treatments[0].start == 8 * 24
    page.play()
    assert page.ask("tried", at=4)["inside"] is False


@pytest.mark.parametrize("part", ["reveal", "tried"])
def test_nothing_is_revealed_before_the_end_nor_of_another_run(page: Page, part: str) -> None:
    what = {"answers": ANSWERS} if part == "reveal" else {"at": 0}
    page.ask("run")
    assert "has not run to its end" in page.ask(part, **what)["text"]
    page.orders.obey({"do": "recipe", "recipe": {"arms": ["no_virus", "no_virus"], "days": 1, "side": 400}})
    page.play()
    assert "has not run to its end" in page.ask(part, **what)["text"]


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("watch", {"name": "../antibody_and_virus"}), ("watch", {"name": ["antibody_and_virus"]}),
        ("watch", {"name": None}),
        ("_watch", {}), ("__class__", {}), (["run"], {}), (None, {}),
        ("run", {"seed": -1}), ("run", {"seed": 1.5}),
        ("run", {"seed": True}), ("run", {"seed": 2**60}), ("run", {"more": 1}), ("try", {"at": 5}),
        ("try", {"at": -1}),
        ("try", {"at": True}), ("try", {"at": "0"}), ("try", {}), ("reveal", {}),
        ("cell", {"pick": [0, 1, 0], "at": 0}),
        ("cell", {"pick": [0, "1" * 30, 0], "at": 0}), ("cell", {"pick": [9, "1", 0], "at": 0}),
        ("cell", {"pick": [0, "1", 2**40], "at": 0}), ("cell", {"pick": "011", "at": 0}),
    ],
)  # fmt: skip
def test_what_is_no_part_of_a_lesson_is_refused_and_the_views_stay(page: Page, part: object, what: dict) -> None:
    before = page.orders.stage
    name = what.pop("name", "antibody_and_virus")
    assert page.ask(part, name, **what)["say"] == "refused"
    assert page.orders.stage is before


def test_lessons_are_listed_and_served_by_name_only(ask: Ask) -> None:  # noqa: F811
    status, _, text = ask("/embers/lessons")
    assert status == 200
    assert json.loads(text)[0]["name"] == "antibody_and_virus"
    status, _, text = ask("/embers/lessons/antibody_and_virus")
    assert status == 200
    assert "spreads at least half as far" not in text  # a finding
    for path in ("..%2f..%2fpyproject", "timing.toml", "%2e%2e", "x" * 5000, "antibody_and_virus/../timing"):
        assert ask(f"/embers/lessons/{path}")[0] == 404


def test_a_page_on_the_line_gets_the_answer_to_its_part(dial: Callable[[], ClientConnection]) -> None:  # noqa: F811
    line = dial()
    hear(line, "welcome")
    line.send(json.dumps({"do": "lesson", "name": "antibody_and_virus", "part": "watch"}))
    assert hear(line, "lesson") == {"say": "lesson", "name": "antibody_and_virus", "part": "watch"}
