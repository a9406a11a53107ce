import numpy as np
import pytest

from abm.core.quantity import replaced
from abm.model.quiet.resting_contacts import resting_contacts
from abm.rules.parameters import Parameters
from abm.rules.substances import site_rise
from abm.scenario.scenario import Scenario

P = Parameters()


def test_mean_il6_is_what_resting_macrophages_make_over_what_is_lost():
    found = resting_contacts(Scenario(width=400.0, height=400.0, layout="sheet"))
    made = P.cells.resident_macrophage.secretion.il6.at_rest * site_rise(1.0, P.substances.il6.molar_mass)
    per_site = P.cells.resident_macrophage.resting_density * 1e-4
    assert found.il6.mean() == pytest.approx(per_site * made / P.substances.il6.loss, rel=0.05)


def test_the_mean_response_is_above_the_response_to_the_mean():
    found = resting_contacts(Scenario(width=400.0, height=400.0, layout="sheet"))
    q = P.dormancy
    of_mean = 1.0 / (1.0 + (q.half_response / found.il6.mean()) ** q.power)
    assert found.bound.mean() > 1.5 * of_mean


def test_a_cell_in_the_middle_touches_nine_sites_of_t_cells_and_one_in_a_corner_block_fewer():
    found = resting_contacts(Scenario(width=400.0, height=400.0, layout="sheet"))
    touching = found.touching * found.cd8
    density = P.cells.cd8.resting_density * 1e-4
    assert touching[5, 5] == pytest.approx(9.0 * density, rel=1e-9)
    assert touching[0, 0] == pytest.approx((9 * 9 + 6 * 6 + 4) / 16 * density, rel=1e-9)
    assert touching.shape == (10, 10)


def test_no_macrophages_no_il6():
    parameters = replaced(P, "cells.resident_macrophage.secretion.il6.at_rest", 0.0)
    found = resting_contacts(Scenario(width=400.0, height=400.0, parameters=parameters))
    assert np.allclose(found.bound, 0.0, atol=1e-30)
