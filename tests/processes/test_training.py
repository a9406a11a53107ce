"""Resident macrophages remember an infection."""

import numpy as np
import pytest

from abm.core.population import ALIVE
from abm.processes.immune import act
from abm.processes.recruitment import recruit
from abm.rules.activation import trained, training_rate
from abm.rules.cells import CellKind
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT
from tests.processes.tissues import STEP, at, effects, empty, lay, put, put_everywhere

SIDE = 20
LASTING = {"activation.fall_time": 1e9}


@pytest.mark.parametrize("kind", [CellKind.RESIDENT_MACROPHAGE, CellKind.RECRUITED_MACROPHAGE, CellKind.NEUTROPHIL])
@pytest.mark.parametrize("ifn_gamma", [0.0, 2.0])
def test_resident_macrophages_alone_are_trained_and_only_by_ifn_gamma(kind, ifn_gamma):
    p = empty(LASTING)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=SIDE**2)
    cells = put_everywhere(tissue, kind)
    cells.activation = 0.8
    tissue.fields.ifn_gamma[AMOUNT] = ifn_gamma
    for tick in range(1, 61):
        act(tissue, p, at(tick))
    rate = training_rate(0.8, ifn_gamma, p.activation)
    expected = trained(0.0, rate, p.activation, 60 * STEP) if kind == CellKind.RESIDENT_MACROPHAGE else 0.0
    np.testing.assert_allclose(cells.training, expected, rtol=1e-3)
    assert (expected > 0.1) == (kind == CellKind.RESIDENT_MACROPHAGE and ifn_gamma > 0.0)


def test_training_is_forgotten_with_its_memory():
    p = empty()
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=4)
    cell = put(tissue, CellKind.RESIDENT_MACROPHAGE, 2, 2)
    cell.training = 0.5
    for tick in range(1, 101):
        act(tissue, p, at(tick, step=24.0))
    assert cell.training == pytest.approx(0.5 * np.exp(-2400.0 / p.activation.training_memory), rel=1e-4)


def test_new_resident_macrophages_are_as_trained_and_polarized_as_those_in_the_lung():
    p = empty({"cells.resident_macrophage.resting_density": 100.0, "cells.resident_macrophage.loss": 0.2})
    tissue = lay(alveolar_sheet(80, 80, 1), p, room=3000)
    tissue.mobile.alive[:] = False
    for y in range(40):
        for x in range(20):
            cell = put(tissue, CellKind.RESIDENT_MACROPHAGE, y, x)
            cell.training, cell.activated = (0.9, True) if x < 15 else (0.1, False)
    before = int(tissue.mobile_rows[ALIVE])
    for tick in range(1, 121):
        recruit(tissue, p, effects(), at(tick))
    new = tissue.mobile[before : int(tissue.mobile_rows[ALIVE])]
    assert new.size > 150
    assert set(np.unique(new.training)) == {0.1, 0.9}
    assert (new.activated == (new.training == 0.9)).all()
    assert new.activated.mean() == pytest.approx(0.75, abs=0.15)
