import pickle
from typing import Annotated, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.compiled import compiled
from abm.core.quantity import Declared, Quantity, declared, group_of_rows, param, parameter_group, quantities, replaced
from abm.core.record import as_record

SPEED = Quantity("speed", "um/min", 0.0, 10.0, "here", "measured")
SHARE = Quantity("share", "", 0.0, 1.0, "here")


class Inner(NamedTuple):
    speed: Annotated[float, SPEED] = 2.0
    share: Annotated[float, SHARE] = 0.5


class Outer(NamedTuple):
    share: Annotated[float, SHARE] = 0.25
    left: Inner = Inner()
    right: Inner = Inner(3.0, 0.75)
    note: str = "not a quantity"


class Whole(NamedTuple):
    outer: Outer = Outer(note=1.0)
    share: Annotated[float, SHARE] = 1.0


@parameter_group
class Short(NamedTuple):
    """Inner, declared in short, with a field that must be given and one that is no quantity."""

    given: float = param(None, "h", 1.0, 5.0).peer("a time", "a peer")
    speed: float = param(2.0, "um/min", 0.0, 10.0).measured("speed", "here")
    share: float = param(0.5, "", 0.0, 1.0).assumed("share")
    fold: float = param(3.0, "", 1.0, 4.0).fitted("fold", "there")
    left: Inner = Inner()


@compiled
def distance(p: Short) -> float:
    return p.speed * p.given


@compiled
def reach(p: Inner) -> float:
    return p.speed * p.share


@pytest.mark.interpreted
def test_declared_names_are_dotted_and_in_order():
    names = [item.name for item in declared(Outer())]
    assert names == ["share", "left.speed", "left.share", "right.speed", "right.share"]
    assert next(iter(declared(Outer(), "tissue."))).name == "tissue.share"


@pytest.mark.interpreted
def test_declared_carries_value_and_meaning():
    assert list(declared(Inner(4.0))) == [Declared("speed", 4.0, SPEED), Declared("share", 0.5, SHARE)]


@pytest.mark.interpreted
def test_quantities_are_only_the_plain_numbers_of_a_group():
    assert quantities(Outer) == {"share": SHARE}
    assert quantities(Inner) == {"speed": SPEED, "share": SHARE}
    assert SHARE.confidence == "assumed"


@pytest.mark.interpreted
def test_a_short_declaration_says_all_that_a_long_one_says():
    assert quantities(Short) == {
        "given": Quantity("a time", "h", 1.0, 5.0, "a peer", "peer"),
        "speed": SPEED,
        "share": Quantity("share", "", 0.0, 1.0, "assumed", "assumed"),
        "fold": Quantity("fold", "", 1.0, 4.0, "there", "fitted"),
    }


@pytest.mark.interpreted
def test_a_group_declared_in_short_holds_plain_floats():
    assert Short(1.0) == (1.0, 2.0, 0.5, 3.0, Inner())
    assert all(type(value) is float for value in Short(given=1.0)[:4])
    assert Short._field_defaults == {"speed": 2.0, "share": 0.5, "fold": 3.0, "left": Inner()}
    assert pickle.loads(pickle.dumps(Short(1.0))) == Short(1.0)


@pytest.mark.interpreted
def test_a_field_declared_without_a_default_must_be_given():
    with pytest.raises(TypeError, match="given"):
        Short()


def test_compiled_code_takes_a_group_declared_in_short():
    assert distance(Short(1.5)) == distance(as_record(Short(1.5))) == 3.0


def test_a_field_without_a_default_may_not_follow_one_with_a_default():
    with pytest.raises(TypeError, match="Wrong: a field without a default"):

        @parameter_group
        class Wrong(NamedTuple):
            one: float = param(1.0, "", 0.0, 1.0).assumed("one")
            other: float = param(None, "", 0.0, 1.0).assumed("other")


@pytest.mark.interpreted
@pytest.mark.parametrize("value", [3, np.float64(3), np.int64(3), True])
def test_a_replaced_value_is_a_float_and_all_else_stays(value):
    before = Outer()
    after = replaced(before, "right.speed", value)
    assert type(after.right.speed) is float
    assert after == before._replace(right=Inner(float(value), 0.75))
    assert before == Outer()


@pytest.mark.parametrize("name", ["speed", "left.weight", "middle.speed", "left.speed.more", "", "left."])
def test_an_unknown_name_is_a_key_error(name):
    with pytest.raises(KeyError):
        replaced(Outer(), name, 1.0)


def test_a_group_itself_cannot_be_replaced_by_a_number():
    with pytest.raises(KeyError):
        replaced(Outer(), "left", 1.0)


@given(values=st.lists(st.floats(allow_nan=False), min_size=5, max_size=5))
def test_every_declared_name_can_be_replaced_and_read_back(values):
    group = Whole()
    names = [item.name for item in declared(group)]
    assert len(names) == 6
    for name, value in zip(names, values, strict=False):
        group = replaced(group, name, value)
    assert [item.value for item in declared(group)][:5] == values


def test_another_value_does_not_compile_a_second_version():
    reach(Inner())
    before = len(reach.dispatcher.signatures)
    reach(replaced(Inner(), "speed", 7))
    assert len(reach.dispatcher.signatures) == before > 0


def test_groups_of_rows_of_the_same_names_and_quantities_are_of_one_class_however_many_there_are():
    def group(number):
        return group_of_rows("Rows", {f"row_{number}": Numbers(param(1.0, "h", 0.0, 9.0).assumed("a time"))})

    first = group(0)
    for number in range(1, 400):
        group(number)
    assert type(group(0)) is type(first)
    assert pickle.loads(pickle.dumps(first)) == first
    assert [item.name for item in declared(first)] == ["row_0.time"]


class Numbers(NamedTuple):
    """A row."""

    time: float
