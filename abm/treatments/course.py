"""The course: a record a step with everything that treatments and infections can change; the compiled loops read it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from abm.rules.infection import Virus
from abm.rules.states import KINDS

# What treatments do in one step.
EFFECTS = np.dtype([
    ("il6_secretion", np.float64),  # factor on every source
    ("il6_loss", np.float64),  # added loss of free IL-6 [1/h]
    ("receptor_left", np.float64),  # share of IL-6 receptors free
    ("stat_left", np.float64),  # share of the IL-6 signal behind the receptor
    ("interferon_left", np.float64),  # share of the interferon signal
    ("release_left", np.float64),  # share of virion release
    ("vaccinated", np.float64),  # how far vaccination protects from infection, in [0, 1]
    ("immunity", np.float64),  # immune memory and antibody given at this step, in [0, 1]
    ("inoculum", np.float64),  # virions that arrive [virion/mm2]
    ("removal", np.float64, (KINDS,)),  # added loss of mobile cells [1/h]
    ("influx_left", np.float64, (KINDS,)),  # share of arrivals
    ("transfer", np.float64, (KINDS,)),  # cells put in [cell/mm2]
])  # fmt: skip
_LEFT_ALONE = ("il6_secretion", "receptor_left", "stat_left", "interferon_left", "release_left", "influx_left")
Course = np.recarray  # EFFECTS[ticks]


def idle_course(ticks: int) -> Course:
    """A course that changes nothing."""
    course = np.zeros(ticks, dtype=np.dtype((np.record, EFFECTS))).view(np.recarray)
    for name in _LEFT_ALONE:
        course[name] = 1.0
    return course


def arrivals_of_virus(virus: Virus, step: float) -> NDArray[np.float64]:
    """Virions that reach a section in each step [h] after inoculation [virion/mm2]; they add up to the inoculum.

    A whole lung starts from some 75 infected cells, a section of a few mm2 from none: its virus comes from the rest
    of the lung, in step with the growth there, until it has its own.
    """
    count = max(1, round(virus.arrival_time / step))
    shares = np.exp2(np.arange(count) * step / virus.arrival_doubling)
    return virus.inoculum * shares / shares.sum()
