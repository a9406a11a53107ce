"""Courses of sections made by hand."""

import numpy as np

from abm.cohort.incidence import resting_share
from abm.cohort.lesions import SectionCourse


def at_rest(cohort, points=50):
    """What a section at rest shows in the mean, over the whole of follow-up."""
    hours = np.linspace(0.0, cohort.hours, points)
    awake = np.full(points, resting_share(cohort))
    none = np.zeros(points)
    return SectionCourse(hours, none + 1.0, awake, awake * hours, none + 1.0, none, none, none, 0.0)


def with_gain(course, first, last, gained, killing=0.0):
    """The same, in which growing lesions gain so many hours between two hours, and infected."""
    steps = np.interp(course.hours, [first, last], [0.0, gained])
    infected = np.where((course.hours >= first) & (course.hours <= last), 0.1, 0.0)
    return course._replace(gained=steps, killing=killing, infected=infected)


def with_cells_awake(course, hour, cell_hours):
    """The same, with so many more cell-hours of proliferation per seeded cell at an hour."""
    return course._replace(awake_hours=course.awake_hours + np.where(course.hours > hour, cell_hours, 0.0))
