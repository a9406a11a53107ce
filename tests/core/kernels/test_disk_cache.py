"""Compiled code of one function, on disk, seen from within the process that compiles it."""

import tempfile
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

import numba
import pytest
from numba.core.registry import cpu_target

from abm.core.kernels import kernel_cache
from abm.core.kernels.disk_cache import DiskCache
from abm.core.kernels.kernel_cache import COMPILING, folders, load
from abm.core.kernels.kernel_file import write_whole
from abm.model import schedule
from abm.rules.response import decay_rate, hill
from abm.verify.chance import drawn
from abm.verify.waiting_times import waits


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process keeps compiled code."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("EMBERS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(kernel_cache, "_announced", [])
    return folders()[0]


def plain(kernel: Any) -> FunctionType:
    return kernel.__wrapped__


def decay(function: FunctionType, options: str = "", may_use: bool = True) -> Any:
    """What numba makes of this function of one number, with a cache of ours; may_use: what the cache is told."""
    made = numba.njit(function)
    made._cache = DiskCache(function, options, lambda module: may_use and module == function.__module__)
    return made


def hits(made: Any) -> int:
    assert made(2.0) == pytest.approx(0.34657359)
    return sum(made.stats.cache_hits.values())


def test_what_was_compiled_is_found_by_the_next_that_asks(kept):
    function = plain(decay_rate)
    assert [hits(decay(function)) for _ in range(2)] == [0, 1]
    (path,) = kept.iterdir()
    assert path.name.startswith("response.decay_rate-")
    assert path.name.endswith(".kernel")
    assert len(path.stem.partition("-")[2]) == 24
    assert decay(function)._cache.cache_path == str(kept)


def test_other_options_other_types_and_other_code_are_kept_beside_it(kept):
    function = plain(decay_rate)
    assert hits(decay(function)) == 0
    assert hits(decay(function, "faster")) == 0
    decay(function)(2)
    twin = FunctionType(function.__code__.replace(co_code=plain(hill).__code__.co_code), function.__globals__)
    assert len(list(kept.iterdir())) == 3
    assert DiskCache(function, "", bool)._address != DiskCache(twin, "", bool)._address
    assert DiskCache(function, "", bool)._address == DiskCache(function, "", bool)._address


def test_where_something_was_replaced_nothing_is_kept(kept):
    function = plain(decay_rate)
    assert [hits(decay(function, may_use=False)) for _ in range(2)] == [0, 0]
    assert not kept.exists()
    assert hits(decay(function)) == 0
    assert hits(decay(function, may_use=False)) == 1  # a rule: what it calls is of its own address


def test_above_the_floors_of_the_model_nothing_is_used_either():
    for kernel, above in ((hill, False), (schedule.advance, False), (drawn, True)):
        assert DiskCache(plain(kernel), "", bool)._is_above == above
    made = decay(plain(decay_rate))
    assert hits(made) == 0
    for may_use in (True, False):
        again = decay(plain(decay_rate), may_use=may_use)
        again._cache._is_above = True
        assert hits(again) == may_use


@pytest.mark.parametrize(
    "content", [b"", b"no pickle", b"N.", bytes(range(256))], ids=["empty", "text", "none", "noise"]
)
def test_a_whole_file_of_something_else_is_replaced(content, kept):
    function = plain(decay_rate)
    assert hits(decay(function)) == 0
    (path,) = kept.iterdir()
    whole = path.read_bytes()
    write_whole(path, content)
    assert load(path.name) == content != whole
    assert hits(decay(function)) == 0
    assert load(path.name) not in (None, content)  # whole by its own digest: its length follows a counter of numba
    assert hits(decay(function)) == 1


def test_code_of_another_kernel_under_this_name_is_not_used(kept):
    function = plain(decay_rate)
    assert hits(decay(function)) == hits(decay(function, "faster")) == 0
    one, other = kept.iterdir()
    several = [load(path.name) or b"" for path in (other, one)]
    for path, content in zip((one, other), several, strict=True):
        write_whole(path, content)
    assert [hits(decay(function, options)) for options in ("", "faster")] == [0, 0]


@pytest.mark.parametrize(("lifted", "dynamic"), [(True, False), (False, True), (False, False)])
def test_code_that_holds_addresses_of_this_process_is_not_kept(lifted, dynamic, kept):
    codegen, library = cpu_target.target_context.codegen(), SimpleNamespace(has_dynamic_globals=dynamic)
    data = SimpleNamespace(lifted=lifted, library=library, codegen=codegen, _reduce=lambda: (1, 2))
    DiskCache(plain(hill), "", bool).save_overload((numba.float64,), data)
    assert kept.exists() == (not lifted and not dynamic)


@pytest.mark.parametrize(("kernel", "said"), [(schedule.advance, f"{COMPILING}\n"), (hill, ""), (waits, "")])
def test_a_step_that_is_compiled_is_announced(kernel, said, capsys):
    cache = DiskCache(plain(kernel), "", bool)
    assert cache.load_overload((numba.float64,), cpu_target.target_context) is None
    assert cache._is_longest == bool(said)
    assert capsys.readouterr().err == said


def test_a_step_that_is_there_is_not_announced(capsys):
    function = plain(decay_rate)
    assert hits(decay(function)) == 0
    again = decay(function)
    again._cache._is_longest = True
    again._cache._place = decay(function)._cache._place
    assert hits(again) == 1
    assert capsys.readouterr().err == ""
