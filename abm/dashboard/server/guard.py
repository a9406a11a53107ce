"""Who may ask for what: names of this server, pages of its own, and a bounded number of lines from one address.

Stands before all addresses, those of Solara as well.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from abm.dashboard.server import sessions

CLOSED = ("/resourcez",)  # tells the state of this machine
LINES_A_VISITOR = 4  # of Solara: a reload holds two for a while
KERNELS_A_VISITOR = 20  # what Solara keeps of pages that were lost, for a quarter of an hour or until others need room
LIVE_A_VISITOR = 3  # live lines, also those that have not said yet what they want, or wait for a place
KNOCKING = 20  # lines of followers beyond the seats: those that have not said yet which lecture
SOLARA, LIVE, FOLLOW = "/jupyter/api/kernels/", "/embers/live", "/embers/follow/live"
HEADERS = {
    # Solara evaluates the script of its components, and styles stand in its page
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Guard:
    """Stands before an application.

    Args:
        app: the application. trusted: names that this server is called by, beside those of this machine.
        root: path under which a proxy serves it, such as "/lung"; the proxy may pass it on or cut it off.
    """

    def __init__(self, app: ASGIApp, trusted: Iterable[str] = (), root: str = "") -> None:
        """Let nobody through yet."""
        self.app, self.root = app, root
        self.trusted = {"localhost", *(name.lower() for name in trusted)}
        self._lines: dict[str, Counter[str]] = {SOLARA: Counter(), LIVE: Counter(), FOLLOW: Counter()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or line, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self.root) if self._is_below_root(scope["path"]) else scope["path"]
        scope = {**scope, "root_path": self.root, "path": self.root + path}
        if refusal := self._refusal(scope, path):
            await _refuse(scope, receive, send, *refusal)
        elif scope["type"] == "http":
            await self.app(scope, receive, _with_headers(send))
        elif path.startswith(SOLARA):
            await self._line(scope, receive, send, SOLARA)
        elif path in (LIVE, FOLLOW):
            await self._line(scope, receive, send, path)
        else:
            await self.app(scope, receive, send)

    def _is_below_root(self, path: str) -> bool:
        return bool(self.root) and f"{path}/".startswith(f"{self.root}/")

    def trusts(self, host: str) -> bool:
        """Whether `host` (with or without port) means this server.

        Somebody else's name can be led to this machine, so that a page from there reads what is served here. An
        address in numbers cannot.
        """
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if name in self.trusted or name.endswith(".localhost"):
                return True
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _refusal(self, scope: Scope, path: str) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.trusts(host):
            return 421, "This server is not called by that name; whoever runs it can add it: embers serve --trust NAME"
        alters = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if alters and origin is not None and urlsplit(origin).netloc != host:
            return 403, "A page from elsewhere cannot use this server."
        if path.rstrip("/") in CLOSED:
            return 404, "Not Found"
        return None

    async def _line(self, scope: Scope, receive: Receive, send: Send, kind: str) -> None:
        """Serve one of a bounded number of lines."""
        address, lines = (scope.get("client") or ("",))[0], self._lines[kind]
        from_one, in_all = _most(kind)
        full = lines[address] >= from_one or lines.total() >= in_all
        if not full and kind == SOLARA:  # each takes a thread
            full = not await run_in_threadpool(_has_room, KERNELS_A_VISITOR * sessions.places.visitors)
        if full:
            await _refuse(scope, receive, send, 429, "There are too many lines from this address.")
            return
        lines[address] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            lines[address] -= 1
            if not lines[address]:
                del lines[address]


def _most(kind: str) -> tuple[int, int]:
    """How many lines of a kind one address may have, and all of them; a class may share one address."""
    places = sessions.places
    if kind == FOLLOW:
        return places.followers + KNOCKING, 2 * (places.followers + KNOCKING)
    a_visitor = LINES_A_VISITOR if kind == SOLARA else LIVE_A_VISITOR
    return a_visitor * places.from_one, a_visitor * places.visitors


def _has_room(most: int) -> bool:
    """Whether Solara holds fewer kernels than this, once those of pages that were lost have made room, oldest first."""
    from solara.server.kernel_context import PageStatus, contexts

    for kernel in list(contexts.values()):
        if len(contexts) < most:
            break
        if PageStatus.CONNECTED not in kernel.page_status.values():
            kernel.close(reason="evicted")
    return len(contexts) < most


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # that it wants to connect
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse(text, status)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            _add(message)
        await send(message)

    return sent


def _add(message: MutableMapping[str, Any]) -> None:
    message["headers"] = [
        *message.get("headers", ()),
        *((name.lower().encode(), value.encode()) for name, value in HEADERS.items()),
    ]
