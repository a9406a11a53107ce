import numpy as np

from abm.core.population import USED
from abm.processes.tissue import AMOUNT
from abm.rules.states import EpithelialState
from benchmarks.mesa_reference import EpithelialCell, Walker
from benchmarks.twins import DAY, infected_tissue, plain_twin, run_kernels, run_plain

SOME_STEPS = 24


def test_plain_mesa_and_the_kernels_go_through_the_same_states():
    tissue = infected_tissue(side=320.0, virions=2e4)
    twin = plain_twin(tissue)
    cells, walkers = twin.agents_by_type[EpithelialCell], twin.agents_by_type[Walker]
    began, seen = [(walker.y, walker.x) for walker in walkers], set()
    for tick in range(0, 4 * DAY, SOME_STEPS):
        run_kernels(tissue, tick, tick + SOME_STEPS)
        run_plain(twin, SOME_STEPS)
        assert cells.get("state") == tissue.states.tolist()
        np.testing.assert_allclose(twin.virions, tissue.virus[AMOUNT], rtol=1e-5)
        healthy = tissue.states == EpithelialState.HEALTHY
        np.testing.assert_allclose(np.array(cells.get("hazard"))[healthy], tissue.epithelium.hazard[healthy], rtol=1e-5)
        mobile = tissue.mobile[: tissue.mobile_rows[USED]]
        for name in ("y", "x", "heading"):
            assert walkers.get(name) == mobile[name].tolist()
        np.testing.assert_allclose(walkers.get("progress"), mobile.progress, rtol=1e-9, atol=1e-9)
        seen |= set(cells.get("state"))
    assert seen == set(EpithelialState) - {EpithelialState.REFRACTORY}
    assert sum((walker.y, walker.x) != place for walker, place in zip(walkers, began, strict=True)) > len(began) / 2
