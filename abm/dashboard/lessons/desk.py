"""What the page can ask for in a lesson. A lesson is only named: what it does stands in its file on the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import MOST_SEED, Recipe
from abm.dashboard.content.story import Pick, places_of
from abm.dashboard.lessons.catalog import library
from abm.dashboard.lessons.cells import il6_at
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.reveal import reveal, tried
from abm.dashboard.live.stage import Stage

IDENTITY = re.compile(r"[0-9]{1,18}|[1-8][0-9]{18}")  # int64
UNCLEAR = "the page asked for a part of a lesson that there is not"


class Taught(NamedTuple):
    """What comes of it: something to lay out, a cell to mark, something to say."""

    recipe: Recipe | None = None
    pick: Pick | None = None
    said: dict[str, Any] | None = None


def teach(stage: Stage, name: Any, part: Any, what: dict[str, Any]) -> Taught:
    """Carry out one part of a lesson; name, part and `what` come from the browser, so they may be anything.

    Raises:
        RecipeError: there is no such lesson or part, or it does not fit what is shown.
    """
    lesson = library.find(name)
    if lesson is None or not isinstance(part, str) or part not in PARTS:
        raise RecipeError(UNCLEAR)
    return PARTS[part](lesson, stage, **what)


def _watch(lesson: Lesson, _stage: Stage) -> Taught:
    """Lay out the arms that are watched before the prediction."""
    recipe = lesson.given_recipe()
    if recipe is None:
        raise RecipeError(UNCLEAR)
    return Taught(recipe)


def _run(lesson: Lesson, _stage: Stage, seed: Any = None) -> Taught:
    """Lay out all arms, in the lung of the lesson or in another one."""
    if seed is not None and not (type(seed) is int and 0 <= seed <= MOST_SEED):
        raise RecipeError(UNCLEAR)
    return Taught(lesson.recipe(seed))


def _reveal(lesson: Lesson, stage: Stage, answers: Any) -> Taught:
    """Score the predictions and say what the run shows."""
    _must_have_run(stage, lesson.recipe(stage.recipe.seed))
    return Taught(said={"part": "reveal", **reveal(lesson, stage, answers)})


def _cell(_lesson: Lesson, stage: Stage, pick: Any, at: Any) -> Taught:
    """Mark a cell, and say how much IL-6 there is now at it and its twins; `at`: which cell of the lesson it is."""
    marked = _pick(pick, len(stage.arms))
    if type(at) is not int:
        raise RecipeError(UNCLEAR)
    known = {"il6": il6_at(stage, marked), "places": places_of(stage, marked)}
    return Taught(pick=marked, said={"part": "cell", "at": at, "hour": stage.hour, **known})


def _try(lesson: Lesson, _stage: Stage, at: Any) -> Taught:
    """Lay out a run of the transfer task."""
    return Taught(lesson.try_recipe(_value(lesson, at))[0])


def _tried(lesson: Lesson, stage: Stage, at: Any) -> Taught:
    """Say what a run of the transfer task gives."""
    recipe, names = lesson.try_recipe(_value(lesson, at))
    _must_have_run(stage, recipe)
    return Taught(said={"part": "tried", "at": at, **tried(lesson, stage, names)})


PARTS: dict[str, Callable[..., Taught]] = {
    "watch": _watch, "run": _run, "reveal": _reveal, "cell": _cell, "try": _try, "tried": _tried,
}  # fmt: skip


def _value(lesson: Lesson, at: Any) -> int:
    if lesson.transfer is None or type(at) is not int or not 0 <= at < len(lesson.transfer.values):
        raise RecipeError(UNCLEAR)
    return at


def _pick(pick: Any, arms: int) -> Pick:
    """A cell as a browser names it: arm, identity as text (it is larger than what a browser counts to), clone."""
    if isinstance(pick, list) and len(pick) == 3:
        arm, uid, clone = pick
        known = type(arm) is int and 0 <= arm < arms and type(clone) is int and 0 <= clone < 2**31
        if known and isinstance(uid, str) and IDENTITY.fullmatch(uid):
            return Pick(arm, int(uid), clone)
    raise RecipeError(UNCLEAR)


def _must_have_run(stage: Stage, recipe: Recipe) -> None:
    """Refuse to report on anything but a whole run of this recipe."""
    if replace(stage.recipe, mask="") != recipe or stage.recipe.mask or stage.tick < stage.end:
        raise RecipeError("this part of the lesson has not run to its end")
