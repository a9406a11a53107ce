import numpy as np
import pytest

from abm.core.population import USED
from abm.rules.states import EpithelialState
from abm.tissue.state import AMOUNT
from benchmarks.mesa_documented import DocumentedModel
from benchmarks.mesa_reference import PlainModel
from benchmarks.twins import DAY, infected_tissue, run_kernels, run_twin, twin_of

SOME_STEPS = 24


@pytest.mark.parametrize("style", [PlainModel, DocumentedModel])
def test_mesa_and_the_kernels_go_through_the_same_states(style):
    tissue = infected_tissue(side=320.0, virions=2e4)
    twin = twin_of(tissue, style)
    cells, walkers = twin.agents_by_type[style.epithelial_cell], twin.agents_by_type[style.walker]
    began, seen = [walker.place for walker in walkers], set()
    for tick in range(0, 4 * DAY, SOME_STEPS):
        run_kernels(tissue, tick, tick + SOME_STEPS)
        run_twin(twin, SOME_STEPS)
        assert cells.get("state") == tissue.states.tolist()
        np.testing.assert_allclose(twin.virions, tissue.virus[AMOUNT], rtol=1e-5)
        healthy = tissue.states == EpithelialState.HEALTHY
        np.testing.assert_allclose(np.array(cells.get("hazard"))[healthy], tissue.epithelium.hazard[healthy], rtol=1e-5)
        mobile = tissue.mobile[: tissue.mobile_rows[USED]]
        assert walkers.get("place") == list(zip(mobile.y.tolist(), mobile.x.tolist(), strict=True))
        assert walkers.get("heading") == mobile.heading.tolist()
        np.testing.assert_allclose(walkers.get("progress"), mobile.progress, rtol=1e-9, atol=1e-9)
        seen |= set(cells.get("state"))
    assert seen == set(EpithelialState) - {EpithelialState.REFRACTORY}
    assert sum(walker.place != place for walker, place in zip(walkers, began, strict=True)) > len(began) / 2
