"""Treatment effects follow from their declarations: their values without treatment, how they combine, when they act."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from abm.rules.infection import Virus
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor
from abm.treatments.effects import EFFECTS, Acts, combine
from abm.treatments.effects_by_step import EFFECTS_OF_STEP, is_anything_put_in, is_steady, must_be_stepped, no_treatment
from abm.treatments.planned_effects import effects_of
from tests.commands import ROOT, environment

each_effect = pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
A_FEW = np.array([0.0, 0.25, 1.0, 3.0])
AT = 9  # step in which something changes
TOLERANCE = 1e-3


def changed_from(step, effect, stop=None):
    """Effects by step in which one is changed, for one kind of cell where it has a value per kind."""
    treatment_effects = no_treatment(20)
    where = (slice(step, stop), effect.width - 1) if effect.per else slice(step, stop)
    combine(treatment_effects, effect.name, 0.5, at=where)
    return treatment_effects


def test_the_record_of_a_step_has_one_field_per_declared_effect_and_no_gap():
    assert EFFECTS_OF_STEP.names == tuple(effect.name for effect in EFFECTS)
    assert EFFECTS_OF_STEP.itemsize == 8 * sum(effect.width for effect in EFFECTS)


@each_effect
def test_without_treatment_an_effect_has_its_neutral_value_in_every_step(effect):
    values = no_treatment(3)[effect.name]
    assert values.shape == ((3, effect.width) if effect.per else (3,))
    assert (values == effect.combination.neutral).all()


@each_effect
def test_the_neutral_value_leaves_every_value_as_it_is(effect):
    neutral, combined = effect.combination
    np.testing.assert_array_equal(combined(A_FEW, neutral), A_FEW)
    np.testing.assert_array_equal(combined(neutral, A_FEW), A_FEW)


@each_effect
def test_the_order_of_two_treatments_does_not_matter(effect):
    one, other = np.meshgrid(A_FEW, A_FEW)
    np.testing.assert_array_equal(effect.combination.combine(one, other), effect.combination.combine(other, one))


@each_effect
def test_what_a_treatment_does_is_seen_in_the_steps_in_which_it_acts_and_in_no_other(effect):
    treatment_effects = changed_from(AT, effect, AT + 1)
    for tick in range(1, 20):
        assert is_anything_put_in(treatment_effects, tick) == (tick == AT and effect.acts == Acts.AT_ONCE)
        stepped = tick == AT and effect.acts in (Acts.AT_ONCE, Acts.STEP_BY_STEP)
        assert must_be_stepped(treatment_effects, tick) == stepped
        changes = tick in (AT, AT + 1) and effect.acts in (Acts.AT_REST, Acts.STEP_BY_STEP)
        assert is_steady(treatment_effects, tick, TOLERANCE) == (not changes)


@each_effect
def test_a_treatment_that_acts_as_before_is_steady(effect):
    treatment_effects = changed_from(AT, effect)
    assert is_steady(treatment_effects, AT + 1, TOLERANCE)


@pytest.mark.parametrize(
    ("drug", "effect"),
    [
        (AntiIL6("MP5-20F3", start=24.0, stop=300.0), "added_loss"),
        (AntiIL6Receptor("MR16-1", start=24.0, stop=300.0), "receptor_left"),
        (JakInhibitor("ruxolitinib", start=24.0, stop=300.0), "stat_left"),
        (JakInhibitor("ruxolitinib", start=24.0, stop=300.0), "interferon_left"),
        (Antiviral("oseltamivir", start=24.0, stop=300.0), "release_left"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.drug,
)
def test_a_dose_in_two_treatments_acts_as_in_one(drug, effect):
    half = replace(drug, dose=drug.dose / 2.0)
    whole, halves = (effects_of(given, (), Virus(), 2000, 1.0 / 6.0)[effect] for given in ([drug], [half, half]))
    neutral = next(each.combination.neutral for each in EFFECTS if each.name == effect)
    assert np.abs(whole - neutral).max() > 0.5
    np.testing.assert_allclose(halves, whole, rtol=1e-12)


NEW_EFFECTS = """
import abm.treatments.effects as effects
from abm.rules.cells import CellKind

effects.EFFECTS += (
    effects.Effect("oxygen_left", "share of oxygen left", "", effects.MULTIPLY),
    effects.Effect("slowing", "added time per hop", "h", effects.ADD, effects.Acts.STEP_BY_STEP, per=CellKind),
    effects.Effect("oxygen", "oxygen given", "ng/mL", effects.ADD, effects.Acts.AT_ONCE),
)

import numpy as np

from abm.cohort.person import Person
from abm.cohort.timeline import written
from abm.model.multirate import is_undisturbed
from abm.rules.infection import Virus
from abm.treatments.effects import combine
from abm.treatments.effects_by_step import is_anything_put_in, is_steady, must_be_stepped, no_treatment
from abm.treatments.planned_effects import effects_of
from tests.cohort.patients import small
from tests.processes.tissues import STEP, at


class Hypoxia:
    def apply(self, treatment_effects, step):
        combine(treatment_effects, "oxygen_left", 0.5, at=slice(9, None))
        combine(treatment_effects, "slowing", 2.0, at=(slice(9, None), 3))
        combine(treatment_effects, "oxygen", 7.0, at=12)


def check(by_step, first, times, size):
    stops = [tick for tick in range(first + 1, first + size) if not is_steady(by_step, tick, 0.01)]
    assert stops == [first + 9], stops
    given = [tick for tick in range(first, first + size) if by_step[tick].oxygen > 0.0]
    assert given == [first + 12] and by_step[first + 12].oxygen == 7.0 * times
    assert (by_step.oxygen_left[first + 9 : first + size] == 0.5**times).all()
    assert (by_step.slowing[first + 9 : first + size, 3] == 2.0 * times).all()
    assert by_step.slowing[:, :3].max() == 0.0


idle = no_treatment(3)
assert (idle.oxygen_left == 1.0).all() and (idle.slowing == 0.0).all() and (idle.oxygen == 0.0).all()

by_step = effects_of((Hypoxia(), Hypoxia()), (), Virus(), 30, STEP)
check(by_step, 0, 2, 30)
assert [tick for tick in range(30) if is_anything_put_in(by_step, tick)] == [12]
assert [tick for tick in range(30) if must_be_stepped(by_step, tick)] == [*range(9, 30)]

waits = [is_undisturbed(by_step, at(tick)) for tick in range(30)]
assert [tick for tick in range(30) if not waits[tick]] == [9, 12]

cohort = small()
person = Person(1, 1, 65.0, True, 0.0, 1e4, 0.0, 1.0, "SARS-CoV-2", 1.0, 0.3, (100,), 0.0, 0.0, 0.001, 1e-5)
with written(cohort, person, cohort.scenario.parameters, (Hypoxia(), Hypoxia()), None) as (by_step, events):
    check(by_step, round(100 / cohort.scenario.step), 2, 20)
assert (by_step == no_treatment(1)[0]).all()
print("all", len(effects.EFFECTS))
"""


def test_an_effect_that_is_declared_is_known_to_idle_runs_combination_resting_tissue_and_patients():
    command, alone = [sys.executable, "-c", NEW_EFFECTS], environment() | {"NUMBA_DISABLE_JIT": "1"}
    result = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    assert result.stdout == f"all {len(EFFECTS) + 3}\n", result.stderr
