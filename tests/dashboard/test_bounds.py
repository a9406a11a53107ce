"""What a stranger can do to the server, asked over a real line."""

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.live import channel
from abm.dashboard.live.player import MOST_ASKED, MOST_SAID, Player
from abm.dashboard.server import sessions
from abm.dashboard.server.guard import KERNELS_A_VISITOR, LIVE_A_VISITOR
from tests.commands import environment
from tests.dashboard.lines import Ask, hear


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:80", "192.168.0.7:8765", "LAB.example"])
def test_names_of_this_server_are_served_with_headers_that_browsers_heed(ask: Ask, host: str) -> None:
    status, headers, _ = ask("/embers/facts", host)
    assert status == 200
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "localhost.evil.example", "", "[::1"])
def test_a_name_of_somebody_else_is_not_served(ask: Ask, host: str) -> None:
    status, _, text = ask("/embers/facts", host)
    assert (status, "--trust" in text) == (421, True)


@pytest.mark.parametrize("path", ["/embers/live", "/jupyter/api/kernels/x/channels"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_page_from_elsewhere_gets_no_line(port: int, path: str, origin: str) -> None:
    with pytest.raises(InvalidStatus, match="403"), connect(f"ws://127.0.0.1:{port}{path}", origin=origin):
        pass


def test_the_state_of_the_machine_is_not_told(ask: Ask) -> None:
    assert ask("/resourcez?verbose")[0] == 404


def test_who_finds_no_place_hears_of_the_place_in_the_queue_and_gets_in_when_another_leaves(
    dial: Callable[[], ClientConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "places", sessions.Places(5, 1))
    monkeypatch.setattr(sessions, "RELOAD", 0.2)
    monkeypatch.setattr(channel, "LOOK", 0.1)
    first = dial()
    hear(first, "welcome")
    second, third = dial(), dial()
    said = hear(second, "queue")
    assert "from your address" in said["text"]
    assert said["place"] == 1
    assert hear(third, "queue")["place"] == 2
    first.close()
    hear(second, "welcome")
    assert hear(third, "queue")["place"] == 1
    second.close()
    hear(third, "welcome")


def test_odd_messages_are_refused_without_a_traceback(
    dial: Callable[[], ClientConnection], caplog: pytest.LogCaptureFixture
) -> None:
    line = dial()
    hear(line, "welcome")
    for odd in (b"\0\1", "{", '{"do": "step", "hours": NaN}', "[1]", "[" * 5000):
        line.send(odd)
        assert "that there is not" in hear(line, "refused")["text"]
    for order in ('{"do": "step", "hours": "many"}', '{"do": "step", "hours": 1e999}', '{"do": "pick", "arm": {}}'):
        line.send(order)
        assert "not understood" in hear(line, "refused")["text"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(("arms", "edits"), [(2000, 1), (1, 2000), (300, 300)])
def test_an_order_that_changes_too_many_things_is_refused_at_once(
    dial: Callable[[], ClientConnection], arms: int, edits: int
) -> None:
    line = dial()
    hear(line, "welcome")
    line.send("{}")
    hear(line, "refused")  # the views are laid out
    began = time.monotonic()
    line.send(json.dumps({"do": "edit", "arms": [0] * arms, "edits": [{}] * edits}))
    assert "at most" in hear(line, "refused")["text"]
    assert time.monotonic() - began < 5


def test_a_map_that_is_refused_is_deleted_and_its_path_not_told(ask: Ask, dial: Callable[[], ClientConnection]) -> None:
    line = dial()
    session = hear(line, "welcome")["session"]
    for _ in range(4):
        assert ask("/embers/mask", content=b"no picture", session=session)[0] == 202
        text = hear(line, "refused")["text"]
        assert "/" not in text
        assert "embers-map" not in text
    found = sessions.find(session)
    assert found is not None
    assert found._maps == []


def test_no_more_orders_wait_than_a_hand_can_give_and_leaving_clears_them() -> None:
    player = Player(Recipe((RecipeArm("no_virus"),)), 0.0, lambda: None)  # not started: it does nothing
    taken = [player.ask({"do": "pause"}) for _ in range(2 * MOST_ASKED)]
    assert sum(taken) == MOST_ASKED
    player.ask({"do": "leave"})
    assert [order["do"] for order in player._asked] == ["leave"]


def test_a_frame_that_was_never_sent_cannot_be_acknowledged() -> None:
    player = Player(Recipe((RecipeArm("no_virus"),)), 0.0, lambda: None)
    for number in (10**15, True, "3", None):
        player.ask({"do": "seen", "number": number})
    assert player._acknowledged == player._number == 0


def test_a_browser_that_asks_and_never_listens_gets_no_more() -> None:
    player = Player(Recipe((RecipeArm("no_virus"),)), 0.0, lambda: None)
    player._said.extend([b""] * MOST_SAID)
    assert not player.ask({"do": "forget"})
    assert player.ask({"do": "attach"})  # a browser that comes back is served
    player.messages()
    assert player.ask({"do": "forget"})


def test_lines_that_say_nothing_are_few_from_one_address_and_closed_soon(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "places", sessions.Places(2, 1))
    monkeypatch.setattr(channel, "GREETING", 1.0)
    with ExitStack() as lines:
        address = f"ws://127.0.0.1:{port}/embers/live"
        silent = []
        deadline = time.monotonic() + 30
        while len(silent) < LIVE_A_VISITOR:  # those of the tests before may not be quite gone
            try:
                silent.append(lines.enter_context(connect(address)))
            except InvalidStatus:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        with pytest.raises(InvalidStatus, match="403"), connect(address):
            pass
        for line in silent:
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=10)


@pytest.mark.slow
def test_whoever_opens_and_leaves_many_lines_of_solara_keeps_nobody_out(tmp_path: Path) -> None:
    """Solara keeps what it made for a lost page for a while, 20 a visitor at most: the oldest of them make room."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "abm", "serve", "--port", str(port), "--visitors", "1", "--no-browser"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL) as server:
        try:
            for number in range(KERNELS_A_VISITOR + 5):
                line = f"ws://localhost:{port}/jupyter/api/kernels/{uuid4()}/channels?session_id={uuid4()}"
                deadline = time.monotonic() + (60 if number == 0 else 5)
                while True:
                    try:
                        with connect(line):
                            break
                    except (OSError, InvalidStatus):  # it is not up yet, or the line before is not quite gone
                        assert time.monotonic() < deadline, f"line {number} was refused"
                        time.sleep(0.1)
        finally:
            server.terminate()
            server.wait(20)
