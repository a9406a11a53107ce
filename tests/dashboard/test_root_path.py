"""The page under the path of a proxy."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from abm.dashboard.server.guard import Guard
from abm.dashboard.server.routes import routes
from abm.dashboard.server.serving import _root_of


async def status_of(app: Guard, path: str) -> int:
    """What an application answers to a request for a path."""
    sent: list = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"host", b"localhost")], "scheme": "http", "root_path": ""}  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"]


@pytest.mark.parametrize("path", ["/lung/embers/facts", "/embers/facts"])  # whether the proxy cuts its path off or not
def test_the_page_is_served_under_the_path_of_a_proxy(path: str) -> None:
    app = Guard(Starlette(routes=[Mount("/embers", routes=routes())]), root="/lung")
    assert asyncio.run(status_of(app, path)) == 200


@pytest.mark.parametrize("path", ["/resourcez", "/lung/resourcez", "/lung/resourcez/"])
def test_the_state_of_the_machine_is_not_told_under_such_a_path_either(path: str) -> None:
    app = Guard(Starlette(routes=[Route("/resourcez", lambda _: PlainTextResponse("threads"))]), root="/lung")
    assert asyncio.run(status_of(app, path)) == 404


@pytest.mark.parametrize("path", ["//evil.example", "/a b", "/../x", "/<script>", "/a/../b", "https://evil.example"])
def test_what_is_no_root_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="root path"):
        _root_of(f"{path}/..")


def test_a_root_path_is_written_with_one_slash_before_it() -> None:
    assert [_root_of(text) for text in ("", "/", "lung", "/user/a.b@c/proxy/8765/")] == [
        "", "", "/lung", "/user/a.b@c/proxy/8765",
    ]  # fmt: skip
