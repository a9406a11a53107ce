"""What strangers have tried on the page: each is refused soon, tells nothing, and leaves the views of others alone."""

import http.client
import json
import socket
import struct
import time
import zlib
from collections.abc import Callable

import pytest
from websockets.sync.client import ClientConnection, connect

from abm.dashboard.content.downloads import LARGEST_MASK, SESSION
from tests.dashboard.lines import SMALL, Ask, hear

ATTACKS = {
    "a file of the server by a link": {"op": "set", "key": "section.layout", "value": "/etc/map.png"},
    "a section by a link": {"op": "set", "key": "section", "value": {"layout": "../map.png"}},
    "a file to extend": {"op": "set", "key": "extends", "value": "../secret.toml"},
    "a deep key": {"op": "set", "key": "parameters." + "a." * 2000 + "b", "value": 1},
    "a private name": {"op": "set", "key": "__class__", "value": 1},
    "a section in a text": {"op": "own", "text": "section = { layout = '/etc/map.png' }"},
    "dots in a text": {"op": "own", "text": "a." * 9000 + "b = 1"},
    "brackets in a text": {"op": "own", "text": "a = " + "[" * 9000},
}


@pytest.mark.parametrize("edit", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_by_an_edit_is_refused_soon_by_link_and_by_order_and_the_views_live(
    dial: Callable[[], ClientConnection], port: int, edit: dict
) -> None:
    began = time.monotonic()
    line = dial()
    hear(line, "welcome")
    line.send(json.dumps({"do": "edit", "arms": [0], "edits": [edit]}))
    assert "/etc" not in hear(line, "refused")["text"].replace('"/etc/map.png"', "")
    line.send(json.dumps({"do": "forget"}))
    hear(line, "recipe")
    with connect(f"ws://127.0.0.1:{port}/embers/live", max_size=None) as linked:
        arm = {"base": "no_virus", "edits": [edit]}
        linked.send(json.dumps({"do": "hello", "recipe": {**SMALL, "arms": [arm]}}))
        hear(linked, "refused")
        linked.send(json.dumps({"do": "recipe", "recipe": SMALL}))
        while hear(linked, "recipe")["recipe"]["side"] != SMALL["side"]:
            pass
    assert time.monotonic() - began < 30


def test_a_text_of_a_hundred_thousand_dots_from_strangers_who_leave_does_not_keep_others_waiting(
    dial: Callable[[], ClientConnection], port: int
) -> None:
    bomb = {"base": "mine.toml", "text": "a." * 49_000 + "b = 1"}
    for _ in range(3):
        with connect(f"ws://127.0.0.1:{port}/embers/live", max_size=None) as stranger:
            stranger.send(json.dumps({"do": "hello", "recipe": {**SMALL, "arms": [bomb]}}))
    line = dial()
    hear(line, "welcome")
    began = time.monotonic()
    line.send(json.dumps({"do": "forget"}))
    hear(line, "recipe")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "path",
    ["/embers/static/../../../pyproject.toml", "/embers/static/%2e%2e/%2e%2e/server/guard.py",
     "/embers/static//etc/passwd", "/embers/download/curves.csv",
     "/embers/download/scenario/0.toml", "/embers/download/scenario/0.png"],
)  # fmt: skip
def test_no_file_of_the_server_and_of_no_session_is_handed_out(ask: Ask, path: str) -> None:
    assert ask(path)[0] == 404


def test_a_picture_that_unpacks_to_a_huge_one_is_refused_soon(ask: Ask, dial: Callable[[], ClientConnection]) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
    line = dial()
    session = hear(line, "welcome")["session"]
    began = time.monotonic()
    assert ask("/embers/mask", content=bomb, session=session)[0] == 202
    hear(line, "refused")
    assert time.monotonic() - began < 10


def test_a_picture_that_is_too_large_is_not_taken(ask: Ask, dial: Callable[[], ClientConnection]) -> None:
    session = hear(dial(), "welcome")["session"]
    assert ask("/embers/mask", content=bytes(LARGEST_MASK + 1), session=session)[0] == 413


def test_only_who_has_the_session_gets_its_files_and_no_address_holds_it(
    ask: Ask, dial: Callable[[], ClientConnection]
) -> None:
    session = hear(dial(), "welcome")["session"]
    assert ask("/embers/download/curves.csv", session=session)[0] == 200
    for path in (f"/embers/download/{session}/curves.csv", f"/embers/download/curves.csv?session={session}"):
        assert ask(path)[0] == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
def test_a_page_from_elsewhere_cannot_send_a_map(port: int, origin: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("POST", "/embers/mask", b"x", {"Host": "localhost", "Origin": origin})
    assert line.getresponse().status == 403
    line.close()


def test_one_map_at_a_time_is_received_from_a_session(
    port: int, ask: Ask, dial: Callable[[], ClientConnection]
) -> None:
    line = dial()
    session = hear(line, "welcome")["session"]
    with socket.create_connection(("127.0.0.1", port)) as slow:
        head = (
            f"POST /embers/mask HTTP/1.1\r\nHost: localhost\r\n{SESSION}: {session}\r\nContent-Length: 5000000\r\n\r\n"
        )
        slow.sendall(head.encode() + bytes(1000))
        deadline = time.monotonic() + 10
        while "on its way" not in ask("/embers/mask", content=b"no picture", session=session)[2]:
            assert time.monotonic() < deadline
    deadline = time.monotonic() + 10
    while ask("/embers/mask", content=b"no picture", session=session)[0] != 202:  # the slow one has gone
        assert time.monotonic() < deadline


@pytest.mark.parametrize("path", ["/embers/live", "/jupyter/api/kernels/x/channels"])
def test_a_line_under_a_name_of_somebody_else_is_refused(port: int, path: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": "evil.example", "Origin": "http://evil.example", "Connection": "Upgrade", "Upgrade": "websocket",
               "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    line.request("GET", path, headers=headers)
    assert line.getresponse().status == 403
    line.close()
