"""The command that turns an image of labels into a section."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import MODEL, RUN, PanelCommand
from abm.cli.shared import OUTPUTS, Out, faults
from abm.core.quantity import Quantity
from abm.scenario.errors import Fault, ScenarioError

PIXEL = Quantity("side of a pixel", "um", 0.05, 40.0, "command line")


def add_to(app: typer.Typer) -> None:
    """Add this command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=RUN,
        short_help="Make a section of lung from an image of labels.",
        epilog='Example: embers section mask.png --pixel-size "0.65 um" --labels labels.csv',
    )(section)


def section(  # noqa: PLR0913, PLR0917 - an argument an option
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", help="Label image: PNG, TIFF, or GeoJSON as QuPath exports it.")
    ],
    pixel_size: Annotated[
        str,
        typer.Option(
            metavar="LENGTH",
            help='Set the side of a pixel, such as "0.65 um". Default: as a TIFF file says.',
            rich_help_panel=MODEL,
        ),
    ] = "",
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="Read what the labels stand for: CSV with the columns label (#rrggbb, a whole number, or the name "
            "of a class) and site (septum, interstitium, bronchiole, vessel, airway, or airspace: alveolar air and "
            "lumens).",
            rich_help_panel=MODEL,
        ),
    ] = None,
    nearest: Annotated[
        bool,
        typer.Option("--nearest", help="Give other colors the label of the nearest color.", rich_help_panel=MODEL),
    ] = False,
    wall_weight: Annotated[
        float,
        typer.Option(
            min=1.0,
            max=10.0,
            metavar="NUMBER",
            help="Count the area of thin walls this many times, so that they remain on sites of 10 um.",
            rich_help_panel=MODEL,
        ),
    ] = 2.0,
    mirror: Annotated[
        int,
        typer.Option(
            min=1,
            max=50,
            metavar="N",
            help="Repeat the image N times along each side, mirrored, where it is too small for an infection.",
            rich_help_panel=MODEL,
        ),
    ] = 1,
    cells: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="Place dormant cancer cells: CSV with the columns x, y and perhaps type, or AnnData (.h5ad).",
            rich_help_panel=MODEL,
        ),
    ] = None,
    cells_unit: Annotated[
        str, typer.Option(metavar="UNIT", help="Set the unit of the positions: um or px.", rich_help_panel=MODEL)
    ] = "um",
    cells_type: Annotated[
        str, typer.Option(metavar="TYPE", help="Take only cells of this type.", rich_help_panel=MODEL)
    ] = "cancer cell",
    scenario: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Write a scenario that extends this one.", rich_help_panel=MODEL)
    ] = "influenza",
    out: Out = OUTPUTS / "sections",
) -> None:
    """Make a section of lung from an image of labels: a map, a scenario on it, a picture and a description.

    The map has one pixel for each site of 10 um. Without a table, the colors are those of a map, and the classes of
    GeoJSON are called as the kinds of sites are.
    """
    from abm.sections.make import SectionRequest, make_section

    with faults():
        if cells_unit not in ("um", "px"):
            raise ScenarioError([Fault("command line", 0, "--cells-unit", cells_unit, "is no unit", allowed="um, px")])
        request = SectionRequest(
            _pixel(pixel_size), labels, nearest, wall_weight, mirror, cells, cells_unit, cells_type, scenario
        )
        made = make_section(image, request, out)
    typer.echo(made.words)
    typer.echo(f"written to {made.folder}\nnext: embers run {made.scenario}")


def _pixel(text: str) -> float:
    """The side of a pixel [um]; 0 where it is not given.

    Raises:
        ScenarioError: it is no length, or out of range.
    """
    from abm.scenario.toml.units import UnitError, allowed_range, to_number

    if not text:
        return 0.0
    try:
        return to_number(text, PIXEL)
    except UnitError as error:
        fault = Fault("command line", 0, "--pixel-size", text, error.problem, "um", allowed_range(PIXEL), error.hint)
        raise ScenarioError([fault]) from error
