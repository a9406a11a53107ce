"""The teacher's sheet of a lesson: one HTML page to print, generated from its file and from runs of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from abm.dashboard.lessons.check import LessonCheck, TrialRun
from abm.dashboard.lessons.task import AnswerOption, ChoiceTask, Task

STYLE = """
@page { size: A4; margin: 14mm 15mm; }
body { font: 10.5pt/1.45 Roboto, "Segoe UI", system-ui, sans-serif; color: #221c28; max-width: 180mm; margin: 8mm auto; padding: 0 5mm; }
h1 { font-size: 19pt; margin: 0 0 2mm; } h2 { font-size: 12.5pt; margin: 6mm 0 1.5mm; border-bottom: 1px solid #b9afc2; }
h3 { font-size: 10.5pt; margin: 3mm 0 1mm; } p, ul, ol, table { margin: 1mm 0 2mm; }
.lead { font-size: 12pt; } .quiet { color: #5b5263; } li { margin: 0.8mm 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 1mm 4mm 1mm 0; border-top: 1px solid #d5cdd9; }
thead th { border-top: 0; color: #5b5263; font-weight: 500; } .right { font-weight: 650; }
h2, h3 { break-after: avoid; } tr, li { break-inside: avoid; } @media print { body { margin: 0; padding: 0; max-width: none; } }
"""  # noqa: E501 - a line per rule
FLOW = (  # minutes of each step, as shares of the whole
    ("Question", 0.1, "Read the question aloud; collect guesses without comment."),
    ("Watch", 0.1, "Let students describe the tissue: which cells, which colors."),
    ("Predict", 0.15, "Each student commits alone; then compare with a neighbor."),
    ("Run and compare", 0.2, "Ask who was surprised, and by what. Run another lung."),
    ("Explain", 0.2, "Students explain the cells to one another."),
    ("Find out", 0.15, "Share points between groups, so that each needs few runs."),
    ("Keep", 0.1, "One sentence in their own words; print or save the page."),
)


def sheet(found: LessonCheck) -> str:
    """The sheet as one HTML page; its answers are those of the runs in `found`."""
    lesson = found.lesson
    parts = [
        f"<h1>{escape(lesson.title)}</h1>",
        f"<p class=lead>{escape(lesson.question)}</p>",
        f"<p class=quiet>Teacher's sheet. About {lesson.minutes} minutes. Students open the page of Embers with "
        f"<code>?lesson={lesson.name}</code> at the end of its address. This sheet contains the answers.</p>",
        *_plan(found),
        *_predictions(found),
        *_after_the_run(found),
        *_transfer(found),
        *_discussion(found),
    ]
    head = f'<meta charset="utf-8"><title>{escape(lesson.title)}: teacher\'s sheet</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _plan(found: LessonCheck) -> Iterator[str]:
    lesson = found.lesson
    if lesson.teacher.goals:
        yield "<h2>Goals</h2>" + _list(lesson.teacher.goals)
    if lesson.teacher.before:
        yield f"<h2>Before the lesson</h2><p>{escape(lesson.teacher.before)}</p>"
    yield f"<h2>What students read</h2><p>{escape(lesson.story)}</p>"
    arms = [f"{arm.title}{' (watched before the prediction)' if arm.given else ''}" for arm in lesson.arms]
    yield "<p>Lungs:</p>" + _list(arms)
    skipped = {"Watch": any(arm.given for arm in lesson.arms), "Find out": lesson.transfer is not None}
    rows = [(name, f"{share * lesson.minutes:.0f} min", what) for name, share, what in FLOW if skipped.get(name, True)]
    yield "<h2>Plan</h2>" + _table(("Step", "Time", "What to do"), rows)


def _predictions(found: LessonCheck) -> Iterator[str]:
    own = found.runs[0]
    yield f"<h2>Predictions and answers</h2><p class=quiet>In the lung of the lesson (seed {own.seed}).</p>"
    for number, (task, right) in enumerate(zip(found.lesson.tasks, own.answers, strict=True), start=1):
        yield f"<h3>{number}. {escape(task.ask)}</h3><p class=right>{escape(right)}</p>"
        yield from _others(found.runs, number - 1, right)
        yield from _replies(task, right)


def _others(runs: list[TrialRun], at: int, right: str) -> Iterator[str]:
    """How other lungs answer a question, where the answer is one of a few."""
    if len(runs) > 1 and len(right) < 200:
        same = sum(run.answers[at] == right for run in runs)
        if same > 1 or len({run.answers[at] for run in runs}) < len(runs):
            yield f"<p class=quiet>The same answer in {same} of {len(runs)} lungs.</p>"


def _replies(task: Task, right: str) -> Iterator[str]:
    if isinstance(task, ChoiceTask):
        wrong: list[AnswerOption] = [one for one in task.options if one.text != right and one.reply]
        if wrong:
            yield "<p>To those who chose otherwise, the page says:</p>"
            yield _list(f"{one.text} — {one.reply}" for one in wrong)


def _after_the_run(found: LessonCheck) -> Iterator[str]:
    own, runs = found.runs[0], found.runs
    rows = []
    for at, one in enumerate(own.shown["findings"]):
        held = sum(run.shown["findings"][at]["holds"] for run in runs)
        rows.append(
            (one["text"], f"{'yes' if one['holds'] else 'no'} ({one['value']})", f"{held} of {len(runs)} lungs")
        )
    yield "<h2>What the run shows</h2>" + _table(("Statement", "Here", "Holds in"), rows)
    failed = [str(run.seed) for run in runs if run.shown["failed"]]
    if failed:
        yield f"<p class=quiet>The virus did not establish in lung {', '.join(failed)}; lessons seldom hold there.</p>"
    yield "<h2>Cells that explain it</h2>"
    for at, cell in enumerate(own.shown["cells"], start=1):
        told = " ".join(cell["lines"]) if cell["found"] else "There is no such cell in this lung."
        where = f" (day {cell['hour'] / 24:.1f})" if cell["found"] else ""
        yield f"<h3>{at}. {escape(cell['says'])}</h3><p>{escape(told)}{where}</p>"
    yield f"<h2>Why</h2><p>{escape(own.shown['explain'])}</p>"


def _transfer(found: LessonCheck) -> Iterator[str]:
    task = found.lesson.transfer
    if task is None:
        return
    yield f"<h2>Find out</h2><p>{escape(task.ask)}</p>"
    solution = ", ".join(f"{value} {task.unit}".strip() for value in found.solution) or "no value"
    yield f"<p class=right>Answer in this lung: {escape(solution)}</p>"
    rows = [(f"{one['shown']} {task.unit}".strip(), one["text"], "reached" if one["inside"] else "missed")
            for one in found.transfer]  # fmt: skip
    yield _table((task.title or "Value", found.lesson.numbers[task.number].says, "Goal"), rows)


def _discussion(found: LessonCheck) -> Iterator[str]:
    teacher = found.lesson.teacher
    if teacher.discuss:
        yield "<h2>To discuss</h2>" + _list(teacher.discuss)
    yield f"<h2>Exit question</h2><p>{escape(found.runs[0].shown['leave'])}</p>"
    if teacher.limits:
        yield f"<h2>What the model cannot say</h2><p>{escape(teacher.limits)}</p>"
    if teacher.sources:
        yield "<h2>Sources</h2>" + _list(teacher.sources)


def _list(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
