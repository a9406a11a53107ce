"""Small sections for tests."""

import numpy as np

from abm.cohort.lung import Lung, quiet_course
from abm.core.population import ALIVE
from abm.core.quantity import replaced
from abm.rules.parameters import Parameters
from abm.scenario.scenario import Scenario
from abm.treatments.effects_by_step import arrivals_of_virus


def small(founders=20, side=200.0, secretion=None, **dormancy):
    """A scenario of a section so small that it may be without macrophages, whose hold is not missed, unless told so."""
    p = Parameters()
    p = p._replace(dormancy=p.dormancy._replace(**{"founders": float(founders), "released_awakening": 0.0} | dormancy))
    if secretion is not None:
        for substance in ("il6", "tgfb2"):
            p = replaced(p, f"cells.resident_macrophage.secretion.{substance}.at_rest", secretion)
    return Scenario(width=side, height=side, parameters=p)


def lung(scenario, seed, days, jump=True):
    """Its section, with a course in which nothing is done."""
    return Lung(scenario, seed, quiet_course(days * 24, scenario.step), jump=jump)


def infected(scenario, seed, days, hour=48, jump=True):
    """The same, infected at an hour with so much virus that it takes."""
    course = quiet_course(days * 24, scenario.step)
    arriving = arrivals_of_virus(scenario.parameters.virus, scenario.step)
    first = round(hour / scenario.step)
    course.inoculum[first : first + arriving.size, 0] += 20.0 * arriving
    return Lung(scenario, seed, course, ((hour, hour + 49),), jump=jump)


def first_awakenings(scenario, days, seeds, jump):
    """Hours of the first awakening (or of the end), and cells left then, of one section a seed."""
    rows = []
    for seed in seeds:
        one = lung(scenario, seed, days, jump)
        while one.hour < days * 24 and not one.tissue.status[0].proliferating:
            if jump:
                one._pass(days * 24)
            else:
                one._step_to(min(days * 24, one.hour + 6))
        rows.append((one.hour, one.tissue.cancer_rows[ALIVE]))
    return np.array(rows, dtype=float)
