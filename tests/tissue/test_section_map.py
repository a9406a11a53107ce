"""A tissue map is its path and what stood there."""

import copy
import operator
import pickle

import pytest

from abm.tissue import section_map
from abm.tissue.section_map import LARGEST, SectionMap, read_map


def test_a_map_is_its_path_with_its_content(tmp_path):
    path = tmp_path / "map.png"
    path.write_bytes(b"tissue")
    read = read_map(path)
    path.write_bytes(b"another")
    assert isinstance(read, SectionMap)
    assert str(read) == str(path)
    assert read.content == b"tissue"


def test_maps_are_equal_where_path_and_content_are():
    one, same = SectionMap("map.png", b"tissue"), SectionMap("map.png", b"tissue")
    others = (
        SectionMap("map.png", b"another"),
        SectionMap("map.png", b"zebra"),
        SectionMap("other.png", b"tissue"),
        SectionMap("map.png"),
    )
    assert one == same
    assert not operator.ne(one, same)
    assert hash(one) == hash(same)
    assert len({one, same, *others}) == 5
    for other in others:
        assert one != other
        assert not operator.eq(one, other)


def test_a_map_is_equal_to_its_path_alone():
    one = SectionMap("map.png", b"tissue")
    assert one == "map.png"
    assert one != "other.png"
    assert one != 3
    assert {"map.png": 1}[one] == 1


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_in_another_process_has_the_content(copied):
    one = copied(SectionMap("map.png", b"tissue"))
    assert (str(one), one.content) == ("map.png", b"tissue")


def test_a_map_without_content_has_none():
    assert SectionMap("map.png").content == b""


def test_what_cannot_be_read_stays_a_path(tmp_path):
    for path in (tmp_path, tmp_path / "none.png", tmp_path / ("long" * 500)):
        read = read_map(path)
        assert read == str(path)
        assert type(read) is str


@pytest.mark.parametrize(("size", "kind"), [(10, SectionMap), (11, str)])
def test_what_is_too_large_for_a_map_is_not_read(size, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(section_map, "LARGEST", 10)
    path = tmp_path / "map.png"
    path.write_bytes(bytes(size))
    assert type(read_map(path)) is kind


def test_a_map_may_have_four_bytes_a_site():
    assert LARGEST == 4 * 4_000 * 4_000
