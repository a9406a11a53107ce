"""The line between a browser and its player: orders come as JSON, frames go as bytes, everything else as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from abm.dashboard import sessions
from abm.dashboard.recipe import Recipe, RecipeError, recipe_of

SERVER = secrets.token_hex(4)  # another one after a restart: then the page loads itself anew
LARGEST = 2_000_000  # characters of an order: an uploaded scenario is half of that at most
FOR_THIS_SERVER = ("give", "mask", "attach", "leave")  # orders that a browser cannot give


async def live(socket: WebSocket) -> None:
    """Serve one browser until it goes."""
    origin = socket.headers.get("origin")
    if origin and urlsplit(origin).netloc != socket.headers.get("host"):
        await socket.close(1008)  # a page from elsewhere, opened in the same browser
        return
    await socket.accept()
    session = None
    try:
        session, refused = _session(await _order(socket))
        if session is None:
            await socket.send_json({"say": "stopped", "text": refused})
            await socket.close()
        else:
            await _serve(socket, session, refused)
    except (WebSocketDisconnect, RuntimeError):  # the latter where it went while something was sent
        pass
    finally:
        if session is not None:
            session.detach()


async def _serve(socket: WebSocket, session: sessions.Session, refused: str) -> None:
    """Bring orders one way and messages the other."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    session.attach(lambda: loop.call_soon_threadsafe(news.set))
    await socket.send_json({"say": "welcome", "session": session.id, "server": SERVER})
    if refused:
        await socket.send_json({"say": "refused", "text": refused})
    sender = asyncio.create_task(_send(socket, session, news))
    try:
        while True:
            order = await _order(socket)
            if order.get("do") not in FOR_THIS_SERVER:
                session.player.ask(order)
    finally:
        sender.cancel()


def _session(order: dict[str, Any]) -> tuple[sessions.Session | None, str]:
    """The session a browser asks for, or a new one; and what of its wishes was refused."""
    known = sessions.find(str(order.get("session")))
    if known is not None and not known.attached and known.player.is_alive():
        return known, ""
    recipe, refused, hour = Recipe(), "", order.get("hour", 0)
    try:
        if order.get("recipe"):
            recipe = recipe_of(order["recipe"])
    except RecipeError as error:
        refused = f"This link cannot be shown as it is, so here is the usual view. {error}"
    right = isinstance(hour, int | float) and 0 <= hour <= 24 * recipe.days
    session = sessions.open_session(recipe, float(hour) if right else 0.0)
    if session is None:
        return None, f"{sessions.MOST} visitors are here already, as many as this server takes. Please try later."
    return session, refused


async def _order(socket: WebSocket) -> dict[str, Any]:
    """The next order; what is none counts as an empty one."""
    text = await socket.receive_text()
    try:
        order = json.loads(text) if len(text) <= LARGEST else {"do": "upload", "fault": "too large"}
    except (ValueError, RecursionError):
        order = {}
    return order if isinstance(order, dict) else {}


async def _send(socket: WebSocket, session: sessions.Session, news: asyncio.Event) -> None:
    """Send what the player says, until the browser has gone, which the receiving side notices, too."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await news.wait()
            news.clear()
            for message in session.player.messages():
                if isinstance(message, bytes):
                    await socket.send_bytes(message)
                else:
                    await socket.send_json(message)
