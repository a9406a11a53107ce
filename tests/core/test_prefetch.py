import numpy as np
import pytest

from abm.core.compiled import compiled
from abm.core.prefetch import prefetch

RECORDS = np.zeros(7, dtype=[("one", np.float64), ("other", np.int32)]).view(np.recarray)


@compiled
def asked_around(array: np.ndarray, index: int) -> int:
    """Ask for words of an array, before it and behind it; how often."""
    asked = 0
    for place in range(-index, array.size + index):
        prefetch(array, place)
        asked += 1
    return asked


@pytest.mark.interpreted
@pytest.mark.parametrize("array", [np.arange(5.0), np.arange(12, dtype=np.uint8).reshape(3, 4), RECORDS])
def test_asking_for_what_comes_changes_nothing_even_off_the_array(array):
    before = array.tobytes()
    assert asked_around(array, 1000) == array.size + 2000
    assert array.tobytes() == before
