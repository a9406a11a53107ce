"""What a person sees while it runs: a moving bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

PLAIN_WIDTH = 110  # characters, where there is no terminal that has its own
PLAIN_LINES = 20  # at most, for one bar
PLAIN_PAUSE = 2.0  # s, at least, between two of them


def page_console() -> Console:
    """Where tables are printed to: as wide as the terminal, or as a page where there is none."""
    console = Console()
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console


class Show:
    """Reports progress."""

    def __init__(self, console: Console) -> None:
        """Tell it on this console."""
        self.console = console

    def say(self, text: str) -> None:
        """One line, or several."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def spinner(self, text: str) -> Iterator[None]:
        """Something that takes its time and cannot say how far it is."""
        begin = time.monotonic()
        if self.console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
            with Progress(*columns, console=self.console, transient=True) as progress:
                progress.add_task(text)
                yield
        else:
            self.say(f"{text} ...")
            yield
        if time.monotonic() - begin > 1.0:
            self.say(f"{text}: done in {duration(time.monotonic() - begin)}")

    @contextmanager
    def bar(self, text: str, total: int, unit: str) -> Iterator[Callable[[float], None]]:
        """A bar; call what it gives with how much of `total` is done."""
        if not self.console.is_terminal:
            yield self._plain(text, total, unit)
            return
        counted = MofNCompleteColumn() if unit else TextColumn("{task.percentage:>3.0f} %")
        columns = (TextColumn("{task.description}"), BarColumn(), counted, TextColumn(unit), TimeElapsedColumn())
        left = (TextColumn("left"), TimeRemainingColumn())
        with Progress(*columns, *left, console=self.console) as progress:
            task = progress.add_task(text, total=total)
            yield lambda done: progress.update(task, completed=done)

    def _plain(self, text: str, total: int, unit: str) -> Callable[[float], None]:
        told = time.monotonic()
        last = 0.0
        first: tuple[float, float] | None = None  # time and done when it was told first: what came before was a start

        def tell(done: float) -> None:
            nonlocal told, last, first
            now = time.monotonic()
            first = first or (now, done)
            if done < total and (now - told < PLAIN_PAUSE or done - last < total / PLAIN_LINES):
                return
            told, last = now, done
            begin, before = first
            left = (now - begin) * (total - done) / (done - before) if done > before else 0.0
            counted = f"{done:.0f} of {total} {unit}" if unit else f"{100 * done / total:.0f} %"
            self.say(f"{text}: {counted}" + (f", about {duration(left)} left" if left else ""))

        return tell


def duration(seconds: float) -> str:
    """A time for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
