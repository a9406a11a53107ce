"""The command that compares the model with one's own data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import ANALYSIS, EVIDENCE, MODEL, OUTPUT, PanelCommand
from abm.cli.shared import FAULT, OUTPUTS, Workers, faults, stop, teller, version_text
from abm.runs.store.files import outputs_folder

REPLICATES = 8


def add_to(app: typer.Typer) -> None:
    """Add this command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Compare the model with a curve of your own data.",
        epilog="Example: embers score mine.csv --arm influenza --shape",
    )(score)


def score(  # noqa: PLR0913, PLR0917 - an argument an option
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Table: CSV, or with tabs or semicolons.")],
    arm: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Compare with this scenario (name or file).", rich_help_panel=MODEL)
    ] = "influenza",
    measure: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Compare with this curve of the model, such as il6_lavage.", rich_help_panel=ANALYSIS
        ),
    ] = "",
    shape: Annotated[
        bool,
        typer.Option("--shape", help="Compare the shape only: one factor is free.", rich_help_panel=ANALYSIS),
    ] = False,
    floor: Annotated[
        float | None,
        typer.Option(
            metavar="NUMBER",
            help="Set the detection limit, as the data have it (log10 where they are log10).",
            rich_help_panel=ANALYSIS,
        ),
    ] = None,
    time: Annotated[
        str, typer.Option(metavar="COLUMN", help="Read the time from this column.", rich_help_panel=ANALYSIS)
    ] = "",
    time_unit: Annotated[
        str, typer.Option(metavar="UNIT", help="Set the unit of the time: d, h.", rich_help_panel=ANALYSIS)
    ] = "",
    value: Annotated[
        str, typer.Option(metavar="COLUMN", help="Read the values from this column.", rich_help_panel=ANALYSIS)
    ] = "",
    unit: Annotated[
        str, typer.Option(metavar="UNIT", help="Set the unit of the values, such as pg/mL.", rich_help_panel=ANALYSIS)
    ] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=TEXT", help="Use only these rows. Can be repeated.", rich_help_panel=ANALYSIS),
    ] = None,
    replicates: Annotated[
        int, typer.Option(min=1, max=1000, metavar="N", help="Set the number of sections.", rich_help_panel=MODEL)
    ] = REPLICATES,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            parser=outputs_folder,
            help="Write runs, table and figure to this folder. Default: outputs/score/NAME of the data.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    workers: Workers = None,
) -> None:
    """Compare the model with a curve of your own data: error, residuals by day, table and figure.

    Columns, units and the curve of the model are found from the names in the first line; where they cannot be, the
    message names the option that says it. Rows of the same time are replicates (animals): their geometric mean is
    compared with the mean of the model's sections, which are parts of one lung.
    """
    out = out or outputs_folder(str(OUTPUTS / "score" / data.stem))
    typer.echo(f"Embers {version_text()}: {data} against {arm}, into {out}", err=True)
    from abm.validate.own_data.columns import Asked
    from abm.validate.own_data.command import Wished, perform
    from abm.validate.target import ValidationError

    asked = Asked(measure, time, value, time_unit, unit, tuple(where or ()), shape, floor)
    try:
        with faults():
            perform(Wished(data, arm, replicates, asked), out, workers, teller())
    except ValidationError as error:
        stop(str(error), FAULT)
