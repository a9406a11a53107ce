"""Draws from the posterior where the model is emulated, by elliptical slice sampling.

Murray, Adams and MacKay 2010 (Proceedings of Machine Learning Research 9, 541-548): for a normal prior there is
nothing to tune, no draw is refused for good, and all chains go at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from abm.inference.fit.emulator import GapEmulator

SHRINKS = 60  # of a slice at most: it is then a billionth of a turn, and the chain stays


def log_likelihood(emulator: GapEmulator, kept: np.ndarray | None = None) -> Callable[[np.ndarray], np.ndarray]:
    """How likely the data are at points: float[points, parameters] to float[points].

    Errors of the data are standard normal; where the emulator is unsure, it says less.

    Args:
        emulator: of gaps, in errors of the data.
        kept: bool[data] or weights, float[data]: the data that count; None: all, once.
    """
    weights = 1.0 if kept is None else np.asarray(kept, dtype=float)

    def likelihood(z: np.ndarray) -> np.ndarray:
        gaps, variance = emulator.predict(z)
        found: np.ndarray = -0.5 * (weights * (gaps**2 / (1.0 + variance) + np.log1p(variance))).sum(axis=1)
        return found

    return likelihood


def drawn(
    likelihood: Callable[[np.ndarray], np.ndarray], begin: np.ndarray, steps: int, chance: np.random.Generator
) -> np.ndarray:
    """The ends of chains whose stationary distribution is the posterior under a standard normal prior.

    Args:
        likelihood: logarithm, float[points, parameters] to float[points].
        begin: float[chains, parameters].
        steps: of each chain.
        chance: of all draws.
    """
    z = begin.copy()
    now = likelihood(z)
    for _ in range(steps):
        other = chance.standard_normal(z.shape)
        least = now + np.log(chance.random(len(z)))
        angle = chance.uniform(0.0, 2.0 * np.pi, len(z))
        low, high = angle - 2.0 * np.pi, angle.copy()
        left = np.arange(len(z))
        for _ in range(SHRINKS):
            tried = z[left] * np.cos(angle[left])[:, None] + other[left] * np.sin(angle[left])[:, None]
            found = likelihood(tried)
            good = found > least[left]
            done, left = left[good], left[~good]
            z[done], now[done] = tried[good], found[good]
            if not left.size:
                break
            below = angle[left] < 0.0
            low[left[below]], high[left[~below]] = angle[left[below]], angle[left[~below]]
            angle[left] = chance.uniform(low[left], high[left])
    return z
