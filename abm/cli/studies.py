"""The commands for studies of many runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from abm.cli.help_panels import ANALYSIS, EXECUTION, MODEL, STUDIES, PanelCommand
from abm.cli.shared import (
    FAULT,
    INTERRUPTED,
    OUTPUTS,
    USAGE,
    Fresh,
    Name,
    Out,
    Posterior,
    Workers,
    faults,
    sample_asked_for,
    stop,
    teller,
    version_text,
)
from abm.installation.optional_deps import need
from abm.runs.store.files import StorageError, storage, study_folder

if TYPE_CHECKING:
    from abm.runs.engine import RunOptions
    from abm.runs.store.folder import StudyResult
    from abm.studies.design.study import Study
    from abm.studies.sweep.outcome import MeasureAtTime
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
RetryFailed = Annotated[
    bool, typer.Option("--retry-failed", help="Run the failed runs again.", rich_help_panel=EXECUTION)
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=STUDIES,
        short_help="Run a study: arms x axes x replicates.",
        epilog="Example: embers sweep blockade_timing --days 15 --replicates 4",
    )(sweep)
    app.command(
        cls=PanelCommand,
        rich_help_panel=STUDIES,
        short_help="Sensitivity analysis of a study (Morris, Sobol).",
        epilog="Example: embers sensitivity what_matters --measure cells_per_seeded --day 15",
    )(sensitivity)
    app.command(
        cls=PanelCommand,
        rich_help_panel=STUDIES,
        short_help="Fit the axes of a study to data.",
        epilog="Example: embers calibrate mouse_lung --workers 8",
    )(calibrate)


def sweep(  # noqa: PLR0913, PLR0917 - an argument an option
    study: StudyName = "",
    days: Days = None,
    replicates: Replicates = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    scheduler: Scheduler = "",
    retry_failed: RetryFailed = False,
    fresh: Fresh = False,
    measure: Measure = None,
    day: Day = None,
    posterior: Posterior = "",
    name: Name = "",
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="Run only every N-th point, from the I-th: one task of a job array. The same command without --shard "
            "collects what the shards have finished, runs the rest and reports.",
            rich_help_panel=EXECUTION,
        ),
    ] = "",
) -> None:
    """Run a study: arms x axes x replicates. Report one measure on one day over the axes, as a table and a figure.

    An interrupted study keeps its finished runs. Run the same command again to continue.
    """
    with faults():
        if not study:
            list_studies()
        from abm.runs.engine import RunOptions
        from abm.runs.pool import usable_cores
        from abm.studies.design.study_file import load_study
        from abm.studies.sweep.outcome import outcome_of

        part = _shard(shard, fresh)
        described = load_study(study, days, replicates)
        described = replace(described, name=name or described.name)
        outcome = outcome_of(described, measure, day)
        sample = sample_asked_for(posterior)
        if sample is not None:
            from abm.studies.design.set_axis import with_sets
            from abm.studies.parameter_sets import held_by

            for line in held_by(described.arms, sample):
                typer.echo(line, err=True)
            described = with_sets(described, sample)
        options = RunOptions(workers or usable_cores(), scheduler, retry_failed, fresh)
        result = _perform(described, out, options, part)
        lines = []
        if part is not None:
            lines = [f"shard {part.number} of {part.count}; without --shard, the same command reports all of them"]
        elif result.done and not result.interrupted:
            with storage(result.folder):
                lines = _written(described, outcome, result.folder)
        _tell(result, described)
        for line in lines:
            typer.echo(line)
        _end(result)


def sensitivity(  # noqa: PLR0913, PLR0917 - an argument an option
    study: StudyName = "",
    measure: Measure = None,
    day: Day = None,
    days: Days = None,
    replicates: Replicates = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    scheduler: Scheduler = "",
    fresh: Fresh = False,
) -> None:
    """Run a study with a Morris or Sobol sample and report which of its axes matter most.

    Finished runs of the study are reused.
    """
    with faults():
        if not study:
            list_studies()
        from abm.runs.engine import RunOptions
        from abm.runs.pool import usable_cores
        from abm.studies.design.study_file import load_study
        from abm.studies.sweep.outcome import outcome_of

        need("analysis", "SALib")
        described = load_study(study, days, replicates)
        outcome = outcome_of(described, measure, day)
        result = _perform(described, out, RunOptions(workers or usable_cores(), scheduler, fresh=fresh))
        if result.done < result.total:
            _tell(result, described)
            _end(result)
        from abm.inference.sensitivity import analyze
        from abm.inference.sensitivity_report import paragraph, table_lines, write
        from abm.studies.sweep.outcome import values
        from abm.studies.sweep.results import open_sweep

        with storage(result.folder):
            found = list(analyze(described, outcome, values(open_sweep(result.folder), described, outcome)))
            paths = write(result.folder, described, found)
        for one in found:
            typer.echo("\n".join(["", f"{one.group}: {one.outcome.label}", *table_lines(one), ""]))
            typer.echo(paragraph(described, one))
        for path in paths:
            typer.echo(f"written: {path}")


def calibrate(
    study: StudyName = "",
    replicates: Replicates = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    scheduler: Scheduler = "",
    fresh: Fresh = False,
) -> None:
    """Fit the axes of a study to its data; report best values, posterior and what the data cannot identify."""
    with faults():
        if not study:
            list_studies()
        from abm.runs.engine import RunOptions
        from abm.runs.pool import usable_cores
        from abm.studies.design.study_file import load_study

        described = load_study(study, None, replicates)
        if described.calibration is None:
            stop(f'"{described.name}" has no table [calibrate] that names data', USAGE)
        need("analysis", "emcee", "sklearn")
        from abm.inference.calibrate import calibrate as fit
        from abm.inference.calibrate_report import paragraph, table_lines, write
        from abm.inference.objective import Objective

        folder = study_folder(out, described.name, fresh)
        show = teller()
        options = RunOptions(workers or usable_cores(), scheduler)
        show.say(f"Embers {version_text()}: {described.title}, into {folder}")
        from abm.studies.design.inputs import write_inputs

        with storage(folder):
            write_inputs(folder, described.inputs)
            fitted = fit(Objective(described, described.calibration, folder / "points", options, show))
            paths = write(folder, described, fitted)
        typer.echo("\n".join([*table_lines(described, fitted), "", paragraph(described, fitted)]))
        for path in paths:
            typer.echo(f"written: {path}")


def _shard(text: str, fresh: bool) -> Shard | None:
    """The shard that the options ask for; None for the whole study."""
    if not text:
        return None
    if fresh:
        stop("--fresh makes a new folder, in which the other shards would not look: use --out or --name", USAGE)
    from abm.studies.sweep.shards import read_shard

    try:
        return read_shard(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="'--shard'") from error


def _perform(study: Study, out: Path, options: RunOptions, shard: Shard | None = None) -> StudyResult:
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


def _written(study: Study, outcome: MeasureAtTime, folder: Path) -> list[str]:
    """Write the results at every point; returns the lines to print: with all results if the points are few.

    All is written before anything is printed: a reader such as `head` may end the output early.
    """
    from abm.studies.design.set_axis import without_sets
    from abm.studies.sweep.established import peaks
    from abm.studies.sweep.outcome import measured
    from abm.studies.sweep.overview import SHOWN, how, rows_of, table_lines, write
    from abm.studies.sweep.results import open_sweep

    results = open_sweep(folder)
    rows = rows_of(study, outcome, measured(results, study, outcome), peaks(results, study))
    shown = without_sets(study)
    written = [f"written: {path}" for path in write(folder, shown, outcome, rows)]
    if len(rows) > SHOWN:
        return written
    return ["", outcome.meaning, "", *table_lines(shown, rows), "", how(rows), "", *written]


def _tell(result: StudyResult, study: Study) -> None:
    """Report how the study ended."""
    for line in result.failures[:10]:
        typer.echo(line)
    typer.echo(f"{result.done:,} of {result.total:,} runs are done: {result.folder}")
    measure = "cells_per_seeded" if "cells_per_seeded" in study.measures else study.measures[0]
    typer.echo(f"read them with: abm.open_study({json.dumps(result.folder.as_posix())}).series({measure!r})")


def _end(result: StudyResult) -> None:
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
