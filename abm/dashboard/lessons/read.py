"""Lesson files: read and checked as a whole, all faults at once. Nothing is run; see `abm.dashboard.lessons.check`."""

from __future__ import annotations

import re
from pathlib import Path

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import (
    DAYS,
    LARGEST,
    MOST_ARMS,
    MOST_SEED,
    SIDES,
    TYPICAL_SEED,
    Recipe,
    RecipeArm,
    recipe_of,
    scenario_for,
    scenarios_for,
)
from abm.dashboard.lessons import entries
from abm.dashboard.lessons.lesson import (
    CELLS,
    COUNTS,
    FORMS,
    NEED_TWIN,
    NO_OVERLAY,
    READINGS,
    ExplainingCell,
    Lesson,
    LessonArm,
    LessonFinding,
    LessonNumber,
    TeacherNotes,
)
from abm.dashboard.lessons.read_tasks import Known, read_task
from abm.dashboard.lessons.read_transfer import read_transfer
from abm.dashboard.live.frames import OVERLAYS
from abm.rules.substances import Substance
from abm.scenario.catalog import hypothesis_paths, is_path, scenario_names
from abm.scenario.errors import ScenarioError
from abm.scenario.scenario import Scenario
from abm.scenario.toml.source import read_source
from abm.scenario.toml.table import Table, TableReading
from abm.studies.design.axis_file import yes_or_no

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = {"predict": 6, "finding": 6, "cell": 4}  # entries
TOP = (
    *("title", "question", "story", "minutes", "seed", "days", "side", "arm", "number", "predict", "finding"),
    *("cell", "explain", "transfer", "leave", "teacher"),
)


def read_lesson(file: Path) -> Lesson:
    """The lesson in a file.

    Raises:
        ScenarioError: with all faults of the file and of its arms.
    """
    faults: list = []
    reading = TableReading(read_source(file, None, faults), faults)
    if not faults:
        lesson = _lesson(file, Table(reading, reading.source.table, ()))
        if not faults:
            return lesson
    raise ScenarioError(sorted(faults, key=lambda fault: (fault.file, fault.line)))


def _lesson(file: Path, top: Table) -> Lesson:
    if not NAME.fullmatch(file.stem):
        top.reading.refuse((), "", "has a name that no address can hold", hint="lower-case letters, digits and _")
    texts = {name: entries.line(top, name) for name in ("title", "question")}
    texts["story"] = entries.paragraph(top, "story")
    minutes = top.whole("minutes", 20, least=1)
    start = _start(top)
    arms, scenarios = _arms(top, file, start)
    known = Known(arms, _numbers(top, arms, start.days), start.days)
    tasks = tuple(task for row in _rows(top, "predict", 1) if (task := read_task(row, known)))
    findings = tuple(_finding(row, known) for row in _rows(top, "finding", 1))
    cells = tuple(_cell(row, known) for row in _rows(top, "cell", 0))
    texts["explain"] = _text(top.table("explain"), "text", known)
    transfer = read_transfer(top.table("transfer"), known, scenarios)
    texts["leave"] = _text(top.table("leave"), "ask", known)
    teacher = _teacher(top.table("teacher"))
    top.finish(TOP)
    return Lesson(
        name=file.stem, **texts, minutes=minutes, arms=arms, numbers=known.numbers, tasks=tasks, findings=findings,
        cells=cells, transfer=transfer, teacher=teacher,
        seed=start.seed, days=start.days, side=start.side,
    )  # fmt: skip


def _start(top: Table) -> Recipe:
    """Seed, days and side of the section, with no arms of the lesson yet."""
    plain = {"seed": top.whole("seed", TYPICAL_SEED), "days": top.whole("days", 28, least=1)}
    plain["side"] = top.whole("side", 2000, least=1)
    allowed = {"seed": (0, MOST_SEED), "days": DAYS, "side": SIDES}
    for name, value in plain.items():
        try:
            recipe_of({name: value})
        except RecipeError as error:
            low, high = allowed[name]
            top.refuse(name, value, str(error).partition(": ")[2], f"{low} to {high}")
    return Recipe(seed=plain["seed"], days=max(1, plain["days"]), side=plain["side"])


def _rows(top: Table, name: str, least: int) -> list[Table]:
    rows = top.rows(name)
    if not least <= len(rows) <= MOST[name]:
        top.refuse(name, len(rows), "is no number of entries", f"{least} to {MOST[name]} entries [[{name}]]")
    return rows


def _arms(top: Table, file: Path, start: Recipe) -> tuple[tuple[LessonArm, ...], dict[str, Scenario]]:
    """The arms, and the scenario of each that can be run."""
    arms: list[LessonArm] = []
    scenarios: dict[str, Scenario] = {}
    rows = top.rows("arm")
    if not 1 <= len(rows) <= MOST_ARMS:
        top.refuse("arm", len(rows), "is no number of arms", f"1 to {MOST_ARMS} entries [[arm]]")
    for row in rows[:MOST_ARMS]:
        arm = _arm(row, file, [one.name for one in arms])
        arms.append(arm)
        if (scenario := _scenario(row, arm, start)) is not None:
            scenarios[arm.name] = scenario
    if arms and all(arm.given for arm in arms):
        top.refuse("arm", len(arms), "are all watched before the prediction", hint="leave `given` out in one of them")
    if len(scenarios) == len(arms) and not top.reading.faults:
        try:
            scenarios_for(Recipe(tuple(arm.base for arm in arms), start.seed, start.side, start.days))
        except RecipeError as error:
            top.refuse("arm", len(arms), str(error))
    return tuple(arms), scenarios


def _arm(row: Table, file: Path, taken: list[str]) -> LessonArm:
    name, title = entries.line(row, "name"), entries.line(row, "title", most=60)
    if name and (not NAME.fullmatch(name) or name in taken):
        problem = "is the name of two arms" if name in taken else "is no name"
        row.refuse("name", name, problem, "lower-case letters, digits and _, each name once")
    scenario, given = row.text("scenario"), yes_or_no(row, "given", False)
    edits = tuple(entries.edits(row))
    row.finish(("name", "title", "scenario", "given", *entries.LISTS, "parameters"))
    return LessonArm(name, title, RecipeArm(scenario, _text_of(row, scenario, file), edits), given)


def _text_of(row: Table, scenario: str, file: Path) -> str:
    """The text of a scenario file beside the lesson; empty for a packaged one."""
    if not is_path(scenario):
        packaged = [*scenario_names(), *hypothesis_paths()]
        if scenario not in packaged:
            row.content["scenario"] = scenario or None
            entries.one_of(row, "scenario", packaged, "the name of a packaged scenario or a .toml file")
        return ""
    path = file.parent / scenario
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        row.refuse("scenario", scenario, f"cannot be read: {getattr(error, 'strerror', None) or error}")
        return ""
    if len(text) > LARGEST:
        row.refuse("scenario", scenario, f"is larger than {LARGEST:,} bytes")
        return ""
    return text


def _scenario(row: Table, arm: LessonArm, start: Recipe) -> Scenario | None:
    """The scenario of an arm; None, and faults, where it cannot be run."""
    if any(key[: len(row.key)] == row.key for key in row.reading.faulty):
        return None
    try:
        return scenario_for(Recipe((arm.base,), start.seed, start.side, start.days), 0)
    except ScenarioError as error:
        for fault in error.faults:
            what = " = ".join(part for part in (fault.key, fault.value) if part)
            row.reading.refuse(row.key, arm.name, f"{what}: {fault.problem}", allowed=fault.allowed, hint=fault.hint)
    except RecipeError as error:
        row.reading.refuse(row.key, arm.name, str(error))
    return None


def _numbers(top: Table, arms: tuple[LessonArm, ...], days: int) -> dict[str, LessonNumber]:
    table = top.table("number")
    found = {}
    for name in list(table.content):
        row = table.table(name)
        if not NAME.fullmatch(name):
            table.refuse(name, name, "is no name", "lower-case letters, digits and _")
        found[name] = _number(row, name, [arm.name for arm in arms], days)
    if not found and not top.reading.faulty:
        top.reading.refuse(("number",), "", "is missing", hint="[number.NAME] with says, arm and measure")
    return found


def _number(row: Table, name: str, arms: list[str], days: int) -> LessonNumber:
    says = entries.line(row, "says")
    arm = entries.one_of(row, "arm", arms, "an arm")
    ways = [way for way in ("measure", "count") if way in row.content]
    if len(ways) != 1:
        row.reading.refuse(row.key, "", "names not exactly one of measure and count", hint="`measure` is a curve")
    measure = entries.measure(row)
    count = row.choice("count", tuple(COUNTS), "")
    read = row.choice("read", READINGS, READINGS[0])
    hour = entries.hour(row, days)
    over = entries.one_of(row, "over", arms, "an arm", required=False)
    form = row.choice("form", FORMS, "times" if over else "day" if read == "day of highest" else "number")
    if read == "day of highest" and (over or count):
        row.refuse("read", read, "is the day of a curve: it goes with neither `over` nor `count`")
    row.finish(("says", "arm", "measure", "count", "read", "day", "over", "form"))
    return LessonNumber(name, says, arm, measure, count, read, hour, over, form)


def _finding(row: Table, known: Known) -> LessonFinding:
    text = entries.paragraph(row, "text")
    entries.check_numbers(row, "text", text, known.numbers)
    number = entries.one_of(row, "number", known.numbers, "a number")
    least, most = entries.bounds(row)
    row.finish(("text", "number", "least", "most"))
    return LessonFinding(text, number, least, most)


def _cell(row: Table, known: Known) -> ExplainingCell:
    find = row.choice("find", tuple(CELLS))
    arm = entries.one_of(row, "arm", known.names, "an arm")
    twin = entries.one_of(row, "twin", known.names, "an arm", required=find in NEED_TWIN)
    says = entries.paragraph(row, "says")
    overlay = row.choice("overlay", (NO_OVERLAY, *OVERLAYS), Substance.IL6.key)
    row.finish(("find", "arm", "twin", "says", "overlay"))
    if arm and arm == twin:
        row.refuse("twin", twin, "is the arm itself")
    return ExplainingCell(find, arm, twin, says, overlay)


def _text(table: Table, name: str, known: Known) -> str:
    """The one text of a table, in which numbers of the run may stand in braces."""
    text = entries.paragraph(table, name)
    entries.check_numbers(table, name, text, known.numbers)
    table.finish((name,))
    return text


def _teacher(table: Table) -> TeacherNotes:
    notes = TeacherNotes(
        goals=entries.lines(table, "goals"),
        before=entries.paragraph(table, "before", required=False),
        discuss=entries.lines(table, "discuss"),
        limits=entries.paragraph(table, "limits", required=False),
        sources=entries.lines(table, "sources"),
    )
    table.finish(("goals", "before", "discuss", "limits", "sources"))
    return notes
