"""Signals that ask a command to end: all are taken like Ctrl-C, so that what was finished is kept and told."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

ENDING = ("SIGTERM", "SIGHUP")  # of a batch system, a closed terminal; Ctrl-C is taken by Python


def interrupted_by_any_end() -> None:
    """Raise KeyboardInterrupt at each of them, unless it is ignored already (as `nohup` has it)."""
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _: FrameType | None) -> None:
    """End once: what comes while results are written is the same wish."""
    for name in ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if number == getattr(signal, "SIGHUP", None):
        _leave_terminal()
    raise KeyboardInterrupt


def _leave_terminal() -> None:
    """Write nothing more to a terminal that is gone, which would fail."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and stream.isatty():
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
