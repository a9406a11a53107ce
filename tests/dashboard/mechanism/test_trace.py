"""A cell that is followed meets what it met in the view, and its draws decide."""

from typing import Any

import numpy as np
import pytest

from abm.core.lattice import BLOCK
from abm.dashboard.content.story import Pick
from abm.dashboard.live.stage import Stage
from abm.dashboard.mechanism.cell_record import cell_record, plan_of, subject_of
from abm.dashboard.mechanism.secretion import SOURCES
from abm.dashboard.mechanism.trace import COLUMNS, trace
from abm.rules.states import CancerState, Cause, EventKind
from abm.tissue.state import AMOUNT
from tests.dashboard.mechanism.conftest import SMALL, played


def awakened(stage: Stage) -> Any:
    """The first awakening of a cell that awakens once in the first arm, and not at all in the second."""
    own, twin = (awakenings(stage, number) for number in range(2))
    return next(one for one in own if (own.uid == one.uid).sum() == 1 and one.uid not in twin.uid)


def awakenings(stage: Stage, number: int) -> Any:
    """All awakenings of an arm."""
    tissue = stage.arms[number].model.tissue
    log = tissue.log[: tissue.status[0].events]
    return log[log.kind == EventKind.AWAKENING]


@pytest.fixture(scope="module")
def records(stage: Stage) -> list[dict[str, Any]]:
    """The record of the first cell that awakened, and that of its twin."""
    event = awakened(stage)
    plan = plan_of(stage, Pick(0, int(event.uid), int(event.clone)))
    return list(cell_record(plan, trace))


def test_the_record_is_what_the_cell_met_in_the_view(stage: Stage, records: list[dict[str, Any]]) -> None:
    event, own = awakened(stage), records[-1]["traces"][0]
    assert own["awakening"]["hour"] == event.hour
    assert own["awakening"]["il6"] == pytest.approx(event.il6)
    assert own["hours"][-1] == stage.hour
    tissue = stage.arms[0].model.tissue
    cell = tissue.cancer[np.flatnonzero(tissue.cancer.alive & (tissue.cancer.uid == event.uid))[0]]
    at = cell.y // BLOCK, cell.x // BLOCK
    assert own["il6"][-1] == pytest.approx(tissue.fields.il6[AMOUNT][at], rel=1e-5)
    assert own["signal"][-1] == pytest.approx(tissue.blocks.signal[at], rel=1e-5)
    assert all(len(own[name]) == len(own["hours"]) for name in COLUMNS)


def test_it_awakens_when_the_hazard_gone_through_reaches_the_threshold(records: list[dict[str, Any]]) -> None:
    own = records[-1]["traces"][0]
    awoke = own["awakening"]["hour"] + 1e-3  # hours have six digits
    passed = [one for one, hour in zip(own["passed"], own["hours"], strict=True) if hour <= awoke]
    assert np.all(np.diff(passed) >= 0)
    in_a_step = sum(own["awakening"]["rates"].values()) / 6
    assert passed[-1] < own["drawn"] <= passed[-1] + 1.001 * in_a_step
    dormant = [rate for rate in own["rate"] if rate is not None]
    hours = own["hours"][: len(dormant)]
    integral = float(np.sum(np.array(dormant)[1:] * np.diff(hours)))
    assert integral == pytest.approx(passed[-1], rel=0.15)  # hourly rates are a coarse sum of ten-minute steps


def test_the_second_draw_names_the_cause(records: list[dict[str, Any]]) -> None:
    awakening = records[-1]["traces"][0]["awakening"]
    total = sum(awakening["rates"].values())
    assert (awakening["draw"] * total < awakening["rates"]["il6"]) == (awakening["cause"] == Cause.IL6)


def test_twins_have_one_threshold_and_the_treated_one_does_not_reach_it(records: list[dict[str, Any]]) -> None:
    own, twin = records[-1]["traces"]
    assert [one["arm"] for one in (own, twin)] == [0, 1]
    assert own["drawn"] == twin["drawn"]
    assert twin["awakening"] is None
    assert max(one for one in twin["passed"] if one is not None) < twin["drawn"]


def test_the_surroundings_are_counted_at_the_awakening(stage: Stage, records: list[dict[str, Any]]) -> None:
    around = records[-1]["traces"][0]["around"]
    assert len(around["sources"]) == SOURCES
    assert sum(around["sources"]) == pytest.approx(1.0)
    assert (around["infected"] > 0) == (around["nearest"] <= 100.0)
    assert around["day"] == pytest.approx(awakened(stage).hour / 24)


def test_the_sentences_have_the_numbers(records: list[dict[str, Any]]) -> None:
    first = records[0]
    own = first["traces"][0]
    text = " ".join(first["lines"])
    assert f"hazard of {own['drawn']:.2f}" in text
    assert f"{own['awakening']['il6']:.2g} ng/mL" in text
    assert "fell to IL-6" in text
    assert [len(one["traces"]) for one in records] == [1, 2]
    assert {law["name"] for law in first["laws"]} >= {"dormancy.half_response", "dormancy.awakening"}


def test_a_daughter_is_explained_by_the_ancestor_that_awakened(stage: Stage) -> None:
    tissue = stage.arms[0].model.tissue
    log = tissue.log[: tissue.status[0].events]
    birth = log[log.kind == EventKind.BIRTH][-1]
    subject = subject_of(stage, 0, int(birth.uid))
    assert subject.generations >= 1
    assert subject.awoke is not None
    assert subject.awoke <= birth.hour
    assert np.any((log.uid == subject.uid) & (log.kind == EventKind.AWAKENING))
    (line, *_) = next(cell_record(plan_of(stage, Pick(0, int(birth.uid), int(birth.clone))), trace))["lines"]
    assert "ancestor" in line


def test_a_dormant_cell_has_no_awakening_but_a_share_of_its_threshold() -> None:
    stage = played(SMALL, 12)
    cells = stage.arms[0].model.tissue.cancer
    at = np.flatnonzero(cells.alive & (cells.state == CancerState.DORMANT))[0]
    said = next(cell_record(plan_of(stage, Pick(0, int(cells.uid[at]), int(cells.clone[at]))), trace))
    assert said["traces"][0]["awakening"] is None
    assert "so far" in " ".join(said["lines"])
    assert said["traces"][0]["hours"] == [float(hour) for hour in range(13)]
    stage.close()
