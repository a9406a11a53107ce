"""The server on a real port, and lines to it: fixtures of tests that ask as a stranger would."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from websockets.sync.client import ClientConnection, connect

from abm.dashboard.content.downloads import SESSION
from abm.dashboard.server import sessions
from abm.dashboard.server.guard import Guard
from abm.dashboard.server.routes import routes

SMALL = {"arms": [{"base": "no_virus"}], "side": 400, "days": 2}
Ask = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Guard(Starlette(routes=[Mount("/embers", routes=routes())]), ["lab.example"])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sessions, "RELOAD", 0.0)  # the next test gets the places of this one at once
        yield server.servers[0].sockets[0].getsockname()[1]
    for key in list(sessions._sessions):
        sessions.forget(key)
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def ask(port: int) -> Ask:
    """Ask for an address: status, headers and text."""

    def asked(
        path: str, host: str = "localhost", content: bytes = b"", session: str = ""
    ) -> tuple[int, dict[str, str], str]:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("POST" if content else "GET", path, content or None, {"Host": host, SESSION: session})
        answer = line.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        line.close()
        return found

    return asked


@pytest.fixture
def dial(port: int) -> Iterator[Callable[[], ClientConnection]]:
    """Open the live line."""
    with ExitStack() as lines:

        def dialled() -> ClientConnection:
            line = lines.enter_context(connect(f"ws://127.0.0.1:{port}/embers/live", max_size=None, max_queue=None))
            line.send(json.dumps({"do": "hello", "recipe": SMALL}))
            return line

        yield dialled


def hear(line: ClientConnection, what: str) -> dict:
    """The next message of a kind; others in between are passed over."""
    while True:
        message = line.recv(timeout=120)
        if isinstance(message, str) and (said := json.loads(message))["say"] == what:
            return said
