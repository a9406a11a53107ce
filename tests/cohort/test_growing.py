import numpy as np
import pytest

from abm.cohort.at_rest import growth_at_rest
from abm.cohort.reading import growth_in
from abm.core.quantity import replaced
from abm.model.quiet.resting_contacts import resting_contacts
from abm.tissue.state import AMOUNT
from tests.cohort.lungs import lung, small


def growth_of(section):
    contacts = section.contacts
    return growth_in(section.tissue, section.p, contacts.touching, section.course[0])


def test_il6_speeds_the_cycle_to_that_at_full_signal():
    section = lung(small(side=400.0), 1, 2)
    section.tissue.fields.il6[AMOUNT] = 1000.0
    cycling, _ = growth_of(section)
    assert cycling == pytest.approx(1.0, abs=1e-6)
    section.tissue.fields.il6[AMOUNT] = 0.0
    cycling, _ = growth_of(section)
    assert cycling == pytest.approx(section.p.dormancy.cycling_without_signal)


def test_a_drug_against_the_receptor_takes_the_speed_away():
    section = lung(small(side=400.0), 1, 2)
    section.tissue.fields.il6[AMOUNT] = 5.0
    before, _ = growth_of(section)
    section.course.receptor_left[0] = 0.02
    after, _ = growth_of(section)
    assert after < 0.6 * before


@pytest.mark.slow
def test_the_mean_over_sections_at_rest_is_that_of_resting_lung():
    scenario = small(side=800.0, founders=0)
    scenario = scenario.__class__(width=800.0, height=800.0,
                                  parameters=replaced(scenario.parameters, "dormancy.founders", 0.0))  # fmt: skip
    found = []
    for seed in range(12):
        section = lung(scenario, seed, 40, jump=False)
        for day in range(4, 40, 4):
            section.run(day * 24)
            found.append(growth_of(section))
    cycling, killing = growth_at_rest(scenario, scenario.parameters)
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(12)
    assert mean[0] == pytest.approx(cycling, rel=0.01)
    assert mean[1] == pytest.approx(killing, abs=4.0 * error[1] + 0.05 * killing)
    assert resting_contacts(scenario).cd8 > 0.0
