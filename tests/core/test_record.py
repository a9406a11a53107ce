import pytest

from abm.core.quantity import declared
from abm.core.record import as_record
from tests.core.test_quantity import Inner, Outer, Whole, reach


@pytest.mark.interpreted
def test_a_record_holds_what_the_tuple_holds():
    group = Whole(Outer(0.1, Inner(1.0, 0.2), Inner(5.0, 0.6), 1.0), 0.9)
    record = as_record(group)
    for item in declared(group):
        value = record
        for part in item.name.split("."):
            value = getattr(value, part)
        assert value == item.value


def test_a_rule_reads_a_record_as_it_reads_the_tuple():
    group = Outer(right=Inner(5.0, 0.6))
    assert reach(as_record(group._replace(note=1.0)).right) == reach(group.right) == 3.0
