"""A sample from the posterior: parameter sets that all fit the data, as a table, a row a set.

Sets of one stage are paired with those of the next at random: the second stage was fitted at the best point of the
first, so what ties parameters of both is not in the sample.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.inference.fit.free import Free, free, with_numbers
from abm.inference.fit.suite import FittedStage
from abm.runs.store.files import write_text
from abm.scenario.scenario import Scenario

KEPT = Path(__file__).with_name("posterior.csv")
DIGITS = 4
LABEL = re.compile(r"(\S+)(?: \((.+)\))?")


class PosteriorError(ValueError):
    """A file that holds no posterior sample."""


@dataclass(frozen=True)
class PosteriorSample:
    """Parameter sets.

    Attributes:
        parameters: float[parameters] of a set, in this order. values: float[sets, parameters].
    """

    parameters: tuple[Free, ...]
    values: np.ndarray

    def __len__(self) -> int:
        """How many sets there are."""
        return len(self.values)

    def scenario(self, scenario: Scenario, number: int) -> Scenario:
        """A scenario with the values of a set, counted from 0; what a virus has of its own stays.

        Raises:
            IndexError: there is no such set.
        """
        return with_numbers(scenario, self.parameters, self.values[number])


def read(path: Path = KEPT) -> PosteriorSample:
    """The sample of the package, unless another file is named.

    Raises:
        PosteriorError: there is no such file, or it holds no sample; the message names line and column.
    """
    if not path.is_file():
        raise PosteriorError(f"{path}: there is no posterior sample; `embers fit` writes one")
    with path.open(encoding="utf-8", newline="") as file:
        labels, *rows = csv.reader(file)
    parameters = tuple(_parameter(label, path) for label in labels)
    return PosteriorSample(
        parameters, np.array([_set(row, parameters, path, at) for at, row in enumerate(rows, start=2)])
    )


def write(path: Path, fitted: Sequence[FittedStage]) -> None:
    """Write the sets of all stages side by side, as many as each has.

    Raises:
        OSError: no room, no right to write.
    """
    count = min(len(one.z) for one in fitted)
    rows = [",".join(one.label for stage in fitted for one in stage.stage.free)]
    for number in range(count):
        cells = [
            f"{one.value(float(at)):.{DIGITS}g}"
            for stage in fitted
            for one, at in zip(stage.stage.free, stage.z[number], strict=True)
        ]
        rows.append(",".join(cells))
    write_text(path, "\n".join(rows) + "\n")


def _parameter(label: str, path: Path) -> Free:
    found = LABEL.fullmatch(label)
    try:
        return free(found[1], found[2] or "") if found else free(label)
    except ValueError as error:
        raise PosteriorError(f"{path}, line 1: {error}") from error


def _set(row: list[str], parameters: Sequence[Free], path: Path, line: int) -> list[float]:
    if len(row) != len(parameters):
        raise PosteriorError(f"{path}, line {line}: {len(row)} values for {len(parameters)} parameters")
    values = []
    for cell, one in zip(row, parameters, strict=True):
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if not one.low <= value <= one.high:
            allowed = f"{one.low:g} to {one.high:g} {one.quantity.unit}".rstrip()
            raise PosteriorError(f'{path}, line {line}: {one.label} is "{cell}", allowed are {allowed}')
        values.append(value)
    return values
