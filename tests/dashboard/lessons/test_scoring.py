"""Right answers and scores come from the run: held to the curves of the model itself."""

from dataclasses import replace

import numpy as np
import pytest

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.lessons.lesson import Lesson
from abm.dashboard.lessons.numbers import filled, number_of, numbers_of, written
from abm.dashboard.lessons.reveal import runs_of
from abm.dashboard.lessons.scoring import HANDLES, right_answer, score_of, total
from abm.dashboard.lessons.task import BarsTask, LessonAxis, PictureTask, WhichLungTask
from abm.dashboard.live.stage import Stage
from abm.model.lung_model import LungModel
from abm.rules.states import EventKind

LOG = LessonAxis("cells", 0.1, 1000.0, log=True)


@pytest.fixture(scope="session")
def more(lesson: Lesson) -> Lesson:
    """The lesson with predictions of every kind."""
    killed = replace(lesson.numbers["awakened"], name="killed", arm="untreated", count="killed cells")
    tasks = (
        *lesson.tasks,
        BarsTask("?", ("left",), LessonAxis("share", 0.0, 1.0, log=False)),
        WhichLungTask("?", ("killed", "awakened"), highest=True),
        PictureTask("?", "antibody", ("antibody", "untreated"), 24.0),
    )
    return replace(lesson, tasks=tasks, numbers={**lesson.numbers, "killed": killed})


def perfect(lesson: Lesson, stage: Stage) -> list:
    runs = runs_of(lesson, stage)
    numbers = numbers_of(lesson, runs)
    return [right_answer(lesson, task, runs, numbers) for task in lesson.tasks]


def test_the_numbers_are_those_of_the_model_run_alone(lesson: Lesson, ran: Stage) -> None:
    runs = runs_of(lesson, ran)
    peaks, cells = {}, {}
    for scenario, name in zip(ran.scenarios, runs, strict=True):
        model = LungModel(scenario, seed=lesson.seed)
        shares = [model.measure("infected_share")]
        while model.tick < model.ticks:
            model.go_to(model.tick + 6)
            shares.append(model.measure("infected_share"))
        peaks[name], cells[name] = max(shares), model.measure("cells_per_seeded")
        if name == "antibody":
            events = model.events()
            awakened = events[events.kind == EventKind.AWAKENING.name.lower()].clone.nunique()
    numbers = numbers_of(lesson, runs)
    assert numbers["peak"] == peaks["antibody"] / peaks["untreated"]
    assert numbers["left"] == cells["antibody"] / cells["untreated"]
    assert numbers["awakened"] == awakened


def test_right_answers_earn_all_points_and_far_ones_none(more: Lesson, ran: Stage) -> None:
    right = perfect(more, ran)
    scores = score_of(more, right, runs_of(more, ran))
    assert [one["score"] for one in scores] == [100] * 5
    assert total(scores) == 100
    wrong = [[0.5] * HANDLES, 0, [1.0], 1 - right[3], 1 - right[4]]
    scores = score_of(more, wrong, runs_of(more, ran))
    assert scores[0]["score"] < 20
    assert [one["score"] for one in scores[1:]] == [0] * 4
    assert "The antibody binds IL-6, not the virus." in scores[1]["says"]


def test_a_curve_earns_less_the_farther_it_lies(more: Lesson, ran: Stage) -> None:
    right = perfect(more, ran)
    earned = []
    for factor in (1.9, 3.0, 5.0, 8.1):
        drawn = [[value * factor for value in right[0]], *right[1:]]
        task = replace(more.tasks[0], axis=LessonAxis("share", 1e-6, 1e3, log=True))
        lesson = replace(more, tasks=(task, *more.tasks[1:]))
        earned.append(score_of(lesson, drawn, runs_of(lesson, ran))[0]["score"])
    zeros = sum(value < 1e-6 for value in right[0])  # lie at the lower end, where any multiple is the same
    assert earned[0] == 100
    assert earned == sorted(earned, reverse=True)
    assert earned[-1] == pytest.approx(100 * zeros / HANDLES, abs=1)


@pytest.mark.parametrize(
    "answers",
    [None, {}, [], [[0.1] * HANDLES], [[0.1] * HANDLES, "1"], [[0.1] * HANDLES, 2], [[0.1] * HANDLES, -1],
     [[0.1] * 13, 0],
     [[0.1] * 13 + ["x"], 0], [[0.1] * 13 + [float("nan")], 0], [[0.1] * 13 + [10**400], 0], [[0.1] * HANDLES, True],
     [["0.1"] * HANDLES, 0], [[0.1] * HANDLES, 0, 0]],
)  # fmt: skip
def test_what_is_no_answer_is_refused(lesson: Lesson, ran: Stage, answers: object) -> None:
    with pytest.raises(RecipeError, match="not answers"):
        score_of(lesson, answers, runs_of(lesson, ran))


def test_readings_of_a_curve(lesson: Lesson, ran: Stage) -> None:
    runs = runs_of(lesson, ran)
    number = replace(lesson.numbers["peak"], over="")
    curve = [point[ran.arms[1].measures.index("infected_share")] for point in ran.arms[1].points]
    assert number_of(number, runs) == max(curve)
    assert number_of(replace(number, read="day of highest"), runs) == np.argmax(curve) / 24
    assert number_of(replace(number, read="on day", hour=72.0), runs) == curve[72]
    assert number_of(replace(number, read="highest", hour=72.0), runs) == max(curve[:73])


def test_an_axis_has_its_full_hit_where_it_says() -> None:
    assert LOG.share(20.0) - LOG.share(10.0) == pytest.approx(LOG.close)
    assert (LOG.share(0.001), LOG.share(1e6)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [(0.00544, "percent", "0.54 %"), (6.0, "day", "day 6"), (6.25, "day", "day 6.2"), (0.5916, "times", "0.59 times"),
     (2331.0, "number", "2,331"), (174.5, "number", "174"), (175.5, "number", "176"),
     (float("nan"), "times", "not defined")],
)  # fmt: skip
def test_numbers_are_written_for_people(value: float, form: str, text: str) -> None:
    assert written(value, form) == text


def test_a_text_gets_the_numbers_of_the_run(lesson: Lesson) -> None:
    assert (
        filled("{awakened} of them, {left} left", lesson, {"awakened": 3.0, "left": 0.066}) == "3 of them, 6.6 % left"
    )
