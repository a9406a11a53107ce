"""A section that plays. One thread owns the model: it steps it and draws it; the page takes the last frame.

The thread knows nothing of the page: a frame is published by one assignment, and the next one is made only when the
page says that it has seen the last, so that neither can flood the other.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from typing import NamedTuple

from abm.dashboard.picture import il6_png, tissue_png
from abm.model import HOURS_PER_DAY, LungModel
from abm.study.scenario_errors import ScenarioError
from abm.study.scenario_file import load_scenario, with_overrides

FRAMES = 8.0  # a second, at most
PATIENCE = 5.0  # seconds that a page may take to say that it has seen a frame
POINT_EVERY = 2.0  # hours from point to point of a curve
MEASURES = ("cells_per_seeded", "ki67_share", "il6_lavage", "virions", "cd8")

log = logging.getLogger(__name__)
_numbers = itertools.count(1)


class Setup(NamedTuple):
    """What defines a section."""

    scenario: str = "influenza"  # name of a packaged one
    seed: int = 1
    side: int = 2000  # um


class Point(NamedTuple):
    """What is measured at one time; `values` by name of the measure."""

    day: float
    values: dict[str, float]


class Frame(NamedTuple):
    """What the page shows of a section at one time."""

    number: int  # no two frames have the same, nor do those of two players
    setup: Setup
    picture: bytes  # PNG
    points: tuple[Point, ...]  # from day 0 to now, which is the last
    last_day: float  # of the scenario

    @property
    def now(self) -> Point:
        """The last point."""
        return self.points[-1]

    @property
    def ended(self) -> bool:
        """Whether the scenario is over."""
        return self.now.day >= self.last_day


class Player:
    """A section of lung and the thread that plays it.

    Attributes:
        setup: what it plays.
        frame: the last one; None until the section is laid out.
        error: what went wrong, in words; empty while all is well.
        playing: whether it goes on by itself.
    """

    def __init__(self, setup: Setup) -> None:
        """Nothing happens before `start`."""
        self.setup = setup
        self.frame: Frame | None = None
        self.error = ""
        self.playing = False
        self._points: list[Point] = []
        self._changed = threading.Condition()
        self._closed = self._redraw = self._il6 = False
        self._single_hours = 0
        self._speed = 12.0  # hours a second
        self._seen = 0
        self._thread = threading.Thread(target=self._live, name=f"player of {setup.scenario}", daemon=True)

    def start(self) -> None:
        """Lay out the section and draw it, in the background."""
        self._thread.start()

    def close(self) -> None:
        """Let go of the model; a step under way is ended first, in the background."""
        with self._changed:
            self._closed = True
            self.playing = False
            self._changed.notify()

    def join(self, seconds: float) -> bool:
        """Wait until the thread has ended; gives whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def play(self) -> None:
        """Go on to the end of the scenario."""
        with self._changed:
            self.playing = not (self._closed or self.error or (self.frame is not None and self.frame.ended))
            self._changed.notify()

    def pause(self) -> None:
        """Stop after the step under way."""
        with self._changed:
            self.playing = False
            self._single_hours = 0

    def step(self) -> None:
        """Stop, and go on by an hour."""
        with self._changed:
            self.playing = False
            self._single_hours += 1
            self._changed.notify()

    def adjust(self, speed: float, il6: bool) -> None:
        """Choose the speed [hours of the section a second] and whether frames show IL-6 or the tissue."""
        with self._changed:
            self._redraw = self._redraw or il6 != self._il6
            self._speed, self._il6 = speed, il6
            self._changed.notify()

    def seen(self, number: int) -> None:
        """The page has this frame on its screen."""
        with self._changed:
            self._seen = max(self._seen, number)
            self._changed.notify()

    # ----------------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        """What the thread does."""
        model = None
        try:
            scenario = with_overrides(load_scenario(self.setup.scenario), size=f"{self.setup.side}um")
            model = LungModel(scenario, self.setup.seed)
            self._publish(model)
            while (ticks := self._next(model)) is not None:
                model.run_until(min(model.tick + ticks, model.ticks))
                self._publish(model)
        except ScenarioError as error:
            self._fail(str(error))
        except Exception as error:  # whatever it is, the page must be able to tell it
            log.exception("The section stopped: %s", self.setup)
            self._fail(f"{type(error).__name__}: {str(error).partition(chr(10))[0]} (the log of the server tells more)")
        finally:
            if model is not None:
                model.close()

    def _fail(self, error: str) -> None:
        self.error = error
        self.playing = False

    def _next(self, model: LungModel) -> int | None:
        """Wait for something to do: the steps to take, 0 to draw anew; None when it is all over."""
        hour = round(1 / model.experiment.step)
        drawn = time.monotonic()
        with self._changed:
            while not self._closed:
                if self._redraw:
                    self._redraw = False
                    return 0
                if self._single_hours:
                    self._single_hours -= 1
                    return hour
                ticks = max(1, round(self._speed / FRAMES * hour))
                wait = self._wait(drawn, ticks / hour / self._speed) if self.playing else None
                if wait is not None and wait <= 0:
                    return ticks
                self._changed.wait(wait)
        return None

    def _wait(self, drawn: float, pause: float) -> float:
        """Seconds until the next frame is due; less when the page says sooner that it has seen the last one."""
        assert self.frame is not None
        pause = pause if self._seen >= self.frame.number else max(pause, PATIENCE)
        return drawn + pause - time.monotonic()

    def _publish(self, model: LungModel) -> None:
        """Measure and draw, for the page to take."""
        now = Point(model.day, {name: model.measure(name) for name in MEASURES})
        if not self._points or now.day - self._points[-1].day >= POINT_EVERY / HOURS_PER_DAY - 1e-9:
            self._points.append(now)
        points = (*self._points, now) if self._points[-1] is not now else tuple(self._points)
        if model.tick >= model.ticks:
            self.playing = False
        picture = il6_png(model) if self._il6 else tissue_png(model)
        last_day = model.ticks * model.experiment.step / HOURS_PER_DAY
        self.frame = Frame(next(_numbers), self.setup, picture, points, last_day)
