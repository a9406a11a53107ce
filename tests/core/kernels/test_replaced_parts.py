"""What counts as replaced, in a module made for the test."""

import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from abm.core.compiled import Kernel, compiled
from abm.core.kernels import replaced
from abm.core.kernels.replaced import GONE, ReplacedError, ReplacedPart, changes, check, mark_of, read_by_kernel
from tests.made_modules import forget, module_of

SOURCE = """
import numpy as np

RATE: float = 0.5
OTHER = 1.5
TABLE = {"a": 1, "b": [2]}
NUMBERS = np.arange(3.0)
ORDER = ["a", "b"]
NAMES = {"a"}
_notes = {}


def law(x, half=2.0, *, power=1.0):
    return x / half * power + RATE


def user(x):
    return law(x) + OTHER


class Group:
    first = 1.0
    _own = 2

    def value(self):
        return self.first
"""
NAME = "abm.made"


@pytest.fixture
def made() -> Iterator[Any]:
    yield module_of(NAME, SOURCE)
    forget(NAME)


def found(quick: bool = True) -> list[str]:
    """What is told to be replaced of that module, at once or part by part."""
    if not quick:
        replaced._quick.pop(NAME, None)
    return [change.part for change in changes(within=lambda name: name == NAME)]


def set_in(holder: Any, name: str, value: Any) -> Any:
    """Put a value under a name; returns how to undo it."""
    before = getattr(holder, name)
    setattr(holder, name, value)
    return lambda: setattr(holder, name, before)


def put_in(mapping: Any, key: Any, value: Any) -> Any:
    """The same in a mapping or an array."""
    before = mapping[key]
    mapping[key] = value
    return lambda: mapping.__setitem__(key, before)


def added(holder: Any, name: str) -> Any:
    """Add a name; returns how to undo it."""
    setattr(holder, name, len)
    return lambda: delattr(holder, name)


def taken(holder: Any, name: str) -> Any:
    """Take a name away; returns how to undo it."""
    before = getattr(holder, name)
    delattr(holder, name)
    return lambda: setattr(holder, name, before)


def plain(x):
    return x


REPLACEMENTS = {
    "a number": (lambda m: set_in(m, "RATE", 0.25), ["RATE"]),
    "a kind of number": (lambda m: set_in(m, "RATE", np.float64(0.5)), ["RATE"]),
    "a name that is gone": (lambda m: taken(m, "RATE"), ["RATE"]),
    "an entry": (lambda m: put_in(m.TABLE, "a", 2), ["TABLE"]),
    "an item": (lambda m: put_in(m.ORDER, 0, "c"), ["ORDER"]),
    "a member": (lambda m: (m.NAMES.add("c"), lambda: m.NAMES.remove("c"))[1], ["NAMES"]),
    "a number of an array": (lambda m: put_in(m.NUMBERS, 1, 7.0), ["NUMBERS"]),
    "a function": (lambda m: set_in(m, "law", lambda x: x), ["law"]),
    "the code of one": (lambda m: set_in(m.law, "__code__", plain.__code__), ["law.__code__"]),
    "a default": (lambda m: set_in(m.law, "__defaults__", (3.0,)), ["law.__defaults__"]),
    "a default of a name": (lambda m: set_in(m.law, "__kwdefaults__", {"power": 2.0}), ["law.__kwdefaults__"]),
    "a class": (lambda m: set_in(m, "Group", dict), ["Group"]),
    "a number of a class": (lambda m: set_in(m.Group, "first", 2.0), ["Group.first"]),
    "a method": (lambda m: set_in(m.Group, "value", lambda _: 2.0), ["Group.value"]),
    "a name of a class that is gone": (lambda m: taken(m.Group, "first"), ["Group.first"]),
    "one more name of a class": (lambda m: added(m.Group, "last"), ["Group.last"]),
    "a name that hides one of Python": (lambda m: added(m, "len"), ["len"]),
    "a name that nothing reads": (lambda m: added(m, "extra"), []),
}


@pytest.mark.parametrize("what", REPLACEMENTS)
def test_what_is_replaced_is_found_at_once_and_part_by_part(what, made):
    replace, expected = REPLACEMENTS[what]
    assert found() == found() == []
    undo = replace(made)
    for quick in (True, False):
        parts = found(quick)
        assert set(expected) <= set(parts)
        assert {part.partition(".")[0] for part in parts} == {part.partition(".")[0] for part in expected}
    undo()
    assert found() == found(quick=False) == []


def test_all_that_was_replaced_is_told(made):
    made.RATE, made.law, made.Group.first = 1.0, plain, 3.0
    assert {"RATE", "law", "Group.first"} <= set(found())


def test_a_name_that_is_gone_is_found_also_where_another_has_come(made):
    assert found() == []
    del made.RATE
    made.extra = 1.0
    assert found() == ["RATE"]


def test_an_equal_number_in_its_place_is_no_change(made):
    made.OTHER, made.NUMBERS = float("1.5"), np.arange(3.0)
    assert found() == found(quick=False) == []


def test_notes_that_a_module_makes_are_no_change(made):
    made._notes["seen"] = 1
    assert found() == found(quick=False) == []


def test_a_change_knows_what_was_and_what_is(made):
    made.RATE = 0.25
    del made.OTHER
    one, other = sorted(changes(within=lambda name: name == NAME), reverse=True)
    assert (str(one), one.name, one.was, one.now) == ("abm.made.RATE", "RATE", 0.5, 0.25)
    assert (str(other), other.was, other.now is GONE) == ("abm.made.OTHER", 1.5, True)
    assert ReplacedPart(NAME, "Group.value.__code__", 1, 2).name == "Group"


def test_a_module_that_is_gone_is_left_out(made):
    made.RATE = 0.25
    sys.modules[NAME], kept = None, sys.modules[NAME]  # type: ignore[assignment]
    assert found() == []
    sys.modules[NAME] = kept


def test_the_mark_is_of_what_was_replaced_in_any_order():
    one, other = ReplacedPart(NAME, "RATE", 0.5, 0.25), ReplacedPart(NAME, "OTHER", 1.5, GONE)
    assert mark_of([]) == ""
    assert mark_of([one, other]) == mark_of([other, one])
    marks = {mark_of(several) for several in ([one], [other], [one, other], [one._replace(now=0.75)])}
    assert len(marks) == 4
    assert mark_of([one._replace(was=3)]) == mark_of([one])


def test_a_law_that_another_module_still_holds_is_refused(made):
    module_of("abm.holder", "KEPT = law; RATE = RATE", law=made.law, RATE=made.RATE)
    try:
        was, made.law = made.law, plain
        for compiling in (True, False):
            with pytest.raises(ReplacedError, match=r"abm\.made\.law was replaced, but .*abm\.holder\.KEPT.* still"):
                check(changes(within=lambda name: name == NAME), compiling)
        made.law, made.OTHER = was, 7.0
        check(changes(within=lambda name: name == NAME), True)
    finally:
        forget("abm.holder")


def test_a_number_that_another_module_took_by_name_is_refused_and_one_of_its_own_is_not(made):
    made.RATE = 0.25
    several = changes(within=lambda name: name == NAME)
    for source, refused in (
        ("", True),
        ("RATE = 1.0", False),
        ("RATE = rate", False),
        ("OTHER = rate", False),
        ("A = rate", False),
    ):
        module_of("abm.holder", source, **dict.fromkeys(("RATE",) if refused else ("A", "rate"), several[0].was))
        try:
            if refused:
                with pytest.raises(ReplacedError, match=r"abm\.holder\.RATE still holds"):
                    check(several, True)
            else:
                check(several, True)
        finally:
            forget("abm.holder")


def test_what_a_module_only_imports_may_be_replaced_there(made):
    holder = module_of("abm.holder", "def f(x): return law(x)", law=made.law, RATE=made.RATE)
    module_of("abm.third", "", law=made.law)
    try:
        holder.law, holder.RATE = plain, 1.0
        several = changes(within=lambda name: name == "abm.holder")
        assert {change.part for change in several} == {"law", "RATE"}
        check(several, True)
        made.law = plain
        with pytest.raises(ReplacedError, match=r"abm\.made\.law was replaced, but .*abm\.third\.law still"):
            check([*several, *changes(within=lambda name: name == NAME)], True)
    finally:
        forget("abm.third")
        forget("abm.holder")


def test_compiled_code_takes_compiled_laws_only():
    law = types.SimpleNamespace(dispatcher=len, __module__=NAME)
    kernel = ReplacedPart(NAME, "law", law, plain)
    with pytest.raises(ReplacedError, match=r"decorate it with `compiled` of abm\.core\.compiled"):
        check([kernel], True)
    check([kernel], False)
    check([kernel._replace(now=compiled(plain))], True)
    check([kernel._replace(part="law.__code__")], True)


def test_a_kernel_reads_the_names_of_its_module_and_of_modules_that_it_names(made):
    law, user = Kernel(made.law), Kernel(made.user)
    assert read_by_kernel(made, "RATE", law)
    assert read_by_kernel(made, "OTHER", user)
    assert not read_by_kernel(made, "OTHER", law)
    outside = Kernel(types.FunctionType(compile("lambda: m.RATE", "", "eval").co_consts[0], {"m": made}))
    assert read_by_kernel(made, "RATE", outside)
    assert not read_by_kernel(types.ModuleType("another"), "RATE", outside)


@pytest.fixture
def bare() -> Iterator[Any]:
    """A module with one name, for a table."""
    yield module_of(NAME, "TABLE = {1: 2}")
    forget(NAME)


def test_an_only_table_that_changes_in_place_is_found(bare):
    assert found() == found() == []
    bare.TABLE[1] = 3
    assert found() == ["TABLE"]


def test_other_names_of_a_law_in_its_own_module_are_its_own_affair(made):
    made.again, was = made.law, made.law
    made.law = plain
    check(changes(within=lambda name: name == NAME), True)
    module_of("abm.holder", "")
    kept = sys.modules["abm.holder"]
    sys.modules["abm.holder"] = None  # type: ignore[assignment]
    try:
        check(changes(within=lambda name: name == NAME), True)
    finally:
        sys.modules["abm.holder"] = kept
        forget("abm.holder")
    assert made.again is was
