from collections.abc import Iterator

import numpy as np
import pytest

from abm import LungModel
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenario_for
from abm.dashboard.live.stage import Stage
from abm.model.measures import MEASURES

SMALL = Recipe((RecipeArm("no_virus"), RecipeArm("influenza")), seed=1, side=1200, days=12)
BLOCKADE = {"op": "add", "list": "treatment", "entry": {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "100.5 h"}}
VACCINE = {"op": "add", "list": "treatment", "entry": {"type": "vaccination"}}


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(SMALL)
    yield made
    made.close()


def play(stage: Stage, hour: float) -> None:
    while stage.hour < hour:
        stage.advance(round((hour - stage.hour) * stage.per_hour))


def digests(stage: Stage) -> list[str]:
    return [arm.model.digest() for arm in stage.arms]


def alone(recipe: Recipe, number: int, hour: float) -> LungModel:
    model = LungModel(scenario_for(recipe, number), seed=recipe.seed)
    model.run_until(round(hour / model.experiment.step))
    return model


def test_each_arm_is_what_it_is_alone(stage: Stage) -> None:
    play(stage, 100.5)
    assert digests(stage) == [alone(SMALL, number, 100.5).digest() for number in range(2)]


def test_every_hour_is_measured(stage: Stage) -> None:
    play(stage, 30.5)
    assert [len(arm.points) for arm in stage.arms] == [31, 31]
    model = alone(SMALL, 1, 30.0)
    assert stage.arms[1].points[30] == [model.measure(name) for name in MEASURES]


def test_going_back_and_on_again_changes_nothing(stage: Stage) -> None:
    play(stage, 80.0)
    there, curves, news = digests(stage), [list(arm.points) for arm in stage.arms], stage.news()
    assert stage.back_to(60 * stage.per_hour) == 48 * stage.per_hour  # the last snapshot
    assert [len(arm.points) for arm in stage.arms] == [49, 49]
    play(stage, 80.0)
    assert digests(stage) == there
    assert [arm.points for arm in stage.arms] == curves
    assert stage.news() == news


def test_a_change_made_in_mid_run_gives_the_run_that_had_it_from_the_start(stage: Stage) -> None:
    play(stage, 100.5)
    changed = SMALL.changed(1, BLOCKADE)
    stage.amend(changed)
    play(stage, 200.0)
    fresh = Stage(changed)
    play(fresh, 200.0)
    assert digests(stage) == digests(fresh)
    assert digests(stage)[1] != alone(SMALL, 1, 200.0).digest()
    fresh.close()


def test_what_has_happened_already_cannot_be_changed(stage: Stage) -> None:
    play(stage, 100.5)
    before = digests(stage)
    later = {**BLOCKADE, "entry": BLOCKADE["entry"] | {"start": "50 h"}}
    for edit in (later, VACCINE, {"op": "set", "key": "parameters.dormancy.cycle_time", "value": "24 h"}):
        with pytest.raises(ValueError, match=r"day 4\.1875"):
            stage.amend(SMALL.changed(1, edit))
    assert stage.recipe == SMALL
    play(stage, 150.0)
    assert digests(stage)[1] == alone(SMALL, 1, 150.0).digest() != before[1]


def test_where_one_arm_cannot_change_none_does(stage: Stage) -> None:
    play(stage, 100.5)
    with pytest.raises(ValueError, match="day 4"):
        stage.amend(SMALL.changed(0, BLOCKADE).changed(1, VACCINE))
    assert not stage.arms[0].model.experiment.treatments
    play(stage, 150.0)
    assert digests(stage) == [alone(SMALL, number, 150.0).digest() for number in range(2)]


def test_awakenings_are_known_by_clone(stage: Stage) -> None:
    play(stage, 200.0)
    log = stage.arms[1].model.events()
    first = log[log.kind == "awakening"].groupby("clone").hour.min()
    known = stage.arms[1].awoke
    assert first.size > 3
    assert np.flatnonzero(np.isfinite(known)).tolist() == first.index.tolist()
    assert known[first.index].tolist() == first.tolist()


def test_news_tell_what_the_virus_does_once_each_and_nothing_where_there_is_none(stage: Stage) -> None:
    play(stage, 200.0)
    told = [one.text for one in stage.arms[1].watch.news]
    level = stage.arms[1].model.parameters.dormancy.half_response
    assert any(f"IL-6 exceeds the EC50 of awakening, {level:g} ng/mL" in text for text in told)
    assert any("first dormant cell awakens" in text for text in told)
    assert len(told) == len(set(told))
    assert told[0] == "Infection with influenza."
    assert not stage.arms[0].watch.news


def test_news_tell_of_treatments_also_of_those_begun_in_mid_run(stage: Stage) -> None:
    play(stage, 100.5)
    stage.amend(SMALL.changed(1, BLOCKADE))
    play(stage, 110.0)
    assert [one.text for one in stage.arms[1].watch.news if one.hour == 100.5] == ["Anti-IL-6 (MP5-20F3) begins."]


def test_snapshots_are_thinned_out_but_the_first_day_stays(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm.dashboard.live.stage.MEMORY", 1_500_000)
    play(stage, 240.0)
    assert stage.back_to(0) == 0
    assert [arm.model.digest() for arm in stage.arms] == [alone(SMALL, number, 0).digest() for number in range(2)]


@pytest.mark.parametrize(("treated", "why"), [(False, "1 of 128 sections"), (True, "Treatment or chance")])
def test_where_the_virus_does_not_establish_the_news_say_so_once(treated: bool, why: str) -> None:
    arm = RecipeArm("influenza_blockade" if treated else "influenza")
    stage = Stage(Recipe((arm,), seed=2, side=600, days=6))
    while stage.tick < stage.end:
        stage.advance(1000)
    (said,) = [one for one in stage.news() if one.mark == "failed"]
    assert said.hour == 120
    assert "did not establish" in said.text
    assert why in said.text


def test_where_it_establishes_they_do_not() -> None:
    stage = Stage(SMALL)
    while stage.tick < stage.end:
        stage.advance(1000)
    assert "failed" not in [one.mark for one in stage.news()]
