"""The commands of `embers`. Heavy imports stand inside them, so that help and lists appear at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli import (
    capsules,
    cohorts,
    evidence,
    exporting,
    hypotheses,
    inference,
    inspecting,
    lessons,
    page,
    programs,
    rendering,
    scoring,
    sections,
    studies,
    trials,
)
from abm.cli.help_panels import MODEL, RUN, PanelCommand, PanelGroup
from abm.cli.shared import (
    FAULT,
    INTERRUPTED,
    OK,
    OUTPUTS,
    USAGE,
    Days,
    Fresh,
    Name,
    NoFigures,
    Out,
    Posterior,
    SaveAt,
    Seed,
    Size,
    Step,
    Workers,
    faults,
    sample_asked_for,
    save_hour,
    saved_state,
    stop,
    teller,
    version_text,
)
from abm.cli.signals import interrupted_by_any_end
from abm.runs.store.files import outputs_folder

if TYPE_CHECKING:
    from abm.runs.progress import Show
    from abm.scenario.scenario import Scenario
    from abm.studies.compare import ComparisonResult

FOUR_ARMS = ("no_virus", "influenza", "no_virus_blockade", "influenza_blockade")

app = typer.Typer(
    cls=PanelGroup, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip


@app.callback(invoke_without_command=True)
def embers(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Simulate dormant cancer cells, respiratory infection and IL-6 in a section of lung.

    Start with: embers compare
    """
    if show_version:
        typer.echo(f"embers {version_text()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(
    cls=PanelCommand,
    rich_help_panel=RUN,
    short_help="Compare scenarios side by side.",
    epilog="Example: embers compare influenza il6_knockout --days 15 --replicates 4 --size 1000um",
)
def compare(  # noqa: PLR0913, PLR0917 - an argument an option
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SCENARIO",
            help="Names or .toml files. Default: no virus and influenza, each with and without IL-6 blockade.",
        ),
    ] = None,
    days: Days = None,
    replicates: Annotated[
        int,
        typer.Option(
            min=1,
            max=100_000,
            metavar="N",
            help="Set the number of runs per arm. All arms use the same seeds (twins).",
            rich_help_panel=MODEL,
        ),
    ] = 8,
    size: Size = None,
    seed: Seed = 1,
    workers: Workers = None,
    out: Out = OUTPUTS,
    step: Step = None,
    no_figures: NoFigures = False,
    fresh: Fresh = False,
    posterior: Posterior = "",
    name: Name = "",
) -> None:
    """Compare scenarios side by side: run them as twins and report one table.

    An interrupted command keeps its finished runs. Run the same command again to continue.
    """
    names = list(scenarios or FOUR_ARMS)
    typer.echo(
        f"Embers {version_text()}: {', '.join(names)}; {replicates} replicates each, from seed {seed}.", err=True
    )
    with faults():
        from abm.scenario.read import load_arms

        arms = load_arms(names, days, size, step)  # report faults before importing anything heavy
        sample = sample_asked_for(posterior)
        from abm.runs.pool import usable_cores
        from abm.studies.compare import perform, plan

        show = teller()
        study = replace(plan(arms, range(seed, seed + replicates), sample), called=name)
        per_arm = replicates * (1 + len(study.sets))
        workers = min(workers or usable_cores(), len(names) * per_arm)
        first = study.arms[0]
        lasts = sorted({arm.duration / 24 for arm in study.arms})
        show.say(
            f"{len(names) * per_arm:,} runs of {' or '.join(f'{last:g}' for last in lasts)} days on sections of "
            f"{first.width / 1000:g} mm x {first.height / 1000:g} mm, {workers} at a time, "
            f"into {out / study.folder_name}"
        )
        if study.sets:
            show.say(f"The defaults and {len(study.sets)} parameter sets: {replicates} runs per arm and set.")
        _warn(study.arms, per_arm, workers, show)
        _tell(perform(study, out, workers, show, fresh, not no_figures), show)


def _warn(arms: Sequence[Scenario], replicates: int, workers: int, show: Show) -> None:
    """Warn of runs that may take long."""
    from abm.scenario.cost import warning

    told = warning(arms, replicates, workers)
    if told:
        show.say(told)


@app.command(cls=PanelCommand, rich_help_panel=RUN, epilog="Example: embers run influenza --days 15 --seed 3")
def run(  # noqa: PLR0913, PLR0917 - an argument an option
    scenario: Annotated[str, typer.Argument(help="Name or .toml file.")],
    days: Days = None,
    size: Size = None,
    seed: Seed = 1,
    out: Out = OUTPUTS,
    step: Step = None,
    no_figures: NoFigures = False,
    fresh: Fresh = False,
    save_at: SaveAt = None,
    name: Name = "",
) -> None:
    """Run one scenario once, with one seed."""
    typer.echo(f"Embers {version_text()}: {scenario}, seed {seed}.", err=True)
    with faults():
        from abm.scenario.read import load_arms

        arms = load_arms([scenario], days, size, step)
        hour = None if save_at is None else save_hour(save_at, arms[0])
        from abm.studies.compare import perform, plan

        show = teller()
        study = replace(plan(arms, [seed]), save_at=hour, called=name)
        _warn(study.arms, 1, 1, show)
        _tell(perform(study, out, 1, show, fresh, not no_figures), show)


@app.command(
    "continue",
    cls=PanelCommand,
    rich_help_panel=RUN,
    short_help="Continue a saved run under other scenarios.",
    epilog="Example: embers continue outputs/influenza-1a2b3c4d --with late_blockade",
)
def continue_run(  # noqa: PLR0913, PLR0917 - an argument an option
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", parser=outputs_folder, help="Folder of a run made with --save-at, or a state file in it."
        ),
    ],
    scenarios: Annotated[
        list[str],
        typer.Option(
            "--with", metavar="SCENARIO", help="Continue with this scenario. May be repeated.", rich_help_panel=MODEL
        ),
    ],
    days: Days = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    no_figures: NoFigures = False,
    fresh: Fresh = False,
    name: Name = "",
) -> None:
    """Continue a saved run under other treatments, so that all arms share their past.

    The results are the same, bit for bit, as those of uninterrupted runs.
    """
    with faults():
        from abm.runs.pool import usable_cores
        from abm.scenario.read import load_arms

        arms = load_arms(scenarios)
        state = saved_state(run)
        typer.echo(f"Embers {version_text()}: {', '.join(scenarios)}, from {state}.", err=True)
        from abm.runs.store.checkpoint import PastDiffersError
        from abm.studies.compare import perform, plan_from

        try:
            study = replace(plan_from(state, arms, days), called=name)
        except (PastDiffersError, OSError) as error:
            stop(str(error), USAGE)
        show = teller()
        workers = min(workers or usable_cores(), len(arms))
        _tell(perform(study, out, workers, show, fresh, not no_figures), show)


FAMILIES = (
    page, programs, rendering, exporting, sections, evidence, capsules, scoring, hypotheses, studies, inference,
    cohorts, trials, inspecting, lessons,
)  # fmt: skip
for family in FAMILIES:
    family.add_to(app)


def main() -> None:
    """Run the command `embers`."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")  # a terminal that cannot show a character must not end a run
    interrupted_by_any_end()
    try:
        app(prog_name="embers")
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)


def _tell(result: ComparisonResult, show: Show) -> None:
    """Print the table and the paths of the results, and exit with the code of the outcome."""
    from abm.reporting.report import print_summary
    from abm.runs.progress import page_console

    if result.done:
        print_summary(page_console(), result.rows, result.failures)
    if result.uncertainty:
        from abm.reporting.uncertainty_report import print_uncertainty

        print_uncertainty(page_console(), result.uncertainty, result.held)
    for figure in result.figures:
        typer.echo(f"figure: {figure}")
    typer.echo(f"all results: {result.folder}")
    if result.interrupted:
        kept = f"{result.done} of {result.total} runs are finished and kept"
        stop(f"Interrupted: {kept}; run the same command again to continue.", INTERRUPTED)
    if result.figure_fault:
        show.say(f"The figures could not be drawn ({result.figure_fault}); all other results are complete.")
    if result.failures:
        tried = "run the same command again to retry them"
        stop(f"{len(result.failures)} of {result.total} runs failed (see failures.parquet); {tried}.", FAULT)
    raise typer.Exit(FAULT if result.figure_fault else OK)
