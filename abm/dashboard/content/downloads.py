"""What a visitor can take home of a session, and the map of a section that they can bring."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import pandas as pd
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from abm.dashboard.content.naming import LETTERS
from abm.dashboard.live.stage import Stage
from abm.dashboard.server import sessions
from abm.runs.identity import as_used, mask_of

Found = TypeVar("Found")
PATIENCE = 30.0  # seconds for a player to come to it
LARGEST_MASK = 8_000_000  # bytes
SESSION = "X-Embers-Session"  # header; in an address it would stand in the logs of proxies
GONE = "This session has ended: reload the page."


def curves(stage: Stage) -> pd.DataFrame:
    """Every measure of every arm, one row per arm and hour; those that only another arm declares are empty.

    Columns before the measures: `view` (its letter), `title`, `scenario` (name of its file), `seed`, `hour`.
    """
    tables = []
    for letter, scenario, run in zip(LETTERS, stage.scenarios, stage.arms, strict=False):
        table = pd.DataFrame(run.points, columns=run.measures)
        table.insert(0, "hour", [float(hour) for hour in range(len(table))])
        said = (stage.recipe.seed, scenario.name, scenario.title, letter)
        for name, value in zip(("seed", "scenario", "title", "view"), said, strict=True):
            table.insert(0, name, value)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def scenario_text(stage: Stage, number: int) -> str:
    """The scenario file that gives one arm again as it was played, up to its end."""
    scenario = stage.scenarios[number]
    beside = f", and the map of its section beside it as {scenario.name}.png" if mask_of(scenario) else ""
    how = f"# Played on the page. The same again{beside}: embers run {scenario.name}.toml --seed {stage.recipe.seed}\n"
    return how + as_used(scenario)


async def download(request: Request) -> Response:
    """Curves as CSV or Parquet."""
    table = await from_stage(request, curves) if request.path_params["kind"] in ("csv", "parquet") else None
    if table is None:
        return PlainTextResponse(GONE, 404)
    name, file = f"embers_seed_{table.seed[0]}", io.BytesIO()
    if request.path_params["kind"] == "csv":
        await run_in_threadpool(table.to_csv, file, index=False)  # else everybody waited for it
        return as_file(file.getvalue(), f"{name}.csv", "text/csv")
    await run_in_threadpool(table.to_parquet, file, index=False)
    return as_file(file.getvalue(), f"{name}.parquet", "application/vnd.apache.parquet")


async def scenario(request: Request) -> Response:
    """The scenario of one arm as TOML."""
    number = int(request.path_params["number"])

    def look(stage: Stage) -> tuple[str, str] | None:
        known = number < len(stage.arms)
        return (stage.scenarios[number].name, scenario_text(stage, number)) if known else None

    found = await from_stage(request, look)
    if found is None:
        return PlainTextResponse(GONE, 404)
    return as_file(found[1].encode(), f"{found[0]}.toml", "application/toml")


async def section_map(request: Request) -> Response:
    """The map of the section that was uploaded, under the name that the scenario of one arm looks for."""
    number = int(request.path_params["number"])

    def look(stage: Stage) -> tuple[str, bytes] | None:
        path = mask_of(stage.scenarios[number]) if number < len(stage.arms) else None
        return (stage.scenarios[number].name, path.read_bytes()) if path else None

    found = await from_stage(request, look)
    if found is None:
        return PlainTextResponse(GONE, 404)
    return as_file(found[1], f"{found[0]}.png", "image/png")


async def mask(request: Request) -> Response:
    """Take the map of a section and show it."""
    session = sessions.find(request.headers.get(SESSION, ""))
    if session is None:
        return PlainTextResponse(GONE, 404)
    if session.receiving:  # one at a time: each is held in memory until it is whole
        return PlainTextResponse("Another picture is still on its way: wait a moment.", 429)
    session.receiving, data = True, b""
    try:
        async for part in request.stream():
            data += part
            if len(data) > LARGEST_MASK:
                return PlainTextResponse(f"The picture is larger than {LARGEST_MASK:,} bytes.", 413)
    except ClientDisconnect:  # it went in the middle of it
        return PlainTextResponse("", 400)
    finally:
        session.receiving = False
    if not session.take_map(data):
        return PlainTextResponse("The pictures before this one are not looked at yet: wait a moment.", 429)
    return PlainTextResponse("", 202)


async def from_stage(request: Request, look: Callable[[Stage], Found]) -> Found | None:
    """What `look` finds on the stage of a session, between two steps; nothing where there is no such session."""
    session = sessions.find(request.headers.get(SESSION, ""))
    if session is None:
        return None
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Found] = loop.create_future()

    def give(stage: Stage) -> None:
        found = look(stage)
        loop.call_soon_threadsafe(lambda: None if answer.done() else answer.set_result(found))

    if not session.player.ask({"do": "give", "to": give}):
        return None
    try:
        return await asyncio.wait_for(answer, PATIENCE)
    except TimeoutError:
        return None


def as_file(content: bytes, name: str, kind: str) -> Response:
    """A file to be saved under a name; kind: its media type."""
    plain = name.encode("ascii", "replace").decode().translate(str.maketrans('"\\\r\n', "____")).replace("?", "_")
    told = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers: dict[str, Any] = {"Content-Disposition": told}
    return Response(content, media_type=kind, headers=headers)
