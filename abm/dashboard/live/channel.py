"""The line between a browser and its player: orders come as JSON, frames go as bytes, everything else as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import Recipe, recipe_of
from abm.dashboard.server import lectures, sessions

SERVER = secrets.token_hex(4)  # another one after a restart: then the page loads itself anew
LARGEST = 1_000_000  # characters of an order: four uploaded scenarios and their changes
GREETING = 15.0  # s until a browser must have said what it wants
LOOK = 2.0  # s between two looks at whether some have left
FOR_THIS_SERVER = ("give", "mask", "attach", "leave", "join", "part")  # orders that a browser cannot give


async def live(socket: WebSocket) -> None:
    """Serve one browser until it goes."""
    await socket.accept()
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    session: sessions.Session | None = None
    try:
        order = await asyncio.wait_for(_order(socket), GREETING)
        session, refused = _known(order), ""
        if session is None:
            recipe, hour, refused = _wish(order)
            address = socket.client.host if socket.client else ""
            ticket = sessions.Ticket(recipe, hour, address, lambda: loop.call_soon_threadsafe(news.set))
            session = await _place(socket, ticket, news)
        await _serve(socket, session, refused)
    except TimeoutError:
        await socket.close()
    except (WebSocketDisconnect, RuntimeError):  # the latter where it went while something was sent
        pass
    finally:
        if session is not None:
            session.detach()


async def _place(socket: WebSocket, ticket: sessions.Ticket, news: asyncio.Event) -> sessions.Session:
    """A session for a visitor, who hears of their place in the queue until there is one."""
    gone = asyncio.create_task(_gone(socket))
    told = None
    try:
        sessions.queue_up(ticket)
        while ticket.session is None:
            if (place := sessions.place_of(ticket)) != told and place[0]:
                told = place
                await socket.send_json({"say": "queue", "place": place[0], "of": place[1], "text": place[2]})
            moved = asyncio.create_task(news.wait())
            await asyncio.wait({gone, moved}, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
            news.clear()
            if gone.done():
                raise WebSocketDisconnect
            sessions.admit()  # some have left by now
        session, ticket.session = ticket.session, None
        return session
    finally:
        gone.cancel()
        sessions.give_up(ticket)


async def _gone(socket: WebSocket) -> None:
    """Wait until a browser has gone; whatever it asks for before it has a place is passed over."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await _order(socket)


async def _serve(socket: WebSocket, session: sessions.Session, refused: str) -> None:
    """Bring orders one way and messages the other."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    session.attach(lambda: loop.call_soon_threadsafe(news.set))
    await socket.send_json(
        {"say": "welcome", "session": session.id, "server": SERVER, "lecture": lectures.state(session)}
    )
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


def _known(order: dict[str, Any]) -> sessions.Session | None:
    """The session that a browser comes back to."""
    known = sessions.find(str(order.get("session")))
    return known if known is not None and not known.attached and known.player.is_alive() else None


def _wish(order: dict[str, Any]) -> tuple[Recipe, float, str]:
    """What a browser wants to see, from which hour; and what of that was refused."""
    recipe, refused, hour = sessions.opening, "", order.get("hour", 0)
    try:
        if order.get("recipe"):
            recipe = recipe_of(order["recipe"], sessions.opening)
    except RecipeError as error:
        refused = f"This link cannot be shown as it is, so here is the usual view. {error}"
    right = isinstance(hour, int | float) and 0 <= hour <= 24 * recipe.days
    return recipe, float(hour) if right else 0.0, refused


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
