"""The command that runs a study: arms x axes x replicates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.help_panels import EXECUTION, STUDIES, PanelCommand
from abm.cli.shared import (
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
)
from abm.cli.study_command import (
    Day,
    Days,
    Measure,
    Replicates,
    Scheduler,
    StudyName,
    end,
    list_studies,
    perform_study,
    tell,
)
from abm.runs.store.files import storage

if TYPE_CHECKING:
    from abm.studies.design.study import Study
    from abm.studies.sweep.outcome import MeasureAtTime
    from abm.studies.sweep.shards import Shard

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
        result = perform_study(described, out, options, part)
        lines = []
        if part is not None:
            lines = [f"shard {part.number} of {part.count}; without --shard, the same command reports all of them"]
        elif result.done and not result.interrupted:
            with storage(result.folder):
                lines = _written(described, outcome, result.folder)
        tell(result, described)
        for line in lines:
            typer.echo(line)
        end(result)


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
