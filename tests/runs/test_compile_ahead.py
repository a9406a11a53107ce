import shutil

import pytest

from abm.cli.doctor import _cache
from abm.core.compiled import interpreted
from abm.core.kernels.kernel_cache import folders
from abm.runs.compile_ahead import _stored, compile_parts, damaged, is_compiled, parts, warm_up

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
        pattern = f"{part.__module__.split('.')[-1]}.{part.__name__}_inner-*.kernel"
        assert len(list(folders()[0].glob(pattern))) == 1, pattern


def test_a_damaged_loop_is_told_and_replaced(monkeypatch, tmp_path):
    warm_up()
    shutil.copytree(folders()[0].parent, tmp_path / "kernels")
    monkeypatch.setenv("EMBERS_CACHE_DIR", str(tmp_path))
    assert is_compiled()
    assert damaged() == []
    cut, noisy = (folders()[0] / name for name in sorted(_stored() or ())[:2])
    noisy.write_bytes(bytes(noisy.stat().st_size))
    assert is_compiled()  # as far as sizes tell
    assert damaged() == [noisy.name]
    assert "1 damaged" in _cache().found
    cut.write_bytes(cut.read_bytes()[:100])
    assert not is_compiled()
    assert sorted(damaged() or ()) == [cut.name, noisy.name]
