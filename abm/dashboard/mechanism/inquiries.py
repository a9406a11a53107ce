"""What a visitor asks and takes seconds to answer: done beside the views, one question of a kind at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from abm.dashboard.live.worker import ServerEndsError, forget_pool

log = logging.getLogger(__name__)
Say = dict[str, Any]


class Inquiries:
    """Answers, step by step; `say` hears of each. A new question of the same kind takes the place of the last."""

    def __init__(self, say: Callable[[Say], None]) -> None:
        """Nothing is done before `begin`."""
        self._say = say
        self._changed = threading.Condition()
        self._wanted: dict[str, tuple[int, Iterator[Say] | None]] = {}  # by kind: number of the question, answers
        self._threads: dict[str, threading.Thread] = {}
        self._closed = False

    def begin(self, kind: str, answers: Iterator[Say]) -> None:
        """Answer a question; a step that is under way for the one before is ended first."""
        with self._changed:
            if self._closed:
                return
            self._wanted[kind] = self._wanted.get(kind, (0, None))[0] + 1, answers
            if kind not in self._threads:
                self._threads[kind] = threading.Thread(target=self._live, args=(kind,), name=kind, daemon=True)
                self._threads[kind].start()
            self._changed.notify_all()

    def stop(self, kind: str) -> None:
        """Say no more about the question of this kind."""
        with self._changed:
            if kind in self._wanted:
                self._wanted[kind] = self._wanted[kind][0] + 1, None

    def close(self) -> None:
        """Stop all, in the background."""
        with self._changed:
            self._closed = True
            self._wanted = {kind: (number + 1, None) for kind, (number, _) in self._wanted.items()}
            self._changed.notify_all()

    def _live(self, kind: str) -> None:
        done = 0
        while True:
            with self._changed:
                while not self._closed and (self._wanted[kind][0] == done or self._wanted[kind][1] is None):
                    self._changed.wait()
                if self._closed:
                    return
                done, answers = self._wanted[kind]
            self._answer(kind, done, answers)

    def _answer(self, kind: str, number: int, answers: Iterator[Say] | None) -> None:
        problem = ""
        try:
            for said in answers or ():
                if self._wanted[kind][0] != number:
                    return
                self._say(said)
        except BrokenProcessPool:
            forget_pool()
            problem = "the process that computes it ended; ask again"
        except ServerEndsError:
            problem = "the server ends"
        except ValueError as error:  # with a text for people
            problem = str(error)
        except Exception:  # the views go on without an answer
            log.exception("no answer: %s", kind)
            problem = "it could not be computed"
        if problem and self._wanted[kind][0] == number:
            self._say({"say": kind, "fault": problem})
