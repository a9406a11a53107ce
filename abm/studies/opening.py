"""`abm.open_study`: the results in a folder, whichever command made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from abm.studies.compare import is_comparison

if TYPE_CHECKING:
    from abm.studies.comparison import Comparison
    from abm.studies.sweep.results import StudyFolder


def open_study(folder: str | Path) -> StudyFolder | Comparison:
    """The results in the folder of a sweep, or of a comparison (`embers compare`, `embers run`), finished or not.

    Reading a damaged file of it raises a `DamagedError`.

    Raises:
        NoStudyError: there is neither; it says what there is.
    """
    path = Path(folder).expanduser().absolute()
    if is_comparison(path):
        from abm.studies.comparison import open_comparison

        return open_comparison(path)
    from abm.studies.sweep.results import open_sweep

    return open_sweep(path)
