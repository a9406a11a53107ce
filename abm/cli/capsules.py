"""The commands that pack a finished run and run it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import EVIDENCE, MODEL, OUTPUT, PanelCommand
from abm.cli.shared import FAULT, OK, OUTPUTS, USAGE, Out, Workers, faults, stop, teller


def add_to(app: typer.Typer) -> None:
    """Add these commands to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Pack a finished run as one file that describes itself.",
        epilog='Example: embers capsule outputs/influenza-1a2b3c4d --author "Ada Lovelace"',
    )(capsule)
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Run a capsule again and compare the results bit for bit.",
        epilog="Example: embers rerun outputs/capsules/influenza-1a2b3c4d.crate.zip --replicates 2",
    )(rerun)


def capsule(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of `embers run` or `embers compare`.")],
    author: Annotated[
        str, typer.Option(metavar="NAME", help="Name the author of the results.", rich_help_panel=OUTPUT)
    ] = "",
    license_: Annotated[
        str,
        typer.Option("--license", metavar="URL", help="Set the license of the results.", rich_help_panel=OUTPUT),
    ] = "https://creativecommons.org/licenses/by/4.0/",
    out: Out = OUTPUTS / "capsules",
) -> None:
    """Pack a finished run as one zip: scenarios, results, figures, versions, and metadata (Process Run Crate)."""
    from abm.capsule.contents import CapsuleError
    from abm.capsule.crate import write_capsule

    try:
        with faults():
            path = write_capsule(run, out, author, license_)
    except CapsuleError as error:
        stop(str(error), USAGE)
    typer.echo(f"capsule: {path} ({path.stat().st_size / 1e6:.1f} MB)\ncheck it: embers rerun {path}")


def rerun(
    source: Annotated[Path, typer.Argument(metavar="CAPSULE", help="Capsule, or folder of a finished run.")],
    replicates: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Run only the first N replicates.", rich_help_panel=MODEL),
    ] = None,
    out: Out = OUTPUTS / "rerun",
    workers: Workers = None,
) -> None:
    """Run a capsule again and compare the final states bit for bit; what differs is named with its reason.

    Runs under parameter sets (--posterior) are not repeated, only those at the defaults.
    """
    from abm.capsule.contents import CapsuleError
    from abm.capsule.rerun import rerun as run_again
    from abm.runs.pool import usable_cores

    try:
        with faults():
            result = run_again(source, replicates, out, workers or usable_cores(), teller())
    except CapsuleError as error:
        stop(str(error), USAGE)
    typer.echo(result.in_words())
    typer.echo(f"new results: {result.folder}")
    raise typer.Exit(OK if result.same == len(result.runs) else FAULT)
