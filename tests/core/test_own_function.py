"""A function as text and values: what it reads comes along, and what cannot is refused with its name."""

import linecache
import math
from math import exp

import numba
import numpy as np
import pytest

from abm.core.compiled import compiled
from abm.core.own_function import OwnFunction, OwnFunctionError, lines, own_function, plain_function
from abm.rules import response
from abm.rules.response import hill
from abm.rules.states import Phenotype

RATE, COUNT, SHARE = 0.25, 3, np.float64(0.5)
TABLE = [1.0, 2.0]
ENDLESS = math.inf


def helper(x):
    return x * COUNT


@compiled
def compiled_helper(x):
    return x + RATE


@numba.njit
def numba_helper(x):
    return x - RATE


def reads_numbers(x):
    """Reads three numbers.

    And says more of it.
    """
    return x * RATE + COUNT + SHARE


def reads_functions(x: float, half: float = 2.0) -> float:
    y = math.sqrt(x) + exp(-x) + np.minimum(x, half)
    return helper(y) + compiled_helper(y) + numba_helper(y)


def reads_the_package(x):
    return hill(x, 1.0, 2.0) + response.hill(x, 2.0, 1.0 if int(x) > Phenotype.HYBRID else 3.0)


def reads_a_list(x):
    return x * TABLE[0]


def reads_infinity(x):
    return x * ENDLESS


def calls_itself(x):
    return calls_itself(x - 1.0) if x > 0.0 else 0.0


def one_way(x):
    return the_other(x)


def the_other(x):
    return one_way(x)


def closing_over(rate, offset):
    def inner(x):
        return x * rate + offset * COUNT

    return inner


def in_a_file(text, path):
    """The function of this text, as it is imported from a file."""
    path.write_text(text)
    linecache.checkcache(str(path))
    space = {}
    exec(compile(text, str(path), "exec"), space)
    return space["law"]


@pytest.mark.parametrize("function", [reads_numbers, closing_over(2.0, 1.0)])
def test_what_is_made_again_is_the_function(function):
    made = own_function(function).made()
    assert made is not function
    assert made(3.0) == function(3.0)
    assert made.__name__ == function.__name__


@pytest.mark.parametrize("function", [reads_numbers, reads_functions, reads_the_package, closing_over(2.0, 1.0)])
def test_it_can_be_compiled_with_all_that_it_reads(function):
    arguments = (3.0, 2.0)[: function.__code__.co_argcount]
    ours = numba.njit(error_model="numpy")(own_function(function).made())
    assert ours(*arguments) == pytest.approx(function(*arguments))


def test_it_is_plain_data_that_is_equal_for_equal_functions_only():
    assert own_function(closing_over(2.0, 1.0)) == own_function(closing_over(2.0, 1.0))
    assert hash(own_function(closing_over(2.0, 1.0))) == hash(own_function(closing_over(2.0, 1.0)))
    for other in (closing_over(2.0, 1), closing_over(2.5, 1.0)):  # 1 is compiled in another way than 1.0
        assert own_function(closing_over(2.0, 1.0)) != own_function(other)


def test_two_functions_of_one_name_are_known_by_other_names_when_compiled():
    names = {own_function(closing_over(rate, 1.0)).made().__qualname__ for rate in (1.0, 1.0, 2.0)}
    assert len(names) == 2


def test_a_helper_counts_too():
    own = own_function(reads_functions)
    assert dict(own.reads)["helper"] == ("function", own_function(helper))
    assert dict(own.reads)["exp"] == ("import", "math", "exp")
    assert dict(own.reads)["np"] == ("import", "numpy", "")


def test_its_summary_is_the_first_line_of_its_docstring():
    assert own_function(reads_numbers).summary == "Reads three numbers."
    assert own_function(helper).summary == ""


def test_a_record_tells_its_text_and_what_it_reads():
    told = list(lines(own_function(reads_functions)))
    assert told[0].startswith("def reads_functions(")
    assert "reads np = numpy" in told
    assert "reads exp = math.exp" in told
    assert "reads COUNT = 3" in told


def test_a_function_that_was_compiled_is_the_plain_one():
    assert plain_function(helper) is helper
    assert plain_function(numba_helper) is numba_helper.py_func
    assert plain_function(compiled(helper)) is helper
    assert plain_function(3) is plain_function(max) is plain_function(OwnFunction) is None


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (reads_a_list, "reads TABLE, a list"),
        (reads_infinity, "reads ENDLESS = inf, which is not a finite number"),
        (calls_itself, "is recursive: it calls calls_itself, which leads back to it"),
        (one_way, "is recursive: it calls one_way, which leads back to it"),
        (lambda x: x, "is a lambda"),
        (eval("lambda x: x"), "is a lambda"),
    ],
)
def test_what_cannot_be_kept_is_refused(function, problem):
    with pytest.raises(OwnFunctionError) as caught:
        own_function(function)
    assert caught.value.problem == problem


def test_a_function_without_a_text_is_refused():
    space = {}
    exec("def law(x):\n    return x", space)
    with pytest.raises(OwnFunctionError) as caught:
        own_function(space["law"])
    assert caught.value.problem == "has no source that can be read"


@pytest.mark.parametrize("edited", ["    return 3.0 * x\n", "    return 2.0 / x\n", "    y = x\n    return 2.0 * y\n"])
def test_a_file_that_was_edited_since_is_found(edited, tmp_path):
    law = in_a_file("def law(x):\n    return 2.0 * x\n", tmp_path / "mine.py")
    assert own_function(law).made()(1.0) == 2.0
    (tmp_path / "mine.py").write_text(f"def law(x):\n{edited}")
    with pytest.raises(OwnFunctionError) as caught:
        own_function(law)
    assert caught.value.problem == "no longer matches its source file"


def test_a_part_of_a_module_is_read_the_same_where_the_import_stands_beside_it(tmp_path):
    text = "from abm.rules import response\nSHARE = 0.5\n\ndef law(x):\n    return SHARE * response.hill(x, 1.0, 1.0)\n"
    own = own_function(in_a_file(text, tmp_path / "mine.py"))
    assert dict(own.reads) == {"response": ("import", "abm.rules.response", ""), "SHARE": ("float", 0.5)}
