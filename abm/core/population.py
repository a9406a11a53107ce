"""Rows of a population: a dead row is used again, identity (`uid`) is never used again.

Rows of cancer cells never move, those of mobile cells once a day (`abm.tissue.cell_order`).

Each population keeps one int64 array `rows` beside it: [rows ever used, dead rows, alive, stack of dead rows ...].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.core.compiled import compiled, compiled_for

Record = Any  # one row of a record array: numpy and numba know its fields, a type checker cannot

USED, FREE, ALIVE, STACK = 0, 1, 2, 3


def fresh_rows(capacity: int) -> np.ndarray:
    """The book of a population of this capacity without cells: int64[STACK + capacity]."""
    return np.zeros(STACK + capacity, dtype=np.int64)


@compiled_for("int64(int64)")
def as_int64(number: int) -> int:
    """A whole number as a 64-bit integer, however it is stored; so that what it is given to is compiled for once."""
    return int(number)


@compiled
def take_row(rows: np.ndarray) -> int:
    """A row for a new cell: the last one that died, else a fresh one. The caller makes sure that there is room."""
    rows[ALIVE] += 1
    if rows[FREE] > 0:
        rows[FREE] -= 1
        return rows[STACK + rows[FREE]]
    rows[USED] += 1
    return rows[USED] - 1


@compiled
def release_row(row: int, rows: np.ndarray) -> None:
    """Give a dead cell's row back."""
    rows[STACK + rows[FREE]] = row
    rows[FREE] += 1
    rows[ALIVE] -= 1


@compiled
def has_room(births: int, rows: np.ndarray) -> bool:
    """Whether this many cells can be born before the arrays have to grow."""
    return rows[ALIVE] + births <= rows.size - STACK


def grown(array: Any, extra: int) -> Any:
    """The same array with `extra` more empty entries at its end (also for `rows`); what it holds keeps its place.

    Copied as bytes: numpy would copy records field by field, at a tenth of the pace.
    """
    larger = np.zeros(array.size + extra, dtype=array.dtype).view(type(array))
    np.asarray(larger).view(np.uint8)[: array.nbytes] = np.asarray(array).view(np.uint8)
    return larger
