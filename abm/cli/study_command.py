"""What the commands for studies of many runs share: options, how a study is run, and how its end is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from abm.cli.help_panels import ANALYSIS, EXECUTION, MODEL
from abm.cli.shared import FAULT, INTERRUPTED, stop, teller, version_text
from abm.runs.store.files import StorageError, study_folder

if TYPE_CHECKING:
    from abm.runs.engine import RunOptions
    from abm.runs.store.folder import StudyResult
    from abm.studies.design.study import Study
    from abm.studies.sweep.shards import Shard

StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="Name or .toml file. Without one, list the packaged studies.")
]
Days = Annotated[
    float | None,
    typer.Option(metavar="DAYS", help="Set the length of the runs. Default: as in the study.", rich_help_panel=MODEL),
]
Replicates = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Set the number of runs per point. Default: as in the study.", rich_help_panel=MODEL
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Run on this Dask scheduler, such as tcp://10.0.0.1:8786.",
        rich_help_panel=EXECUTION,
    ),
]
Measure = Annotated[
    str | None,
    typer.Option(
        metavar="MEASURE",
        help="Report this measure. Default: the first that the study keeps.",
        rich_help_panel=ANALYSIS,
    ),
]
Day = Annotated[
    float | None,
    typer.Option(metavar="DAY", help="Report this day. Default: the last.", rich_help_panel=ANALYSIS),
]


def perform_study(study: Study, out: Path, options: RunOptions, shard: Shard | None = None) -> StudyResult:
    """Announce a study, or a shard of it, and run it."""
    from abm.studies.sweep.sweep import perform

    show = teller()
    points = len(study.points)
    where = options.scheduler or f"{options.workers} processes"
    show.say(
        f"Embers {version_text()}: {study.title}. {study.total:,} runs ({points:,} points x {study.replicates} "
        f"replicates, seeds {study.seed} to {study.seed + study.replicates - 1}) on {where}, "
        f"into {study_folder(out, study.name, options.fresh)}"
    )
    return perform(study, out, options, show, shard)


def tell(result: StudyResult, study: Study) -> None:
    """Report how the study ended."""
    for line in result.failures[:10]:
        typer.echo(line)
    typer.echo(f"{result.done:,} of {result.total:,} runs are done: {result.folder}")
    measure = "cells_per_seeded" if "cells_per_seeded" in study.measures else study.measures[0]
    typer.echo(f"read them with: abm.open_study({json.dumps(result.folder.as_posix())}).series({measure!r})")


def end(result: StudyResult) -> None:
    """Exit with an error code if runs are missing."""
    if result.interrupted:
        stop("Interrupted. Run the same command again to continue.", INTERRUPTED)
    if result.failures:
        stop(f"{len(result.failures)} runs failed; --retry-failed runs them again.", FAULT)


def list_studies() -> NoReturn:
    """List the packaged studies, and end."""
    import tomllib

    from abm.studies.design.study_file import studies_folder, study_names

    names = study_names()
    width = max(map(len, names), default=0)
    for name in names:
        try:
            table = tomllib.loads((studies_folder() / f"{name}.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StorageError(str(studies_folder()), str(error)) from error
        typer.echo(f"{name:<{width}}  {table.get('story', '')}")
    raise typer.Exit
