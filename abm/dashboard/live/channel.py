"""The line between a browser and its player: orders come as JSON, frames go as bytes, everything else as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import recipe_of
from abm.dashboard.server import sessions

SERVER = secrets.token_hex(4)  # another one after a restart: then the page loads itself anew
LARGEST = 1_000_000  # characters of an order: four uploaded scenarios and their changes
GREETING = 15.0  # s until a browser must have said what it wants
RETRY = 10  # s until a browser that found no place asks again
FOR_THIS_SERVER = ("give", "mask", "attach", "leave")  # orders that a browser cannot give


async def live(socket: WebSocket) -> None:
    """Serve one browser until it goes."""
    await socket.accept()
    session: sessions.Session | None = None
    try:
        address = socket.client.host if socket.client else ""
        found, refused = _session(await asyncio.wait_for(_order(socket), GREETING), address)
        if isinstance(found, str):
            await socket.send_json({"say": "full", "text": found, "retry": RETRY})
            await socket.close()
        else:
            session = found
            await _serve(socket, session, refused)
    except TimeoutError:
        await socket.close()
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
            if order.get("do") not in FOR_THIS_SERVER and not session.player.ask(order):
                await socket.send_json({"say": "stopped", "text": "More was asked for than can be done."})
                await socket.close()
                return
    finally:
        sender.cancel()


def _session(order: dict[str, Any], address: str) -> tuple[sessions.Session | str, str]:
    """The session a browser asks for, or a new one, or why there is none; and what of its wishes was refused."""
    known = sessions.find(str(order.get("session")))
    if known is not None and not known.attached and known.player.is_alive():
        return known, ""
    recipe, refused, hour = sessions.opening, "", order.get("hour", 0)
    try:
        if order.get("recipe"):
            recipe = recipe_of(order["recipe"], sessions.opening)
    except RecipeError as error:
        refused = f"This link cannot be shown as it is, so here is the usual view. {error}"
    right = isinstance(hour, int | float) and 0 <= hour <= 24 * recipe.days
    return sessions.open_session(recipe, float(hour) if right else 0.0, address), refused


async def _order(socket: WebSocket) -> dict[str, Any]:
    """The next order; what is none counts as an empty one."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text") or ""  # bytes are no order
    try:
        order = (
            json.loads(text, parse_constant=_no_number)
            if len(text) <= LARGEST
            else {"do": "upload", "fault": "too large"}
        )
    except (ValueError, RecursionError):
        order = {}
    return order if isinstance(order, dict) else {}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


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
