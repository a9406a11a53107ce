"""The command that designs a trial from a finished cohort."""

from __future__ import annotations

from typing import Annotated

import typer

from abm.cli.help_panels import ANALYSIS, MODEL, PATIENTS, PanelCommand
from abm.cli.shared import OUTPUTS, USAGE, Out, faults, stop, teller
from abm.runs.store.files import storage


def add_to(app: typer.Typer) -> None:
    """Add this command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=PATIENTS,
        short_help="Estimate how many patients a trial would need.",
        epilog="Example: embers trial blockade_on_admission --outcome death --months 24",
    )(trial)


def trial(  # noqa: PLR0913, PLR0917 - an argument an option
    name: Annotated[str, typer.Argument(metavar="COHORT", help="Name or .toml file of a finished cohort.")],
    arm: Annotated[
        list[str] | None,
        typer.Option(
            metavar="POLICY", help="Test this arm. May be repeated. Default: every policy.", rich_help_panel=MODEL
        ),
    ] = None,
    against: Annotated[
        str, typer.Option(metavar="ARM", help="Compare with this arm.", rich_help_panel=MODEL)
    ] = "infection",
    outcome: Annotated[
        str,
        typer.Option(
            metavar="OUTCOME", help='Count this outcome: "found", "death" or "cancer-death".', rich_help_panel=MODEL
        ),
    ] = "found",
    power: Annotated[float, typer.Option(metavar="SHARE", help="Set the power.", rich_help_panel=ANALYSIS)] = 0.8,
    alpha: Annotated[
        float, typer.Option(metavar="SHARE", help="Set the two-sided level of the test.", rich_help_panel=ANALYSIS)
    ] = 0.05,
    scan_every: Annotated[
        list[float] | None,
        typer.Option(
            metavar="MONTHS", help="Scan at this interval. May be repeated. Default: 6, 12, 24.", rich_help_panel=MODEL
        ),
    ] = None,
    months: Annotated[
        list[float] | None,
        typer.Option(
            metavar="MONTHS",
            help="Set the length of follow-up. May be repeated. Default: 24, 36, 52, 84, as far as simulated.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    out: Out = OUTPUTS,
) -> None:
    """Estimate how many patients per arm, or simulated twins, a trial needs to show the effect of a policy.

    Run `embers cohort COHORT` first. Sizes are reported by scan interval and length of follow-up, and over the set of
    `--calibrate registries` if there is one. A prediction, not a protocol. For research and teaching, not medical
    advice.
    """
    with faults():
        from abm.cohort.cohort_file import load_cohort

        cohort = load_cohort(name)
        from abm.cohort.expected.writing import prepare_expected
        from abm.cohort.pages.words import titles_of
        from abm.cohort.trials.designs import Question, QuestionError, plan_trials
        from abm.cohort.trials.report import write_trials

        usual = Question(())
        question = Question(
            tuple(dict.fromkeys(arm or ())), against, outcome, power, alpha, tuple(scan_every or usual.scans),
            tuple(months or usual.follow_ups),
        )  # fmt: skip
        folder, show = out / cohort.name, teller()
        with show.spinner("computing the designs"):
            with storage(folder):
                prepare_expected(cohort, folder)
            try:
                study = plan_trials(folder, question)
            except QuestionError as error:
                stop(str(error), USAGE)
            lines = write_trials(folder, cohort.title, study, titles_of(cohort))
        for line in lines:
            typer.echo(line)
        typer.echo(f"report: {folder / 'trial.md'} (and trial.csv, figures/trial.png)")
