"""What comes of orders that change rules: now, at the next reset, or an answer for the field that they came from."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from abm import LungModel
from abm.dashboard.content.charts import CHARTED
from abm.dashboard.content.downloads import curves, scenario_text
from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.frames import OWN_SCALE, cell_arrays
from abm.dashboard.live.orders import LONGEST_FIELD, Orders
from abm.dashboard.live.replicates import told
from abm.dashboard.live.worker import series_of
from abm.scenario.read import read_scenario
from abm.tissue.state import AMOUNT

SMALL = Recipe((RecipeArm("influenza"), RecipeArm("il17a")), seed=1, side=600, days=4)
TO = "rules.awakening_by_il17a.to"
OFF = {"op": "put", "list": "rule", "at": 1, "key": "on", "value": False}


class Heard:
    """Orders, and what they say."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.orders = Orders(SMALL, 0.0, self.said.append)

    def edit(self, edit: dict, field: str | None = "here") -> None:
        self.said.clear()
        told = {} if field is None else {"field": field}
        self.orders.obey({"do": "edit", "arms": [1], "edits": [edit], **told})

    def play(self, hour: float) -> None:
        while self.orders.stage.hour < hour:
            self.orders.stage.advance(100)

    def of(self, say: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["say"] == say]

    @property
    def rules(self) -> list[dict[str, Any]]:
        return self.of("recipe")[-1]["arms"][1]["declared"]["rules"]


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    made.orders.stage.close()


def test_an_order_from_a_field_is_answered_with_it(heard: Heard) -> None:
    heard.edit({"op": "put", "list": "rule", "at": 1, "key": "to", "value": "7 /h"})
    (refused,) = heard.of("refused")
    assert (refused["field"], "0 to 1 /h" in refused["text"]) == ("here", True)
    assert not heard.of("taken")
    heard.edit({"op": "put", "list": "rule", "at": 1, "key": "to", "value": "0.5 /h"})
    assert heard.of("taken") == [{"say": "taken", "field": "here"}]
    heard.edit(OFF, field=None)
    assert not heard.of("taken")
    heard.edit(OFF, field="x" * 10_000)
    assert len(heard.of("taken")[0]["field"]) == LONGEST_FIELD


def test_at_the_start_a_rule_is_switched_at_once(heard: Heard) -> None:
    heard.edit(OFF)
    assert [rule["on"] for rule in heard.rules] == [True, False]
    assert not heard.orders.pending
    assert not heard.orders.stage.scenarios[1].rules[1].on


def test_in_mid_run_a_switch_waits_for_a_reset_and_is_shown_as_it_will_be(heard: Heard) -> None:
    heard.play(24)
    heard.edit(OFF)
    assert [number for number, _ in heard.orders.pending] == [1]
    assert [rule["on"] for rule in heard.rules] == [True, False]
    assert heard.orders.stage.scenarios[1].rules[1].on
    heard.orders.obey({"do": "reset"})
    assert not heard.orders.stage.scenarios[1].rules[1].on


def test_what_waits_and_does_not_fit_any_more_keeps_nobody_from_seeing_the_page(heard: Heard) -> None:
    heard.play(24)
    heard.edit(OFF)
    heard.orders.pending.append((1, {"op": "drop", "list": "rule", "at": 7}))
    heard.said.clear()
    heard.orders.tell_recipe()
    assert [rule["on"] for rule in heard.rules] == [True, True]
    heard.orders.obey({"do": "reset"})
    assert "does not fit" in heard.of("refused")[0]["text"]


def test_new_rules_wait_for_a_reset_in_mid_run(heard: Heard) -> None:
    heard.play(24)
    before = heard.orders.stage.arms[1].model.digest()
    heard.edit({"op": "own", "text": ""})
    assert len(heard.orders.pending) == 1
    assert heard.orders.stage.arms[1].model.digest() == before
    heard.orders.obey({"do": "reset"})
    assert heard.orders.stage.scenarios[1].rules == ()


def test_a_number_that_is_changed_now_replays_from_the_saved_file(heard: Heard) -> None:
    heard.play(24)
    heard.edit({"op": "add", "list": "change", "entry": {"parameter": TO, "value": "0.9 /h", "time": "24 h"}})
    assert not heard.orders.pending
    heard.play(96)
    played = heard.orders.stage.scenarios[1]
    saved = read_scenario(f"{played.name}.toml", scenario_text(heard.orders.stage, 1))
    assert saved == played
    again = LungModel(saved, seed=SMALL.seed)
    again.run_until(again.ticks)
    assert again.digest() == heard.orders.stage.arms[1].model.digest()


def test_an_arm_with_a_text_of_ones_own_is_saved_as_a_file_that_reads_back_equal(heard: Heard) -> None:
    text = '[cell."mast cell"]\nlike = "fibroblast"\n[[rule]]\ncell = "mast cell"\nsignal = "IL-6"\nraises = "speed"\n'
    heard.edit({"op": "own", "text": text + 'to = "2-fold"\nhalf = "0.1 ng/mL"\n'})
    assert heard.of("taken")
    played = heard.orders.stage.scenarios[1]
    assert read_scenario(f"{played.name}.toml", scenario_text(heard.orders.stage, 1)) == played


def test_curves_of_a_scenarios_own_are_measured_each_hour_and_downloaded(heard: Heard) -> None:
    heard.play(12)
    table = curves(heard.orders.stage)
    own = table[table.scenario == "il17a"]
    model = heard.orders.stage.arms[1].model
    assert own.il_17a.iloc[-1] == model.measure("il_17a")
    assert table[table.scenario == "influenza"].il_17a.isna().all()


def test_a_substance_of_a_scenarios_own_is_an_overlay_of_the_arms_that_have_it(heard: Heard) -> None:
    for key, value in (("to", "100 molecules/cell/s"), ("from", "90 molecules/cell/s")):  # also without IL-6
        heard.edit({"op": "put", "list": "rule", "at": 0, "key": key, "value": value})
    heard.play(24)
    heard.orders.obey({"do": "overlay", "name": "il_17a"})
    assert heard.orders.overlay == "il_17a"
    without, arm = heard.orders.stage.arms
    assert "0.field" not in cell_arrays(without, 0, "il_17a")
    shown = cell_arrays(arm, 1, "il_17a")["1.field"]
    amount, (low, high) = arm.model.tissue.fields.own_1[AMOUNT], OWN_SCALE
    assert low < amount.max() < high
    assert shown.max() == round(255 * np.log(amount.max() / low) / np.log(high / low))
    heard.orders.obey({"do": "overlay", "name": "own_1"})
    assert heard.orders.overlay == ""


def test_replicates_give_bands_of_a_scenarios_own_curves() -> None:
    scenarios = [arm.with_duration("12 h") for arm in Heard().orders.stage.scenarios]
    runs = [[series_of(one, seed) for one in scenarios] for seed in (1, 2)]
    first, second = told(runs, scenarios)["arms"]
    assert set(first) == set(CHARTED)
    assert set(second) == {*CHARTED, "il_17a"}
    assert second["il_17a"]["middle"] == np.median([run[1][:, -1] for run in runs], axis=0).tolist()


def test_a_title_is_given_in_mid_run_and_changes_nothing_else(heard: Heard) -> None:
    heard.play(24)
    before = heard.orders.stage.arms[1].model.digest()
    heard.orders.obey({"do": "title", "arm": 1, "title": " My\nlung "})
    assert [one.title for one in heard.orders.stage.scenarios] == ["Influenza", "My lung"]
    assert heard.of("recipe")[-1]["arms"][1]["title"] == "My lung"
    assert heard.orders.stage.arms[1].model.digest() == before
    assert heard.orders.stage.hour == 24
    heard.orders.obey({"do": "title", "arm": 1, "title": "Influenza"})
    assert heard.orders.stage.scenarios[1].title == "Influenza (2)"
    heard.orders.obey({"do": "title", "arm": 1, "title": ""})
    assert heard.orders.stage.scenarios[1].name == "il17a"


@pytest.mark.parametrize(("arm", "title"), [(2, "x"), (-1, "x"), ("0", "x"), (1, 5), (1, "x" * 201), (1, ["x"])])
def test_a_title_that_is_none_or_for_no_view_is_refused(heard: Heard, arm: object, title: object) -> None:
    heard.orders.obey({"do": "title", "arm": arm, "title": title})
    assert len(heard.of("refused")) == 1
    assert heard.orders.stage.recipe == SMALL


def test_another_seed_or_scenario_keeps_the_day(heard: Heard) -> None:
    heard.play(24)
    heard.orders.obey({"do": "reset", "seed": 3, "hour": 24})
    assert (heard.orders.goal, heard.orders.hurried) == (24 * heard.orders.stage.per_hour, True)
    heard.orders.obey({"do": "recipe", "recipe": {"arms": ["no_virus"]}, "hour": 24})
    assert heard.orders.goal == 24 * heard.orders.stage.per_hour
