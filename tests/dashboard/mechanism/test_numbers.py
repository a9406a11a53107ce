"""Distributions, lines of the awakening level, ratios, and blockade by day."""

from collections.abc import Iterator

import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenarios_for
from abm.dashboard.live.stage import Stage
from abm.dashboard.live.worker import EVERY, MEASURED
from abm.dashboard.mechanism.contour import awakening_level, awakening_lines, line_arrays
from abm.dashboard.mechanism.distributions import DISTRIBUTIONS, distribution_of
from abm.dashboard.mechanism.ratios import ratio_course
from abm.dashboard.mechanism.timing import TimingPlan, arms_of, timing
from abm.reporting.statistics import ratio_of_means, reduction_of_expansion
from abm.scenario.errors import ScenarioError
from abm.scenario.scenario import Scenario
from abm.tissue.state import AMOUNT
from tests.dashboard.mechanism.conftest import SMALL, played

TWO = scenarios_for(Recipe((RecipeArm("influenza"), RecipeArm("influenza_blockade")), side=400, days=6))
CELLS, INFECTED = MEASURED.index("cells_per_seeded"), MEASURED.index("infected_share")


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_cell_is_in_one_bin(stage: Stage, name: str) -> None:
    said = distribution_of(stage, name)
    for arm in said["arms"]:
        assert sum(arm["counts"]) == arm["total"]
        assert len(arm["counts"]) == len(said["edges"]) - 1


def test_the_distribution_of_the_signal_is_that_of_the_cells(stage: Stage) -> None:
    model = stage.arms[0].model
    cells = model.tissue.cancer[model.tissue.cancer.alive]
    signal = model.tissue.blocks.signal[cells.y // BLOCK, cells.x // BLOCK]
    own = distribution_of(stage, "signal")["arms"][0]
    assert own["median"] == pytest.approx(np.median(signal), rel=1e-3)
    assert own["counts"][-1] == (signal >= 0.95).sum()
    clones = distribution_of(stage, "clone")["arms"][0]
    assert clones["total"] == (model.tissue.clones.cells > 0).sum()


def test_the_lines_lie_where_il6_is_at_the_awakening_level() -> None:
    stage = played(SMALL, 60)
    model = stage.arms[0].model
    level = awakening_level(model)
    assert level == pytest.approx(model.parameters.dormancy.half_response)
    field = model.tissue.fields.il6[AMOUNT].astype(float)
    lines = awakening_lines(model)
    assert field.min() < level < field.max()
    for x, y in np.concatenate(lines):
        across, down = x / BLOCK - 0.5, y / BLOCK - 0.5  # between the middles of two blocks, in a row or a column
        left, top = int(across + 1e-6), int(down + 1e-6)
        right, bottom = min(left + 1, field.shape[1] - 1), min(top + 1, field.shape[0] - 1)
        v, u = down - top, across - left
        value = (field[top, left] * (1 - u) + field[top, right] * u) * (1 - v) + (
            field[bottom, left] * (1 - u) + field[bottom, right] * u
        ) * v
        assert value == pytest.approx(level, rel=1e-4)
    arrays = line_arrays(model, 0)
    assert arrays["0.level_ends"][-1] == len(arrays["0.level"]) > 2
    assert not awakening_lines(stage.arms[1].model)  # IL-6 is blocked there
    stage.close()


def test_an_antibody_against_the_receptor_raises_the_level() -> None:
    stage = played(Recipe((RecipeArm("anti_il6_receptor"),), seed=1, side=400, days=4), 72)
    model = stage.arms[0].model
    assert awakening_level(model) > 1.5 * model.parameters.dormancy.half_response
    stage.close()


def replicates(treated: list[float], untreated: list[float], infected: list[float]) -> list[list[np.ndarray]]:
    """Replicates of two arms whose cells are these throughout; the second arm is the untreated one."""
    made = np.ones((len(treated), 2, 25, len(MEASURED)))
    made[:, 0, :, CELLS], made[:, 1, :, CELLS] = np.array(treated)[:, None], np.array(untreated)[:, None]
    made[:, :, :, INFECTED] = np.array(infected)[:, None, None]
    return [list(each) for each in made]


def test_a_ratio_of_views_is_that_of_the_report_at_every_time() -> None:
    found = replicates([2.0, 4.0, 3.0], [10.0, 30.0, 20.0], [0.2, 0.2, 0.2])
    said = ratio_course(found, TWO, 0, 1, "cells_per_seeded")
    expected = ratio_of_means([2.0, 4.0, 3.0], [10.0, 30.0, 20.0])
    assert said["hours"][:3] == [0, EVERY, 2 * EVERY]
    assert (said["value"][7], said["low"][7], said["high"][7]) == pytest.approx(expected[:3], rel=1e-4)
    assert (said["count"], said["missed"]) == (3, 0)


def test_replicates_that_the_infection_missed_and_ratios_that_there_are_not_are_left_out() -> None:
    found = replicates([2.0, 1.0], [10.0, 1.0], [0.2, 0.0])
    said = ratio_course(found, TWO, 0, 1, "cells_per_seeded")
    assert (said["count"], said["missed"], said["value"][3], said["low"][3]) == (1, 1, 0.2, None)
    nothing = replicates([0.0], [0.0], [0.2])
    assert ratio_course(nothing, TWO, 0, 1, "cells_per_seeded")["value"][3] is None


PLAN = TimingPlan(TWO[1], "anti-IL-6", "MP5-20F3", (1.0, 4.0), (1, 2, 3, 4, 5), 5.0)


def performed(scenario: Scenario, seed: int) -> np.ndarray:
    """Runs in which a blockade leaves a tenth of the expansion for each day that it is late."""
    series = np.ones((21, len(MEASURED)))
    begun = [one.start / 24 for one in scenario.treatments]
    series[:, CELLS] = 1.0 + (100.0 + seed) * (begun[0] / 10 if begun else 1.0)
    series[:, INFECTED] = 0.5
    return series


def test_a_blockade_takes_the_place_of_that_of_the_view_and_runs_end_with_the_count() -> None:
    base, first, second = arms_of(PLAN)
    assert not base.treatments
    assert [arm.treatments[0].start for arm in (first, second)] == [24.0, 96.0]
    assert {arm.duration for arm in (base, first, second)} == {120.0}
    with pytest.raises(ScenarioError, match="mouse"):
        arms_of(PLAN._replace(drug="siltuximab"))  # binds human IL-6 only


def test_what_a_blockade_prevents_is_estimated_after_each_seed() -> None:
    said = list(timing(PLAN, performed))
    estimates = [one for one in said if "points" in one]
    assert [one["count"] for one in estimates] == [1, 2, 3, 4, 5]
    assert said[-1]["done"] == said[-1]["total"] == 15
    points = estimates[-1]["points"]
    without = [101.0 + seed for seed in range(1, 6)]
    expected = reduction_of_expansion([11.0 + seed / 10 for seed in range(1, 6)], without)
    assert [one["day"] for one in points] == [1.0, 4.0]
    assert points[0]["value"] == pytest.approx(expected.value, rel=1e-3) == pytest.approx(90.0)
    assert points[1]["each"] == pytest.approx([60.0] * 5)


def test_what_is_run_is_what_the_scenarios_say() -> None:
    seen: list[tuple[int, int]] = []

    def perform(scenario: Scenario, seed: int) -> np.ndarray:
        seen.append((len(scenario.treatments), seed))
        return performed(scenario, seed)

    answers: Iterator = timing(PLAN._replace(seeds=(7,)), perform)
    list(answers)
    assert seen == [(0, 7), (1, 7), (1, 7)]
