"""One visitor's views, run on a thread of their own, so that the page never waits for the model.

Everything the visitor asks for is put in a queue and done between two short stretches of steps. A frame is made when
the browser has drawn one before it, so a slow browser gets fewer frames and never old ones; the model does not wait
for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from abm.dashboard.content.recipe import Recipe
from abm.dashboard.live import warm
from abm.dashboard.live.audience import Audience
from abm.dashboard.live.memory import give_back
from abm.dashboard.live.orders import Orders, Say
from abm.dashboard.live.replicates import Replicates
from abm.dashboard.live.worker import Series
from abm.dashboard.mechanism.inquiries import Inquiries
from abm.dashboard.mechanism.orders import MechanismOrders
from abm.scenario.scenario import Scenario

log = logging.getLogger(__name__)
FRAMES, FRAMES_OF_MANY = 60, 30  # a second at most, of one view and of several, which a browser draws longer
FRAMES_ON_THE_WAY = 10  # a second at most, where it goes to a day as fast as can be
AHEAD = 2  # frames under way to the browser at most: one is drawn while the next one comes
STRETCH = 0.015  # seconds of work between two looks at the queue
MOST_SAID = 400  # messages that may wait for a browser: one that asks and never listens gets no more
MOST_ASKED = 64  # orders that may wait: a hand at the page has one or two under way
KEPT = ("give", "mask", "join", "part")  # orders of this server, which are done for a browser that left as well
ALWAYS = ("attach", "join", "part")  # orders of this server that find place in any queue
QUIET = ("attach", "leave", *KEPT)  # orders that no hand gave
LONGEST_NAME = 40  # characters of the name of an order, which is told back
HURRY = 0.25  # seconds of lag that are made up; more is let go


class Player:
    """Plays a recipe.

    Args:
        recipe: what to show first. hour: where to begin. tell: called, from its thread, when there is a message.
        replicates: whether quiet replicates of it are run in the background.
    """

    def __init__(self, recipe: Recipe, hour: float, tell: Callable[[], object], replicates: bool = False) -> None:
        """Nothing happens before `start`."""
        name = "player of " + ", ".join(arm.base for arm in recipe.arms)
        self._thread = threading.Thread(target=self._live, args=(recipe, hour), name=name, daemon=True)
        self._tell = tell
        self._asked: deque[Mapping[str, Any]] = deque()
        self._said: deque[bytes | Say] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._number = self._acknowledged = 0  # frames
        self._audience = Audience()
        self._drawn = self._looked = time.monotonic()
        self._owed = 0.0  # steps that are due
        self._replicates = Replicates(self._say_bands) if replicates else None
        self._inquiries = Inquiries(self.say)
        self._bands: Say | None = None  # of what is shown now
        self._replicated: Recipe | None = None

    def start(self) -> None:
        """Lay out the first recipe, and wait for orders."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether it still takes orders."""
        return self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait for its end, but not longer."""
        self._thread.join(seconds)

    def ask(self, order: Mapping[str, Any]) -> bool:
        """Put an order in the queue (see `Orders`), and say whether it found place there.

        A browser that leaves takes with it what it asked for and what was not done yet.
        """
        with self._changed:
            if order.get("do") == "leave":
                kept = [one for one in self._asked if one.get("do") in KEPT]
                self._asked.clear()
                self._asked.extend(kept)
            elif order.get("do") == "seen":
                number = order.get("number")
                if type(number) is int:  # true is an int, too
                    self._acknowledged = min(max(number, self._acknowledged), self._number)
            elif order.get("do") not in ALWAYS and (len(self._asked) >= MOST_ASKED or len(self._said) >= MOST_SAID):
                return False
            if order.get("do") != "seen":
                self._asked.append(order)
            self._changed.notify()
            return True

    def look_again(self) -> None:
        """A follower has drawn what it got."""
        with self._changed:
            self._changed.notify()

    def say(self, what: bytes | Say) -> None:
        """Send a message to the browser; from any thread."""
        self._said.append(what)
        if not isinstance(what, bytes):
            self._audience.hear(what)
        self._tell()

    def close(self) -> None:
        """Let go of everything, in the background."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def replicated(self, scenarios: Sequence[Scenario]) -> Sequence[Sequence[Series]]:
        """Finished replicates of these arms, by replicate and arm."""
        return self._replicates.found_of(scenarios) if self._replicates is not None else ()

    def messages(self) -> list[bytes | Say]:
        """What is to be sent, oldest first; each is given once."""
        found = []
        while self._said:
            found.append(self._said.popleft())
        return found

    # ----------------------------------------------------------------------------------------------------------

    def _live(self, recipe: Recipe, hour: float) -> None:
        """What the thread does."""
        orders = None
        try:
            warm.ready.wait()
            mechanism = MechanismOrders(self.say, self._replicates, self._inquiries)
            orders = Orders(recipe, hour, self.say, self._audience, mechanism)
            while not self._closed:
                self._obey(orders)
                self._replicate(orders)
                self._go_on(orders)
                self._show(orders)
                self._rest(orders)
        except Exception as error:  # whatever it is, the page must be able to tell it
            log.exception("the views stopped")
            self.say({"say": "stopped", "text": f"{type(error).__name__}: {error}"[:300]})
        finally:
            self._inquiries.close()
            if self._replicates is not None:
                self._replicates.close()
            if orders is not None:
                orders.stage.close()
            del orders
            give_back()

    def _say_bands(self, bands: Say) -> None:
        self._bands = bands
        self.say(bands)

    def _obey(self, orders: Orders) -> None:
        while self._asked:
            order = self._asked.popleft()
            if order.get("do") in ("join", "part"):
                self._seat(order)
                continue
            if order.get("do") == "attach":
                self._acknowledged = self._number
            orders.obey(order)
            if order.get("do") not in QUIET:
                self.say({"say": "done", "do": str(order.get("do"))[:LONGEST_NAME]})
            if order.get("do") == "attach" and self._bands is not None:
                self.say(self._bands)

    def _seat(self, order: Mapping[str, Any]) -> None:
        """Let a follower in, or out."""
        if order["do"] == "join":
            self._audience.join(order["follower"], self._bands)
        else:
            self._audience.part(order["follower"])

    def _replicate(self, orders: Orders) -> None:
        """Have replicates run of what is shown now."""
        recipe = orders.stage.recipe
        if self._replicates is not None and recipe is not self._replicated:
            self._replicated, self._bands = recipe, None
            self._replicates.show(orders.stage.scenarios, recipe.seed)

    def _go_on(self, orders: Orders) -> None:
        """Run the steps that are due, for a stretch."""
        now = time.monotonic()
        lag, self._looked = now - self._looked, now
        if not orders.playing:
            self._owed = 0.0
            return
        self._owed = min(self._owed + lag * orders.speed, HURRY * orders.speed)
        while self._owed >= 1 and orders.stage.tick < orders.goal and time.monotonic() - now < STRETCH:
            before = orders.stage.tick
            orders.stage.advance(min(int(self._owed), orders.goal - before))
            self._owed -= orders.stage.tick - before
            orders.dirty = True
        if not orders.playing:
            orders.stop()

    def _show(self, orders: Orders) -> None:
        """Make a frame, if there is something new and the browser is ready for it; and one for those who follow."""
        if self._audience.wait(orders.version) <= 0:
            self._audience.show(orders.stage, orders.pick, orders.version, orders.state)
        if self._wait_to_show(orders) > 0:
            return
        orders.dirty, self._drawn = False, time.monotonic()
        self._number += 1
        self.say(orders.screen.frame(orders.stage, orders.pick, {"number": self._number, **orders.state}))

    def _rest(self, orders: Orders) -> None:
        """Wait until there is something to do."""
        with self._changed:
            wait = min(self._wait_to_show(orders), self._audience.wait(orders.version))
            if orders.playing:
                wait = min(wait, (1 - self._owed) / orders.speed)
            if not (self._asked or self._closed) and wait > 0:
                self._changed.wait(wait if wait < threading.TIMEOUT_MAX else None)

    def _wait_to_show(self, orders: Orders) -> float:
        """Seconds until a frame can be made; infinite where something else has to happen first."""
        if not orders.dirty or self._number - self._acknowledged >= AHEAD:
            return float("inf")
        pace = FRAMES if len(orders.stage.arms) == 1 else FRAMES_OF_MANY
        if orders.hurried and orders.playing:
            pace = FRAMES_ON_THE_WAY
        return self._drawn + 1 / pace - time.monotonic()
