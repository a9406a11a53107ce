"""What students predict, read from the entries [[predict]] of a lesson file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from abm.dashboard.lessons import entries
from abm.dashboard.lessons.lesson import LessonArm, LessonNumber
from abm.dashboard.lessons.task import (
    INFINITE,
    AnswerOption,
    BarsTask,
    ChoiceTask,
    PictureTask,
    SketchTask,
    Task,
    WhichLungTask,
)
from abm.model.measures import MEASURES
from abm.scenario.toml.table import Table

MOST_OPTIONS = 6


class Known(NamedTuple):
    """What a lesson has declared: arms, numbers, days of the run."""

    arms: Sequence[LessonArm]
    numbers: Mapping[str, LessonNumber]
    days: int

    @property
    def names(self) -> list[str]:
        """Names of the arms."""
        return [arm.name for arm in self.arms]

    @property
    def unseen(self) -> list[str]:
        """Names of the arms that students have not watched."""
        return [arm.name for arm in self.arms if not arm.given]


def read_task(row: Table, known: Known) -> Task | None:
    """The prediction in this entry; None where its kind is unknown."""
    before = len(row.reading.faults)
    kind = row.choice("kind", tuple(KINDS))
    if len(row.reading.faults) > before:
        return None
    ask = entries.paragraph(row, "ask")
    return KINDS[kind](row, ask, known)


def _sketch(row: Table, ask: str, known: Known) -> Task:
    arm = entries.one_of(row, "arm", known.unseen, "an arm that students have not watched")
    if "measure" not in row.content:
        row.reading.refuse((*row.key, "measure"), "", "is missing", hint='such as measure = "cells_per_seeded"')
    measure = entries.measure(row)
    axis = entries.axis(row, MEASURES[measure].meaning if measure else "")
    others = entries.some_of(row, "beside", known.names, "an arm", [one.name for one in known.arms if one.given])
    row.finish(("kind", "ask", "arm", "measure", "axis", "beside"))
    return SketchTask(ask, arm, measure, axis, tuple(one for one in others if one != arm))


def _bars(row: Table, ask: str, known: Known) -> Task:
    numbers = entries.some_of(row, "numbers", list(known.numbers), "a number", ())
    if not numbers:
        row.reading.refuse((*row.key, "numbers"), "", "is missing", allowed=", ".join(known.numbers))
    axis = entries.axis(row, known.numbers[numbers[0]].says if numbers else "")
    row.finish(("kind", "ask", "numbers", "axis"))
    seen = [name for name in numbers if known.numbers[name].arm not in known.unseen]
    if seen:
        row.refuse(
            "numbers", seen, "are of an arm that students have watched", hint="only what is unknown is predicted"
        )
    return BarsTask(ask, numbers, axis)


def _choice(row: Table, ask: str, known: Known) -> Task:
    number = entries.one_of(row, "number", known.numbers, "a number")
    options = [_option(one) for one in row.rows("option")]
    row.finish(("kind", "ask", "number", "option"))
    if not 2 <= len(options) <= MOST_OPTIONS:
        row.refuse("option", len(options), "is no number of answers", f"2 to {MOST_OPTIONS} entries [[predict.option]]")
    ordered = sorted(options, key=lambda one: one.least)
    ends = [-INFINITE, *(one.most for one in ordered)]
    for one, end in zip(ordered, ends, strict=False):
        if one.least != end:
            problem = f"begins at {one.least:g}, where the answers below end at {end:g}"
            hint = "the ranges of all answers must meet: each number of the run makes exactly one of them right"
            row.refuse("option", one.text, problem, hint=hint)
    if ordered and ordered[-1].most != INFINITE:
        row.refuse("option", ordered[-1].text, "has a most, although no answer lies above", hint="leave `most` out")
    return ChoiceTask(ask, number, tuple(options))


def _option(row: Table) -> AnswerOption:
    text, reply = entries.line(row, "text"), entries.paragraph(row, "reply", required=False)
    least, most = entries.bounds(row)
    row.finish(("text", "least", "most", "reply"))
    return AnswerOption(text, least, most, reply)


def _which(row: Table, ask: str, known: Known) -> Task:
    numbers = entries.some_of(row, "numbers", list(known.numbers), "a number", ())
    highest = row.choice("has", ("highest", "lowest"), "highest") == "highest"
    row.finish(("kind", "ask", "numbers", "has"))
    arms = [known.numbers[name].arm for name in numbers]
    if len(set(arms)) < 2 or len(set(arms)) < len(arms):
        row.refuse("numbers", list(numbers), "are not numbers of two or more different arms")
    return WhichLungTask(ask, numbers, highest)


def _picture(row: Table, ask: str, known: Known) -> Task:
    arm = entries.one_of(row, "arm", known.names, "an arm")
    arms = entries.some_of(row, "arms", known.names, "an arm", known.names)
    hour = entries.hour(row, known.days)
    row.finish(("kind", "ask", "arm", "arms", "day"))
    if arm and (arm not in arms or len(arms) < 2):
        row.refuse("arms", list(arms), f'are not two or more with "{arm}" among them')
    return PictureTask(ask, arm, arms, hour)


KINDS: dict[str, Callable[[Table, str, Known], Task]] = {
    "sketch": _sketch, "bars": _bars, "choice": _choice, "which lung": _which, "picture": _picture,
}  # fmt: skip
