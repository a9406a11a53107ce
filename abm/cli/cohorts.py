"""The commands for virtual patients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli.help_panels import ANALYSIS, EXECUTION, MODEL, OUTPUT, PATIENTS, PanelCommand
from abm.cli.shared import (
    FAULT,
    INTERRUPTED,
    OUTPUTS,
    USAGE,
    Fresh,
    Out,
    Posterior,
    Workers,
    faults,
    sample_asked_for,
    stop,
    teller,
    version_text,
)
from abm.runs.store.files import storage, study_folder

if TYPE_CHECKING:
    from abm.cohort.parameter_sets import CohortUnderSets
    from abm.cohort.plan import Cohort
    from abm.runs.progress import Show

MOST = 10_000_000
REGISTRIES = "registries"
Calibrate = Annotated[
    str,
    typer.Option(
        metavar=REGISTRIES,
        help="Also find the values of reach, expansion and occult lesions that agree with two patient registries, "
        "and report every policy over them.",
        rich_help_panel=ANALYSIS,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=PATIENTS,
        short_help="Simulate a cohort of virtual patients.",
        epilog="Example: embers cohort covid_19_before_vaccines --patients 200",
    )(cohort)
    app.command(
        cls=PanelCommand,
        rich_help_panel=PATIENTS,
        short_help="Simulate one virtual patient.",
        epilog="Example: embers patient covid_19_before_vaccines 30 --plot",
    )(patient)


def cohort(  # noqa: PLR0913, PLR0917 - an argument an option
    name: Annotated[
        str, typer.Argument(metavar="COHORT", help="Name or .toml file. Without one, list the packaged cohorts.")
    ] = "",
    patients: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST,
            metavar="N",
            help="Set the number of patients. Default: as in the file.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Run on this Dask scheduler.", rich_help_panel=EXECUTION)
    ] = "",
    fresh: Fresh = False,
    posterior: Posterior = "",
    calibrate: Calibrate = "",
) -> None:
    """Simulate patients with and without infection and under each policy; report survival, ratios and benefit.

    --posterior repeats the simulation of all patients under each parameter set; the time grows with the number of sets.
    --calibrate registries finds the values of reach, expansion and occult lesions that agree with two patient
    registries, and reports every policy over all of them. It repeats no simulation.
    Arms are twins. An interrupted command keeps its finished patients; run the same command again to continue.
    For research and teaching, not medical advice.
    """
    with faults():
        if not name:
            _list_cohorts()
        from abm.cohort.cohort_file import load_cohort

        described = load_cohort(name, patients)
        _check_calibration(calibrate, described)
        sample = sample_asked_for(posterior)
        from abm.cohort.parameter_sets import CohortUnderSets, perform_sets
        from abm.cohort.run import perform
        from abm.runs.engine import RunOptions
        from abm.runs.pool import usable_cores

        show = teller()
        options = RunOptions(workers or usable_cores(), scheduler, fresh=fresh)
        show.say(
            f"Embers {version_text()}: {described.title}. {described.patients:,} patients in "
            f"{2 + len(described.policies)} arms each, on {scheduler or f'{options.workers} processes'}, into "
            f"{study_folder(out, described.name, fresh)}"
        )
        result, uncertain = perform(described, out, options, show), CohortUnderSets()
        if sample and result.done and not result.interrupted:
            uncertain = perform_sets(described, sample, result, options, show)
        if result.done:
            fit = _calibrated(described, result.folder, show) if calibrate and not result.interrupted else ("", [])
            _report(described, result.folder, uncertain, show, *fit)
            typer.echo(f"report: {result.folder / 'report.html'} (and report.md; tables as .parquet)")
        for line in result.failures[:10]:
            typer.echo(line)
        if result.interrupted:
            kept = f"{result.done:,} of {result.total:,} patients are finished and kept"
            stop(f"Interrupted: {kept}; run the same command again to continue.", INTERRUPTED)
        if result.failures:
            stop(f"{len(result.failures)} patients failed; run the same command again to retry them.", FAULT)


def _check_calibration(asked: str, described: Cohort) -> None:
    """Stop where the registries cannot say anything of a cohort."""
    from abm.cohort.plan import COVID

    if asked not in ("", REGISTRIES):
        stop(f'--calibrate "{asked}": allowed is: {REGISTRIES}', USAGE)
    if asked and COVID not in dict(described.viruses):
        stop(f"--calibrate {asked}: the registries are of {COVID}, and nobody has it in this cohort", USAGE)


def _calibrated(described: Cohort, folder: Path, show: Show) -> tuple[str, Sequence[str]]:
    """Weight the unknown factors by the registries; returns the section of the report, and lines of a summary."""
    from abm.cohort.expected.writing import prepare_expected
    from abm.cohort.pages.words import titles_of
    from abm.cohort.registries.report import calibrate_to_registries

    with show.spinner("preparing the closed form"), storage(folder):
        prepare_expected(described, folder)
    return calibrate_to_registries(folder, titles_of(described), show)


def _report(
    described: Cohort, folder: Path, uncertain: CohortUnderSets, show: Show, section: str, told: Sequence[str]
) -> None:
    """Write the report, then print a summary; section, told: of the registries in Markdown and in lines, or empty."""
    from abm.cohort.analysis import read
    from abm.cohort.disease import MONTH
    from abm.cohort.parameter_sets import TOLD
    from abm.cohort.report import write
    from abm.reporting.uncertainty_report import print_uncertainty, uncertainty_text
    from abm.runs.progress import page_console

    rows, notes = uncertain.rows, uncertain.notes
    text = uncertainty_text(rows, notes, TOLD) if rows else ""
    lines = write(described, read(folder, described.hours / MONTH), folder, show, text, section)
    for line in (*told, *lines):
        typer.echo(line)
    if rows:
        print_uncertainty(page_console(), rows, notes, TOLD)


def patient(
    cohort: Annotated[str, typer.Argument(help="Name or .toml file of a cohort.")],
    number: Annotated[int, typer.Argument(min=1, max=MOST, help="Number of the patient, from 1.")],
    plot: Annotated[
        bool, typer.Option("--plot", help="Plot all arms over the months.", rich_help_panel=OUTPUT)
    ] = False,
    out: Out = OUTPUTS,
) -> None:
    """Simulate one patient of a cohort in all arms and report the time course.

    For research and teaching, not medical advice.
    """
    with faults():
        from abm.cohort.cohort_file import load_cohort

        described = load_cohort(cohort)
        from abm.cohort.pages.words import titles_of
        from abm.cohort.patient import simulate
        from abm.cohort.patient_figure import draw_patient, summary
        from abm.cohort.run import ready

        with teller().spinner("simulating (the first run also compiles: about a minute)"):
            ready()
            person, arms = simulate(described, number)
        titles = titles_of(described)
        typer.echo("\n".join(summary(described, person, arms, titles)))
        if plot:
            folder = out / described.name / "patients"
            with storage(folder):
                folder.mkdir(parents=True, exist_ok=True)
                path = draw_patient(described, person, arms, titles, folder / f"patient-{number}.png")
            typer.echo(f"figure: {path}")


def _list_cohorts() -> None:
    """List the packaged cohorts, and exit."""
    import tomllib

    from abm.cohort.cohort_file import cohort_names
    from abm.scenario.catalog import scenarios_folder

    typer.echo("Packaged cohorts (your own file must end in .toml):", err=True)
    names = cohort_names()
    for name in names:
        path: Path = scenarios_folder() / "cohorts" / f"{name}.toml"
        story = tomllib.loads(path.read_text(encoding="utf-8")).get("story", "")
        typer.echo(f"{name:<{max(map(len, names))}}  {story}", err=True)
    raise typer.Exit(USAGE)
