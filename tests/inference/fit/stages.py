"""Fitted stages made by hand."""

from dataclasses import replace

import numpy as np

from abm.inference.fit.emulator import learn
from abm.inference.fit.plan import read_stage
from abm.inference.fit.suite import FittedEnsemble, FittedStage, rounded


def fitted(z, gaps=None, judged=None, samples=None):
    """The infection with the first parameters of it: `z` is the posterior sample, `samples` those of the ensembles."""
    stage = read_stage("infection")
    stage = replace(stage, free=stage.free[: z.shape[1]])
    size = len(stage.data())
    gaps = np.zeros((len(z), size)) if gaps is None else gaps
    values = np.array([rounded(one.value(0.0)) for one in stage.free])
    emulator = learn(z[:200], gaps[:200], iterations=10)
    ensembles = tuple(
        FittedEnsemble(seed, one, np.zeros((len(one), size)) + 0.1 * seed, np.array([1.0]), emulator, one)
        for seed, one in enumerate(samples or [z])
    )
    return FittedStage(stage, ensembles, emulator, z, gaps, values, np.zeros(size) if judged is None else judged)
