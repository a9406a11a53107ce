"""What an agent observes of an infected lung: what a clinician could measure, or every measure of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

CLINIC = ("viral_rna", "il6_lavage", "antibody")
"""Measures that a patient can be tested for: viral RNA (swab), IL-6 (airway lavage), antibody (blood).

No scan shows single cells or clones of a section, so the burden is not among them.
"""
OBSERVATIONS = ("clinic", "full")
DAY_NAME, SINCE = "day", "days_since_"


def observed_names(observation: str, measures: Sequence[str], drugs: Sequence[str]) -> tuple[str, ...]:
    """Names of what is observed, in order: the day, measures, days since the last day on which each drug was given.

    Args:
        observation: "clinic" (`CLINIC`) or "full" (every measure of the model).
        measures: of the model.
        drugs: names of the drugs.

    Raises:
        ValueError: there is no such observation.
    """
    if observation not in OBSERVATIONS:
        raise ValueError(f'observation: "{observation}": is not known; allowed: {", ".join(OBSERVATIONS)}')
    seen = CLINIC if observation == "clinic" else tuple(measures)
    return (DAY_NAME, *seen, *(f"{SINCE}{drug}" for drug in drugs))


def observed(
    names: Sequence[str], day: int, measures: Mapping[str, float], since: Mapping[str, int]
) -> NDArray[np.float32]:
    """What is observed now: float32[names].

    Args:
        names: as `observed_names` gives them.
        day: days since the start of the episode.
        measures: every measure now, in its unit.
        since: days since each drug was last given.
    """
    known = {DAY_NAME: float(day), **measures, **{f"{SINCE}{drug}": float(days) for drug, days in since.items()}}
    return np.array([known[name] for name in names], dtype=np.float32)
