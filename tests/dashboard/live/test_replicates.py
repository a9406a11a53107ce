import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest

from abm import LungModel
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenarios_for
from abm.dashboard.live import replicates, worker
from abm.dashboard.live.replicates import Replicates, sentence, sentences, told
from abm.dashboard.live.worker import EVERY, MEASURED, series_of

TWO = scenarios_for(Recipe((RecipeArm("no_virus"), RecipeArm("influenza")), side=400, days=3))


def runs(first: list[float], second: list[float]) -> np.ndarray:
    """Replicates of two arms whose cells per seeded cell are these throughout."""
    made = np.ones((len(first), 2, 61, len(MEASURED)))
    made[:, 0, :, 0], made[:, 1, :, 0] = np.array(first)[:, None], np.array(second)[:, None]
    return made


def test_a_replicate_is_a_run_of_the_scenario_with_its_seed() -> None:
    series = series_of(TWO[1], 3)
    model = LungModel(TWO[1], seed=3)
    model.run_until(round(2 * EVERY / TWO[1].step))
    assert series.shape == (3 * 24 // EVERY + 1, len(MEASURED))
    assert series[2].tolist() == [model.measure(name) for name in MEASURED]


def test_bands_are_median_and_quartiles_of_the_replicates() -> None:
    bands = told(runs([1, 1, 1, 1, 1], [30, 10, 20, 50, 40]), TWO)
    assert [bands["arms"][1]["cells_per_seeded"][part][5] for part in ("low", "middle", "high")] == [20, 30, 40]
    assert bands["hours"][:3] == [0, 6, 12]
    assert (bands["count"], bands["judged"]) == (5, 15 * 24)


def test_a_difference_beyond_chance_is_called_so() -> None:
    text = sentence(runs([1, 1.1, 0.9], [100, 120, 110]), 1, TWO)
    assert "B “Influenza”: 110 × the cells of A “No virus” on day 15 (95 % interval" in text
    assert "more than chance" in text


def test_where_none_is_seen_it_tells_how_many_replicates_would_show_a_doubling() -> None:
    text = sentence(runs([1, 1, 1, 1], [2, 0.5, 2, 0.5]), 1, TWO)
    deviation = np.std(np.array([2, 0.5, 2, 0.5]) / 1.25, ddof=1)
    assert f"a doubling takes about {int(np.ceil((2 * deviation / np.log(2)) ** 2)) + 1} replicates" in text


def test_replicates_that_the_infection_missed_are_told_and_left_out() -> None:
    made = runs([1, 1, 1, 1], [100, 1, 100, 100])
    made[1, :, :, MEASURED.index("infected_share")] = 0.001
    first, second = sentences(made, TWO)
    assert "established in 3 of 4 replicates" in first
    assert "100 × the cells" in second
    made[:, :, :, MEASURED.index("infected_share")] = 0.0
    assert list(sentences(made, TWO)) == [
        "The infection established in 0 of 4 replicates: the others are sections of lung that it missed by chance, and "
        "are left out of what follows."
    ]


def test_one_replicate_is_only_a_hint_and_equal_ones_are_equal() -> None:
    assert "no more than a hint" in sentence(runs([1], [5]), 1, TWO)
    assert "in every replicate" in sentence(runs([1, 2], [1, 2]), 1, TWO)


def test_they_run_in_another_process_and_start_anew_when_something_else_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replicates, "PATIENCE", 0.05)
    monkeypatch.setattr(replicates, "MOST", 2)
    heard: list[dict] = []
    changed = threading.Condition()

    def say(what: dict) -> None:
        with changed:
            heard.append(what)
            changed.notify()

    def wait_for(count: int, arms: int) -> None:
        with changed:
            assert changed.wait_for(
                lambda: heard and heard[-1]["count"] == count and len(heard[-1]["arms"]) == arms, timeout=120
            )

    quiet = Replicates(say)
    quiet.show(TWO, 1)
    wait_for(2, 2)
    expected = np.array([series_of(TWO[1], seed)[:, 0] for seed in (2, 3)])
    assert heard[-1]["arms"][1]["cells_per_seeded"]["middle"] == np.median(expected, axis=0).tolist()
    quiet.show([replace(TWO[0], title="another")], 1)
    wait_for(2, 1)
    quiet.close()
    quiet._thread.join(60)
    assert not quiet._thread.is_alive()


def test_a_class_with_one_recipe_has_each_replicate_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Future] = []
    begun = threading.Semaphore(0)

    def submit(*_: object) -> Future:
        submitted.append(Future())
        begun.release()
        return submitted[-1]

    monkeypatch.setattr(worker, "submitted", submit)
    monkeypatch.setattr(worker, "_known", OrderedDict())
    found: list[object] = []
    class_ = [threading.Thread(target=lambda: found.append(worker.run(TWO[0], 9))) for _ in range(8)]
    for one in class_:
        one.start()
    assert begun.acquire(timeout=30)
    submitted[0].set_result(np.ones((2, 3)))
    for one in class_:
        one.join(30)
    worker.run(TWO[0], 9)
    assert (len(found), len(submitted), worker._under_way) == (8, 1, {})
