"""Visitors: each has a player of their own, which outlives a lost connection for a while."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Any

from abm.dashboard.player import Player
from abm.dashboard.recipe import Recipe

FORGET_AFTER = 90.0  # seconds without a browser: a reload takes two, a laptop that was closed brings its recipe back
MOST = 24  # visitors at once: each holds up to a hundred megabytes


class Session:
    """One visitor. `attached`: whether a browser is connected now."""

    def __init__(self, recipe: Recipe, hour: float) -> None:
        """Start playing for nobody; see `attach`."""
        self.id = secrets.token_urlsafe(12)
        self.attached = False
        self.masks: list[Any] = []  # temporary files
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

    def close(self) -> None:
        """Let go of all of it."""
        if self._timer is not None:
            self._timer.cancel()
        self.player.close()
        for mask in self.masks:
            mask.close()

    def _tell(self) -> None:
        wake = self._wake
        if wake is not None:
            wake()


_sessions: dict[str, Session] = {}
_lock = threading.Lock()


def find(key: str) -> Session | None:
    """The session of this id."""
    return _sessions.get(key)


def open_session(recipe: Recipe, hour: float = 0.0) -> Session | None:
    """A new session; none where there are too many already. Those without a browser make room first."""
    with _lock:
        waiting = [key for key, session in _sessions.items() if not session.attached]
        if len(_sessions) >= MOST and waiting:
            _sessions.pop(waiting[0]).close()
        if len(_sessions) >= MOST:
            return None
        session = Session(recipe, hour)
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
