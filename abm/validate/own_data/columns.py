"""Which columns of a table hold time and value, and in which unit: from their names, or as the command line says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from abm.core.names import nearest
from abm.model.measures import MEASURES
from abm.scenario.errors import Fault, ScenarioError, label
from abm.studies.design.data_series import SUBJECTS, Rows, is_numeric, name_and_unit, plain_name, several_series
from abm.studies.design.data_table import LINE

UNIT_OF_TIME = {
    **dict.fromkeys(("d", "day", "days", "dpi", "daypi", "dayspi", "daypostinfection", "dayspostinfection"), "d"),
    **dict.fromkeys(("h", "hr", "hour", "hours", "hpi", "hourspi", "hourspostinfection"), "h"),
    **dict.fromkeys(("week", "weeks", "wpi"), "week"),
}
TIMES = ("time", "timepoint", "t", *UNIT_OF_TIME)
SINCE_INFECTION = ("pi", "postinfection")  # ends of their names that say that they count from an infection
VALUES = ("value", "values", "mean", "median", "concentration", "level")
AGAINST_VIRUS = r".*((?<!qu)anti|specific|neutrali|igg|igm|iga)"  # antibody, T cells
MEANINGS = {  # what a column is called, without blanks and marks: the curve of the model
    r"(bal|balf|lavage)?(il6|interleukin6)(bal|balf|lavage)?": "il6_lavage",
    r"(lung|tissue)(il6|interleukin6)|(il6|interleukin6)(lung|tissue)": "il6",
    r"ifn(g|gamma)|interferon(g|gamma)": "ifn_gamma",
    r"tnf(a|alpha)?": "tnf",
    r"mcp1|ccl2": "mcp1",
    r"il10|interleukin10": "il10",
    r"(il1|interleukin1)(b|beta)": "il1b",
    rf"(?!{AGAINST_VIRUS}).*(virus|viral|virion|tit(er|re)|pfu|tcid50|vrna|copies).*": "virions",
    r"ifn([ab]|alpha|beta)?|interferon([ab]|alpha|beta)?": "interferon",
    r"(resident|alveolar)macrophages?": "resident_macrophages",
    r"(recruited|interstitial|monocytederived)macrophages?": "recruited_macrophages",
    r"neutrophils?": "neutrophils",
    r"nk(tcells|cells)?": "nk",
    r"cd8(tcells?|cells?)?": "cd8",
    r"cd4(tcells?|cells?)?": "cd4",
    r"ki67(positive|share|pos|\+)?": "ki67_share",
}
LOG_10 = r"(?<![a-z])log[ _]?(?:10|₁₀)(?![0-9])"


@dataclass(frozen=True)
class Asked:
    """What the command line says of the data; empty: to be found out.

    Attributes:
        measure: curve of the model. time, value: columns. time_unit, unit: of them. where: "column=text", each.
        shape: whether only the shape counts. floor: detection limit, as the data have it (log10 where they are); None:
            there is none.
    """

    measure: str = ""
    time: str = ""
    value: str = ""
    time_unit: str = ""
    unit: str = ""
    where: tuple[str, ...] = ()
    shape: bool = False
    floor: float | None = None


@dataclass(frozen=True)
class CurveColumns:
    """Where time and value stand, in which unit, and the curve of the model to compare them with.

    Attributes:
        is_log: whether the values are log10. since_infection: whether the time counts from an infection.
    """

    time: str
    time_unit: str
    value: str
    unit: str
    measure: str
    is_log: bool = False
    since_infection: bool = False


def selected(rows: Rows, where: Sequence[str], file: Path) -> Rows:
    """The rows that are meant.

    Raises:
        ScenarioError: a condition is none, names no column, or fits no row.
    """
    for condition in where:
        name, equals, text = (part.strip() for part in condition.partition("="))
        if not equals or name not in rows[0]:
            refuse("--where", condition, "names no column", f"one of {_listed(rows[0])}, as in column=text")
        kept = [row for row in rows if row[name] == text]
        if not kept:
            refuse("--where", condition, f"fits no row of {file.name}", _listed(dict.fromkeys(r[name] for r in rows)))
        rows = kept
    return rows


def find_columns(rows: Rows, asked: Asked, file: Path) -> CurveColumns:
    """The columns of these rows.

    Raises:
        ScenarioError: a column, unit or measure is not known; with the option that says it, and the choices.
    """
    names = [name for name in rows[0] if name != LINE]
    for option, name in (("--time", asked.time), ("--value", asked.value)):
        if name and name not in names:
            near = nearest(name, names, 1)
            refuse(option, name, f"is no column of {file.name}", _listed(names), f"nearest: {near[0]}" if near else "")
    time = asked.time or _time_among(names, file)
    value = asked.value or _value_among(rows, [name for name in names if name != time], file)
    _one_series(rows, [name for name in names if name not in (time, value)], file)
    unit = asked.unit or name_and_unit(value)[1] or _only(rows, names, "unit")
    is_log = _is_log(unit) or _is_log(value)
    unit = re.sub(LOG_10, "", unit, flags=re.IGNORECASE).strip()
    time_unit = asked.time_unit or name_and_unit(time)[1] or UNIT_OF_TIME.get(plain_name(time), "")
    if not time_unit:
        refuse("--time-unit", "", f'the unit of the column "{time}" is not known', "d, h, min, week")
    measure = _measure(rows, names, value, asked, file)
    named = [plain_name(one) for one in (time, time_unit)]
    since = any(one in UNIT_OF_TIME and one.endswith(SINCE_INFECTION) for one in named)
    return CurveColumns(time, UNIT_OF_TIME.get(time_unit, time_unit), value, unit, measure, is_log, since)


def refuse(option: str, value: str, problem: str, allowed: str, hint: str = "") -> NoReturn:
    """Refuse what the command line says, or does not say.

    Raises:
        ScenarioError: always.
    """
    raise ScenarioError([Fault("command line", 0, option, value, problem, allowed=allowed, hint=hint)])


def _is_log(name: str) -> bool:
    """Whether a name or unit says that numbers are log10.

    Raises:
        ScenarioError: it names another logarithm, or none in particular.
    """
    if re.search(LOG_10, name, flags=re.IGNORECASE):
        return True
    if re.search(r"(?<![a-z])(log|ln)(?![a-z])", name, flags=re.IGNORECASE):
        refuse("--value", name, "names a logarithm, but not that of base 10", "log10 in the name of the column")
    return False


def _time_among(names: Sequence[str], file: Path) -> str:
    found = [name for name in names if plain_name(name) in TIMES]
    if len(found) != 1:
        problem = f"{file.name} has {'no' if not found else 'more than one'} column that is named like a time"
        refuse("--time", "", problem, _listed(found or names))
    return found[0]


def _value_among(rows: Rows, names: Sequence[str], file: Path) -> str:
    numeric = [name for name in names if plain_name(name) not in (*SUBJECTS, "unit") and is_numeric(rows, name)]
    for found in ([name for name in numeric if plain_name(name) in VALUES], numeric):
        if len(found) == 1:
            return found[0]
    problem = f"{file.name} has {'no' if not numeric else 'more than one'} column of numbers beside the time"
    refuse("--value", "", problem, _listed(numeric or names))


def _one_series(rows: Rows, names: Sequence[str], file: Path) -> None:
    """Whether the rows are of one series: no other column has several words in it.

    Raises:
        ScenarioError: they are of several.
    """
    if found := several_series(rows, names):
        name, words = found
        shown = ", ".join(f'"{name}={word}"' for word in words)
        hint = "a column that tells no series apart must not be in the table"
        refuse("--where", "", f'{file.name} holds several series in the column "{name}"', shown, hint)


def _only(rows: Rows, names: Sequence[str], called: str) -> str:
    """The one word in the column that is called so; empty where there is none."""
    words = {row[name] for name in names if plain_name(name) == called for row in rows}
    return words.pop() if len(words) == 1 else ""


def _measure(rows: Rows, names: Sequence[str], value: str, asked: Asked, file: Path) -> str:
    """The curve of the model: as asked for, or as the column, the series or the file is named."""
    if asked.measure:
        if asked.measure not in MEASURES:
            near = nearest(asked.measure, list(MEASURES), 1)
            hint = f"nearest: {near[0]}" if near else ""
            refuse("--measure", asked.measure, "is no curve of the model", _listed(MEASURES), hint)
        return asked.measure
    words = [word for name in names if (word := _only(rows, [name], plain_name(name))) and not is_numeric(rows, name)]
    for text in (value, *words, file.stem):
        for pattern, measure in MEANINGS.items():
            if re.fullmatch(pattern, plain_name(text)):
                in_tissue = measure == "il6_lavage" and any(re.search("tissue|homogenate", word) for word in words)
                return "il6" if in_tissue else measure
        if (name := name_and_unit(text)[0]) in MEASURES:
            return name
    refuse(
        "--measure", "", f'the curve of the model that "{value}" is to be compared with is not known', _listed(MEASURES)
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name for name in names if name != LINE)


def fault_in(file: Path, row: dict[str, str], names: Sequence[str], problem: str, allowed: str, hint: str) -> Fault:
    """The fault of a row, with its line and its cells."""
    cells = ", ".join(f"{name} = {row[name]}" for name in names)
    return Fault(label(file), int(row[LINE]), cells, "", problem, allowed=allowed, hint=hint)
