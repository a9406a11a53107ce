"""What a lecture hall needs of the server: the link of a lecture, addresses, QR codes, and the page of a follower."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from abm.dashboard.content.downloads import GONE, SESSION
from abm.dashboard.server import lectures, sessions
from abm.dashboard.server.addresses import is_this_machine, reachable

FOLLOWER = Path(__file__).parents[1] / "static" / "follower.html"
LONGEST_LINK = 300  # characters
QUIET_ZONE = 4  # modules of white around a code, as ISO/IEC 18004 asks for


async def lecture(request: Request) -> Response:
    """Begin the lecture of a session, or end it; the answer is its state and where the page is found.

    `addresses` are of use to a browser on this machine only: others know one that leads here.
    """
    session = sessions.find(request.headers.get(SESSION, ""))
    if session is None:
        return PlainTextResponse(GONE, 404)
    if request.path_params["what"] == "begin":
        lectures.begin(session)
    elif request.path_params["what"] == "end":
        lectures.end(session)
    found: list[str] = []
    if is_this_machine(request.url.hostname or ""):
        _, port = request.scope["server"]
        root = request.scope.get("root_path", "").removesuffix("/embers")
        found = await run_in_threadpool(reachable, port, root)
    return JSONResponse({"lecture": lectures.state(session), "addresses": found})


async def qr(request: Request) -> Response:
    """The QR code of a link, as SVG, for whoever has a session."""
    if sessions.find(request.headers.get(SESSION, "")) is None:
        return PlainTextResponse(GONE, 404)
    data = b""
    try:
        async for part in request.stream():
            data += part
            if len(data) > LONGEST_LINK:
                return PlainTextResponse(f"A link has {LONGEST_LINK} characters at most.", 413)
    except ClientDisconnect:
        return PlainTextResponse("", 400)
    link = data.decode("utf-8", "replace")
    if not link.startswith(("http://", "https://")) or not link.isascii() or not link.isprintable():
        return PlainTextResponse("A QR code is drawn of a link only.", 400)
    return Response(await run_in_threadpool(qr_code, link), media_type="image/svg+xml")


@functools.lru_cache(maxsize=64)
def qr_code(link: str) -> str:
    """The QR code of a link as SVG, black on white, with a quiet zone, without a size of its own."""
    drawn = io.BytesIO()
    code = segno.make(link, error="m", boost_error=False, micro=False)
    code.save(drawn, kind="svg", border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, xmldecl=False)
    return drawn.getvalue().decode()


async def follower(request: Request) -> Response:  # noqa: ARG001 - the form of an endpoint
    """The page of a follower: it takes the token from its address, which no server is sent (it follows the #)."""
    return FileResponse(FOLLOWER, media_type="text/html", headers={"Cache-Control": "no-cache"})
