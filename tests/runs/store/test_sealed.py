import os
import random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abm.runs.store import sealed
from abm.runs.store.files import sweep_up
from abm.runs.store.sealed import MARK, DamagedError, as_text, check, is_whole, read_text

TABLE = pa.table({
    "hour": [float(at) for at in range(60)], "kind": pa.array(["a", "b", "c"] * 20).dictionary_encode(),
})  # fmt: skip


@pytest.fixture
def whole(tmp_path):
    path = tmp_path / "table.parquet"
    with sealed.sealed(path) as temporary:
        pq.write_table(TABLE, temporary, compression="zstd")
    return path


def damages(content, tries, seed=1):
    """The content cut short, with a bit turned, bytes taken out or put in."""
    chance = random.Random(seed)
    for _ in range(tries):
        at, few = chance.randrange(len(content)), chance.randrange(1, 9)
        yield content[:at]
        yield content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
        yield content[:at] + content[at + few :]
        yield content[:at] + chance.randbytes(few) + content[at:]


def test_a_table_with_a_checksum_is_read_by_anything(whole):
    assert is_whole(whole)
    assert pq.read_table(whole).equals(TABLE)
    assert pd.read_parquet(whole)["hour"].sum() == sum(range(60))


def test_a_table_that_another_program_wrote_is_taken_as_it_is(tmp_path):
    pq.write_table(TABLE, tmp_path / "other.parquet")
    assert is_whole(tmp_path / "other.parquet")


def test_a_damaged_table_is_never_taken_for_a_whole_one(whole):
    content = whole.read_bytes()
    for damaged in damages(content, 100):
        sealed._check.cache_clear()  # files that change within a tick of the clock look the same
        whole.write_bytes(damaged)
        if is_whole(whole):  # the mark itself was hit: the table is not
            assert pq.read_table(whole).equals(TABLE)


def test_a_table_whose_mark_is_damaged_is_not_taken_for_one_of_another_program(whole):
    content = bytearray(whole.read_bytes())
    content[content.index(MARK) + 5] ^= 4
    whole.write_bytes(content)
    assert not is_whole(whole)


def test_a_damaged_table_is_named(whole):
    whole.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(DamagedError, match=r'table\.parquet" is cut short.*makes it again'):
        check(whole)


def test_damaged_text_is_never_taken_for_whole(tmp_path):
    path, content = tmp_path / "told.json", {"number": 1.25, "names": ["a", "b"]}
    for indent in (None, 1):
        path.write_text(as_text(content, indent))
        assert read_text(path) == content
        for damaged in damages(path.read_bytes(), 100):
            path.write_bytes(damaged)
            try:
                found = read_text(path)
            except DamagedError:
                continue
            assert {key: found.get(key) for key in content} == content  # the name of the checksum was hit


def test_what_a_killed_process_has_half_written_is_removed_and_nothing_else(tmp_path):
    mine, notes = tmp_path / f".a.json-{os.getpid()}.part", tmp_path / ".notes-2024"
    dead = tmp_path / "runs" / ".b.json-4194305.part"  # above the highest number that Linux gives
    dead.parent.mkdir()
    for path in (mine, notes, dead):
        path.touch()
    sweep_up(tmp_path)
    assert mine.exists()
    assert notes.exists()
    assert not dead.exists()
