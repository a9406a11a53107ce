"""What is steered live is recorded, and its scenario file gives the same run again, bit for bit."""

from pathlib import Path

import pandas as pd
import pytest

from abm import LungModel
from abm.dashboard.content.downloads import curves, scenario_text
from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live.orders import Orders
from abm.scenario.read import load_scenario
from tests.commands import embers, only_folder

START = Recipe((RecipeArm("influenza"), RecipeArm("no_virus")), seed=5, side=600, days=12)
LIVE = (  # at an hour, an edit that begins there
    (60.0, {"op": "add", "list": "change",
            "entry": {"time": "60 h", "parameter": "dormancy.awakening", "value": "0.05 /h"}}),
    (90.5, {"op": "add", "list": "treatment", "entry": {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "90.5 h"}}),
    (100.0, {"op": "add", "list": "treatment",
             "entry": {"type": "antiviral", "drug": "oseltamivir (mouse)", "start": "100 h", "stop": "7 d"}}),
    (130.0, {"op": "put", "list": "treatment", "at": 0, "key": "stop", "value": "130 h"}),
    (150.0, {"op": "add", "list": "infection", "entry": {"time": "150 h", "dose": 2.0}}),
    (170.0, {"op": "add", "list": "treatment", "entry": {"type": "depletion", "cells": "CD8", "start": "170 h"}}),
)  # fmt: skip


@pytest.fixture(scope="module")
def steered() -> Orders:
    """A run that was steered at every turn, at its end."""
    orders = Orders(START, 0.0, lambda _: None)
    for hour, edit in (*LIVE, (288.0, None)):
        orders.do_step(day=hour / 24)
        while orders.playing:
            orders.stage.advance(100)
        if edit:
            orders.do_edit([0], [edit])
            assert not orders.pending
    return orders


def test_the_scenario_of_a_steered_run_gives_it_again_from_the_start(steered: Orders, tmp_path: Path) -> None:
    file = tmp_path / f"{steered.stage.scenarios[0].name}.toml"
    file.write_text(scenario_text(steered.stage, 0), encoding="utf-8")
    scenario = load_scenario(file)
    assert (len(scenario.treatments), len(scenario.infections), len(scenario.changes)) == (3, 2, 1)
    again = LungModel(scenario, seed=5)
    again.run()
    assert again.digest() == steered.stage.arms[0].model.digest()
    assert again.digest() != steered.stage.arms[1].model.digest()


def test_embers_run_gives_it_again(steered: Orders, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(scenario_text(steered.stage, 0), encoding="utf-8")
    done = embers("run", "mine.toml", "--seed", 5, "--no-figures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    runs = pd.read_parquet(only_folder(tmp_path / "outputs") / "runs.parquet")
    assert runs.digest[0] == steered.stage.arms[0].model.digest()


def test_the_arm_that_was_not_steered_is_what_it_was(steered: Orders) -> None:
    assert steered.stage.scenarios[1].treatments == ()


def test_a_parameter_changed_in_mid_run_holds_from_then_on(steered: Orders) -> None:
    model = steered.stage.arms[0].model
    assert model.parameters.dormancy.awakening == 0.05
    assert model.experiment.parameters.dormancy.awakening != 0.05


def test_curves_hold_every_arm_and_hour(steered: Orders) -> None:
    table = curves(steered.stage)
    assert len(table) == 2 * 289
    assert set(table.scenario) == {one.name for one in steered.stage.scenarios}
    assert set(table.title) == {one.title for one in steered.stage.scenarios}
    last = table[(table["view"] == "A") & (table.hour == 288)]
    assert last.cells_per_seeded.item() == steered.stage.arms[0].points[-1][0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('parameter = "dormancy.awakenin"\nvalue = "0.1 /h"', "awakening"),
        ('parameter = "dormancy.awakening"\nvalue = "5 /h"', "0.005 to 1"),
        ('parameter = "dormancy.founders"\nvalue = "5 cell"', "dormancy.founders"),
        ('parameter = "dormancy.awakening"\nvalue = "0.1 /h"\ntime = "50 d"', "after the end of the run"),
        ('parameter = "dormancy.awakening"\nvalue = "0.1 /h"\nuntil = "50 d"', "is not a known key"),
    ],
)
def test_a_change_that_cannot_be_is_refused(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'extends = "influenza"\n[[change]]\n{text}\n')
    with pytest.raises(ValueError, match=told):
        load_scenario(file)
