"""Which runs of a study carry an infection that established, see `abm.model.establishment`.

Runs of one replicate, at the same values of the axes that all arms have, are twins: they count as soon as the infection
established in one of them, so that an arm in which it was stopped keeps its sections.
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
    common = [at for at, axis in enumerate(study.axes) if all(axis.is_in(arm) for arm in study.arms)]
    keys = [tuple(point.coordinates[at] for at in common) for point in study.points]
    group_of = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    groups = np.array([group_of[key] for key in keys])
    found = np.zeros((len(group_of), peak_infected.shape[1]), dtype=bool)
    np.logical_or.at(found, groups, peak_infected >= ESTABLISHED)
    return found[groups]


def peaks(folder: StudyFolder, study: Study) -> np.ndarray:
    """Largest share of the epithelium infected at one time: float64[points, replicates], nan where a run is missing."""
    found = np.full((len(study.points), study.replicates), np.nan)
    runs = folder.runs()
    runs = runs[runs["run"].to_numpy() < study.total]
    found[runs["point"].to_numpy(), runs["replicate"].to_numpy() - 1] = runs["peak_infected"].to_numpy(dtype=float)
    return found
