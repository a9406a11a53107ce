"""Commands that look at what there is: scenarios, parameters, laws, the progress of studies, the installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abm.cli.help_panels import ANALYSIS, INSPECT, MODEL, OUTPUT, STUDIES, PanelCommand
from abm.cli.shared import FAULT, OK, OUTPUTS, USAGE, Out, faults, stop
from abm.cli.study_command import Days, list_studies
from abm.runs.store.files import outputs_folder

if TYPE_CHECKING:
    from abm.runs.status import Status


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("list", cls=PanelCommand, rich_help_panel=INSPECT, epilog="Example: embers list")(list_scenarios)
    app.command(
        cls=PanelCommand,
        rich_help_panel=INSPECT,
        short_help="Describe parameters and drugs.",
        epilog="Example: embers describe release --scenario sars_cov_2",
    )(describe)
    app.command(
        cls=PanelCommand,
        rich_help_panel=INSPECT,
        short_help="List the laws of a scenario in words.",
        epilog="Example: embers rules influenza --diff il6_knockout",
    )(rules)
    app.command(
        cls=PanelCommand, rich_help_panel=INSPECT, short_help="Check the installation.", epilog="Example: embers doctor"
    )(doctor)
    app.command(
        cls=PanelCommand,
        rich_help_panel=STUDIES,
        short_help="Show the progress of a study, comparison or cohort.",
        epilog="Example: embers status blockade_timing",
    )(status)


def list_scenarios() -> None:
    """List the packaged scenarios."""
    from abm.scenario.catalog import scenario_names, scenario_story

    with faults():
        names = scenario_names()
        width = max(map(len, names), default=0)
        for name in names:
            typer.echo(f"{name:<{width}}  {scenario_story(name)[1]}")


def describe(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Part of a name or meaning. Default: all parameters.")
    ] = "",
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="SCENARIO",
            help="Show the values of this scenario; * marks those that it changes.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    schema: Annotated[
        bool,
        typer.Option(
            "--schema",
            help="Print the JSON Schema of scenario files, for completion in an editor.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
) -> None:
    """Describe parameters (value, meaning, range, confidence, and source with its DOI) and drugs."""
    with faults():
        if schema:
            if name or scenario:
                stop("--schema is of all scenarios: leave NAME and --scenario out", USAGE)
            from abm.scenario.schema import scenario_schema

            typer.echo(json.dumps(scenario_schema(), indent=1, ensure_ascii=False))
            return
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


def rules(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Name or .toml file.")],
    diff: Annotated[
        str | None,
        typer.Option(
            metavar="OTHER", help="Show only the laws that differ in this scenario.", rich_help_panel=ANALYSIS
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            parser=outputs_folder,
            help="Draw curves and a diagram of the laws into this folder (PNG and SVG).",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of sentences.", rich_help_panel=OUTPUT)
    ] = False,
    trial: Annotated[
        bool,
        typer.Option(
            "--trial", help="Run once, and report how far the signals of own rules come.", rich_help_panel=ANALYSIS
        ),
    ] = False,
) -> None:
    """List the laws that act in a scenario, by cell type: a sentence with its numbers, confidence and sources.

    Laws that do not act are listed at the end, with the reason.
    """
    with faults():
        from abm.scenario.read import load_scenario

        own = load_scenario(scenario)
        other = load_scenario(diff) if diff else None
        if as_json:
            from abm.cli.rules_listing import data_of

            typer.echo(json.dumps(data_of(own, other), indent=1, ensure_ascii=False))
        else:
            from abm.studies.rules import rules_of

            rules = rules_of(own)
            typer.echo(rules.text() if other is None else rules.diff(other).text())
        if plot is not None:
            from abm.cli.rules_listing import drawn

            for path in drawn(own, other, plot):
                typer.echo(f"figure: {path}", err=as_json)
        if trial:
            from abm.cli.rules_listing import lines_of_trial

            for line in lines_of_trial(own):
                typer.echo(line, err=as_json)


def doctor(out: Out = OUTPUTS) -> None:
    """Check the installation and show how to install what is missing."""
    from abm.cli.doctor import examine

    worst = 0
    for finding in examine(out):
        worst = max(worst, finding.fault)
        typer.echo(f"{('ok', 'note', 'FAULT')[finding.fault]:<6} {finding.what:<15} {finding.found}")
        if finding.remedy:
            typer.echo(f"{'':<23}-> {finding.remedy}")
    typer.echo(
        (
            "Everything works.",
            "Embers works, with the notes above.",
            "Something that Embers needs is missing or has the wrong version: see above.",
        )[worst]
    )
    raise typer.Exit(FAULT if worst == 2 else OK)


def status(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help="Name, file or folder of a study, or of what another command writes."),
    ] = "",
    days: Days = None,
    out: Out = OUTPUTS,
) -> None:
    """Show how far a study or another command is: runs done, running, failed and left, and the time left."""
    with faults():
        if not study:
            list_studies()
        from abm.runs.progress import duration

        folder = _folder_of(study, days, out)
        command, what, _, status_of = next(one for one in _started() if one.is_in(folder))
        found = status_of(folder)
        left = found.total - found.done - found.failed
        typer.echo(f"{folder}: {found.total:,} {what}")
        typer.echo(f"done     {found.done:>9,}   {100.0 * found.done / found.total:.1f} %")
        typer.echo(f"running  {found.running:>9,}")
        typer.echo(f"failed   {found.failed:>9,}")
        typer.echo(f"left     {left:>9,}")
        if found.seconds_left is not None:
            typer.echo(f"about {duration(found.seconds_left)} left")
        elif left and not found.running:
            typer.echo(f"It is not running. Continue with `embers {command}`.")


class _Started(NamedTuple):
    """What a command starts in a folder: the command, what it does many of, whether it did, and how far that is."""

    command: str
    what: str
    is_in: Callable[[Path], bool]
    status: Callable[[Path], Status]


def _started() -> tuple[_Started, ...]:
    from abm.cohort import run as cohorts
    from abm.inference.fit import suite as fitting
    from abm.runs.status import last_status
    from abm.studies import compare
    from abm.studies.sweep import results
    from abm.validate import suite as validation
    from abm.verify import suite as verification

    return (
        _Started("sweep", "runs", results.is_study, results.status),
        _Started("cohort", "patients", cohorts.is_cohort, cohorts.status),
        _Started("compare", "runs", compare.is_comparison, compare.status),
        _Started("verify", "parts of checks", verification.is_verification, verification.status),
        _Started("validate", "runs", validation.is_validation, last_status),
        _Started("fit", "runs", fitting.is_fit, last_status),
    )


def _folder_of(study: str, days: float | None, out: Path) -> Path:
    """Folder of a started study, comparison or cohort, given as a path or by its name."""

    def is_started(folder: Path) -> bool:
        return any(one.is_in(folder) for one in _started())

    folder = Path(study) if is_started(Path(study)) else out / Path(study).stem
    if days is not None:
        folder = folder.with_name(f"{folder.name}-{days:g}d")
    if not is_started(folder):
        others = [other.name for other in sorted(folder.parent.glob(f"{folder.name}*")) if is_started(other)]
        hint = f"; there is {', '.join(others)} (--days for shortened runs)" if others else ""
        stop(f'there is no study in "{folder}"{hint}; start one with `embers sweep` or `embers cohort`', USAGE)
    return folder
