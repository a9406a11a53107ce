"""Which runs of a study carry an infection that established, see `abm.model.establishment`.

Runs of one replicate in two arms are twins at equal values of the axes that both arms have. A run counts as soon as the
infection established in it or in one of its twins, so that an arm in which it was stopped keeps its sections.
"""

from __future__ import annotations

import numpy as np

from abm.model.establishment import ESTABLISHED
from abm.studies.design.study import Study
from abm.studies.sweep.results import StudyFolder


def carrying(study: Study, peak_infected: np.ndarray) -> np.ndarray:
    """Which runs count: bool[points, replicates].

    Args:
        study: what was run.
        peak_infected: float64[points, replicates], as `peaks` gives it; not a number where a run is missing.
    """
    own = peak_infected >= ESTABLISHED
    found = own.copy()
    arm_of = np.array([point.arm for point in study.points])
    for arm in range(len(study.arms)):
        for other in range(len(study.arms)):
            if other != arm:
                _carry_twins(study, np.flatnonzero(arm_of == arm), np.flatnonzero(arm_of == other), own, found)
    return found


def _carry_twins(study: Study, points: np.ndarray, others: np.ndarray, own: np.ndarray, found: np.ndarray) -> None:
    """Let these points of an arm count where the infection established in their twins among those of another arm."""
    if not points.size or not others.size:
        return
    coordinates = [study.points[at].coordinates for at in (points[0], others[0])]
    common = [at for at, pair in enumerate(zip(*coordinates, strict=True)) if None not in pair]
    groups: dict[tuple[float | None, ...], np.ndarray] = {}
    for at in others:
        key = tuple(study.points[at].coordinates[axis] for axis in common)
        groups[key] = groups[key] | own[at] if key in groups else own[at]
    for at in points:
        twins = groups.get(tuple(study.points[at].coordinates[axis] for axis in common))
        if twins is not None:
            found[at] |= twins


def peaks(folder: StudyFolder, study: Study) -> np.ndarray:
    """Largest share of the epithelium infected at one time: float64[points, replicates], nan where a run is missing."""
    found = np.full((len(study.points), study.replicates), np.nan)
    runs = folder.runs()
    runs = runs[runs["run"].to_numpy() < study.total]
    found[runs["point"].to_numpy(), runs["replicate"].to_numpy() - 1] = runs["peak_infected"].to_numpy(dtype=float)
    return found
