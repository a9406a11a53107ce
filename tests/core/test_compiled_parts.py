"""How functions are compiled and when they are compiled anew, seen from within one process."""

import subprocess
import sys
import types
import weakref
from collections.abc import Iterator
from typing import Any

import numba
import pytest

from abm.core import compiled as module
from abm.core.compiled import check_laws, compiled, compiled_for, inlined, interpreted, is_as_imported, laws, uncounted
from abm.core.kernels import imported
from abm.core.kernels.replaced import ReplacedError
from abm.rules.response import hill
from tests.commands import environment
from tests.made_modules import forget, module_of

SOURCE = """
RATE = 0.5

def law(x):
    return x * RATE
"""
RULES, ABOVE = "abm.rules.made", "abm.verify.made"


def half(x: float) -> float:
    """Half of it."""
    return x / 2.0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Two modules, one of the model's floors and one above, with the only kernels there are; all of them compiled."""
    kernels: weakref.WeakSet[Any] = weakref.WeakSet()
    monkeypatch.setattr(module, "_kernels", kernels)
    monkeypatch.setitem(module._laws, "mark", "")
    modules = {}
    for name in (RULES, ABOVE):
        modules[name] = module_of(name, SOURCE, compiled=compiled)
        modules[name].law = compiled(modules[name].law)
        imported._held[name] = {part: imported._kept(value) for part, value in imported.parts(modules[name])}
        modules[name].__class__ = imported._Watched
    load(modules)
    yield modules
    for name in modules:
        forget(name)


def load(modules: dict[str, Any]) -> None:
    for one in modules.values():
        one.law._made.update({("dispatcher", ""): half, ("inner", ""): half})


def loaded(modules: dict[str, Any]) -> list[str]:
    return [name for name, one in modules.items() if one.law._made]


def test_a_kernel_is_known_to_whoever_forgets_kernels():
    assert hill in set(module._kernels)


def test_inlined_kernels_count_no_references_and_no_others_are_inlined():
    assert inlined(half)._options == {"forceinline": True, "_nrt": False}
    assert uncounted(half)._options == {"_nrt": False}
    assert compiled(half)._options == compiled_for("float64(float64)")(half)._options == {"_nrt": True}


def test_kernels_release_the_lock_and_other_kernels_call_them_without_wrapping_python_objects():
    outer, inner = compiled(half).dispatcher.targetoptions, compiled(half).inner.targetoptions
    for options in (outer, inner):
        assert options["nogil"] is True
        assert options["error_model"] == "numpy"
    assert not {"no_cpython_wrapper", "no_cfunc_wrapper"} & outer.keys()
    assert inner["no_cpython_wrapper"] is inner["no_cfunc_wrapper"] is True
    assert compiled(half).inner.py_func.__qualname__ == "half_inner"
    assert compiled(half).inner.py_func.__module__ == __name__


def test_a_kernel_for_some_types_is_compiled_for_no_others():
    kernel, any_type = compiled_for("float64(float64)")(half), compiled(half)
    assert [kernel(value) for value in (3, 3.0, True)] == [1.5, 1.5, 0.5]
    assert kernel.dispatcher.signatures == [(numba.float64,)]
    with pytest.raises(TypeError):
        kernel("3")
    assert [any_type(value) for value in (3, 3.0)] == [1.5, 1.5]
    assert len(any_type.dispatcher.signatures) == 2


def test_a_forgotten_kernel_is_compiled_anew():
    kernel = compiled(half)
    before = (kernel.dispatcher, kernel.inner)
    assert (kernel.dispatcher, kernel.inner) == before
    kernel.forget()
    assert not {kernel.dispatcher, kernel.inner} & set(before)


@pytest.mark.parametrize(("chosen", "level"), [({}, "1"), ({"NUMBA_OPT": "2"}, "2")])
def test_code_is_optimized_as_far_as_it_pays_unless_the_user_says_otherwise(chosen, level):
    code = "from abm.rules.response import decay_rate; decay_rate(1.0); import numba; print(int(numba.config.OPT))"
    surroundings = {key: value for key, value in environment().items() if key != "NUMBA_OPT"} | chosen
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout.strip() == level


@pytest.mark.parametrize(("value", "expected"), [("0", "warn"), ("1", "ignore")])
def test_only_interpreted_kernels_let_numbers_of_64_bits_wrap_around_unseen(value, expected):
    code = "import abm.core.compiled, numpy; print(numpy.geterr()['over'])"
    surroundings = environment() | {"NUMBA_DISABLE_JIT": value}
    ended = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("", False), ("0", False), ("no", False), ("1", True), ("2", True), ("-1", True)]
)
def test_kernels_are_interpreted_where_numba_does_not_compile(value, expected, monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", value)
    assert interpreted() == expected
    monkeypatch.delenv("NUMBA_DISABLE_JIT")
    assert not interpreted()


def test_only_functions_of_the_package_are_kept_and_only_where_no_law_was_replaced(monkeypatch):
    plain = hill.__wrapped__
    local = types.FunctionType(plain.__code__, plain.__globals__)
    local.__module__, local.__qualname__ = plain.__module__, "f.<locals>.g"
    assert [module._can_be_kept(function) for function in (plain, local, half)] == [True, False, False]
    monkeypatch.setitem(module._laws, "mark", "replaced")
    assert not module._can_be_kept(plain)


def test_all_that_was_compiled_is_forgotten_as_soon_as_a_number_that_a_kernel_reads_is_replaced(made):
    made[RULES].unread = 1.0
    assert (loaded(made), laws()) == ([RULES, ABOVE], "")
    made[RULES].RATE = 0.25
    mark = laws()
    assert (loaded(made), len(mark)) == ([], 64)
    load(made)
    made[RULES].RATE = 0.5
    assert (loaded(made), laws()) == ([], "")
    made[RULES].RATE = 0.25
    assert laws() == mark


def test_above_the_floors_only_the_kernels_of_that_module_are_forgotten(made):
    others = {name: types.SimpleNamespace(law=compiled(half)) for name in ("abm.verify.a", "abm.verify.z")}
    for name, other in others.items():
        other.law.__module__ = name
    load(others)
    made[ABOVE].RATE = 0.25
    assert (loaded(made), loaded(others), laws()) == ([RULES], list(others), "")


@pytest.mark.parametrize(("value", "is_replaced"), [(0.25, True), (0.5, False)])
def test_what_was_put_past_the_modules_own_door_is_found_by_a_check(value, is_replaced, made):
    vars(made[RULES])["RATE"] = value
    for _ in range(2):
        check_laws()
        assert (bool(laws()), loaded(made)) == (is_replaced, [] if is_replaced else [RULES, ABOVE])
    load(made)
    vars(made[RULES])["RATE"] = 0.5
    check_laws()
    assert (laws(), loaded(made)) == ("", [] if is_replaced else [RULES, ABOVE])


def test_a_check_refuses_a_plain_function_in_place_of_a_kernel(made):
    vars(made[RULES])["law"] = half
    with pytest.raises(ReplacedError, match="decorate it with `compiled`"):
        check_laws()


def test_code_of_a_module_is_as_imported_where_the_model_and_that_module_are(made):
    own = (ABOVE, "abm.verify.a", "abm.verify.z", "")
    assert all(map(is_as_imported, own))
    vars(made[ABOVE])["unread"] = 1.0
    assert all(map(is_as_imported, own))
    vars(made[ABOVE])["RATE"] = 0.25
    assert [is_as_imported(name) for name in own] == [False, True, True, True]
    vars(made[RULES])["RATE"] = 0.25
    assert not any(map(is_as_imported, own))
