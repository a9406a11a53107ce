"""The command that renders runs as one file to hand out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abm.cli.help_panels import MODEL, OUTPUT, RUN, PanelCommand
from abm.cli.shared import OUTPUTS, USAGE, Days, Size, faults, read_seed, stop, teller, version_text
from abm.runs.store.files import outputs_folder, storage

if TYPE_CHECKING:
    from abm.replay.film import Film
    from abm.scenario.scenario import Scenario

KINDS = ("html", "mp4", "gif", "svg", "png")
STILLS = ("svg", "png")
EVERY = "3 h"
LONGEST_NAME = 60


class _Wish(NamedTuple):
    """How the film is shown; `title`, `overlay`: as asked for, also empty."""

    kind: str
    title: str
    overlay: str
    day: float | None


def add_to(app: typer.Typer) -> None:
    """Add the command to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=RUN,
        short_help="Render runs as one file: replay, movie or still.",
        epilog="Example: embers render no_virus influenza influenza_blockade --to html",
    )(render)


def render(  # noqa: PLR0913, PLR0917 - an argument an option
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO|FOLDER",
            help="Names or .toml files of up to four scenarios, or one folder that `embers compare` has written.",
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Write a replay (html), a movie (mp4, gif) or a still of one day (svg, png). Default: as --out ends, "
            "else html.",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    seed: Annotated[
        int | None,
        typer.Option(
            parser=read_seed,
            metavar="INTEGER",
            help="Set the random seed. Default: that of the page, a typical section (near the median of 64); of a "
            "folder, its first seed.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    days: Days = None,
    size: Size = None,
    every: Annotated[
        str | None,
        typer.Option(metavar="TIME", help=f'Set the time between frames. Default: "{EVERY}".', rich_help_panel=OUTPUT),
    ] = None,
    overlay: Annotated[
        str, typer.Option(metavar="NAME", help="Show a field over the tissue, such as IL-6.", rich_help_panel=OUTPUT)
    ] = "",
    day: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="DAY", help="Set the day of a still. Default: the last.", rich_help_panel=OUTPUT),
    ] = None,
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="Set the heading. Default: the titles.", rich_help_panel=OUTPUT)
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", parser=outputs_folder, help="Write this file. Default: in outputs.", rich_help_panel=OUTPUT
        ),
    ] = None,
) -> None:
    """Render scenarios, run as twins of one seed, or a finished comparison as one file to hand out.

    The replay is one HTML file that opens from disk, with no server and no network.
    """
    with faults():
        from abm.replay.film import RenderError

        try:
            wish = _Wish(_kind(to, out), title, overlay, day)
            film, names, wish = _film(runs, wish, _Asked(seed, days, size, every))
            path = out or OUTPUTS / f"{names}-seed{film.seed}{_suffix(wish, film)}.{wish.kind}"
            if film.missing:
                typer.echo(f"{film.missing}\n{film.remedy}", err=True)
            with storage(path.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(film, path, wish)
        except RenderError as error:
            stop(str(error), USAGE)
        typer.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")


class _Asked(NamedTuple):
    """What the run was asked to be."""

    seed: int | None
    days: float | None
    size: str | None
    every: str | None


def _kind(to: str, out: Path | None) -> str:
    """The kind of file, checked before anything runs."""
    from abm.replay.film import RenderError

    named = out.suffix if out is not None and out.suffix.lower().removeprefix(".") in KINDS else "html"
    kind = (to or named).lower().removeprefix(".")
    if kind not in KINDS:
        raise RenderError(f'--to "{to}": there is no such kind. Allowed: {", ".join(KINDS)}')
    if out is not None and out.suffix.lower() != f".{kind}":
        raise RenderError(f'--out "{out}": the file would hold {kind}. Name it {out.with_suffix(f".{kind}").name}')
    if kind == "mp4":
        from abm.replay.movie import ffmpeg

        ffmpeg()
    return kind


def _film(runs: Sequence[str], wish: _Wish, asked: _Asked) -> tuple[Film, str, _Wish]:
    """The film, a name for its file, and the wish with the name of the overlay resolved."""
    from abm.replay.film import IL6, RenderError, overlay_named

    folders = [one for one in runs if Path(one).is_dir()]
    if folders and len(runs) > 1:
        raise RenderError(f'"{folders[0]}" is a folder, and renders alone. Give one folder, or scenarios only.')
    if folders:
        film = _stored_film(Path(folders[0]), wish, asked)
        scenarios: Sequence[Scenario] = [arm.scenario for arm in film.arms]
        name = overlay_named(wish.overlay, scenarios) if wish.overlay else ""
        return film, Path(folders[0]).resolve().name[:LONGEST_NAME], wish._replace(overlay=name)
    from abm.scenario.read import load_arms

    scenarios = load_arms(runs, asked.days, asked.size)
    name = overlay_named(wish.overlay, scenarios) if wish.overlay else ""
    wish = wish._replace(overlay=name)
    hours = _hours(asked.every or EVERY, scenarios[0])
    if wish.day is not None and wish.day > scenarios[0].duration / 24.0:
        raise RenderError(f"--day {wish.day:g}: allowed: 0 to {scenarios[0].duration / 24.0:g}")
    from abm.dashboard.content.recipe import TYPICAL_SEED
    from abm.replay.recording import record

    seed = TYPICAL_SEED if asked.seed is None else asked.seed
    typer.echo(f"Embers {version_text()}: {', '.join(one.name for one in scenarios)}; seed {seed}.", err=True)
    overlays = tuple(dict.fromkeys([IL6, *filter(None, [name])]))
    with teller().bar("running", 1, "") as bar:
        film = record(scenarios, seed, hours, overlays, bar)
    return film, "-vs-".join(one.name for one in scenarios)[:LONGEST_NAME], wish


def _stored_film(folder: Path, wish: _Wish, asked: _Asked) -> Film:
    from abm.replay.film import IL6, RenderError, overlay_named
    from abm.replay.stored import read_film
    from abm.studies.compare import is_comparison

    if not is_comparison(folder):
        raise RenderError(f'"{folder}" is no folder of `embers compare` or `embers run`. Give one, or scenarios.')
    given = [f"--{name}" for name in ("days", "size", "every") if getattr(asked, name) is not None]
    if given:
        raise RenderError(f"{', '.join(given)}: a folder is shown as it was stored. Leave them out, or give scenarios.")
    overlays = dict.fromkeys([IL6, *([overlay_named(wish.overlay, [])] if wish.overlay else [])])
    return read_film(folder, asked.seed, tuple(overlays))


def _hours(text: str, scenario: Scenario) -> float:
    """The time of `--every` in hours.

    Raises:
        RenderError: the text is not a time between a step and ten days.
    """
    from abm.core.quantity import Quantity
    from abm.replay.film import RenderError
    from abm.scenario.toml.units import UnitError, allowed_range, to_number

    within = Quantity("time between frames", "h", scenario.step, 240.0, "command line")
    try:
        return to_number(text, within)
    except UnitError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise RenderError(f'--every "{text}": {error.problem}. Allowed: {allowed_range(within)}{hint}') from error


def _suffix(wish: _Wish, film: Film) -> str:
    day = film.end / 24.0 if wish.day is None else wish.day
    return f"-day{day:g}" if wish.kind in STILLS else ""


def _write(film: Film, path: Path, wish: _Wish) -> None:
    if wish.kind == "html":
        from abm.replay.page import replay_page
        from abm.runs.store.files import write_text

        write_text(path, replay_page(film, wish.title, wish.overlay))
    elif wish.kind in STILLS:
        from abm.replay.still import write_still

        write_still(film, path, film.end / 24.0 if wish.day is None else wish.day, wish.overlay, wish.title)
    else:
        from abm.replay import movie

        with teller().spinner(f"drawing {len(film.hours)} frames"):
            (movie.write_gif if wish.kind == "gif" else movie.write_mp4)(film, path, wish.overlay, wish.title)
