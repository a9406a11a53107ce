"""The first step and the first cell at which two runs part."""

from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from abm.core.quantity import replaced
from abm.model.lung_model import LungModel
from abm.runs.progress import Show
from abm.scenario.read import load_scenario, with_overrides
from abm.studies.divergence import differences, find_parting
from abm.treatments.treatments import Transfer
from tests.commands import SMALL, embers

SCENARIO = with_overrides(load_scenario("influenza"), days=2, size="400um")


def parting(one, other, seeds=(1, 1)):
    return find_parting(one, other, seeds, Show(Console(quiet=True)))


def test_equal_runs_do_not_part():
    assert parting(SCENARIO, replace(SCENARIO, title="another title")) is None


def test_runs_of_other_seeds_part_at_the_start():
    assert parting(SCENARIO, SCENARIO, (1, 2)).tick == 0


@pytest.mark.parametrize("hour", [0.0, 23.5, 30.0])
def test_the_first_step_and_the_first_cell_are_named(hour):
    treated = replace(SCENARIO, treatments=(Transfer("NK", hour, 500.0),))
    found = parting(SCENARIO, treated)
    assert found.tick == round(hour / SCENARIO.step) + 1
    assert "mobile cell" in found.told[0]
    assert "lives in the second run alone" in found.told[0]


def test_one_changed_number_of_one_cell_is_found_with_its_name():
    one, other = (LungModel(SCENARIO, seed=1).tissue for _ in range(2))
    other.cancer[3].awoke_il6 = 0.25
    (told,) = differences(one, other)
    assert told.startswith(f"cancer cell {one.cancer[3].uid} at x {one.cancer[3].x}")
    assert told.endswith(f"awoke_il6 {one.cancer[3].awoke_il6} and 0.25")


def test_a_changed_place_of_a_field_is_found():
    one, other = (LungModel(SCENARIO, seed=1).tissue for _ in range(2))
    other.fields.il6[0, 2, 5] = np.float32(7.0)
    (told,) = differences(one, other)
    assert told.startswith("il6[0, 2, 5]: ")
    assert told.endswith(f"and 7.0 (1 of {one.fields.il6.size} differ)")


def test_runs_of_other_steps_have_nothing_to_compare():
    with pytest.raises(ValueError, match="different step"):
        parting(SCENARIO, replace(SCENARIO, step=1 / 60))


def test_a_parameter_that_acts_late_parts_late():
    infected = with_overrides(load_scenario("influenza"), days=2, size="1000um")
    secretion = 2.0 * infected.parameters.substances.il6.epithelial_secretion
    later = replace(
        infected, parameters=replaced(infected.parameters, "substances.il6.epithelial_secretion", secretion)
    )
    found = parting(infected, later)
    assert found.tick > 1
    assert any(line.startswith("il6[") for line in found.told)


@pytest.mark.slow
def test_the_command_names_both(tmp_path):
    done = embers("diverge", "influenza", "influenza", "--other-seed", "2", *SMALL[:4], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "The two runs first differ in step 0 (hour 0):" in done.stdout
    same = embers("diverge", "influenza", "influenza", *SMALL[:4], cwd=tmp_path)
    assert "equal, bit for bit" in same.stdout
