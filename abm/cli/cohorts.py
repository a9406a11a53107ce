"""The commands for virtual patients."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.shared import FAULT, INTERRUPTED, OUTPUTS, USAGE, Fresh, Out, Workers, faults, stop, teller, version_text
from abm.runs.files import storage, study_folder

MOST = 10_000_000


def add_to(app: typer.Typer) -> None:
    """Make them commands of `embers`."""
    app.command(
        short_help="Simulate a cohort of virtual patients as twins.",
        epilog="Example: embers cohort covid_19_before_vaccines --patients 200",
    )(cohort)
    app.command(
        short_help="Look at one virtual patient.", epilog="Example: embers patient covid_19_before_vaccines 30 --plot"
    )(patient)


def cohort(
    name: Annotated[
        str, typer.Argument(metavar="COHORT", help="Name or .toml file; without one, they are listed.")
    ] = "",
    patients: Annotated[int | None, typer.Option(min=1, max=MOST, help="How many; else as the file says.")] = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    scheduler: Annotated[str, typer.Option(metavar="ADDRESS", help="Dask scheduler to run on.")] = "",
    fresh: Fresh = False,
) -> None:
    """Simulate patients with and without infection and under each policy: survival, ratios, individual benefit.

    Stop it as you like; the same command goes on with what is missing. Research and teaching, not medical advice.
    """
    with faults():
        if not name:
            _list_cohorts()
        from abm.cohort.cohort_file import load_cohort

        described = load_cohort(name, patients)
        from abm.cohort.run import perform
        from abm.runs.pool import usable_cores
        from abm.studies.sweep.sweep import How

        show = teller()
        how = How(workers or usable_cores(), scheduler, fresh=fresh)
        show.say(
            f"Embers {version_text()}: {described.title}. {described.patients:,} patients in "
            f"{2 + len(described.policies)} arms each, on {scheduler or f'{how.workers} processes'}, into "
            f"{study_folder(out, described.name, fresh)}"
        )
        result = perform(described, out, how, show)
        for line in result.failures[:10]:
            typer.echo(line)
        if result.done:
            from abm.cohort.analysis import read
            from abm.cohort.disease import MONTH
            from abm.cohort.report import write

            for line in write(described, read(result.folder, described.hours / MONTH), result.folder, show):
                typer.echo(line)
            typer.echo(f"report: {result.folder / 'report.html'} (and report.md; tables as .parquet)")
        if result.interrupted:
            kept = f"{result.done:,} of {result.total:,} patients are finished and kept"
            stop(f"Interrupted: {kept}; the same command goes on from there.", INTERRUPTED)
        if result.failures:
            stop(f"{len(result.failures)} patients failed; the same command tries them again.", FAULT)


def patient(
    cohort: Annotated[str, typer.Argument(help="Name or .toml file of a cohort.")],
    number: Annotated[int, typer.Argument(min=1, max=MOST, help="Of the patient, from 1.")],
    plot: Annotated[bool, typer.Option("--plot", help="Draw them, months on one axis.")] = False,
    out: Out = OUTPUTS,
) -> None:
    """Simulate one patient of a cohort in all arms and tell what happens. Research and teaching, not medical advice."""
    with faults():
        from abm.cohort.cohort_file import load_cohort

        described = load_cohort(cohort)
        from abm.cohort.patient import simulate
        from abm.cohort.patient_figure import draw_patient, summary
        from abm.cohort.report import titles_of
        from abm.cohort.run import ready

        with teller().spinner("simulating (the first time, compiling: a minute)"):
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
    """Show the cohorts there are, and end."""
    import tomllib

    from abm.cohort.cohort_file import cohort_names
    from abm.scenario.catalog import scenarios_folder

    typer.echo("Cohorts that come with Embers (a file of your own ends in .toml):", err=True)
    names = cohort_names()
    for name in names:
        path: Path = scenarios_folder() / "cohorts" / f"{name}.toml"
        story = tomllib.loads(path.read_text(encoding="utf-8")).get("story", "")
        typer.echo(f"{name:<{max(map(len, names))}}  {story}", err=True)
    raise typer.Exit(USAGE)
