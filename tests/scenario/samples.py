"""Posterior samples made by hand."""

import numpy as np

from abm.scenario.free import free
from abm.scenario.posterior import PosteriorSample

NAMES = ("virus.infectivity", "dormancy.awakening", "dormancy.cycle_time", "cells.neutrophil.loss")


def around_the_defaults(sets, names=NAMES, reach=0.1):
    """Sets drawn evenly within so large a share of the defaults, and within the ranges."""
    parameters = tuple(free(name) for name in names)
    factors = np.random.default_rng(1).uniform(1.0 - reach, 1.0 + reach, (sets, len(parameters)))
    values = factors * [one.default for one in parameters]
    ends = [[one.low for one in parameters], [one.high for one in parameters]]
    return PosteriorSample(parameters, np.round(values.clip(*ends), 5))
