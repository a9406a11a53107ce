"""What a lesson is: arms, numbers of their runs, predictions that these numbers decide, cells that explain, a task.

A lesson holds no result. Right answers, scores and the numbers in its texts come from the run of the student.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from abm.dashboard.content.naming import plain_title
from abm.dashboard.content.recipe import TYPICAL_SEED, Recipe, RecipeArm
from abm.dashboard.lessons.task import Task

LARGEST_TEXT, LARGEST_LINE = 1500, 160  # characters
COUNTS = {  # what a number can count, by name: what it is
    "awakened clones": "seeded cells that have awakened, or whose daughters have",
    "killed cells": "cancer cells killed by CD8 T cells or NK cells",
    "dead cells": "cancer cells that died of other causes",
    "born cells": "daughters of proliferating cancer cells",
    "returned cells": "returns to dormancy",
}
READINGS = ("on day", "highest", "lowest", "day of highest")
FORMS = ("number", "times", "percent", "day")
NO_OVERLAY = "none"
ANY = "any"  # value of a transfer task
CELLS = {  # which cell explains something, by name: in words
    "first to awaken": "the seeded cell that awakens first in `arm`",
    "awakens only here": "a seeded cell that awakens in `arm` while its twin in `twin` never does",
    "stays dormant": "a seeded cell that never awakens in `arm`, if possible one whose twin in `twin` does",
    "returns to dormancy": "a seeded cell that awakens in `arm` and returns to dormancy",
    "is killed": "a cell that is killed in `arm`, if possible one whose twin in `twin` is not",
}
NEED_TWIN = ("awakens only here",)


@dataclass(frozen=True)
class LessonArm:
    """One lung of a lesson.

    Attributes:
        name: in this file. title: what students read. base: what it is made from. given: whether students watch it
            before they predict.
    """

    name: str
    title: str
    base: RecipeArm
    given: bool = False


@dataclass(frozen=True)
class LessonNumber:
    """A number that is read from the run.

    Attributes:
        name: in this file. says: what it is, in words.
        arm: where it is read. measure: a curve, or "" where `count` names events instead.
        read: on a day, its highest or lowest value up to this day, or the day of its highest value.
        hour: the day, in hours. over: the arm whose number it is divided by; "" for none.
        form: how it is written.
    """

    name: str
    says: str
    arm: str
    measure: str
    count: str
    read: str
    hour: float
    over: str
    form: str


@dataclass(frozen=True)
class LessonFinding:
    """A sentence that is true of a run if the number lies from `least` to `most`."""

    text: str
    number: str
    least: float
    most: float


@dataclass(frozen=True)
class ExplainingCell:
    """A cell that is looked up in the run: which (one of `CELLS`), in which arm, beside which twin, and why.

    `overlay`: the field that is shown with it, or NO_OVERLAY.
    """

    find: str
    arm: str
    twin: str
    says: str
    overlay: str


@dataclass(frozen=True)
class TransferTask:
    """A question that students answer by runs of their own: each sets one value, and gives one number.

    Attributes:
        ask: the question. number: what a run gives. least, most: the number that is looked for.
        find: "last" or "first" value for which the number is in this range, or "any".
        title, unit: of the value. values: that can be chosen, in order.
        edits: for each value, the changes to arms, each with the name of its arm.
        seeds: for each value the seed, where the values are other lungs. tries: runs that a student has.
        log: whether the axis of the number is logarithmic.
    """

    ask: str
    number: str
    least: float
    most: float
    find: str
    title: str
    unit: str
    values: tuple[str, ...]
    edits: tuple[tuple[tuple[str, Mapping], ...], ...] = ()
    seeds: tuple[int, ...] = ()
    tries: int = 12
    log: bool = False


@dataclass(frozen=True)
class TeacherNotes:
    """What only the teacher's sheet says."""

    goals: tuple[str, ...] = ()
    before: str = ""
    discuss: tuple[str, ...] = ()
    limits: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """A lesson; see docs/lessons.md for what its file says."""

    name: str
    title: str
    question: str
    story: str
    minutes: int
    arms: tuple[LessonArm, ...]
    numbers: Mapping[str, LessonNumber]
    tasks: tuple[Task, ...]
    findings: tuple[LessonFinding, ...]
    cells: tuple[ExplainingCell, ...]
    explain: str
    transfer: TransferTask | None
    leave: str
    teacher: TeacherNotes = field(default_factory=TeacherNotes)
    seed: int = TYPICAL_SEED
    days: int = 28
    side: int = 2000

    def place(self, name: str) -> int:
        """Where an arm stands in the run of all arms."""
        return [arm.name for arm in self.arms].index(name)

    def recipe(self, seed: int | None = None) -> Recipe:
        """All arms, as the page shows them."""
        return self._recipe(self.arms, seed)

    def given_recipe(self) -> Recipe | None:
        """The arms that students watch first; None where there are none."""
        given = tuple(arm for arm in self.arms if arm.given)
        return self._recipe(given, None) if given else None

    def try_recipe(self, at: int) -> tuple[Recipe, tuple[str, ...]]:
        """A run of the transfer task with the value number `at`, and the names of its arms in order."""
        task = self.transfer
        assert task is not None
        number = self.numbers[task.number]
        names = tuple(arm.name for arm in self.arms if arm.name in (number.arm, number.over))
        recipe = self._recipe(tuple(arm for arm in self.arms if arm.name in names), None)
        if task.seeds:
            return replace(recipe, seed=task.seeds[at]), names
        for name, edit in task.edits[at]:
            if name in names:
                recipe = recipe.changed(names.index(name), edit)
        return replace(recipe, arms=tuple(self._tried(arm, at) if arm.edits else arm for arm in recipe.arms)), names

    def _tried(self, arm: RecipeArm, at: int) -> RecipeArm:
        """An arm of the transfer task, with a title that says what was set."""
        task = self.transfer
        assert task is not None
        value = f"{task.title} {task.values[at]} {task.unit}".strip() if task.find != ANY else task.values[at]
        return replace(arm, title=value if task.find != ANY else plain_title(f"{arm.title}; {value}"))

    def _recipe(self, arms: tuple[LessonArm, ...], seed: int | None) -> Recipe:
        made = tuple(replace(arm.base, title=arm.title) for arm in arms)
        return Recipe(made, self.seed if seed is None else seed, self.side, self.days)
