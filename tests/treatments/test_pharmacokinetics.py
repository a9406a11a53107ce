import numpy as np
import pytest
from scipy.linalg import expm

from abm.core.quantity import quantities
from abm.rules import pharmacology as drugs
from abm.rules.infection import VIRUSES
from abm.rules.substances import Substance, Substances, lost_while_held
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor
from abm.treatments.pharmacokinetics import antibody_concentration, small_molecule_concentration
from tests.courses import HOURS, STEP, changed, course_with, over_days


def test_antibody_amounts_follow_the_matrix_exponential():
    linear = drugs.SILTUXIMAB
    out, over = linear.clearance / linear.central, linear.exchange / linear.central
    back = linear.exchange / linear.peripheral
    matrix = np.array([[-out - over, back], [over, -back]])
    course = antibody_concentration(linear, 770.0, [24.0, 240.0], 2000, STEP)
    for hour, doses in ((30.0, [24.0]), (239.0, [24.0]), (240.0, [24.0, 240.0]), (320.0, [24.0, 240.0])):
        central = sum(expm(matrix * (hour - dose))[0, 0] for dose in doses) * 770.0
        assert course[round(hour / STEP)] == pytest.approx(drugs.tissue_concentration(central, linear), rel=1e-6)
    assert (course[: round(24.0 / STEP)] == 0.0).all()


@pytest.mark.parametrize("name", ["tocilizumab", "siltuximab"])
def test_antibody_levels_hold_at_half_and_at_three_times_the_step(name):
    library = AntiIL6.LIBRARY | AntiIL6Receptor.LIBRARY
    molecule = library[name].molecule
    fine, usual, coarse = (
        antibody_concentration(molecule, 560.0, [0.0, 300.0], round(600 / step), step) for step in (1 / 12, 1 / 6, 0.5)
    )
    np.testing.assert_allclose(usual[:3594], fine[:7188:2], rtol=1e-6)
    np.testing.assert_allclose(coarse[:1198], usual[:3594:3], rtol=1e-6)


def test_tocilizumab_levels_are_those_of_people_within_a_factor_of_two():
    # 8 mg/kg every 4 weeks, at steady state: Cmax 183, trough 9.7 ug/mL (Frey 2010, doi:10.1177/0091270009350623).
    usual = AntiIL6Receptor.LIBRARY["tocilizumab"]
    molecule, every = usual.molecule, usual.usual_interval
    doses = [every * number for number in range(6)]
    course = antibody_concentration(molecule, usual.usual_dose, doses, round(6 * every), 1.0)
    plasma = course / molecule.tissue_share * molecule.mass / 1000.0
    assert plasma[-round(every) :].max() == pytest.approx(183.0, rel=0.2)
    assert 9.7 / 2 < plasma[-1] < 9.7 * 2


def test_siltuximab_levels_are_those_of_people_within_a_factor_of_one_and_a_half():
    # 11 mg/kg every 3 weeks, at steady state: Cmax 332, trough 84 ug/mL (doi:10.1007/s00280-019-03939-7).
    usual = AntiIL6.LIBRARY["siltuximab"]
    molecule, every = usual.molecule, usual.usual_interval
    doses = [every * number for number in range(10)]
    course = antibody_concentration(molecule, usual.usual_dose, doses, round(10 * every), 1.0)
    plasma = course / molecule.tissue_share * molecule.mass / 1000.0
    assert plasma[-round(every) :].max() == pytest.approx(332.0, rel=0.1)
    assert 84.0 / 1.5 < plasma[-1] < 84.0 * 1.5


def test_the_mouse_antibody_against_the_receptor_leaves_one_percent_from_twelve_hours_after_the_dose():
    left = course_with(AntiIL6Receptor("MR16-1", start=24.0)).receptor_left
    assert (left[HOURS < 36.0 - STEP / 2] == 1.0).all()
    assert left[round(36.0 / STEP)] == pytest.approx(0.01, rel=0.05)
    assert over_days(left, 1.5, 28) < 0.012


def test_the_mouse_antibody_against_il6_leaves_one_percent_at_first_and_five_once_it_is_in_balance():
    course, il6 = course_with(AntiIL6("MP5-20F3", start=24.0)), Substances().il6
    added, unbinding = course.added_loss[:, Substance.IL6], course.unbinding[:, Substance.IL6]
    before, first = HOURS < 36.0 - STEP / 2, round(36.0 / STEP)
    assert (added[before] == 0.0).all()
    assert (unbinding[before] == 0.0).all()
    assert il6.loss / (il6.loss + added[first]) == pytest.approx(0.01, abs=0.005)
    held_for_good = added[first] * lost_while_held(unbinding[first], il6)
    assert il6.loss / (il6.loss + held_for_good) == pytest.approx(0.05, abs=0.01)


def test_a_single_mouse_dose_wears_off_with_its_half_life():
    added = course_with(AntiIL6("MP5-20F3", start=0.0, stop=24.0)).added_loss[:, Substance.IL6]
    assert added[round((12 + 120) / STEP)] / added[round(12 / STEP)] == pytest.approx(0.5, rel=1e-4)


def test_human_antibodies_act_at_once():
    course = course_with(AntiIL6Receptor("tocilizumab", start=24.0, dose=280.0)).receptor_left
    expected = drugs.receptors_left(drugs.tissue_concentration(280.0, drugs.TOCILIZUMAB), drugs.TOCILIZUMAB)
    assert course[round(24.0 / STEP)] == pytest.approx(expected)
    assert (course[HOURS < 24.0 - STEP / 2] == 1.0).all()


@pytest.mark.parametrize("kind", [AntiIL6, AntiIL6Receptor, JakInhibitor, Antiviral])
def test_a_drug_is_given_at_its_usual_dose_and_interval_unless_told_otherwise(kind):
    for name, drug in kind.LIBRARY.items():
        usual = kind(name)
        assert (usual.dose, usual.every) == (drug.usual_dose, drug.usual_interval)
        other = kind(name, dose=7.0, every=30.0)
        assert (other.dose, other.every) == (7.0, 30.0)
        for quantity, value in ((quantities(kind)["dose"], usual.dose), (quantities(kind)["every"], usual.every)):
            assert quantity.low <= value <= quantity.high


def test_no_antibody_at_all_is_a_dose_of_zero():
    assert changed(course_with(AntiIL6("siltuximab", dose=0.0), AntiIL6Receptor("MR16-1", dose=0.0))) == set()


# ---- small molecules


def test_ruxolitinib_blocks_43_percent_over_the_first_half_day():
    course = course_with(JakInhibitor("ruxolitinib", start=24.0))
    assert 1.0 - over_days(course.stat_left, 1.0, 1.5) == pytest.approx(0.43, abs=0.015)
    assert course.stat_left[round(24.0 / STEP)] == pytest.approx(1.0 - 0.74, abs=0.005)
    np.testing.assert_array_equal(course.stat_left, course.interferon_left)


def test_small_molecules_add_up_over_doses():
    molecule = drugs.OSELTAMIVIR
    course = small_molecule_concentration(molecule, 75.0, [0.0, 12.0], 200, STEP)
    peak = 75.0 * molecule.peak_per_mg
    assert course[0] == pytest.approx(peak)
    assert course[round(molecule.half_life / STEP)] == pytest.approx(peak / 2)
    at_second_dose = peak * (1.0 + 2.0 ** (-12.0 / molecule.half_life))
    assert course[round(12.0 / STEP)] == pytest.approx(at_second_dose)


@pytest.mark.parametrize("drug", ["oseltamivir", "oseltamivir (mouse)"])
def test_oseltamivir_leaves_about_one_and_a_half_percent_of_virion_release(drug):
    # 75 mg twice a day: Kamal 2015 (doi:10.1128/AAC.00069-15), 98.5 % less.
    left = course_with(Antiviral(drug, start=0.0)).release_left
    assert over_days(left, 1, 5) == pytest.approx(0.015, rel=0.2)


@pytest.mark.parametrize("drug", ["nirmatrelvir", "nirmatrelvir (mouse)"])
def test_nirmatrelvir_leaves_about_a_tenth_of_virion_release(drug):
    # 300/100 mg twice a day: over 90 % inhibition (doi:10.7554/eLife.89801); 2-20 % are plausible.
    left = course_with(Antiviral(drug, start=0.0)).release_left
    assert over_days(left, 1, 5) == pytest.approx(0.10, abs=0.02)


def test_five_days_of_an_antiviral_wear_off():
    left = course_with(Antiviral("oseltamivir", start=48.0, stop=168.0)).release_left
    assert over_days(left, 2, 7) < 0.02
    assert left[round(14 * 24 / STEP)] > 0.99


def test_antivirals_act_on_one_virus_and_drugs_bind_one_species():
    viruses = {virus for virus, _ in VIRUSES}
    assert {drug.acts_on for drug in Antiviral.LIBRARY.values()} == viruses - {"RSV"}  # no drug in use acts on it
    for kind in (AntiIL6, AntiIL6Receptor, JakInhibitor, Antiviral):
        assert {drug.binds for drug in kind.LIBRARY.values()} == {"mouse", "human"}
