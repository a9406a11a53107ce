import math
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import abm
from abm.core.quantity import Confidence, quantities
from abm.rules.cells import CellKind
from abm.rules.substances import Substance
from abm.treatments.arrivals import CancerCellArrival
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor, OwnDrugGiven
from abm.treatments.effects import EFFECTS
from abm.treatments.effects_by_step import arrivals_of_virus, no_treatment
from abm.treatments.pharmacokinetics import DEPLETION_HALF_LIFE
from abm.treatments.treatments import (
    DEPLETABLE,
    DEPLETION_ONSET,
    TREATMENTS,
    UNSHARED,
    VACCINE_RIPENING,
    Depletion,
    IL6Knockout,
    Infection,
    Transfer,
    Vaccination,
)
from tests.courses import DAYS, HOURS, STEP, TICKS, VIRUS, changed, course_with, first_change

EACH_OF_ALL = [
    (IL6Knockout(), {"secretion_left"}),
    (Vaccination(), {"vaccinated", "memory_given", "antibody_given"}),
    *[(AntiIL6(drug), {"added_loss", "unbinding"}) for drug in AntiIL6.LIBRARY],
    *[(AntiIL6Receptor(drug), {"receptor_left"}) for drug in AntiIL6Receptor.LIBRARY],
    *[(JakInhibitor(drug), {"stat_left", "interferon_left"}) for drug in JakInhibitor.LIBRARY],
    *[(Antiviral(drug), {"release_left"}) for drug in Antiviral.LIBRARY],
    *[(Depletion(cells, start=24.0), {"removal", "influx_left"}) for cells in DEPLETABLE],
    *[(Transfer(cells, start=24.0), {"transfer"}) for cells in DEPLETABLE],
    (CancerCellArrival(start=24.0), {"arriving_cancer"}),
    (OwnDrugGiven("mine", start=24.0), {"own_drug"}),
]


def test_doing_nothing_changes_nothing():
    assert changed(course_with()) == set()
    idle = no_treatment(3)
    for name in ("secretion_left", "receptor_left", "stat_left", "interferon_left", "release_left", "influx_left"):
        assert (idle[name] == 1.0).all()
    for name in (
        "added_loss",
        "unbinding",
        "vaccinated",
        "memory_given",
        "antibody_given",
        "inoculum",
        "removal",
        "transfer",
        "arriving_cancer",
    ):
        assert (idle[name] == 0.0).all()


def name_of(value):
    """A name that is the same in every process, which that of a set is not."""
    return " ".join(sorted(value)) if isinstance(value, set) else str(value)


@pytest.mark.parametrize(("treatment", "effects"), EACH_OF_ALL, ids=name_of)
def test_a_treatment_changes_what_it_should_and_nothing_else(treatment, effects):
    course = course_with(treatment)
    assert changed(course) == effects
    for name, *_ in EFFECTS:
        assert np.isfinite(course[name]).all()
        assert (course[name] >= 0.0).all()
        if name.endswith("left"):
            assert (course[name] <= 1.0).all()


@pytest.mark.parametrize(
    "treatment", [treatment for treatment, _ in EACH_OF_ALL if hasattr(treatment, "start")], ids=str
)
def test_nothing_changes_before_the_start(treatment):
    course = course_with(replace(treatment, start=200.0))
    for name in changed(course):
        assert 200.0 - STEP / 2 <= first_change(course, name) <= 212.0 + STEP


@pytest.mark.parametrize("kind", [AntiIL6, AntiIL6Receptor, JakInhibitor, Antiviral])
def test_a_treatment_that_ends_when_it_starts_does_nothing(kind):
    for drug in kind.LIBRARY:
        assert changed(course_with(kind(drug, start=48.0, stop=48.0))) == set()


def test_a_treatment_after_the_end_of_the_run_does_nothing():
    late = DAYS * 24 + 1.0
    drugged = [AntiIL6("MP5-20F3", late), JakInhibitor("ruxolitinib", late), Antiviral("oseltamivir", late)]
    treatments = [*drugged, Depletion("CD8", late), Transfer("NK", late)]
    assert changed(course_with(*treatments, infections=[Infection(late)])) == set()


def test_no_dose_is_given_at_or_after_the_stop():
    every = Antiviral.LIBRARY["oseltamivir"].usual_interval
    two = course_with(Antiviral("oseltamivir", start=24.0, stop=24.0 + 2 * every)).release_left
    three = course_with(Antiviral("oseltamivir", start=24.0, stop=24.0 + 2 * every + STEP)).release_left
    third = round((24.0 + 2 * every) / STEP)
    np.testing.assert_array_equal(two[:third], three[:third])
    assert three[third] < two[third]
    assert two[third] < two[-1]
    assert two[-1] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("treatment", "_"), EACH_OF_ALL, ids=name_of)
def test_a_longer_run_begins_as_the_short_one_does(treatment, _):
    infections = [Infection(), Infection(300.0)]
    short = course_with(treatment, infections=infections)
    long = course_with(treatment, infections=infections, ticks=2 * TICKS)
    for name, *_ in EFFECTS:
        np.testing.assert_array_equal(long[name][:TICKS], short[name])


# ---- host, vaccine, cells


def test_the_knockout_makes_no_il6_from_birth():
    assert (course_with(IL6Knockout()).secretion_left[:, Substance.IL6] == 0.0).all()


@pytest.mark.parametrize(
    ("before", "ripe"), [(0.0, 0.0), (VACCINE_RIPENING / 2, 0.5), (VACCINE_RIPENING, 1.0), (8760.0, 1.0)]
)
def test_a_vaccine_ripens_in_two_weeks(before, ripe):
    vaccine = Vaccination(before, efficacy=0.8)
    course = course_with(vaccine)
    waned = 2.0 ** (-max(0.0, before - VACCINE_RIPENING) / vaccine.half_life)
    assert course.memory_given[0] == pytest.approx(0.8 * ripe)
    assert course.antibody_given[0] == course.vaccinated[0] == pytest.approx(0.8 * ripe * waned)
    for name in ("memory_given", "antibody_given"):
        assert (course[name][1:] == 0.0).all()


def test_the_protection_of_a_vaccine_halves_in_its_half_life_and_is_less_against_another_strain():
    ripe = Vaccination(VACCINE_RIPENING, efficacy=1.0, half_life=240.0)
    same, other = course_with(ripe), course_with(replace(ripe, match=0.25))
    assert same.vaccinated[round(240.0 / STEP)] == pytest.approx(0.5)
    np.testing.assert_allclose(other.vaccinated, 0.25 * same.vaccinated)
    assert other.antibody_given[0] == pytest.approx(0.25)
    assert other.memory_given[0] == pytest.approx(1.0 - 0.75 * UNSHARED)


@pytest.mark.parametrize("cells", DEPLETABLE)
def test_depletion_removes_its_share_within_a_day(cells):
    treatment = Depletion(cells, start=24.0)
    course = course_with(treatment)
    for kind in CellKind:
        hit = kind in DEPLETABLE[cells]
        day = slice(round(24.0 / STEP), round((24.0 + DEPLETION_ONSET) / STEP))
        left = math.exp(-float(course.removal[day, kind].sum()) * STEP)
        assert left == pytest.approx(1.0 - treatment.efficacy if hit else 1.0)
        assert course.influx_left[round(30.0 / STEP), kind] == pytest.approx(1.0 - treatment.efficacy if hit else 1.0)
        assert (course.removal[HOURS < 24.0 - STEP / 2, kind] == 0.0).all()


def test_depleted_cells_come_back_with_a_half_life_of_a_week():
    treatment = Depletion("CD8", start=0.0, stop=120.0)
    course = course_with(treatment)
    assert course.influx_left[round(120.0 / STEP), CellKind.CD8] == pytest.approx(1.0 - treatment.efficacy)
    later = round((120.0 + DEPLETION_HALF_LIFE) / STEP)
    assert course.influx_left[later, CellKind.CD8] == pytest.approx(1.0 - treatment.efficacy / 2)
    assert course.removal[later, CellKind.CD8] == pytest.approx(course.removal[0, CellKind.CD8] / 2)
    assert (np.diff(course.influx_left[round(120.0 / STEP) :, CellKind.CD8]) > 0.0).all()


@pytest.mark.parametrize("cells", DEPLETABLE)
def test_cells_are_put_in_once(cells):
    transfer = course_with(Transfer(cells, start=72.0, density=30.0)).transfer
    assert transfer.sum() == 30.0
    assert transfer[round(72.0 / STEP), DEPLETABLE[cells][-1]] == 30.0


@pytest.mark.slow
def test_all_cells_put_in_at_once_find_a_place():
    # In a Python of its own: cells written beyond the arrays would take this one down with them.
    code = """
from abm.treatments.treatments import DEPLETABLE, Transfer
from abm.model.lung_model import LungModel
from abm.scenario.scenario import Scenario
transfers = tuple(Transfer(cells, start=0.0, density=500.0) for cells in DEPLETABLE)
model = LungModel(Scenario(width=1000.0, height=1000.0, treatments=transfers), seed=1)
model.step()
print(model.tissue.mobile.size, *model.tissue.mobile_rows[:3])
"""
    command, home = [sys.executable, "-c", code], Path(abm.__file__).parents[1]
    result = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    capacity, used, _, alive = map(int, result.stdout.split())
    assert used <= capacity
    assert alive == pytest.approx(500 * len(DEPLETABLE), rel=0.1)


@given(start=st.floats(0.0, 600.0), other=st.floats(0.0, 600.0))
def test_transfers_add_up(start, other):
    course = course_with(Transfer("CD8", start), Transfer("CD8", other, 10.0), ticks=3601)
    assert course.transfer.sum() == pytest.approx(Transfer("CD8").density + 10.0)


def test_treatments_act_together():
    jak, knockout = JakInhibitor("ruxolitinib"), IL6Knockout()
    receptor = AntiIL6Receptor("MR16-1")
    both = course_with(receptor, AntiIL6Receptor("MR16-1"), jak, knockout)
    bound = 1.0 / course_with(receptor).receptor_left - 1.0  # over free
    np.testing.assert_allclose(both.receptor_left, 1.0 / (1.0 + 2.0 * bound))
    np.testing.assert_array_equal(both.stat_left, course_with(jak).stat_left)
    assert (both.secretion_left[:, Substance.IL6] == 0.0).all()


# ---- infections


def test_all_virus_of_an_inoculation_arrives():
    assert arrivals_of_virus(VIRUS, STEP).sum() == pytest.approx(VIRUS.inoculum)
    course = course_with(infections=[Infection(48.0, 2.0)])
    assert changed(course) == {"inoculum"}
    assert course.inoculum.sum() == pytest.approx(2.0 * VIRUS.inoculum)
    assert first_change(course, "inoculum") == pytest.approx(48.0)


@pytest.mark.parametrize("step", [1 / 60, 1 / 12, 1 / 6, 0.5])
def test_virus_arrives_in_step_with_the_growth_in_the_rest_of_the_lung(step):
    arriving = arrivals_of_virus(VIRUS, step)
    assert arriving.size == max(1, round(VIRUS.arrival_time / step))
    per_hour = arriving / step
    growth = np.log2(per_hour[1:] / per_hour[:-1]) / step
    np.testing.assert_allclose(growth, 1.0 / VIRUS.arrival_doubling)
    assert arriving.sum() == pytest.approx(VIRUS.inoculum)


def test_virus_may_arrive_at_once():
    assert arrivals_of_virus(VIRUS._replace(arrival_time=0.0), STEP).tolist() == [VIRUS.inoculum]


def test_infections_add_up_and_one_at_the_end_is_cut_off():
    last = DAYS * 24 - 1.0
    course = course_with(infections=[Infection(0.0), Infection(0.0, 3.0), Infection(last)])
    arriving = arrivals_of_virus(VIRUS, STEP)
    np.testing.assert_allclose(course.inoculum[: arriving.size], 4.0 * arriving)
    np.testing.assert_allclose(course.inoculum[-6:], arriving[:6])


# ---- declarations


def test_every_treatment_is_known_by_its_type():
    assert {name: kind.type for name, kind in TREATMENTS.items()} == {name: name for name in TREATMENTS}
    assert {type(treatment) for treatment, _ in EACH_OF_ALL} == set(TREATMENTS.values())


@pytest.mark.parametrize("kind", [*TREATMENTS.values(), Infection], ids=lambda kind: kind.__name__)
def test_every_number_of_a_treatment_is_declared(kind):
    declared = quantities(kind)
    for item in fields(kind):
        if item.type in ("str", str):
            continue
        quantity = declared[item.name]
        of_the_drug = item.name in ("dose", "every")  # spelled out when the drug is known
        assert of_the_drug or quantity.low <= item.default <= quantity.high
        assert quantity.meaning
        assert quantity.source
        assert quantity.confidence in get_args(Confidence)


def test_every_type_of_leukocyte_can_be_depleted():
    assert {kind for kinds in DEPLETABLE.values() for kind in kinds} == set(CellKind) - {CellKind.FIBROBLAST}
