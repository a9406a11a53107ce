"""The commands. Heavy imports stand inside them, so that help and lists are there at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.cli import cohorts, evidence, studies
from abm.cli.shared import (
    FAULT,
    INTERRUPTED,
    OK,
    OUTPUTS,
    USAGE,
    Days,
    Fresh,
    NoFigures,
    Out,
    SaveAt,
    Seed,
    Size,
    Step,
    Workers,
    faults,
    save_hour,
    saved_state,
    stop,
    teller,
    version_text,
)
from abm.cli.signals import interrupted_by_any_end
from abm.runs.files import outputs_folder

if TYPE_CHECKING:
    from abm.runs.progress import Show
    from abm.scenario.scenario import Scenario
    from abm.studies.compare import Result

FOUR_ARMS = ("no_virus", "influenza", "no_virus_blockade", "influenza_blockade")

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip


@app.callback(invoke_without_command=True)
def embers(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    """Embers: dormant cancer cells, respiratory infection and IL-6 in a section of lung.

    Start with: embers compare
    """
    if show_version:
        typer.echo(f"embers {version_text()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(
    short_help="Run scenarios side by side and compare them.",
    epilog="Example: embers compare influenza il6_knockout --days 15 --replicates 4 --size 1000um",
)
def compare(  # noqa: PLR0913, PLR0917 - an argument an option
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIO]...",
            help="Names or .toml files; else no virus and influenza, each with and without blockade of IL-6.",
        ),
    ] = None,
    days: Days = None,
    replicates: Annotated[int, typer.Option(min=1, max=100_000, help="Twins: runs an arm, same seeds in each.")] = 8,
    size: Size = None,
    seed: Seed = 1,
    workers: Workers = None,
    out: Out = OUTPUTS,
    step: Step = None,
    no_figures: NoFigures = False,
    fresh: Fresh = False,
) -> None:
    """Run scenarios side by side as twins and compare them in one table.

    What was finished when it is interrupted is kept; the same command goes on from there.
    """
    names = list(scenarios or FOUR_ARMS)
    typer.echo(
        f"Embers {version_text()}: {', '.join(names)}; {replicates} replicates each, from seed {seed}.", err=True
    )
    with faults():
        from abm.scenario.read import load_arms

        arms = load_arms(names, days, size, step)  # so that faults are told before anything heavy is imported
        from abm.runs.pool import usable_cores
        from abm.studies.compare import perform, plan

        show = teller()
        study = plan(arms, range(seed, seed + replicates))
        workers = min(workers or usable_cores(), len(names) * replicates)
        first = study.arms[0]
        lasts = sorted({arm.duration / 24 for arm in study.arms})
        show.say(
            f"{len(names) * replicates} runs of {' or '.join(f'{last:g}' for last in lasts)} days on sections of "
            f"{first.width / 1000:g} mm x {first.height / 1000:g} mm, {workers} at a time, into {out / study.name}"
        )
        _warn(study.arms, replicates, workers, show)
        _tell(perform(study, out, workers, show, fresh, not no_figures), show)


def _warn(arms: Sequence[Scenario], replicates: int, workers: int, show: Show) -> None:
    """Say beforehand where runs may take long."""
    from abm.scenario.cost import warning

    told = warning(arms, replicates, workers)
    if told:
        show.say(told)


@app.command(epilog="Example: embers run influenza --days 15 --seed 3")
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
) -> None:
    """Run one scenario once."""
    typer.echo(f"Embers {version_text()}: {scenario}, seed {seed}.", err=True)
    with faults():
        from abm.scenario.read import load_arms

        arms = load_arms([scenario], days, size, step)
        hour = None if save_at is None else save_hour(save_at, arms[0])
        from abm.studies.compare import perform, plan

        show = teller()
        study = replace(plan(arms, [seed]), save_at=hour)
        _warn(study.arms, 1, 1, show)
        _tell(perform(study, out, 1, show, fresh, not no_figures), show)


@app.command(
    "continue",
    short_help="Go on from a saved run, with another scenario.",
    epilog="Example: embers continue outputs/influenza-1a2b3c4d --with late_blockade",
)
def continue_run(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", parser=outputs_folder, help="Folder of a run with --save-at, or a state in it."),
    ],
    scenarios: Annotated[list[str], typer.Option("--with", metavar="SCENARIO", help="Name or file; may be repeated.")],
    days: Days = None,
    workers: Workers = None,
    out: Out = OUTPUTS,
    no_figures: NoFigures = False,
    fresh: Fresh = False,
) -> None:
    """Go on from a saved run under other treatments: arms that share their past, bit for bit as unbroken runs."""
    with faults():
        from abm.runs.pool import usable_cores
        from abm.scenario.read import load_arms

        arms = load_arms(scenarios)
        state = saved_state(run)
        typer.echo(f"Embers {version_text()}: {', '.join(scenarios)}, from {state}.", err=True)
        from abm.runs.checkpoint import PastDiffersError
        from abm.studies.compare import perform, plan_from

        try:
            study = plan_from(state, arms, days)
        except (PastDiffersError, OSError) as error:
            stop(str(error), USAGE)
        show = teller()
        workers = min(workers or usable_cores(), len(arms))
        _tell(perform(study, out, workers, show, fresh, not no_figures), show)


@app.command("list", epilog="Example: embers list")
def list_scenarios() -> None:
    """List the scenarios with their story."""
    from abm.scenario.catalog import scenario_names, scenario_story

    with faults():
        names = scenario_names()
        width = max(map(len, names), default=0)
        for name in names:
            typer.echo(f"{name:<{width}}  {scenario_story(name)[1]}")


@app.command(short_help="Describe every parameter.", epilog="Example: embers describe release --scenario sars_cov_2")
def describe(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Part of a name or of a meaning; else all.")] = "",
    scenario: Annotated[
        str | None, typer.Option(help="Show the values of this scenario; * marks those it changes.")
    ] = None,
) -> None:
    """Describe every parameter: value, meaning, range, confidence and source, with its DOI; and the drugs."""
    with faults():
        from abm.scenario.describe import drugs, entries, matching, near_names, sources
        from abm.scenario.read import load_scenario

        found = entries(load_scenario(scenario) if scenario else None)
        chosen = matching([*found, *drugs()], name)
        if not chosen:
            near = near_names(found, name)
            hint = f"nearest: {', '.join(near)}" if near else "`embers describe` shows all"
            stop(f'no parameter has "{name}" in its name or meaning; {hint}', USAGE)
        for entry in chosen:
            typer.echo("\n".join(entry.lines()))
        for line in sources(chosen):
            typer.echo(line)


@app.command(short_help="Open the page in the browser.", epilog="Example: embers serve --port 8080 --no-browser")
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen at; other machines reach 0.0.0.0.")] = "localhost",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only serve.")] = False,
    visitors: Annotated[int, typer.Option(min=1, max=1000, help="Visitors at once; each takes about 100 MB.")] = 24,
    per_address: Annotated[int, typer.Option(min=1, max=1000, help="Of these, from one address.")] = 12,
    trust: Annotated[list[str] | None, typer.Option(help="Name by which this server is called; repeatable.")] = None,
) -> None:
    """Serve the page: up to four arms side by side, live. Ctrl-C ends it."""
    from abm.dashboard.server.serving import serve as serve_page
    from abm.dashboard.server.sessions import Places

    try:
        serve_page(host, port, not no_browser, Places(visitors, per_address), trust or ())
    except OSError as error:
        stop(f"The page cannot be served: {error}; try another --port.", FAULT)


@app.command(short_help="Tell whether this machine is ready.", epilog="Example: embers doctor")
def doctor(out: Out = OUTPUTS) -> None:
    """Tell whether this machine has what Embers needs, and how to get what is missing."""
    from abm.cli.doctor import examine

    worst = 0
    for finding in examine(out):
        worst = max(worst, finding.fault)
        typer.echo(f"{('ok', 'note', 'FAULT')[finding.fault]:<6} {finding.what:<15} {finding.found}")
        if finding.remedy:
            typer.echo(f"{'':<23}-> {finding.remedy}")
    typer.echo(
        (
            "All is well.",
            "Works, with the notes above.",
            "Something needed is missing or of another version: see above.",
        )[worst]
    )
    raise typer.Exit(FAULT if worst == 2 else OK)


evidence.add_to(app)
studies.add_to(app)
cohorts.add_to(app)


def main() -> None:
    """What the command `embers` does."""
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


def _tell(result: Result, show: Show) -> None:
    """Print the table and where everything is; end with the code that says how it went."""
    from abm.reporting.report import print_summary
    from abm.runs.progress import page_console

    if result.done:
        print_summary(page_console(), result.rows, result.failures)
    for figure in result.figures:
        typer.echo(f"figure: {figure}")
    typer.echo(f"all results: {result.folder}")
    if result.interrupted:
        kept = f"{result.done} of {result.total} runs are finished and kept"
        stop(f"Interrupted: {kept}; the same command goes on from there.", INTERRUPTED)
    if result.figure_fault:
        show.say(f"The figures could not be drawn ({result.figure_fault}); everything else is there.")
    if result.failures:
        tried = "the same command tries them again"
        stop(f"{len(result.failures)} of {result.total} runs failed (failures.parquet says how); {tried}.", FAULT)
    raise typer.Exit(FAULT if result.figure_fault else OK)
