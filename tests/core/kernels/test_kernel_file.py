"""Files of compiled kernels: all or nothing."""

import pytest

from abm.core.kernels.kernel_file import LENGTH, read_whole, size_on_disk, write_whole

CONTENT = bytes(range(200))


@pytest.mark.parametrize("content", [b"", b"\n", CONTENT])
def test_what_was_written_is_read_again(content, tmp_path):
    path = tmp_path / "one.kernel"
    for _ in range(2):
        write_whole(path, content)
        assert read_whole(path) == content
        assert size_on_disk(path) == len(content)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_says_what_it_is(tmp_path):
    path = tmp_path / "one.kernel"
    write_whole(path, CONTENT)
    whole = path.read_bytes()
    assert whole.startswith(b"Embers kernel\n")
    assert whole.endswith(CONTENT)
    assert len(whole) == LENGTH + len(CONTENT) == 14 + 32 + len(CONTENT)


def test_a_file_with_any_byte_changed_or_missing_is_as_good_as_not_there(tmp_path):
    path = tmp_path / "one.kernel"
    write_whole(path, CONTENT)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_whole(path) is None
        path.write_bytes(whole[:place])
        assert read_whole(path) is None
    path.write_bytes(whole + b"\0")
    assert read_whole(path) is None


def test_where_there_is_no_file_nothing_is_read(tmp_path):
    assert read_whole(tmp_path / "none.kernel") is None
    assert read_whole(tmp_path) is None
    assert size_on_disk(tmp_path / "none.kernel") == -1


@pytest.mark.parametrize("name", ["taken", "nowhere/one.kernel"])
def test_what_cannot_be_written_leaves_nothing_behind(name, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").touch()
    with pytest.raises(OSError, match=r"directory"):
        write_whole(tmp_path / name, CONTENT)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
