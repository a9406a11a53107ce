"""The posterior sample of a fit as a file that every command can use (`abm/scenario/posterior.py`).

Sets of one stage are paired with those of the next at random: the second stage was fitted at the best point of the
first, so what ties parameters of both is not in the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from abm.inference.fit.suite import FittedStage
from abm.runs.store.files import write_text
from abm.scenario.posterior import PosteriorSample

DIGITS = 4


def write(path: Path, fitted: Sequence[FittedStage]) -> None:
    """Write the sets of all stages side by side, as many as each has.

    Raises:
        OSError: no room, no right to write.
    """
    count = min(len(one.z) for one in fitted)
    parameters = tuple(one for stage in fitted for one in stage.stage.free)
    columns = [
        [float(f"{one.value(float(z)):.{DIGITS}g}") for z in stage.z[:count, at]]
        for stage in fitted
        for at, one in enumerate(stage.stage.free)
    ]
    write_text(path, PosteriorSample(parameters, np.array(columns).T).text())
