"""Addresses of the figure and of the archive."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from abm.dashboard.content.downloads import GONE, SESSION, as_file, from_stage
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.live.stage import Stage
from abm.dashboard.publication.archive import Replicated, packed, take
from abm.dashboard.publication.figure import draw, sheet_of
from abm.dashboard.publication.wish import wish_of
from abm.dashboard.server import sessions
from abm.plots.sheet import FORMATS, SheetError

KINDS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
Read = TypeVar("Read")


async def figure(request: Request) -> Response:
    """The figure that the query asks for."""
    kind = request.path_params["kind"]
    if kind not in FORMATS:
        return PlainTextResponse(f"A figure can be {', '.join(FORMATS)}.", 404)
    try:
        wish = wish_of(request.query_params, kind)
    except RecipeError as error:
        return PlainTextResponse(str(error), 400)

    def name_of(stage: Stage) -> str:
        return f"embers_seed_{stage.recipe.seed}_day_{stage.hour / 24:.1f}.{kind}"

    return await _made(
        request, KINDS[kind],
        lambda stage, found: (name_of(stage), sheet_of(stage, wish, found)),
        lambda read: (read[0], draw(read[1], wish.size, kind)),
    )  # fmt: skip


async def everything(request: Request) -> Response:
    """The archive, with the figure that the query asks for."""
    try:
        wish = wish_of(request.query_params, "pdf")
    except RecipeError as error:
        return PlainTextResponse(str(error), 400)
    return await _made(
        request, "application/zip",
        lambda stage, found: take(stage, wish, found),
        lambda taken: (f"{taken.name}.zip", packed(taken)),
    )  # fmt: skip


async def _made(
    request: Request,
    media: str,
    read: Callable[[Stage, Replicated], Read],
    make: Callable[[Read], tuple[str, bytes]],
) -> Response:
    """A file made of the stage of a session: `read` between two steps, `make` beside the views. One at a time."""
    session = sessions.find(request.headers.get(SESSION, ""))
    if session is None:
        return PlainTextResponse(GONE, 404)
    if session.drawing:
        return PlainTextResponse("Another figure is being drawn: wait a moment.", 429)
    session.drawing, player = True, session.player

    def look(stage: Stage) -> Read | RecipeError:
        try:
            return read(stage, player.replicated(stage.scenarios))
        except RecipeError as error:
            return error

    try:
        found = await from_stage(request, look)
        if found is None:
            return PlainTextResponse(GONE, 404)
        if isinstance(found, RecipeError):
            return PlainTextResponse(str(found), 400)
        name, content = await run_in_threadpool(make, found)
    except SheetError as error:
        return PlainTextResponse(str(error), 400)
    finally:
        session.drawing = False
    return as_file(content, name, media)
