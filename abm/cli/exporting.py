"""The command that exports results to formats of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import MODEL, OUTPUT, RUN, PanelCommand
from abm.cli.shared import FAULT, OUTPUTS, USAGE, faults, read_seed, stop
from abm.runs.store.files import outputs_folder, storage

HELP_OF_FORMATS = (
    "h5ad (cells of one day as AnnData: scanpy, squidpy), ome-tiff or ome-zarr (tissue, fields and cells as an image: "
    "napari, Fiji, QuPath), netcdf or zarr (maps over time: xarray), simularium (trajectory of the cells), csv or "
    "parquet (a table, see --table). Default: as --out ends, else h5ad."
)


def add_to(app: typer.Typer) -> None:
    """Add the command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=RUN,
        short_help="Export results: AnnData, OME, xarray, Simularium, CSV.",
        epilog="Example: embers export outputs/influenza-1a2b3c4d --to h5ad --day 9",
    )(export)


def export(  # noqa: PLR0913, PLR0917 - an argument an option
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            parser=outputs_folder,
            help="Folder of `embers run`, `compare` or `sweep`, or one snapshot in it (day_DD.npz).",
        ),
    ],
    to: Annotated[str, typer.Option(metavar="FORMAT", help=f"Write {HELP_OF_FORMATS}", rich_help_panel=OUTPUT)] = "",
    table: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            help="Write this table: series (curves), events, runs, or cells (of one day). Default: series. Series can "
            "also be written as netcdf and zarr.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    day: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            metavar="DAY",
            help="Export this day. Default: all days that have a snapshot; of h5ad and cells, the last.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    arm: Annotated[
        str | None, typer.Option(metavar="NAME", help="Choose an arm of a comparison.", rich_help_panel=MODEL)
    ] = None,
    replicate: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Choose a replicate of a comparison, from 1.", rich_help_panel=MODEL),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            parser=read_seed, metavar="INTEGER", help="Choose a replicate by its seed.", rich_help_panel=MODEL
        ),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option("--run", min=0, metavar="N", help="Choose a run of a sweep by its number.", rich_help_panel=MODEL),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", parser=outputs_folder, help="Write this file. Default: in outputs.", rich_help_panel=OUTPUT
        ),
    ] = None,
) -> None:
    """Export a finished run, or a table of a study, to formats that other programs read.

    Formats other than csv and parquet need the extra "export"; a message says how to install it.
    """
    with faults():
        from abm.studies.exporting import ExportError, RunChoice, export_of, write_export
        from abm.studies.stored_run import NoRunError
        from abm.studies.sweep.selection import NoStudyError, UnknownNameError

        try:
            kind = _kind(to, out, table)
            content = export_of(run, kind, RunChoice(arm, replicate, seed, number), day, table)
            path = out or OUTPUTS / content.file_name
            with storage(path.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_export(content, path)
        except (ExportError, UnknownNameError, NoRunError, ValueError) as error:
            stop(str(error), USAGE)
        except NoStudyError as error:
            stop(str(error), FAULT)
        typer.echo(f"{path} ({_size(path) / 1e6:.1f} MB)")


def _kind(to: str, out: Path | None, table: str | None) -> str:
    """The name of the format, checked before anything is read, with the libraries that it needs.

    Raises:
        ExportError: there is no such format, or no such table.
        MissingLibraryError: a library is not installed.
    """
    from abm.exports.formats import FORMATS
    from abm.installation.optional_deps import need
    from abm.studies.exporting import ENDINGS, OTHER_ENDINGS, TABLES, ExportError

    by_ending = {ending: name for name, ending in ENDINGS.items()} | OTHER_ENDINGS
    named = "" if out is None else next(
        (by_ending[one] for one in sorted(by_ending, key=len, reverse=True) if out.name.lower().endswith(one)), ""
    )  # fmt: skip
    kind = (to or named or ("csv" if table else "h5ad")).lower()
    if kind not in ENDINGS:
        raise ExportError(f'--to "{to}": there is no such format. Allowed: {", ".join(ENDINGS)}')
    if out is not None and named != kind:
        raise ExportError(f'--out "{out}": the file would hold {kind}. Name it {out.stem}{ENDINGS[kind]}')
    if table is not None and table not in TABLES:
        raise ExportError(f'--table "{table}": there is no such table. Allowed: {", ".join(TABLES)}')
    if kind in FORMATS:
        need("export", *FORMATS[kind].modules)
    return kind


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(one.stat().st_size for one in path.rglob("*"))
