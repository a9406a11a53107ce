"""The command that lists, checks and runs lessons of the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.help_panels import EXECUTION, INSPECT, OUTPUT, PanelCommand
from abm.cli.shared import FAULT, faults, stop, teller

if TYPE_CHECKING:
    from abm.dashboard.lessons.check import LessonCheck, TrialRun


def add_to(app: typer.Typer) -> None:
    """Add the command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=INSPECT,
        short_help="List lessons of the page, or check one.",
        epilog="Example: embers lesson timing --lungs 4 --sheet timing.html",
    )(lesson)


def lesson(
    name: Annotated[
        str, typer.Argument(metavar="LESSON", help="Name or .toml file. Default: list the packaged lessons.")
    ] = "",
    lungs: Annotated[
        int,
        typer.Option(
            min=1, max=100, metavar="N", help="Run the lesson in this number of lungs (seeds).",
            rich_help_panel=EXECUTION,
        ),
    ] = 1,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Only check the file.", rich_help_panel=EXECUTION)
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the teacher's sheet, with the answers, as HTML.", rich_help_panel=OUTPUT
        ),
    ] = None,
) -> None:  # fmt: skip
    """List the packaged lessons, or check one and run it as students do, and report the answers that they get.

    The exit code is 1 if the lesson does not hold in the lung of the students.
    """
    with faults():
        from abm.dashboard.lessons.catalog import load_lesson, packaged_lessons

        if not name:
            for each in packaged_lessons():
                typer.echo(f"{each:<22}  {load_lesson(each).question}")
            return
        found = load_lesson(name)
        if no_run:
            typer.echo(f"{name}: no faults")
            return
        from abm.dashboard.lessons.check import check

        show = teller()
        checked = check(found, lungs, show.say)
        for line in reported(checked):
            typer.echo(line)
        if sheet is not None:
            _write(checked, sheet)
        if checked.problems:
            stop("The lesson does not hold:\n" + "\n".join(f"  {one}" for one in checked.problems), FAULT)


def _write(checked: LessonCheck, path: Path) -> None:
    from abm.dashboard.lessons.sheet import sheet
    from abm.runs.store.files import storage, write_text

    with storage(path.parent):
        write_text(path, sheet(checked))
    typer.echo(f"teacher's sheet: {path}")


def reported(checked: LessonCheck) -> Iterator[str]:
    """What students get, as lines of text."""
    lesson, own = checked.lesson, checked.runs[0]
    yield f"{lesson.title} ({lesson.name}), {len(lesson.arms)} arms of {lesson.days} days"
    for run in checked.runs:
        yield ""
        yield from _of_lung(checked, run)
    if len(checked.runs) > 1:
        yield ""
        held = sum(run.holds for run in checked.runs)
        yield f"All statements hold, and all cells exist, in {held} of {len(checked.runs)} lungs."
    if lesson.transfer is not None:
        yield ""
        yield f"Find out, in lung {own.seed}: {lesson.transfer.ask}"
        for one in checked.transfer:
            value = f"{one['shown']} {lesson.transfer.unit}".strip()
            yield f"  {value:<12} {one['text']}{'  in the range' if one['inside'] else ''}"
        answer = ", ".join(f"{value} {lesson.transfer.unit}".strip() for value in checked.solution)
        yield f"  answer: {answer or 'none'}"


def _of_lung(checked: LessonCheck, run: TrialRun) -> Iterator[str]:
    yield f"Lung {run.seed}{', that of the students' if run is checked.runs[0] else ''}"
    for title in run.shown["failed"]:
        yield f'  the virus did not establish in "{title}"'
    for number, (task, answer) in enumerate(zip(checked.lesson.tasks, run.answers, strict=True), start=1):
        yield f"  {number}. {task.ask}"
        yield f"     {answer}"
    for one in run.shown["findings"]:
        yield f"  {'holds' if one['holds'] else 'DOES NOT HOLD'}: {one['text']} ({one['value']})"
    for number, one in enumerate(run.shown["cells"], start=1):
        yield f"  cell {number}: {' '.join(one['lines']) if one['found'] else 'NONE SUCH'}"
