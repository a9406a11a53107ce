import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.population import ALIVE, FREE, STACK, USED, fresh_rows, grown, has_room, release_row, take_row

# A life of a population: births, deaths (of a cell chosen by number), and growth of the arrays.
births = st.tuples(st.just("birth"), st.just(0))
deaths = st.tuples(st.just("death"), st.integers(0, 1000))
growth = st.tuples(st.just("grow"), st.integers(1, 5))
lives = st.lists(st.one_of(births, births, deaths, growth), max_size=60)


class Plain:
    """The same book kept with a dictionary and a list."""

    def __init__(self) -> None:
        self.row_of: dict[int, int] = {}  # by the name of the cell
        self.dead: list[int] = []
        self.used = 0

    def birth(self, name: int) -> int:
        row = self.dead.pop() if self.dead else self.used
        self.used = max(self.used, row + 1)
        self.row_of[name] = row
        return row

    def death(self, name: int) -> int:
        row = self.row_of.pop(name)
        self.dead.append(row)
        return row


@pytest.mark.interpreted
@given(life=lives, capacity=st.integers(1, 6))
def test_rows_are_kept_as_a_dictionary_and_a_list_would(life, capacity):
    rows, names, plain = fresh_rows(capacity), np.zeros(capacity, dtype=np.int64), Plain()
    for name, (event, number) in enumerate(life, start=1):
        if event == "birth":
            if not has_room(1, rows):
                rows, names = grown(rows, 4), grown(names, 4)
            row = take_row(rows)
            assert row == plain.birth(name)
            names[row] = name
        elif event == "death" and plain.row_of:
            victim = sorted(plain.row_of)[number % len(plain.row_of)]
            release_row(plain.death(victim), rows)
        elif event == "grow":
            rows, names = grown(rows, number), grown(names, number)
        assert all(names[row] == cell for cell, row in plain.row_of.items()), "a row has moved"
        assert rows[USED] == plain.used
        assert rows[ALIVE] == len(plain.row_of)
        assert rows[STACK : STACK + rows[FREE]].tolist() == plain.dead
        assert names.size == rows.size - STACK


@given(capacity=st.integers(1, 20), alive=st.integers(0, 20), births=st.integers(0, 20))
def test_there_is_room_up_to_the_capacity(capacity, alive, births):
    rows = fresh_rows(capacity)
    for _ in range(min(alive, capacity)):
        take_row(rows)
    assert has_room(births, rows) == (min(alive, capacity) + births <= capacity)


@pytest.mark.interpreted
def test_the_book_is_three_numbers_and_a_place_for_each_row():
    assert fresh_rows(5).tolist() == [0] * 8
    assert {USED, FREE, ALIVE} == set(range(STACK))


@pytest.mark.interpreted
def test_room_counts_dead_rows():
    rows = fresh_rows(2)
    take_row(rows)
    row = take_row(rows)
    assert not has_room(1, rows)
    release_row(row, rows)
    assert has_room(1, rows)
    assert take_row(rows) == row


@pytest.mark.interpreted
def test_the_last_row_that_died_is_used_first():
    rows = fresh_rows(5)
    for _ in range(5):
        take_row(rows)
    for row in (3, 0, 4):
        release_row(row, rows)
    assert [take_row(rows) for _ in range(3)] == [4, 0, 3]


def test_growth_keeps_content_type_and_order_of_reuse():
    rows = fresh_rows(4)
    for _ in range(4):
        take_row(rows)
    for row in (2, 1):
        release_row(row, rows)
    larger = grown(rows, 3)
    assert larger.size == rows.size + 3
    assert larger.dtype == rows.dtype
    assert [take_row(larger) for _ in range(4)] == [1, 2, 4, 5]


def test_grown_records_keep_their_fields_and_new_ones_are_empty():
    cells = np.zeros(3, dtype=np.dtype((np.record, [("x", np.float64), ("alive", np.bool_)]))).view(np.recarray)
    cells.x = [1.0, 2.0, 3.0]
    cells.alive = True
    larger = grown(cells, 2)
    assert isinstance(larger, np.recarray)
    assert larger.dtype == cells.dtype
    assert larger.x.tolist() == [1.0, 2.0, 3.0, 0.0, 0.0]
    assert larger.alive.tolist() == [True, True, True, False, False]
    larger.x[0] = 9.0
    assert cells.x[0] == 1.0
