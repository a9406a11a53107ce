"""Courses of treatments that several tests look at."""

import numpy as np

from abm.rules.infection import Virus
from abm.treatments.course import EFFECTS, Course, idle_course
from abm.treatments.treatments import course_of

STEP = 1 / 6  # h
DAYS = 28
TICKS = round(DAYS * 24 / STEP)
HOURS = np.arange(TICKS) * STEP
VIRUS = Virus()


def course_with(*treatments, infections=(), ticks=TICKS) -> Course:
    """The course of these treatments and infections."""
    return course_of(treatments, infections, VIRUS, ticks, STEP)


def changed(course: Course) -> set[str]:
    """Names of the effects that differ from those of doing nothing."""
    idle = idle_course(course.size)
    return {name for name in EFFECTS.names if not np.array_equal(course[name], idle[name])}


def first_change(course: Course, name: str) -> float:
    """Hour at which an effect first differs from that of doing nothing."""
    differs = course[name] != idle_course(course.size)[name]
    return float(HOURS[np.flatnonzero(differs.reshape(course.size, -1).any(axis=1))[0]])


def over_days(series: np.ndarray, start: float, stop: float) -> float:
    """Mean between two days."""
    return float(series[round(start * 24 / STEP) : round(stop * 24 / STEP)].mean())
