"""`abm.open_study` and `abm.open_run`: the results in a folder, whichever command made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from abm.studies.compare import is_comparison

if TYPE_CHECKING:
    from abm.studies.comparison import Comparison
    from abm.studies.simulation import Simulation
    from abm.studies.sweep.results import StudyFolder


def open_study(folder: str | Path) -> StudyFolder | Comparison:
    """The results in the folder of a sweep, or of a comparison (`embers compare`, `embers run`), finished or not.

    Both have `arms`, `measures`, `series(measures, **where)`, `events(columns, **where)`, `runs()`, `open_run(...)` and
    `to_xarray(measures, **where)`, whose tables have the same shape (`abm.runs.store.tables`). Reading a damaged file
    of it raises a `DamagedError`.

    Raises:
        NoStudyError: there is neither; it says what there is.
    """
    path = Path(folder).expanduser().absolute()
    if is_comparison(path):
        from abm.studies.comparison import open_comparison

        return open_comparison(path)
    from abm.studies.sweep.results import open_sweep

    return open_sweep(path)


def open_run(
    folder: str | Path,
    arm: str | None = None,
    replicate: int | None = None,
    seed: int | None = None,
    run: int | None = None,
) -> Simulation:
    """A finished run in the folder of `embers run`, `compare` or `sweep`, as `abm.simulate` gives it, without a model.

    Args:
        folder: of the results.
        arm: of a comparison: name of the scenario; may be left out if there is one.
        replicate: of a comparison: number of the replicate, from 1; or
        seed: its seed; may both be left out if there is one replicate.
        run: of a sweep: number of the run, as in the column `run` of its tables.

    Raises:
        NoStudyError: there are no results; it says what there is.
        UnknownNameError: there is no such arm or run. NoRunError: it is not finished, or not chosen among several.
        ValueError: a sweep without `run`, or a comparison with it.
        DamagedError: a file of it is not what was written.
    """
    path = Path(folder).expanduser().absolute()
    if is_comparison(path):
        if run is not None:
            raise ValueError(f'run = {run}: "{path}" is a comparison; choose arm, and replicate or seed')
        from abm.studies.stored_run import run_of_comparison

        return run_of_comparison(path, arm, replicate, seed)
    from abm.studies.sweep.results import open_sweep

    study = open_sweep(path)
    if run is None or any(one is not None for one in (arm, replicate, seed)):
        raise ValueError(
            f'"{path}" is a sweep: choose run, a number from 0 to {int(study.facts["runs"]) - 1}, '
            "and no arm, replicate or seed"
        )
    return study.open_run(run)
