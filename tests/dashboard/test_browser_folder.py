"""`embers serve FOLDER` opens the arms of a finished comparison, in Chromium."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from abm import compare
from tests.dashboard.conftest import Server, Visitor

pytestmark = pytest.mark.slow
Visit = Callable[..., Visitor]


class ServerOfFolder(Server):
    """`embers serve` with the folder of a comparison."""

    def __init__(self, results: Path) -> None:
        self.results = results
        super().__init__()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "abm", "serve", "--no-browser", "--port", str(self.port), str(self.results)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerOfFolder]:
    made = compare(
        "influenza",
        "influenza_blockade",
        replicates=1,
        seed=4,
        days=2,
        out=tmp_path_factory.mktemp("out"),
        figures=False,
    )
    running = ServerOfFolder(made.folder)
    yield running
    running.stop()


def test_the_page_opens_with_its_arms_and_its_seed_and_gives_its_numbers(visit: Visit, server: ServerOfFolder) -> None:
    visitor = visit()
    assert visitor.of("embers.arms.list.map((arm) => arm.info.title)") == ["Influenza", "Influenza, IL-6 blocked"]
    assert visitor.of("embers.arms.recipe.seed") == 4
    visitor.of("embers.act.ask({do: 'step', day: 2})")
    visitor.at_hour(48)
    series = pd.read_parquet(server.results / "series.parquet")
    last = series[series["hour"] == 48].set_index("arm")["virions"]
    shown = visitor.of("embers.arms.list.map((arm) => embers.arms.latest(arm, 'virions'))")
    assert shown == [last["influenza"], last["influenza_blockade"]]
    visitor.page.reload()
    visitor.wait("window.embers && embers.arms.frames > 0 && embers.arms.recipe.seed === 4")
    asked = visit("?seed=7")  # other chance, same arms
    assert asked.of("[embers.arms.recipe.seed, embers.arms.list.length]") == [7, 2]
