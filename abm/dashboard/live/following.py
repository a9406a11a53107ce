"""The line between a follower and a run. All that a follower can say: which lecture, and that a frame was drawn."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from abm.dashboard.live.audience import Follower
from abm.dashboard.live.channel import SERVER
from abm.dashboard.server import lectures

GREETING = 5.0  # s until a follower must have said which lecture
RETRY = 10  # s until one who found no seat asks again
LARGEST = 200  # characters of what a follower can say
WHY = {
    "none": "This link leads to no lecture: the lecture has ended, or the link is not complete.",
    "over": "The lecture has ended.",
    "full": "All seats are taken.",
}
STEERS = 1008  # code of a close: against the rules


async def follow(socket: WebSocket) -> None:
    """Serve one follower until they go, or the lecture ends."""
    await socket.accept()
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    lecture = follower = None
    try:
        token = (await asyncio.wait_for(_said(socket), GREETING)).get("follow")
        lecture = lectures.find(token)
        if lecture is None:
            await _farewell(socket, "none")
            return
        address = socket.client.host if socket.client else ""
        follower = lectures.join(lecture, address, lambda: loop.call_soon_threadsafe(news.set))
        if follower is None:
            await _farewell(socket, "full")
            return
        await socket.send_json({"say": "welcome", "server": SERVER})
        await _serve(socket, follower, news, lecture.session.player.look_again)
    except TimeoutError:
        await socket.close()
    except (WebSocketDisconnect, RuntimeError):  # the latter where it went while something was sent
        pass
    finally:
        if lecture is not None and follower is not None:
            lectures.part(lecture, follower)


async def _serve(socket: WebSocket, follower: Follower, news: asyncio.Event, drawn: Callable[[], object]) -> None:
    """Bring frames one way and acknowledgments the other; `drawn` is called after each of these."""
    sender = asyncio.create_task(_send(socket, follower, news))
    try:
        while True:
            said = await _said(socket)
            if said != {"do": "seen"} or follower.ready:  # they cannot steer, nor have drawn what was not sent
                await socket.close(STEERS)
                return
            follower.ready = True
            drawn()
    finally:
        sender.cancel()


async def _send(socket: WebSocket, follower: Follower, news: asyncio.Event) -> None:
    """Send what there is for a follower, until they have gone or are sent away."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while not follower.lost:
            await news.wait()
            news.clear()
            for message in follower.messages():
                if isinstance(message, bytes):
                    await socket.send_bytes(message)
                else:
                    await socket.send_text(message)
            if follower.dismissed:
                await _farewell(socket, follower.dismissed)
                return
        await socket.close()


async def _farewell(socket: WebSocket, why: str) -> None:
    retry = {"retry": RETRY} if why == "full" else {}
    await socket.send_json({"say": why, "text": WHY[why], **retry})
    await socket.close()


async def _said(socket: WebSocket) -> dict[str, Any]:
    """What a follower says next; what is nothing of theirs counts as empty."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text") or ""
    try:
        said = json.loads(text) if len(text) <= LARGEST else {}
    except (ValueError, RecursionError):
        said = {}
    return said if isinstance(said, dict) else {}
