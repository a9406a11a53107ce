"""The command that serves Embers to other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from abm.cli.help_panels import ACCESS, RUN, PanelCommand
from abm.cli.shared import OUTPUTS, Out, Workers, faults


def add_to(app: typer.Typer) -> None:
    """Add the command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=RUN,
        short_help="Serve Embers to AI assistants (MCP).",
        epilog="Example: embers mcp --out outputs --most-minutes 30",
    )(mcp)


def mcp(
    out: Out = OUTPUTS,
    most_minutes: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=10_000.0,
            metavar="MINUTES",
            help="Refuse studies that may take longer, and end those that do.",
            rich_help_panel=ACCESS,
        ),
    ] = 10.0,
    workers: Workers = None,
) -> None:
    """Serve Embers to a program over standard input and output, by the Model Context Protocol (MCP).

    The program can list and describe scenarios, parameters, laws and sources, run twins, and read results in --out. It
    can read no other file. Needs the extra mcp.
    """
    with faults():
        from abm.installation.optional_deps import need

        need("mcp")
        from abm.mcp.jobs import Limits
        from abm.mcp.server import serve
        from abm.runs.pool import usable_cores

        serve(out, Limits(most_minutes, workers or usable_cores()))
