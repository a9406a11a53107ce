"""The command that opens the interactive page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import ACCESS, OPTIONS, RUN, PanelCommand
from abm.cli.shared import FAULT, faults, stop


def add_to(app: typer.Typer) -> None:
    """Add the command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=RUN,
        short_help="Open the interactive page in the browser.",
        epilog="Example: embers serve --port 8080 --no-browser, or embers serve outputs/RUN",
    )(serve)


def serve(  # noqa: PLR0913, PLR0917 - an argument an option
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="Open the arms and the first seed of this folder of results. Default: the usual four views.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="PORT", help="Listen on this port.", rich_help_panel=ACCESS)
    ] = 8765,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Listen on this address. 0.0.0.0 opens the page to other machines.",
            rich_help_panel=ACCESS,
        ),
    ] = "localhost",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    visitors: Annotated[
        int,
        typer.Option(
            min=1,
            max=1000,
            metavar="N",
            help="Limit the number of simultaneous visitors. Each needs about 100 MB.",
            rich_help_panel=ACCESS,
        ),
    ] = 24,
    per_address: Annotated[
        int,
        typer.Option(
            min=1,
            max=1000,
            metavar="N",
            help="Limit the number of simultaneous visitors from one address.",
            rich_help_panel=ACCESS,
        ),
    ] = 12,
    followers: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            metavar="N",
            help="Limit the number of followers of lectures. They cost no run.",
            rich_help_panel=ACCESS,
        ),
    ] = 60,
    trust: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Accept requests to this server name. May be repeated.", rich_help_panel=ACCESS
        ),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            help="Serve the page under this path of a proxy, such as /lung.",
            rich_help_panel=ACCESS,
        ),
    ] = "",
    lessons: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Also offer the lessons in this folder.", rich_help_panel=OPTIONS),
    ] = None,
) -> None:
    """Open the interactive page: up to four live arms side by side, or those of a finished comparison.

    Press Ctrl-C to stop.
    """
    with faults():
        from abm.installation.optional_deps import need_page

        need_page()
    from abm.dashboard.content.edits import RecipeError
    from abm.dashboard.content.opening import recipe_of_folder
    from abm.dashboard.server import sessions
    from abm.dashboard.server.serving import serve as serve_page
    from abm.dashboard.server.sessions import Places

    if folder is not None:
        with faults():
            try:
                sessions.opening, left_out = recipe_of_folder(folder)
            except RecipeError as error:
                stop(f"The page cannot open it: {error}", FAULT)
        print(" ".join(filter(None, [f'Opening "{folder}".', left_out])))
    if lessons is not None:
        with faults():
            from abm.dashboard.lessons.catalog import library

            library.add_folder(lessons)
    try:
        places = Places(visitors, per_address, followers)
        serve_page(host, port, not no_browser, places, trust or (), root_path)
    except ValueError as error:
        stop(f"The page cannot be served: {error}", FAULT)
    except OSError as error:
        stop(f"The page cannot be served: {error}; try another --port.", FAULT)
