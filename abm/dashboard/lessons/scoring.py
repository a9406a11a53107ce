"""Which answers are right in a run, and how near a prediction came: all of it is computed from the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.numbers import Runs, day_of_highest, numbers_of, series_of, written
from abm.dashboard.lessons.task import BarsTask, ChoiceTask, LessonAxis, PictureTask, SketchTask, Task, WhichLungTask

HANDLES = 14  # of a sketch, in equal times after day 0
FAR = 3.0  # times the distance of a full hit, from which a prediction earns nothing
FULL = 100
LARGEST_ANSWER = 1e12
Said = dict[str, Any]


def sketch_hours(lesson: Lesson) -> list[float]:
    """Hours of the handles of a sketch: HANDLES after day 0, full hours each."""
    return [float(round(lesson.days * 24 * at / HANDLES)) for at in range(1, HANDLES + 1)]


def score_of(lesson: Lesson, answers: Any, runs: Runs) -> list[Said]:
    """For each prediction of a lesson its score (0 to 100), the right answer and what there is to say.

    Args:
        lesson: what was asked.
        answers: from the browser, one per prediction; they may be anything.
        runs: the arms, run to the end.

    Raises:
        RecipeError: the answers are none to these questions.
    """
    if not isinstance(answers, list) or len(answers) != len(lesson.tasks):
        raise RecipeError("these are not answers to this lesson")
    numbers = numbers_of(lesson, runs)
    return [SCORES[type(task)](lesson, task, answer, runs, numbers) for task, answer in
            zip(lesson.tasks, answers, strict=True)]  # fmt: skip


def right_answer(lesson: Lesson, task: Task, runs: Runs, numbers: Mapping[str, float]) -> Any:
    """The answer that would get all points: values of a sketch or of bars, or the place of an option."""
    if isinstance(task, SketchTask):
        values = series_of(runs[task.arm], task.measure)
        return [values[round(hour)] for hour in sketch_hours(lesson)]
    if isinstance(task, BarsTask):
        return [numbers[name] for name in task.numbers]
    if isinstance(task, ChoiceTask):
        value = numbers[task.number]
        return next((at for at, one in enumerate(task.options) if one.least <= value < one.most), None)
    if isinstance(task, WhichLungTask):
        found = [numbers[name] for name in task.numbers]
        best = max(found) if task.highest else min(found)
        return found.index(best)
    return task.arms.index(task.arm)


def _of_sketch(lesson: Lesson, task: SketchTask, answer: Any, runs: Runs, numbers: Mapping[str, float]) -> Said:
    right = right_answer(lesson, task, runs, numbers)
    drawn = _numbers(answer, len(right))
    near = [_nearness(one, other, task.axis) for one, other in zip(drawn, right, strict=True)]
    hits, hours, form = sum(one == 1.0 for one in near), sketch_hours(lesson), task.axis.form
    within = f"within a factor of {2:g}" if task.axis.log else "within a tenth of the axis"
    says = [
        f"{hits} of your {len(near)} points lie {within} of the run.",
        f"On day {lesson.days} you drew {written(drawn[-1], form)}; the run has {written(right[-1], form)}.",
    ]
    if max(right) > 1.25 * right[-1] and max(drawn) > drawn[-1]:
        says.append(
            f"Your curve is highest near {written(day_of_highest(drawn, hours), 'day')}, "
            f"that of the run near {written(day_of_highest(right, hours), 'day')}."
        )
    return {"score": round(FULL * sum(near) / len(near)), "right": right, "says": says}


def _of_bars(lesson: Lesson, task: BarsTask, answer: Any, runs: Runs, numbers: Mapping[str, float]) -> Said:
    right = right_answer(lesson, task, runs, numbers)
    placed = _numbers(answer, len(right))
    near, says = [], []
    for name, one, other in zip(task.numbers, placed, right, strict=True):
        number = lesson.numbers[name]
        near.append(_nearness(one, other, task.axis))
        title = lesson.arms[lesson.place(number.arm)].title
        says.append(f"{title}: you said {written(one, number.form)}; the run gives {written(other, number.form)}.")
    return {"score": round(FULL * sum(near) / len(near)), "right": right, "says": says}


def _of_choice(lesson: Lesson, task: ChoiceTask, answer: Any, runs: Runs, numbers: Mapping[str, float]) -> Said:
    right, chosen = right_answer(lesson, task, runs, numbers), _place(answer, len(task.options))
    number = lesson.numbers[task.number]
    says = [f"The run gives {written(numbers[task.number], number.form)} ({number.says})."]
    if right is None:
        return {"score": None, "right": None, "says": [*says, "So no answer is right in this lung."]}
    if chosen != right and task.options[chosen].reply:
        says.append(task.options[chosen].reply)
    return {"score": FULL if chosen == right else 0, "right": right, "says": says}


def _of_which(lesson: Lesson, task: WhichLungTask, answer: Any, runs: Runs, numbers: Mapping[str, float]) -> Said:
    right, chosen = right_answer(lesson, task, runs, numbers), _place(answer, len(task.numbers))
    says = [
        f"{lesson.arms[lesson.place(lesson.numbers[name].arm)].title}: "
        f"{written(numbers[name], lesson.numbers[name].form)}."
        for name in task.numbers
    ]
    return {"score": FULL if chosen == right else 0, "right": right, "says": says}


def _of_picture(lesson: Lesson, task: PictureTask, answer: Any, runs: Runs, numbers: Mapping[str, float]) -> Said:
    right, chosen = right_answer(lesson, task, runs, numbers), _place(answer, len(task.arms))
    title = {name: lesson.arms[lesson.place(name)].title for name in task.arms}
    says = [f"The picture that you chose shows “{title[task.arms[chosen]]}” on day {task.hour / 24:g}."]
    if chosen != right:
        says.append(f"“{title[task.arm]}” is the one that is marked.")
    return {"score": FULL if chosen == right else 0, "right": right, "says": says}


SCORES: dict[type, Callable[..., Said]] = {
    SketchTask: _of_sketch, BarsTask: _of_bars, ChoiceTask: _of_choice, WhichLungTask: _of_which,
    PictureTask: _of_picture,
}  # fmt: skip


def _nearness(one: float, other: float, axis: LessonAxis) -> float:
    """1 within the distance of a full hit, 0 from FAR times that distance on, in between in proportion."""
    distance = abs(axis.share(one) - axis.share(other)) / axis.close
    return min(1.0, max(0.0, (FAR - distance) / (FAR - 1.0)))


def _numbers(answer: Any, count: int) -> list[float]:
    if not isinstance(answer, list) or len(answer) != count or not all(map(_is_number, answer)):
        raise RecipeError("these are not answers to this lesson")
    return [float(one) for one in answer]


def _place(answer: Any, count: int) -> int:
    if type(answer) is not int or not 0 <= answer < count:
        raise RecipeError("these are not answers to this lesson")
    return answer


def _is_number(one: Any) -> bool:
    return not isinstance(one, bool) and isinstance(one, int | float) and abs(one) <= LARGEST_ANSWER


def total(scores: Sequence[Said]) -> int | None:
    """The score of all predictions together; None where none could be scored."""
    known = [one["score"] for one in scores if one["score"] is not None]
    return round(sum(known) / len(known)) if known else None
