"""Visitors: each has a player of their own, which outlives a lost connection for a while."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.dashboard.content.recipe import MAP_PREFIX, Recipe
from abm.dashboard.live.player import Player

FORGET_AFTER = 90.0  # seconds without a browser: a reload takes two, a laptop that was closed brings its recipe back
VISITORS = 24  # at once: each holds up to a hundred megabytes
MOST_MAPS = 2  # uploaded maps of one session that wait to be looked at


@dataclass
class Places:
    """How many visitors are taken: `visitors` in all, `from_one` of them from one address."""

    visitors: int = VISITORS
    from_one: int = VISITORS // 2


places = Places()
opening = Recipe()  # what a visitor sees who asks for nothing


class Session:
    """One visitor.

    Attributes:
        address: of their machine. id: key of the session, which only its browser knows.
        attached: whether a browser is connected now. receiving: whether a map is on its way from it.
        drawing: whether a figure is being drawn for it.
    """

    def __init__(self, recipe: Recipe, hour: float, address: str) -> None:
        """Start playing for nobody; see `attach`."""
        self.address = address
        self.id = secrets.token_urlsafe(12)
        self.attached = self.receiving = self.drawing = False
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
        self.attached, self._wake = True, wake
        self.player.ask({"do": "attach"})

    def detach(self) -> None:
        """The browser is gone; perhaps it comes back."""
        self.attached, self._wake = False, None
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
        if self._timer is not None:
            self._timer.cancel()
        self.player.close()
        for file in self._maps:
            file.close()

    def _tell(self) -> None:
        wake = self._wake
        if wake is not None:
            wake()


_sessions: dict[str, Session] = {}
_lock = threading.Lock()


def find(key: str) -> Session | None:
    """The session of this id."""
    return _sessions.get(key)


def open_session(recipe: Recipe, hour: float = 0.0, address: str = "") -> Session | str:
    """A new session, or why there is no place for it. Those without a browser make room first."""
    with _lock:
        same = [key for key, session in _sessions.items() if session.address == address]
        crowded = len(same) >= places.from_one
        if crowded or len(_sessions) >= places.visitors:
            waiting = [key for key in (same if crowded else _sessions) if not _sessions[key].attached]
            if not waiting:
                return (
                    f"{len(same)} views are open from your address already, as many as one address has here."
                    if crowded
                    else f"{len(_sessions)} visitors are here already, as many as this server takes."
                )
            _sessions.pop(waiting[0]).close()
        session = Session(recipe, hour, address)
        _sessions[session.id] = session
        return session


def forget(key: str) -> None:
    """End a session."""
    with _lock:
        session = _sessions.pop(key, None)
    if session is not None:
        session.close()


def count() -> int:
    """How many there are."""
    return len(_sessions)
