"""Addresses, QR codes, the queue for a place: what a server does for a class."""

import json
import time
from collections.abc import Callable

import pytest
from websockets.sync.client import ClientConnection

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.server import addresses, classroom, sessions
from abm.dashboard.server.addresses import is_this_machine, reachable
from tests.dashboard.lines import Ask, hear

SMALL = Recipe((RecipeArm("no_virus"),), side=400, days=2)


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("a.localhost", True), ("127.0.0.1", True), ("[::1]", True), ("192.168.0.7", False),
     ("lab.example", False), ("", False)],
)  # fmt: skip
def test_names_that_mean_this_machine_to_itself(host: str, local: bool) -> None:
    assert is_this_machine(host) is local


def test_only_addresses_at_which_the_server_answers_are_given(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setattr(addresses, "_own", lambda: iter(["127.0.0.1", "127.0.0.2", "::1", "127.0.0.1"]))
    assert reachable(port, "/lung") == [f"http://127.0.0.1:{port}/lung/"]  # the tests listen there only


def test_own_addresses_lead_out_of_this_machine() -> None:
    for address in addresses._own():
        assert not addresses.ipaddress.ip_address(address).is_loopback


@pytest.mark.parametrize(("host", "told"), [("localhost", True), ("192.168.0.7:80", False), ("lab.example", False)])
def test_addresses_are_told_to_a_browser_on_this_machine_only(
    ask: Ask, dial: Callable[[], ClientConnection], monkeypatch: pytest.MonkeyPatch, host: str, told: bool
) -> None:
    monkeypatch.setattr(classroom, "reachable", lambda port, root: [f"http://10.0.0.1:{port}{root}/"])
    session = hear(dial(), "welcome")["session"]
    answer = json.loads(ask("/embers/lecture/state", host, b"-", session)[2])
    assert bool(answer["addresses"]) is told
    assert answer["lecture"] is None


def test_a_qr_code_is_drawn_of_a_link_for_a_visitor(ask: Ask, dial: Callable[[], ClientConnection]) -> None:
    session = hear(dial(), "welcome")["session"]
    link = b"http://192.168.0.7:8765/embers/follow#abcdefghjkmnpqrs"
    status, headers, text = ask("/embers/qr", content=link, session=session)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "image/svg+xml")
    assert text.startswith("<svg")
    assert "script" not in text
    assert ask("/embers/qr", content=link[:-1], session=session)[2] != text
    assert ask("/embers/qr", content=link)[0] == 404


@pytest.mark.parametrize(
    ("text", "status"),
    [(b"javascript:alert(1)", 400), (b"a text", 400), ("http://ü".encode(), 400), (b"http://a\nb", 400),
     (b"http://" + bytes(20), 400), (b"http://" + b"a" * 400, 413)],
)  # fmt: skip
def test_a_qr_code_of_anything_else_is_refused(
    ask: Ask, dial: Callable[[], ClientConnection], text: bytes, status: int
) -> None:
    session = hear(dial(), "welcome")["session"]
    assert ask("/embers/qr", content=text, session=session)[0] == status


def test_the_page_of_a_follower_is_served_and_no_line_of_solara_with_it(ask: Ask) -> None:
    status, headers, text = ask("/embers/follow")
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert "follow.js" in text
    assert "frame-ancestors" in headers["content-security-policy"]


# the queue ----------------------------------------------------------------------------------------------------


class Waiting:
    """Visitors who want a place, by name."""

    def __init__(self) -> None:
        self.tickets: dict[str, sessions.Ticket] = {}

    def come(self, name: str, address: str = "one") -> None:
        self.tickets[name] = sessions.Ticket(SMALL, 0.0, address, lambda: None)
        sessions.queue_up(self.tickets[name])

    def leave(self, name: str, ago: float) -> None:
        """Close the browser of somebody, some seconds ago."""
        session = self.tickets[name].session
        session.detach()
        session.left = time.monotonic() - ago
        sessions.admit()

    @property
    def inside(self) -> list[str]:
        return [name for name, ticket in self.tickets.items() if ticket.session is not None]


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    monkeypatch.setattr(sessions, "_sessions", {})
    monkeypatch.setattr(sessions, "_queue", [])
    monkeypatch.setattr(sessions, "places", sessions.Places(2, 2))
    made = Waiting()
    yield made
    sessions._queue.clear()
    for key in list(sessions._sessions):
        sessions.forget(key)


def test_places_are_given_in_the_order_in_which_visitors_came(waiting: Waiting) -> None:
    for name in "abcde":
        waiting.come(name)
    assert waiting.inside == ["a", "b"]
    assert [sessions.place_of(waiting.tickets[name])[:2] for name in "cde"] == [(1, 3), (2, 3), (3, 3)]
    waiting.leave("b", sessions.RELOAD + 1)
    waiting.come("f")
    assert waiting.inside == ["a", "b", "c"]  # b had its session
    sessions.give_up(waiting.tickets["d"])
    waiting.leave("a", sessions.RELOAD + 1)
    assert waiting.tickets["e"].session is not None
    assert sessions.place_of(waiting.tickets["f"]) == (1, 1, "All places for visitors from your address are taken (2).")


def test_who_loads_the_page_again_keeps_the_place(waiting: Waiting) -> None:
    for name in "abc":
        waiting.come(name)
    waiting.leave("a", sessions.RELOAD - 5)
    assert waiting.tickets["c"].session is None


def test_one_address_that_is_full_keeps_nobody_else_waiting(waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "places", sessions.Places(3, 1))
    for name, address in (("a", "one"), ("b", "one"), ("c", "two"), ("d", "one")):
        waiting.come(name, address)
    assert waiting.inside == ["a", "c"]
    assert sessions.place_of(waiting.tickets["d"])[:2] == (2, 2)


def test_who_goes_with_a_place_just_given_leaves_it_to_the_next(waiting: Waiting) -> None:
    for name in "abcd":
        waiting.come(name)
    waiting.leave("a", sessions.RELOAD + 1)
    sessions.give_up(waiting.tickets["c"])  # its browser went in the same moment
    assert waiting.tickets["d"].session is not None
