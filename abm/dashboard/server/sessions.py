"""Visitors: each has a player of their own, which outlives a lost connection for a while."""

from __future__ import annotations

import math
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.dashboard.content.recipe import MAP_PREFIX, Recipe
from abm.dashboard.live.player import Player

if TYPE_CHECKING:
    from abm.dashboard.server.lectures import Lecture

FORGET_AFTER = 90.0  # seconds without a browser: a reload takes two, a laptop that was closed brings its recipe back
VISITORS = 24  # at once: each holds up to a hundred megabytes
FOLLOWERS = 60  # of all lectures: a follower costs no run
RELOAD = 10.0  # seconds without a browser in which nobody else gets the place
MOST_MAPS = 2  # uploaded maps of one session that wait to be looked at


@dataclass
class Places:
    """How many visitors are taken: `visitors` in all, `from_one` of them from one address; and `followers` in all."""

    visitors: int = VISITORS
    from_one: int = VISITORS // 2
    followers: int = FOLLOWERS


places = Places()
opening = Recipe()  # what a visitor sees who asks for nothing


class Session:
    """One visitor.

    Attributes:
        address: of their machine. id: key of the session, which only its browser knows.
        attached: whether a browser is connected now. receiving: whether a map is on its way from it.
        drawing: whether a figure is being drawn for it.
        left: when its browser went [s, monotonic]; infinite while there is one, or none was there yet.
        lecture: of this run, if others may follow it. at_end: called when the session ends.
    """

    def __init__(self, recipe: Recipe, hour: float, address: str) -> None:
        """Start playing for nobody; see `attach`."""
        self.address = address
        self.id = secrets.token_urlsafe(12)
        self.attached = self.receiving = self.drawing = False
        self.left = math.inf
        self.lecture: Lecture | None = None
        self.at_end: Callable[[], object] = lambda: None
        self._maps: list[Any] = []  # temporary files: the one that is shown, and those that wait
        self._waiting_maps = 0
        self._maps_lock = threading.Lock()
        self._wake: Callable[[], object] | None = None
        self._timer: threading.Timer | None = None
        self.player = Player(recipe, hour, self._tell, replicates=True)
        self.player.start()

    def attach(self, wake: Callable[[], object]) -> None:
        """A browser is there: `wake` is called, from any thread, when there is a message for it."""
        if self._timer is not None:
            self._timer.cancel()
            self.player.messages()  # what was meant for the page before
        self.attached, self.left, self._wake = True, math.inf, wake
        self.player.ask({"do": "attach"})

    def detach(self) -> None:
        """The browser is gone; perhaps it comes back."""
        self.attached, self.left, self._wake = False, time.monotonic(), None
        self.player.ask({"do": "leave"})
        self._timer = threading.Timer(FORGET_AFTER, forget, (self.id,))
        self._timer.daemon = True
        self._timer.start()

    def take_map(self, data: bytes) -> bool:
        """Show an uploaded map of a section; False where too many wait. Only the one that is shown is kept."""
        with self._maps_lock:
            if self._waiting_maps >= MOST_MAPS:
                return False
            file = tempfile.NamedTemporaryFile(prefix=MAP_PREFIX, suffix=".png")  # noqa: SIM115 - lives while it is shown
            file.write(data)
            file.flush()
            self._maps.append(file)
            self._waiting_maps += 1

        def judged(shown: bool) -> None:
            with self._maps_lock:
                self._waiting_maps -= 1
                at = self._maps.index(file)
                gone, self._maps = (
                    (self._maps[:at], self._maps[at:]) if shown else ([file], [*self._maps[:at], *self._maps[at + 1 :]])
                )
            for one in gone:
                one.close()

        if not self.player.ask({"do": "mask", "path": str(Path(file.name).resolve()), "judged": judged}):
            judged(False)
            return False
        return True

    def close(self) -> None:
        """Let go of all of it."""
        self.at_end()
        if self._timer is not None:
            self._timer.cancel()
        self.player.close()
        for file in self._maps:
            file.close()

    def _tell(self) -> None:
        wake = self._wake
        if wake is not None:
            wake()


class Ticket:
    """A visitor who waits for a place; `wake` is called, from any thread, when there is one or the queue moves.

    Attributes:
        session: theirs, once there is a place.
    """

    def __init__(self, recipe: Recipe, hour: float, address: str, wake: Callable[[], object]) -> None:
        """The last one in the queue."""
        self.recipe, self.hour, self.address, self.wake = recipe, hour, address, wake
        self.session: Session | None = None


_sessions: dict[str, Session] = {}
_queue: list[Ticket] = []
_lock = threading.Lock()


def find(key: str) -> Session | None:
    """The session of this id."""
    return _sessions.get(key)


def queue_up(ticket: Ticket) -> None:
    """Take one more visitor: at once where there is a place, else when there is one."""
    with _lock:
        _queue.append(ticket)
    admit()


def admit() -> None:
    """Open sessions for those who wait, the first ones first. Those without a browser make room."""
    with _lock:
        served = [ticket for ticket in _queue if _serve(ticket)]
        _queue[:] = [ticket for ticket in _queue if ticket.session is None]
        waiting = list(_queue) if served else []
    for ticket in (*served, *waiting):
        ticket.wake()


def give_up(ticket: Ticket) -> None:
    """A visitor who waits has gone."""
    with _lock:
        if ticket in _queue:
            _queue.remove(ticket)
        waiting = list(_queue)
    if ticket.session is not None:
        forget(ticket.session.id)
    for other in waiting:
        other.wake()


def place_of(ticket: Ticket) -> tuple[int, int, str]:
    """Place in the queue, from 1; how many wait; and for what."""
    with _lock:
        _, crowded = _from(ticket.address)
        waiting = [each for each in _queue if each.address == ticket.address] if crowded else _queue
        why = (
            f"All places for visitors from your address are taken ({places.from_one})."
            if crowded
            else f"All places for visitors of this server are taken ({places.visitors})."
        )
        return (waiting.index(ticket) + 1 if ticket in waiting else 0), len(waiting), why


def _from(address: str) -> tuple[list[str], bool]:
    """The sessions of an address, and whether they are as many as it may have."""
    same = [key for key, session in _sessions.items() if session.address == address]
    return same, len(same) >= places.from_one


def _serve(ticket: Ticket) -> bool:
    """Open a session, if there is a place for it."""
    same, crowded = _from(ticket.address)
    if crowded or len(_sessions) >= places.visitors:
        now = time.monotonic()
        left = [key for key in (same if crowded else _sessions) if now - _sessions[key].left > RELOAD]
        if not left:
            return False
        _sessions.pop(left[0]).close()
    ticket.session = Session(ticket.recipe, ticket.hour, ticket.address)
    _sessions[ticket.session.id] = ticket.session
    return True


def forget(key: str) -> None:
    """End a session."""
    with _lock:
        session = _sessions.pop(key, None)
    if session is not None:
        session.close()
    admit()


def count() -> int:
    """How many there are."""
    return len(_sessions)
