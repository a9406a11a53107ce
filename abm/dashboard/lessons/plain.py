"""A lesson for the browser. It holds no answer: no answer exists before the run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from abm.dashboard.lessons.catalog import library
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.scoring import sketch_hours
from abm.dashboard.lessons.task import BarsTask, ChoiceTask, PictureTask, SketchTask, Task, WhichLungTask

Said = dict[str, Any]


def listed() -> list[Said]:
    """Name, title, question and minutes of every lesson."""
    return [
        {"name": one.name, "title": one.title, "question": one.question, "minutes": one.minutes}
        for one in library.all()
    ]


def plain(lesson: Lesson) -> Said:
    """All that a student sees before the run, and the texts that follow it."""
    return {
        "name": lesson.name, "title": lesson.title, "question": lesson.question, "story": lesson.story,
        "minutes": lesson.minutes, "seed": lesson.seed, "days": lesson.days,
        "arms": [{"name": arm.name, "title": arm.title, "given": arm.given} for arm in lesson.arms],
        "tasks": [_task(lesson, task) for task in lesson.tasks],
        "cells": len(lesson.cells),
        "transfer": _transfer(lesson),
    }  # fmt: skip


def _task(lesson: Lesson, task: Task) -> Said:
    said: Said = {"kind": KINDS[type(task)], "ask": task.ask}
    if isinstance(task, SketchTask):
        said |= {
            "arm": lesson.place(task.arm), "measure": task.measure, "axis": asdict(task.axis),
            "hours": sketch_hours(lesson), "beside": [lesson.place(name) for name in task.others],
        }  # fmt: skip
    elif isinstance(task, BarsTask):
        said |= {"axis": asdict(task.axis), "bars": [_bar(lesson, name) for name in task.numbers]}
    elif isinstance(task, ChoiceTask):
        said["options"] = [option.text for option in task.options]
    elif isinstance(task, WhichLungTask):
        said["options"] = [lesson.arms[lesson.place(lesson.numbers[name].arm)].title for name in task.numbers]
    else:
        said |= {"arms": [lesson.place(name) for name in task.arms], "hour": task.hour}
    return said


def _bar(lesson: Lesson, name: str) -> Said:
    number = lesson.numbers[name]
    arm = lesson.place(number.arm)
    reading = {"measure": number.measure, "hour": number.hour, "read": number.read, "over": number.over}
    return {"arm": arm, "given": lesson.arms[arm].given, "form": number.form, "says": number.says} | reading


def _transfer(lesson: Lesson) -> Said | None:
    task = lesson.transfer
    if task is None:
        return None
    number = lesson.numbers[task.number]
    places = [at for at, arm in enumerate(lesson.arms) if arm.name in (number.arm, number.over)]
    return {
        "ask": task.ask, "find": task.find, "title": task.title, "unit": task.unit, "values": list(task.values),
        "number": number.says, "form": number.form, "tries": task.tries, "log": task.log, "places": places,
        "least": task.least if abs(task.least) < 1e300 else None, "most": task.most if task.most < 1e300 else None,
    }  # fmt: skip


KINDS = {
    SketchTask: "sketch", BarsTask: "bars", ChoiceTask: "choice", WhichLungTask: "which lung", PictureTask: "picture",
}  # fmt: skip
