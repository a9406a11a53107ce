"""The commands that learn from a study: which axes matter, and which values fit data."""

from __future__ import annotations

import typer

from abm.cli.help_panels import STUDIES, PanelCommand
from abm.cli.shared import OUTPUTS, USAGE, Fresh, Out, Workers, faults, stop, teller, version_text
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
from abm.installation.optional_deps import need
from abm.runs.store.files import storage, study_folder


def add_to(app: typer.Typer) -> None:
    """Add these commands to `embers`."""
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
        result = perform_study(described, out, RunOptions(workers or usable_cores(), scheduler, fresh=fresh))
        if result.done < result.total:
            tell(result, described)
            end(result)
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
