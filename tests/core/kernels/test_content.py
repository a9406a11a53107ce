"""Texts of values: equal only where the values do the same in a calculation."""

import math
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.core import names
from abm.core.compiled import compiled, compiled_for, inlined
from abm.core.kernels.content import PROCESS, content_of, names_in
from abm.core.quantity import Quantity
from tests.commands import environment


def made(code: str, **outside: Any) -> Callable[..., Any]:
    """The function `f` of this code, among these globals of a module that does not belong to the package."""
    held = {"__name__": "elsewhere", **outside}
    exec(code, held)
    return held["f"]


ALL_DIFFERENT = [
    *(None, True, False, 0, 1, 1.0, 1j, math.nan, "1", b"1", ..., (), [], {}, set()),
    *((1, 2), [1, 2], [2, 1], [12], {1, 2}, {1: 2}, {2: 1}, {1: 3}, [[1], 2]),
    *(np.zeros(4), np.ones(4), np.zeros(4, np.float32), np.zeros((2, 2)), np.float64(1.0), np.float32(1.0)),
    *(math.sin, math.cos, np.float64, np.int64, np.linalg, math, dict, PurePath, Quantity),
]


def test_values_that_differ_have_texts_that_differ():
    for one, other in combinations(ALL_DIFFERENT, 2):
        assert content_of(one) != content_of(other), (one, other)


def test_values_that_are_alike_have_one_text():
    assert content_of(np.arange(3)) == content_of(np.arange(3))
    assert content_of({3, 1, 2}) == content_of(frozenset({2, 3, 1}))
    assert content_of([(1.5, "a")]) == content_of([(1.5, "a")])


def test_what_holds_itself_has_a_text():
    one: list[Any] = [1]
    one.append(one)
    assert content_of(one) == "list [int 1, itself]"


def test_a_function_that_calls_itself_has_a_text():
    f = made("def f(x): return f(x - 1) if x else 0")
    assert content_of(f).endswith("'itself')]")


def test_one_value_held_twice_is_told_twice():
    inner = [1]
    assert content_of([inner, inner]) == "list [list [int 1], list [int 1]]"


@pytest.mark.parametrize(
    "code",
    [
        "def f(x): return x + 2",
        "def f(x): return x - 1",
        "def f(y): return y + 1",
        "def f(x, *, y): return x + 1",
        "def f(x, *y): return x + 1",
        "def f(x=3): return x + 1",
        "def f(x, *, y=2): return x + 1",
        "def f(x, *, y=3): return x + 1",
        "def f(x): return x.real",
        "def f(x): return x.imag",
    ],
)
def test_a_function_is_known_by_its_code_and_its_defaults(code):
    plain = "def f(x): return x + 1"
    assert content_of(made(code)) == content_of(made(code)) != content_of(made(plain)) == content_of(made(plain))


def test_a_function_is_known_by_what_it_closes_over():
    def adding(number: float) -> Callable[[float], float]:
        return lambda x: x + number

    assert content_of(adding(1.0)) == content_of(adding(1.0)) != content_of(adding(2.0))


def test_a_function_from_elsewhere_is_known_by_all_that_it_reads_there():
    code = "def f(x): return [g(y) for y in x]"
    one, two = (made(f"def f(x): return x + {number}") for number in (1, 2))
    assert content_of(made(code, g=one)) == content_of(made(code, g=one, unread=3)) != content_of(made(code, g=two))
    assert content_of(made("def f(x): return x + LEFT", LEFT=1)) != content_of(
        made("def f(x): return x + LEFT", LEFT=2)
    )


def test_of_what_a_function_of_the_package_reads_each_module_tells_itself():
    assert "difflib" in names_in(names.nearest.__code__)
    assert "module difflib" not in content_of(names.nearest)
    assert "module difflib" in content_of(made("def f(x): return difflib", difflib=names.difflib))


def test_names_of_functions_within_are_names_of_the_function():
    f = made("def f(x): return a(lambda y: b.c(y), [lambda: d])")
    assert names_in(f.__code__) == {"a", "b", "c", "d"}


def test_a_kernel_is_known_by_its_function_and_how_it_is_compiled():
    one, other = made("def f(x): return x + 1.0"), made("def f(x): return x + 2.0")
    kernels = [compiled(one), inlined(one), compiled_for("float64(float64)")(one), compiled(other)]
    assert len({content_of(kernel) for kernel in kernels}) == 4
    assert content_of(compiled(one)) == content_of(compiled(one))


def test_what_is_of_known_versions_is_known_by_its_name():
    assert content_of(np.float64) == "type numpy float64"
    assert content_of(Quantity) == "type abm.core.quantity Quantity"
    assert content_of(math.sin) == "builtin_function_or_method math sin"
    assert content_of(np.linalg).split() == ["module", "numpy.linalg"]


class Own:
    """A class of nobody's known version."""


@pytest.mark.parametrize("value", [Own, Own(), SimpleNamespace(a=1), memoryview(b"1"), pytest])
def test_what_cannot_be_told_is_of_this_process_alone(value):
    assert content_of(value) == f"of process {PROCESS}: {type(value).__name__} at {id(value)}"
    command = [sys.executable, "-c", "from abm.core.kernels.content import PROCESS; print(PROCESS)"]
    other = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout.strip()
    assert len(other) == len(PROCESS)
    assert other != PROCESS
