"""The command that compares rival hypotheses with published findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import ANALYSIS, EVIDENCE, OUTPUT, PanelCommand
from abm.cli.shared import FAULT, OUTPUTS, USAGE, Workers, faults, stop, teller, version_text
from abm.runs.store.files import outputs_folder

SECTIONS = 8  # of each arm


def add_to(app: typer.Typer) -> None:
    """Add this command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Compare rival hypotheses with published findings.",
        epilog="Example: embers hypotheses il6 mine.toml --only F2,F8",
    )(hypotheses)


def hypotheses(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[HYPOTHESIS]...", help="Name or .toml file of each. Default: the packaged ones."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="ID,...",
            help="Use only these findings or groups (F2,G). Default: all on cancer cells.",
            rich_help_panel=ANALYSIS,
        ),
    ] = None,
    sections: Annotated[
        int,
        typer.Option(
            min=2,
            max=96,
            help="Set the number of sections per arm. Fewer than 5 give no intervals.",
            rich_help_panel=ANALYSIS,
        ),
    ] = SECTIONS,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", parser=outputs_folder, help="Write runs, page and numbers to this folder.",
            rich_help_panel=OUTPUT,
        ),
    ] = OUTPUTS / "hypotheses",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of a table.", rich_help_panel=OUTPUT)
    ] = False,
    workers: Workers = None,
) -> None:  # fmt: skip
    """Run published findings under rival hypotheses and report which hypothesis survives which finding.

    A hypothesis is a scenario file with rules of its own; they are added to every arm of a finding. An interrupted
    command keeps its finished runs. Run the same command again to continue.
    """
    from abm.runs.pool import usable_cores
    from abm.runs.progress import page_console
    from abm.runs.store.folder import recorded
    from abm.validate import hypotheses as rivals
    from abm.validate.target import ValidationError, chosen

    try:
        ids = [one for one in chosen(only) if one in rivals.runnable()] if only is not None else rivals.findings()
    except ValueError as error:
        stop(str(error), USAGE)
    if not ids:
        stop(f"--only {only}: the model can run none of these findings", USAGE)
    try:
        with faults():
            asked = rivals.hypotheses_of(names or [])
            told = f"{len(asked)} hypotheses, {len(ids)} findings, into {out}"
            typer.echo(f"Embers {version_text()}: {told}", err=True)
            processes = workers or usable_cores()
            with recorded(out, {"targets": ids, "hypotheses": [one.name for one in asked]}, processes):
                found = rivals.examine(asked, ids, out, processes, teller(), sections)
                page = rivals.write(out, found, sections)
    except ValidationError as error:
        stop(str(error), FAULT)
    if as_json:
        typer.echo(json.dumps(rivals.as_data(found, sections), indent=1))
        return
    rivals.print_table(page_console(), found)
    typer.echo(f"page: {page}")
