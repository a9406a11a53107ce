"""The commands. Heavy imports stand inside them, so that help and lists are there at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.study.folder import StorageError
from abm.study.scenario_errors import ScenarioError

if TYPE_CHECKING:
    from abm.study.compare import Result
    from abm.study.progress import Show

FOUR_ARMS = ("no_virus", "influenza", "no_virus_blockade", "influenza_blockade")
OUTPUTS = Path("outputs")
MOST_SEED = 2**62
OK, FAULT, USAGE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip

Days = Annotated[float | None, typer.Option(help="Length of the runs in days; else as the scenarios say.")]
Size = Annotated[str | None, typer.Option(help='Side of the section ("1000um"), or both ("2mm x 1mm").')]
Step = Annotated[str | None, typer.Option(help='Time step, such as "10 min".')]
Seed = Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of chance; replicates count up from it.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; else one a core.")]
Out = Annotated[Path, typer.Option(help="Folder in which that of the results is made.")]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw no figures.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Run again what is complete, in a new folder.")]


@app.callback(invoke_without_command=True)
def embers(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    """Embers: dormant cancer cells, respiratory infection and IL-6 in a section of lung.

    Start with: embers compare
    """
    if show_version:
        typer.echo(f"embers {_version()}")
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
    typer.echo(f"Embers {_version()}: {', '.join(names)}; {replicates} replicates each, from seed {seed}.", err=True)
    with _faults():
        from abm.study.scenario_file import load_arms

        arms = load_arms(names, days, size, step)  # so that faults are told before anything heavy is imported
        from abm.study.compare import perform, plan
        from abm.study.pool import usable_cores

        show = _show()
        study = plan(arms, range(seed, seed + replicates))
        workers = min(workers or usable_cores(), len(names) * replicates)
        first = study.arms[0]
        lasts = sorted({arm.duration / 24 for arm in study.arms})
        show.say(
            f"{len(names) * replicates} runs of {' or '.join(f'{last:g}' for last in lasts)} days on sections of "
            f"{first.width / 1000:g} mm x {first.height / 1000:g} mm, {workers} at a time, into {out / study.name}"
        )
        _tell(perform(study, out, workers, show, fresh, not no_figures), show)


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
) -> None:
    """Run one scenario once."""
    typer.echo(f"Embers {_version()}: {scenario}, seed {seed}.", err=True)
    with _faults():
        from abm.study.scenario_file import load_arms

        arms = load_arms([scenario], days, size, step)
        from abm.study.compare import perform, plan

        show = _show()
        study = plan(arms, [seed])
        _tell(perform(study, out, 1, show, fresh, not no_figures), show)


@app.command("list", epilog="Example: embers list")
def list_scenarios() -> None:
    """List the scenarios with their story."""
    from abm.study.catalog import scenario_names, scenario_story

    with _faults():
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
    """Describe every parameter: value, meaning, range, confidence and source."""
    with _faults():
        from abm.study.describe import entries, matching, near_names
        from abm.study.scenario_file import load_scenario

        found = entries(load_scenario(scenario) if scenario else None)
        chosen = matching(found, name)
        if not chosen:
            near = near_names(found, name)
            hint = f"nearest: {', '.join(near)}" if near else "`embers describe` shows all"
            _stop(f'no parameter has "{name}" in its name or meaning; {hint}', USAGE)
        for entry in chosen:
            typer.echo("\n".join(entry.lines()))


@app.command(short_help="Verify the mathematics of the model.", epilog="Example: embers verify --only diffusion,step")
def verify(
    only: Annotated[str, typer.Option(metavar="NAME,...", help="Only these checks; else all.")] = "",
    out: Annotated[Path, typer.Option(help="Folder for the page, the figures and the numbers.")] = OUTPUTS / "verify",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    workers: Workers = None,
) -> None:
    """Hold fields, chance, waiting times, drugs and the whole model against closed solutions and laws."""
    from abm.verify.catalog import chosen

    try:
        names = chosen(only)
    except ValueError as error:
        _stop(str(error), USAGE)
    typer.echo(f"Embers {_version()}: {len(names)} checks, into {out}", err=True)
    from abm.verify.command import perform

    try:
        failed = perform(names, out, workers, _show(), as_json)
    except StorageError as error:
        _stop(str(error), FAULT)
    except KeyboardInterrupt:
        _stop("Interrupted. Nothing was written.", INTERRUPTED)
    raise typer.Exit(FAULT if failed else OK)


@app.command(short_help="Hold the model against mice.", epilog="Example: embers validate --only F2,F8")
def validate(  # noqa: PLR0913, PLR0917 - an argument an option
    only: Annotated[str, typer.Option(metavar="ID,...", help="Only these targets; else all.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Few replicates: a first look in some minutes.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for runs, page, pictures, numbers.")] = OUTPUTS / "validate",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    workers: Workers = None,
    size: Size = None,
    step: Step = None,
    readme: Annotated[Path | None, typer.Option(help="Put the scoreboard into this file, between its marks.")] = None,
    assumptions: Annotated[
        bool, typer.Option("--assumptions", help="Instead: move the ten weakest assumptions over their ranges.")
    ] = False,
) -> None:
    """Hold the model against what was found in mice: a scoreboard, target by target.

    What was finished when it is interrupted is kept; the same command goes on from there.
    """
    from abm.validate.target import ValidationError, chosen

    try:
        ids = chosen(only)
        if readme and (only or quick or size or step):
            raise ValueError("--readme takes the whole scoreboard: leave --only, --quick, --size and --step out")
        if assumptions and (only or quick or size or step or readme or as_json):
            raise ValueError("--assumptions goes with --out and --workers only")
    except ValueError as error:
        _stop(str(error), USAGE)
    what = "the weakest assumptions" if assumptions else f"{len(ids)} targets"
    typer.echo(f"Embers {_version()}: {what}, into {out}", err=True)
    from abm.validate.command import Wanted, examine_assumptions, perform

    failed = False
    try:
        with _faults():
            if assumptions:
                examine_assumptions(out, workers, _show())
            else:
                failed = perform(Wanted(ids, quick, as_json, readme, size, step), out, workers, _show())
    except ValidationError as error:
        _stop(str(error), FAULT)
    raise typer.Exit(FAULT if failed else OK)


@app.command(
    short_help="Fit the parameters that the defaults come from.", epilog="Example: embers fit --only infection"
)
def fit(
    only: Annotated[str, typer.Option(metavar="STAGE,...", help="Only these stages; else all.")] = "",
    out: Annotated[Path, typer.Option(help="Folder for rounds, page, figures, result.")] = OUTPUTS / "fit",
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the ensemble.")] = 1,
    workers: Workers = None,
) -> None:
    """Fit the free parameters to mice, with their uncertainty: the calibration that the defaults come from.

    Takes about an hour on two cores. What was finished when it is interrupted is kept; the same command goes on from
    there.
    """
    from abm.fit.plan import chosen

    try:
        names = chosen(only)
    except ValueError as error:
        _stop(str(error), USAGE)
    typer.echo(f"Embers {_version()}: {', '.join(names)}, into {out}", err=True)
    from abm.fit.command import perform
    from abm.validate.target import ValidationError

    try:
        with _faults():
            perform(names, out, workers, _show(), seed)
    except ValidationError as error:
        _stop(str(error), FAULT)


@app.command(short_help="Open the page in the browser.", epilog="Example: embers serve --port 8080 --no-browser")
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen at; other machines reach 0.0.0.0.")] = "localhost",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only serve.")] = False,
) -> None:
    """Serve the page: up to four arms side by side, live. Ctrl-C ends it."""
    from abm.dashboard.serving import serve as serve_page

    try:
        serve_page(host, port, not no_browser)
    except OSError as error:
        _stop(f"The page cannot be served: {error}; try another --port.", FAULT)


@app.command(short_help="Tell whether this machine is ready.", epilog="Example: embers doctor")
def doctor(out: Out = OUTPUTS) -> None:
    """Tell whether this machine has what Embers needs, and how to get what is missing."""
    from abm.study.doctor import examine

    worst = 0
    for finding in examine(out):
        worst = max(worst, finding.fault)
        typer.echo(f"{('ok', 'note', 'FAULT')[finding.fault]:<6} {finding.what:<15} {finding.found}")
        if finding.remedy:
            typer.echo(f"{'':<23}-> {finding.remedy}")
    typer.echo(("All is well.", "Works, with the notes above.", "Something needed is missing: see above.")[worst])
    raise typer.Exit(FAULT if worst == 2 else OK)


def main() -> None:
    """What the command `embers` does."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")  # a terminal that cannot show a character must not end a run
    try:
        app(prog_name="embers")
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("embers")
    except PackageNotFoundError:
        return "from source, not installed"


def _show() -> Show:
    from rich.console import Console

    from abm.study.progress import Show

    return Show(Console(stderr=True))


@contextmanager
def _faults() -> Iterator[None]:
    """Turn what can go wrong into a message and an exit code."""
    try:
        yield
    except ScenarioError as error:
        _stop(str(error), USAGE)
    except StorageError as error:
        _stop(f"{error}\nRuns that were finished are kept; the same command goes on from there.", FAULT)
    except KeyboardInterrupt:
        _stop("Interrupted. Runs that were finished are kept; the same command goes on from there.", INTERRUPTED)


def _tell(result: Result, show: Show) -> None:
    """Print the table and where everything is; end with the code that says how it went."""
    from abm.study.progress import page_console
    from abm.study.report import print_summary

    if result.done:
        print_summary(page_console(), result.rows, result.failures)
    for figure in result.figures:
        typer.echo(f"figure: {figure}")
    typer.echo(f"all results: {result.folder}")
    if result.interrupted:
        kept = f"{result.done} of {result.total} runs are finished and kept"
        _stop(f"Interrupted: {kept}; the same command goes on from there.", INTERRUPTED)
    if result.figure_fault:
        show.say(f"The figures could not be drawn ({result.figure_fault}); everything else is there.")
    if result.failures:
        tried = "the same command tries them again"
        _stop(f"{len(result.failures)} of {result.total} runs failed (failures.parquet says how); {tried}.", FAULT)
    raise typer.Exit(FAULT if result.figure_fault else OK)


def _stop(message: str, code: int) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(code)
