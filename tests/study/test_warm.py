from collections import Counter

import pytest

from abm.core.compiled import interpreted
from abm.core.kernel_cache import cache_folder
from abm.study.warm import compile_parts, is_compiled, parts, warm_up

pytestmark = pytest.mark.skipif(interpreted(), reason="nothing is compiled")


def test_what_is_compiled_is_known_by_the_folder_of_the_cache(monkeypatch, tmp_path):
    warm_up()
    assert is_compiled()
    monkeypatch.setenv("EMBERS_CACHE_DIR", str(tmp_path))
    assert not is_compiled()


def test_parts_are_compiled_for_the_types_that_a_step_calls_them_with():
    warm_up()
    compile_parts()
    for part in parts():
        file = f"{part.__module__.split('.')[-1]}.{part.__name__}_inner-*.nbc"
        by_checkout = Counter(path.parent for path in cache_folder().rglob(file))
        assert set(by_checkout.values()) == {1}, file
