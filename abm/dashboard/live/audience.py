"""Followers of a run: browsers that watch it, read-only. One frame is made for all that know the same."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import MOST_ARMS
from abm.dashboard.content.story import Pick
from abm.dashboard.live.screen import Screen
from abm.dashboard.live.stage import Stage
from abm.plots.tissue_picture import LAYERS

Say = dict[str, Any]
FRAMES = 6.0  # a second at most, to each follower
MOST_KINDS = 4  # different frames at one time; those who know something else again wait for the next time
RELAYED = ("laying out", "recipe", "look", "story", "bands", "stopped")  # of what is said to the one who is followed
REMEMBERED = ("recipe", "look", "story")  # of these, what those who come late are to know
COLORINGS = ("state", "clone", "cause")
MOST_ZOOM = 12.0  # of the page
MOST_WAITING = 100  # messages that may wait for a follower: one that never listens is given up
QUICK = 1  # level of zlib: half a millisecond for four views


class Follower:
    """One browser that watches; `wake` is called, from any thread, when there is a message for it.

    Attributes:
        screen: what it knows. version: of the views, when it got its last frame. ready: whether it has drawn that.
        dismissed: why it is sent away, if it is.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        """A browser that knows nothing yet."""
        self.screen, self.version, self.ready = Screen(), -1, True
        self.dismissed = ""
        self._wake = wake
        self._said: deque[bytes | str] = deque()

    @property
    def lost(self) -> bool:
        """Whether it does not listen any more."""
        return len(self._said) > MOST_WAITING

    def say(self, message: bytes | str) -> None:
        """Put a message in its queue."""
        if not self.lost:
            self._said.append(message)
        self._wake()

    def dismiss(self, why: str) -> None:
        """Send it away."""
        self.dismissed = why
        self._wake()

    def messages(self) -> list[bytes | str]:
        """What is to be sent, oldest first; each is given once."""
        found = []
        while self._said:
            found.append(self._said.popleft())
        return found


class Audience:
    """All followers of one player. Its thread calls everything but `hear`."""

    def __init__(self) -> None:
        """Nobody watches."""
        self._followers: tuple[Follower, ...] = ()
        self._last: dict[str, str] = {}
        self._drawn = 0.0

    def join(self, follower: Follower, bands: Say | None) -> None:
        """One more: it hears what the others know, and gets a frame next time."""
        for message in self._last.values():
            follower.say(message)
        if bands is not None:
            follower.say(json.dumps(bands))
        self._followers = (*self._followers, follower)

    def part(self, follower: Follower) -> None:
        """One less."""
        self._followers = tuple(one for one in self._followers if one is not follower)

    def hear(self, said: Mapping[str, Any]) -> None:
        """Pass on what concerns them of a message to the one who is followed."""
        kind = said["say"]
        if kind not in RELAYED:
            return
        message = json.dumps(without_texts(said) if kind == "recipe" else {"say": kind} if kind == "stopped" else said)
        if kind in REMEMBERED:
            self._last[kind] = message
        for follower in self._followers:
            follower.say(message)

    def look(self, look: Any) -> None:
        """Show the views as the one who is followed sees them.

        Raises:
            RecipeError: it is no look.
        """
        self.hear({"say": "look", **look_of(look)})

    def know_less(self, stage: Stage) -> None:
        """The run went back, or changed (see `Screen.know_less`)."""
        for follower in self._followers:
            follower.screen.know_less(stage)

    def start_again(self) -> None:
        """Other sections are shown from now on."""
        self._last.pop("story", None)
        for follower in self._followers:
            follower.screen = Screen()

    def wait(self, version: int) -> float:
        """Seconds until the next frame; infinite where nobody is ready for one, or knows this version already."""
        if not any(one.ready and one.version != version for one in self._followers):
            return float("inf")
        return self._drawn + 1 / FRAMES - time.monotonic()

    def show(self, stage: Stage, pick: Pick, version: int, state: Say) -> None:
        """Send the views to each that is ready."""
        self._drawn = time.monotonic()
        kinds: dict[tuple[bool, int, int], list[Follower]] = {}
        for follower in self._followers:
            if follower.ready and follower.version != version:
                kinds.setdefault(follower.screen.known, []).append(follower)
        longest = sorted(kinds.values(), key=lambda same: min(one.version for one in same))
        for same in longest[:MOST_KINDS]:
            frame = zlib.compress(same[0].screen.frame(stage, pick, {"number": version, **state}), QUICK)
            for follower in same:
                follower.screen.known = same[0].screen.known
                follower.version, follower.ready = version, False
                follower.say(frame)


def look_of(look: Any) -> Say:
    """How views are shown, from a browser: only what is known, and of the right kind.

    Raises:
        RecipeError: something of it is not.
    """
    try:
        arm, middle = look["alone"], look["middle"]
        found = {
            "colorBy": COLORINGS[COLORINGS.index(look["colorBy"])],
            "difference": bool(look["difference"]),
            "against": range(MOST_ARMS)[look["against"]],
            "alone": None if arm is None else range(MOST_ARMS)[arm],
            "zoom": min(max(float(look["zoom"]), 1.0), MOST_ZOOM),
            "middle": None if middle is None else {axis: float(middle[axis]) for axis in "xy"},
            "layers": {name: bool(look["layers"][name]) for name in LAYERS},
        }
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise RecipeError("the page said in a way that is not understood how the views are shown") from error
    return found


def without_texts(value: Any) -> Any:
    """A recipe with digests in the place of uploaded texts: who watches a run does not get the files behind it."""
    if isinstance(value, Mapping):
        return {key: _digest(one) if key == "text" else without_texts(one) for key, one in value.items()}
    return [without_texts(one) for one in value] if isinstance(value, list | tuple) else value


def _digest(text: Any) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:12] if text else ""
