"""What a target is: a finding in mice, the numbers that stand for it, and where they have to lie. Read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from abm.core.select_names import chosen as among
from abm.reporting.measured import INFINITE
from abm.validate.groups import group_of, place_of
from abm.validate.scoring import EXPERIMENTS, FIRST, PEOPLE, observables

FOLDER = Path(__file__).with_name("targets")
DATA = (*EXPERIMENTS, PEOPLE)  # that a curve can be compared with
KINDS = ("fitted", "reproduced", "prediction")


class ValidationError(RuntimeError):
    """What keeps a validation from ending well, for people."""


class TargetError(ValueError):
    """A target file that says what no target can say."""


@dataclass(frozen=True)
class Value:
    """A number of a target: what is read from the curves of the runs, and its bound.

    Attributes:
        name: what it is, with its unit.
        operation: how it is read from a curve, see `abm.validate.operations`.
        arm: a scenario of the package or of the folder `arms`. measure: a curve of `abm.model.measures` or of
            `abm.validate.curves`. observable: one of `mouse_lung.toml`, for what is compared with mice. experiment:
            with which mice.
        compare: the curve itself ("none"), its ratio to that of the arm `against` ("arm"), its ratio to its own value
            on day `base` ("day"), its change since day 0 over that of the arm `against` ("change"), or what is missing
            there to 1 ("less"); or the number itself minus that of the arm `against` ("later"), or over it ("fold").
        day, days: when it is read. times: how many times its start a curve must reach, or fall to.
        share: of its peak, above which a curve is still there.
        floor: all of a curve below lies on it.
        least, most: the bound; of an error, the goal of its observable.
        axis: what the figure writes beside the curve. log: whether its axis is logarithmic.
    """

    name: str
    operation: str
    arm: str
    measure: str = ""
    observable: str = ""
    experiment: str = FIRST
    compare: str = "none"
    against: str = ""
    base: float = 0.0
    day: float = 0.0
    days: tuple[float, ...] = ()
    times: float = 2.0
    share: float = 0.0
    floor: float = -INFINITE
    least: float = -INFINITE
    most: float = INFINITE
    axis: str = ""
    log: bool = False

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that take part."""
        return (self.arm, self.against) if self.against else (self.arm,)


@dataclass(frozen=True)
class ValidationTarget:
    """A finding.

    Attributes:
        id: as on the command line. title: in words. kind: "fitted" if parameters were chosen for it, "reproduced" if
            not, "prediction" if nothing of the kind was measured, which neither passes nor fails.
        finding, tolerance: what was found, and how near the model must come, in words. source: with DOI.
        values: its numbers; none where the model cannot run the experiment, and `missing` says what it lacks.
        note: what a reader should know besides. missing: the mechanism that seems to be missing where it fails.
        tried: what was tried to reproduce it, where it fails.
        any_of: whether one of the values within its bound suffices; else all must be.
    """

    id: str
    title: str
    kind: str
    finding: str
    tolerance: str
    source: str
    values: tuple[Value, ...]
    note: str = ""
    missing: str = ""
    tried: str = ""
    any_of: bool = False

    @property
    def group(self) -> str:
        """The letter of its group, see `abm.validate.groups`."""
        return group_of(self.id)

    @property
    def can_run(self) -> bool:
        """Whether the model can run the experiment."""
        return bool(self.values)

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that it needs."""
        return tuple(dict.fromkeys(arm for value in self.values for arm in value.arms))


def target_ids() -> list[str]:
    """The ids of all targets, group by group: A, then F1, F2, F3 and so on."""
    return sorted((path.stem for path in FOLDER.glob("*.toml")), key=place_of)


def chosen(only: str | None) -> list[str]:
    """Ids of the targets in a list of ids and groups with commas between them; None: all.

    Raises:
        ValueError: an id or group is unknown, and the message has the nearest ones; or none is named.
    """
    ids = target_ids()
    groups = dict.fromkeys(group_of(one) for one in ids)
    names = among(only, list(dict.fromkeys([*groups, *ids])), "target or group")
    return [one for one in ids if one in names or group_of(one) in names]


def read_target(path: Path) -> ValidationTarget:
    """The target in a file; its id is the name of the file.

    Raises:
        TargetError: it is not valid TOML, a key is unknown or missing, or a bound cannot be met.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        values = tuple(_value(path, entry) for entry in table.pop("value", []))
        target: ValidationTarget = _made(ValidationTarget, table | {"id": path.stem, "values": values}, path)
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path.name}: {error}") from error
    if target.kind not in KINDS:
        raise TargetError(f'{path.name}: kind "{target.kind}" is none of {", ".join(KINDS)}')
    if not values and not target.missing:
        raise TargetError(f"{path.name}: there is no [[value]], and `missing` does not say what the model lacks")
    return target


def _value(path: Path, entry: dict[str, Any]) -> Value:
    if "days" in entry:
        entry["days"] = tuple(entry["days"])
    experiment = entry.get("experiment", FIRST)
    if experiment not in DATA:
        raise TargetError(f'{path.name}: experiment "{experiment}" is none of {", ".join(DATA)}')
    if entry.get("operation") == "error":
        entry["most"] = observables(experiment)[entry["observable"]].goal
    value: Value = _made(Value, entry, path)
    if value.least > value.most:
        raise TargetError(f'{path.name}: "{value.name}" is to lie between {value.least:g} and {value.most:g}')
    return value


def _made(of: type, table: dict[str, Any], path: Path) -> Any:
    known = {field.name: field.default for field in fields(of)}
    unknown = [key for key in table if key not in known]
    absent = [key for key, default in known.items() if default is MISSING and key not in table]
    if unknown or absent:
        problem = f"unknown: {', '.join(unknown) or 'nothing'}; missing: {', '.join(absent) or 'nothing'}"
        raise TargetError(f"{path.name}: {problem}")
    return of(**table)


def find_targets(ids: list[str]) -> list[ValidationTarget]:
    """The targets of these ids."""
    return [_known(one) for one in ids]


@cache
def _known(name: str) -> ValidationTarget:
    return read_target(FOLDER / f"{name}.toml")
