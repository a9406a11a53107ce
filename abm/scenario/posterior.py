"""A sample from the posterior: parameter sets that all fit the data, as a table, one row per set.

`embers fit` writes it. A study that runs with some of its sets shows the uncertainty of the parameters beside chance.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from abm.core.quantity import declared
from abm.rules.infection import VIRUSES
from abm.rules.parameters import Parameters
from abm.scenario.errors import PosteriorError
from abm.scenario.free import Free, free, is_for, with_numbers
from abm.scenario.scenario import Scenario

KEPT = Path(__file__).parents[1] / "inference" / "fit" / "posterior.csv"
SETS = "sets"  # folder in that of a study with all that is of parameter sets
CALIBRATED = "parameter_sets.csv"  # in the folder of a calibration, whose posterior.csv has a column per axis
LABEL = re.compile(r"(\S+)(?: \((.+)\))?")
WHOLE = re.compile(r"[+-]?\d+")
FILE_AND_COUNT = re.compile(r"(.+):([+-]?\d+)")


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
        """A scenario with the values of a set, counted from 0.

        What the scenario sets to a value other than the default stays, and what its virus has of its own.

        Raises:
            IndexError: there is no such set.
        """
        held = set(self.held(scenario))
        chosen = [at for at, one in enumerate(self.parameters) if one.label not in held]
        return with_numbers(scenario, [self.parameters[at] for at in chosen], self.values[number][chosen])

    def held(self, scenario: Scenario) -> tuple[str, ...]:
        """Labels of the parameters of the sample that the scenario itself sets to a value other than the default."""
        usual = Parameters(virus=VIRUSES[scenario.virus, scenario.host])
        values, defaults = ({item.name: item.value for item in declared(one)} for one in (scenario.parameters, usual))
        return tuple(
            one.label
            for one in self.parameters
            if is_for(one, scenario) and values[one.name] != defaults[one.name]
        )  # fmt: skip

    def evenly(self, count: int) -> PosteriorSample:
        """This number of sets, taken evenly.

        Raises:
            PosteriorError: there are fewer, or none is asked for.
        """
        if not 1 <= count <= len(self):
            raise PosteriorError(f"--posterior {count}: there are {len(self)} sets; allowed are 1 to {len(self)}")
        return PosteriorSample(self.parameters, self.values[np.arange(count) * len(self) // count])

    def key(self, number: int) -> str:
        """Address (16 hex digits) of a set, counted from 0: equal if and only if parameters and values are."""
        return hashlib.sha256(_lines(self.parameters, self.values[number : number + 1]).encode()).hexdigest()[:16]

    def text(self) -> str:
        """The file that reads back as this sample."""
        return _lines(self.parameters, self.values)


def sample_of(given: int | str | Path) -> PosteriorSample:
    """The sets that `--posterior` names.

    Args:
        given: how many sets of the packaged sample; or a file, the folder of a fit, of a calibration or of a study that
            used a sample; or any of these with a number of sets: "outputs/fit:20".

    Raises:
        PosteriorError: there is no such sample, or it has fewer sets.
    """
    text = str(given).strip()
    if WHOLE.fullmatch(text):
        return read().evenly(int(text))
    named = FILE_AND_COUNT.fullmatch(text)
    path = Path(named[1] if named else text).expanduser()
    if (path / "calibration.md").is_file() and not (path / CALIBRATED).is_file():
        raise PosteriorError(f"{path}: this calibration has no parameter sets: an axis changes something else")
    inside = (path / CALIBRATED, path / SETS / KEPT.name, path / KEPT.name)
    sample = read(next((file for file in inside if file.is_file()), path))
    return sample.evenly(int(named[2])) if named else sample


def read(path: Path = KEPT) -> PosteriorSample:
    """The sample of the package, unless another file is named.

    Raises:
        PosteriorError: there is no such file, or it holds no sample; the message names line and column.
    """
    if not path.is_file():
        hint = "`embers fit` and `embers calibrate` write one (name their folder)"
        raise PosteriorError(f"{path}: there is no posterior sample; {hint}")
    try:
        table = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines())) or [[]]
    except (OSError, ValueError, csv.Error) as error:
        raise PosteriorError(f"{path}: is not a table of text in UTF-8 ({error})") from error
    parameters = tuple(_parameters(table[0], path))
    values = [_set(row, parameters, path, line) for line, row in enumerate(table[1:], start=2) if row]
    if not values:
        raise PosteriorError(f"{path}: there is no set below the names of the parameters")
    return PosteriorSample(parameters, np.array(values))


def _lines(parameters: Sequence[Free], values: np.ndarray) -> str:
    rows = [[one.label for one in parameters], *([repr(float(value)) for value in row] for row in values)]
    return "".join(",".join(row) + "\n" for row in rows)


def _parameters(labels: Sequence[str], path: Path) -> Iterator[Free]:
    seen: dict[str, int] = {}
    for column, label in enumerate(labels, start=1):
        found = LABEL.fullmatch(label.strip())
        try:
            one = free(found[1], found[2] or "") if found else free(label)
        except ValueError as error:
            raise PosteriorError(f"{path}, line 1, column {column}: {error}") from error
        if seen.setdefault(one.label, column) != column:
            raise PosteriorError(f"{path}, line 1, column {column}: {one.label} stands in column {seen[one.label]} too")
        yield one


def _set(row: list[str], parameters: Sequence[Free], path: Path, line: int) -> list[float]:
    if len(row) != len(parameters):
        raise PosteriorError(f"{path}, line {line}: {len(row)} values for {len(parameters)} parameters")
    values = []
    for column, (cell, one) in enumerate(zip(row, parameters, strict=True), start=1):
        try:
            value = float(cell)
        except ValueError:
            value = float("nan")
        if not one.low <= value <= one.high:
            allowed = f"{one.low:g} to {one.high:g} {one.quantity.unit}".rstrip()
            place = f"{path}, line {line}, column {column}"
            raise PosteriorError(f'{place}: {one.label} is "{cell}", allowed are {allowed}')
        values.append(value)
    return values
