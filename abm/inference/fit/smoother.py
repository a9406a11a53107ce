"""The ensemble smoother: from many runs at scattered parameters to the parameters that fit, with their uncertainty.

Ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013, doi:10.1016/j.cageo.2012.03.011). An
ensemble drawn from the prior is moved in a few rounds; in each, the covariance between parameters and what the model
gives says how to move every member towards the data, with the errors of the data inflated by the number of rounds, so
that together the rounds use the data once. For a linear model this is Bayes' theorem; the final ensemble is the
posterior. It needs no gradient, takes noise of replicates, and its cost does not grow with the number of parameters.

Written here in a few lines: the maintained implementation (iterative_ensemble_smoother) is under the GPL, which a
project under the MIT license cannot require.
"""

from __future__ import annotations

import numpy as np


def assimilated(z: np.ndarray, gaps: np.ndarray, rounds: int, chance: np.random.Generator) -> np.ndarray:
    """The ensemble after one round.

    Args:
        z: float[members, parameters], on a scale on which the prior is normal.
        gaps: float[members, data], what the model gives less the data, in units of the error of the data.
        rounds: how many there are in all; the errors of the data are inflated by its square root.
        chance: of the errors with which each member meets the data.

    Returns:
        float[members, parameters].
    """
    inflation = np.sqrt(rounds)
    met = gaps - inflation * chance.standard_normal(gaps.shape)
    return z + moved(z, gaps / inflation, met / inflation)


def moved(z: np.ndarray, gaps: np.ndarray, met: np.ndarray) -> np.ndarray:
    """How far points move to close their gaps, by what an ensemble says of how the gaps follow the parameters.

    Args:
        z: float[members, parameters], the ensemble.
        gaps: float[members, data], its gaps, in errors of the data.
        met: float[..., data], those of the points.

    Returns:
        float[..., parameters].
    """
    members = z.shape[0]
    parameters, given = z - z.mean(axis=0), gaps - gaps.mean(axis=0)
    left, size, right = np.linalg.svd(given.T / np.sqrt(members - 1), full_matrices=False)
    steps: np.ndarray = -met @ left * (size / (size**2 + 1.0)) @ right @ parameters / np.sqrt(members - 1)
    return steps
