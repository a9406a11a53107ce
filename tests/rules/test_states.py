import enum

import pytest

from abm.rules import states

ENUMS = [item for item in vars(states).values() if isinstance(item, type) and issubclass(item, enum.IntEnum)]
ENUMS.remove(enum.IntEnum)


@pytest.mark.parametrize("states_of", ENUMS, ids=lambda item: item.__name__)
def test_storage_codes_are_unique_and_fit_into_a_byte(states_of):
    values = [member.value for member in states_of.__members__.values()]
    assert len(set(values)) == len(values)
    assert min(values) >= 0
    assert max(values) < 255
    assert states_of.__doc__.endswith(".")


@pytest.mark.parametrize("states_of", [item for item in ENUMS if item is not states.Decision])
def test_storage_codes_start_at_zero_without_gaps_so_that_they_index_tables(states_of):
    assert sorted(member.value for member in states_of) == list(range(len(states_of)))


def test_a_fresh_array_holds_healthy_dormant_mesenchymal_cells():
    assert states.EpithelialState.HEALTHY == 0
    assert states.CancerState.DORMANT == 0
    assert states.Phenotype.MESENCHYMAL == 0
    assert states.Cause.NEVER == 0


def test_the_kernels_may_compare_states_of_the_epithelium_in_order():
    order = states.EpithelialState
    assert order.ECLIPSE < order.EXPRESSING < order.APOPTOTIC < order.DEAD < order.DENUDED
