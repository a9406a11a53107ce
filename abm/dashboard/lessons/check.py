"""A lesson run as students run it: what the right answers are, and in how many other lungs it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import Recipe, scenarios_for
from abm.dashboard.lessons.lesson import ANY, Lesson
from abm.dashboard.lessons.numbers import numbers_of, written
from abm.dashboard.lessons.reveal import runs_of, shown, tried
from abm.dashboard.lessons.scoring import right_answer, sketch_hours
from abm.dashboard.lessons.task import BarsTask, ChoiceTask, PictureTask, SketchTask, Task, WhichLungTask
from abm.dashboard.live.stage import Stage
from abm.scenario.errors import Fault, ScenarioError

SOLVED = {"last": "the last value in the range", "first": "the first value in the range", "any": "values in the range"}


@dataclass
class TrialRun:
    """One run of all arms of a lesson.

    Attributes:
        seed: of the lung. answers: the right answer to each prediction, in words. shown: findings, cells, numbers.
    """

    seed: int
    answers: list[str]
    shown: dict[str, Any]

    @property
    def holds(self) -> bool:
        """Whether every finding is true of this run and every cell was found."""
        return all(one["holds"] for one in self.shown["findings"]) and all(one["found"] for one in self.shown["cells"])


@dataclass
class LessonCheck:
    """What was found by running a lesson. The first run is that of the students.

    Attributes:
        runs: of all arms, one per lung. transfer: what each value of the task gives.
        solution: values that solve the task; empty where none does.
    """

    lesson: Lesson
    runs: list[TrialRun] = field(default_factory=list)
    transfer: list[dict[str, Any]] = field(default_factory=list)
    solution: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Why students would not get the lesson that was meant, in their own lung."""
        own = self.runs[0]
        found = [f'the finding "{one["text"]}" does not hold: {one["says"]} is {one["value"]}'
                 for one in own.shown["findings"] if not one["holds"]]  # fmt: skip
        found += [
            f'cell {at}: no cell "{wanted.find}" in arm "{wanted.arm}"'
            for at, (one, wanted) in enumerate(zip(own.shown["cells"], self.lesson.cells, strict=True), start=1)
            if not one["found"]
        ]
        found += [f'no answer to "{task.ask}" is right' for task, one in
                  zip(self.lesson.tasks, own.answers, strict=True) if one == "none"]  # fmt: skip
        if self.transfer and not self.solution:
            found.append("no value solves the transfer task")
        return found


def check(lesson: Lesson, lungs: int = 1, tell: Callable[[str], None] = lambda _: None) -> LessonCheck:
    """Run a lesson in its own lung and in others (`lungs` in all), and every value of its transfer task.

    Raises:
        ScenarioError: a value of the transfer task gives no scenario that can be run.
    """
    _check_values(lesson)
    found = LessonCheck(lesson)
    for seed in range(lesson.seed, lesson.seed + lungs):
        tell(f"lung {seed}: {len(lesson.arms)} arms, {lesson.days} days")
        with played(lesson.recipe(seed)) as stage:
            found.runs.append(TrialRun(seed, answers_of(lesson, stage), shown(lesson, stage)))
    if lesson.transfer is not None:
        for at, value in enumerate(lesson.transfer.values):
            tell(f"transfer: {lesson.transfer.title} {value} {lesson.transfer.unit}".rstrip())
            recipe, names = lesson.try_recipe(at)
            with played(recipe) as stage:
                found.transfer.append({"shown": value, **tried(lesson, stage, names)})
        found.solution = solutions(lesson, [one["inside"] for one in found.transfer])
    return found


def solutions(lesson: Lesson, inside: Sequence[bool]) -> list[str]:
    """Values that solve the transfer task: all in the range, or the last or first of them."""
    assert lesson.transfer is not None
    right = [value for value, one in zip(lesson.transfer.values, inside, strict=True) if one]
    if lesson.transfer.find == ANY or not right:
        return right
    return [right[-1 if lesson.transfer.find == "last" else 0]]


@contextmanager
def played(recipe: Recipe) -> Iterator[Stage]:
    """A recipe, run to its end."""
    stage = Stage(recipe)
    try:
        while stage.tick < stage.end:
            stage.advance(stage.per_hour)
        yield stage
    finally:
        stage.close()


def answers_of(lesson: Lesson, stage: Stage) -> list[str]:
    """The right answer to each prediction in words."""
    runs = runs_of(lesson, stage)
    numbers = numbers_of(lesson, runs)
    return [_in_words(lesson, task, right_answer(lesson, task, runs, numbers)) for task in lesson.tasks]


def _in_words(lesson: Lesson, task: Task, right: Any) -> str:
    if right is None:
        return "none"
    if isinstance(task, SketchTask):
        hours = sketch_hours(lesson)
        return ", ".join(f"day {hour / 24:.3g}: {written(value, task.axis.form)}" for hour, value in
                         list(zip(hours, right, strict=True))[1::2])  # fmt: skip
    if isinstance(task, BarsTask):
        return "; ".join(f"{_title(lesson, lesson.numbers[name].arm)}: {written(value, lesson.numbers[name].form)}"
                         for name, value in zip(task.numbers, right, strict=True))  # fmt: skip
    if isinstance(task, ChoiceTask):
        return task.options[right].text
    if isinstance(task, WhichLungTask):
        return _title(lesson, lesson.numbers[task.numbers[right]].arm)
    assert isinstance(task, PictureTask)
    return f"the picture of “{_title(lesson, task.arm)}”"


def _title(lesson: Lesson, arm: str) -> str:
    return lesson.arms[lesson.place(arm)].title


def _check_values(lesson: Lesson) -> None:
    """Refuse values of the transfer task that give no scenario, before anything runs."""
    faults = []
    for at, value in enumerate(lesson.transfer.values if lesson.transfer else ()):
        try:
            scenarios_for(lesson.try_recipe(at)[0])
        except (RecipeError, ScenarioError) as error:
            faults.append(Fault(f"{lesson.name}.toml", 0, "transfer", value, f"gives no scenario: {error}"))
    if faults:
        raise ScenarioError(faults)
