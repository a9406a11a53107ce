"""Lectures: runs that others follow, each by a link that cannot be guessed and that ends with the session."""

from __future__ import annotations

import functools
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from abm.dashboard.live.audience import Follower
from abm.dashboard.server import sessions

SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another one on a wall
LENGTH = 16  # 79 bits: beyond guessing over a network, and still typed by hand where there is no camera


class Lecture:
    """One run that is followed.

    Attributes:
        token: what its link holds. seats: its followers, with their addresses, oldest first.
    """

    def __init__(self, session: sessions.Session) -> None:
        """Nobody follows yet."""
        self.session = session
        self.token = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
        self.seats: dict[Follower, str] = {}

    @property
    def state(self) -> dict[str, Any]:
        """What the page of the run shows of it."""
        return {"token": self.token, "followers": len(self.seats), "most": sessions.places.followers}


_lectures: dict[str, Lecture] = {}
_lock = threading.Lock()


def begin(session: sessions.Session) -> Lecture:
    """The lecture of a session; a new one, if it has none."""
    with _lock:
        if session.lecture is None:
            session.lecture = Lecture(session)
            session.at_end = functools.partial(end, session)
            _lectures[session.lecture.token] = session.lecture
        return session.lecture


def find(token: Any) -> Lecture | None:
    """The lecture of a link; nothing where it has ended."""
    return _lectures.get(token) if isinstance(token, str) else None


def state(session: sessions.Session) -> dict[str, Any] | None:
    """What the page of a session shows of its lecture; nothing where it has none."""
    return session.lecture.state if session.lecture is not None else None


def end(session: sessions.Session) -> None:
    """End the lecture of a session: its link leads nowhere from now on, and its followers are sent away."""
    with _lock:
        lecture, session.lecture = session.lecture, None
        if lecture is None:
            return
        del _lectures[lecture.token]
        seats, lecture.seats = list(lecture.seats), {}
    for follower in seats:
        _send_away(lecture, follower, "over")


def join(lecture: Lecture, address: str, wake: Callable[[], object]) -> Follower | None:
    """Let one more follow; nothing where there is no seat, or the lecture has just ended.

    Where all seats are taken, and one address has at least two more than this one, that address gives one up: a
    single machine cannot keep a class out, nor does a class behind one address suffer.
    """
    with _lock:
        if _lectures.get(lecture.token) is not lecture:
            return None
        given_up = None
        if sum(len(each.seats) for each in _lectures.values()) >= sessions.places.followers:
            given_up = _seat_to_give_up(address)
            if given_up is None:
                return None
            del given_up[0].seats[given_up[1]]
        follower = Follower(wake)
        lecture.seats[follower] = address
    if given_up is not None:
        _send_away(*given_up, "full")
    lecture.session.player.ask({"do": "join", "follower": follower})
    _count(lecture)
    return follower


def part(lecture: Lecture, follower: Follower) -> None:
    """A follower has gone."""
    with _lock:
        seated = lecture.seats.pop(follower, None) is not None
    if seated:
        lecture.session.player.ask({"do": "part", "follower": follower})
        _count(lecture)


def _seat_to_give_up(address: str) -> tuple[Lecture, Follower] | None:
    """The newest seat of the address that has the most, if that is at least two more than this one has."""
    seats = [(lecture, *seat) for lecture in _lectures.values() for seat in lecture.seats.items()]
    many = Counter(own for _, _, own in seats)
    if not many:
        return None
    greedy, most = many.most_common(1)[0]
    if most < many[address] + 2:
        return None
    lecture, follower, _ = next(seat for seat in reversed(seats) if seat[2] == greedy)
    return lecture, follower


def _send_away(lecture: Lecture, follower: Follower, why: str) -> None:
    lecture.session.player.ask({"do": "part", "follower": follower})
    follower.dismiss(why)


def _count(lecture: Lecture) -> None:
    """Report how many follow to the page of the run."""
    if lecture.session.attached:
        lecture.session.player.say({"say": "followers", "lecture": lecture.state})
