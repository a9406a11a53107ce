"""What a student sees after the run: scores, the right answers, what holds in this lung, and cells that explain it."""

from __future__ import annotations

import math
from typing import Any

from abm.dashboard.lessons.cells import told_cells
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.numbers import Runs, filled, number_of, numbers_of, written
from abm.dashboard.lessons.scoring import score_of, total
from abm.dashboard.live.stage import Stage
from abm.model.establishment import is_established

Said = dict[str, Any]


def runs_of(lesson: Lesson, stage: Stage) -> Runs:
    """The arms of a run by their names in the lesson."""
    return {arm.name: run for arm, run in zip(lesson.arms, stage.arms, strict=True)}


def reveal(lesson: Lesson, stage: Stage, answers: Any) -> Said:
    """Everything at the end of a run of all arms.

    Raises:
        RecipeError: the answers are none to these questions.
    """
    runs = runs_of(lesson, stage)
    scores = score_of(lesson, answers, runs)
    return {"seed": stage.recipe.seed, "total": total(scores), "tasks": scores, **shown(lesson, stage)}


def shown(lesson: Lesson, stage: Stage) -> Said:
    """What a run shows, whatever was predicted."""
    numbers = numbers_of(lesson, runs_of(lesson, stage))
    return {
        "failed": failed(lesson, stage),
        "numbers": [
            {"says": one.says, "value": written(numbers[name], one.form)} for name, one in lesson.numbers.items()
        ],
        "findings": [
            {
                "text": filled(one.text, lesson, numbers),
                "holds": bool(one.least <= numbers[one.number] <= one.most),
                "value": written(numbers[one.number], lesson.numbers[one.number].form),
                "says": lesson.numbers[one.number].says,
            }
            for one in lesson.findings
        ],
        "cells": told_cells(lesson, stage),
        "explain": filled(lesson.explain, lesson, numbers),
        "limits": lesson.teacher.limits,
        "leave": filled(lesson.leave, lesson, numbers),
    }


def failed(lesson: Lesson, stage: Stage) -> list[str]:
    """Titles of arms with an untreated infection that did not establish: a lesson seldom holds in such a lung."""
    found = []
    for arm, run in zip(lesson.arms, stage.arms, strict=True):
        scenario = run.model.experiment
        at = run.measures.index("infected_share")
        peak = max(point[at] for point in run.points)
        if scenario.infections and not scenario.treatments and not is_established(peak):
            found.append(arm.title)
    return found


def tried(lesson: Lesson, stage: Stage, names: tuple[str, ...]) -> Said:
    """The number of a run of the transfer task."""
    task = lesson.transfer
    assert task is not None
    number = lesson.numbers[task.number]
    value = number_of(number, dict(zip(names, stage.arms, strict=True)))
    return {
        "value": value if math.isfinite(value) else None,  # else it is no JSON
        "text": written(value, number.form),
        "inside": bool(task.least <= value <= task.most),
    }
