"""What a visitor can ask for, and what comes of it: the stage, where it is to go, what is shown of it.

Each `do_...` is one order; its arguments come from the browser, so they may be anything.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from abm.dashboard.content.asked import UNCLEAR, number_of
from abm.dashboard.content.describing import describe
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import (
    MAP_PREFIX,
    MOST_ARMS,
    MOST_EDITS,
    Recipe,
    recipe_of,
    scenarios_for,
)
from abm.dashboard.content.story import NOBODY, Pick, pick_at, story_of
from abm.dashboard.lessons.desk import teach
from abm.dashboard.live.audience import Audience
from abm.dashboard.live.frames import OVERLAYS, SOURCE_OVERLAYS, own_overlays
from abm.dashboard.live.memory import give_back
from abm.dashboard.live.screen import Screen
from abm.dashboard.live.stage import Stage
from abm.dashboard.mechanism.orders import MechanismOrders, OnStage
from abm.scenario.errors import ScenarioError

log = logging.getLogger(__name__)
UNBOUND = 1e9
SPEEDS = (2.0, 8.0, 24.0, 96.0, UNBOUND)  # hours of the section a second
USUAL_SPEED = 1
MAP_PATH = re.compile(rf"[^\s\"']*{MAP_PREFIX}\w+\.png")  # a path of this server is nobody else's business
LONGEST_FIELD = 200  # characters of the name of a field, which is told back
Say = dict[str, Any]


class Orders:
    """The views of one visitor.

    Attributes:
        stage: what runs. pending: edits that wait for a reset, each with its arm. pick: whose story is told.
        goal: step to play up to; hurried: as fast as can be.
        screen: what the browser knows. version: rises with each change of what is to be shown.
        audience: those who watch, too. level: whether frames bring the lines of the awakening level.
    """

    def __init__(
        self,
        recipe: Recipe,
        hour: float,
        say: Callable[[Say], None],
        audience: Audience | None = None,
        mechanism: MechanismOrders | None = None,
    ) -> None:
        """Lay out a recipe and go to an hour; `say` hears everything but frames. mechanism: answers questions."""
        self._say, self.audience, self.version = say, audience or Audience(), 0
        self._mechanism = mechanism or MechanismOrders(say, None, None)
        self.pending: list[tuple[int, Mapping[str, Any]]] = []
        self.pick: Pick = NOBODY
        self.goal, self.hurried, self._speed = 0, False, SPEEDS[USUAL_SPEED]
        self.overlay, self.level, self.dirty, self.screen = "", False, True, Screen()
        self._left = (0, False)  # the goal when the browser went
        say({"say": "laying out"})
        try:
            self.stage = Stage(recipe)
        except (ScenarioError, ValueError, RecursionError) as error:
            self.refuse(error if isinstance(error, ValueError) else RecipeError(UNCLEAR))
            self.stage, hour = Stage(Recipe()), 0.0
        self.tell_recipe()
        self._go(hour)

    @property
    def dirty(self) -> bool:
        """Whether the browser has something new to see."""
        return self._dirty

    @dirty.setter
    def dirty(self, dirty: bool) -> None:
        self._dirty = dirty
        self.version += dirty

    @property
    def playing(self) -> bool:
        """Whether there are steps to take."""
        return self.stage.tick < self.goal

    @property
    def speed(self) -> float:
        """Steps a second."""
        return (UNBOUND if self.hurried else self._speed) * self.stage.per_hour

    @property
    def state(self) -> Say:
        """What each frame says of it."""
        to = self.goal / self.stage.per_hour if self.playing and self.hurried else None  # hour
        shown = {"overlay": self.overlay, "level": self.level}
        return {"playing": self.playing, "to": to, **shown, "speed": SPEEDS.index(self._speed)}

    def obey(self, order: Mapping[str, Any]) -> None:
        """Do what is asked, or say why not; an order that names a field of the page is answered with it."""
        what = {key: value for key, value in order.items() if key not in ("do", "field")}
        field = {"field": str(order["field"])[:LONGEST_FIELD]} if "field" in order else {}
        try:
            getattr(self, f"do_{order.get('do')}", self._misunderstood)(**what)
            if field:
                self._say({"say": "taken", **field})
        except (ScenarioError, ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
            log.debug("refused: %s", order, exc_info=True)
            known = isinstance(error, ValueError)  # what has a text for people
            self.refuse(error if known else RecipeError(UNCLEAR), **field)

    def refuse(self, error: Exception, **field: str) -> None:
        """Say why something is not done; field: of the page, which the order came from."""
        self._say({"say": "refused", "text": MAP_PATH.sub("the map", str(error)), **field})

    def stop(self) -> None:
        """Take no more steps."""
        self.goal, self.hurried, self.dirty = 0, False, True

    def wanted(self) -> Recipe:
        """The recipe with what waits for a reset."""
        return self.stage.recipe.with_waiting(self.pending)

    def tell_recipe(self) -> None:
        """Say what the views are made from."""
        self._say({"say": "recipe", **describe(self.stage, self.pending)})

    # ----------------------------------------------------------------------------------------------------------

    def _misunderstood(self, **_what: Any) -> None:
        raise RecipeError("the page asked for something that there is not")

    def do_attach(self) -> None:
        """A browser is there that knows nothing yet."""
        self.screen, self.dirty = Screen(), True
        self.tell_recipe()
        self.goal, self.hurried = max((self.goal, self.hurried), self._left)
        self._left = (0, False)

    def do_leave(self) -> None:
        """The browser has gone: wait for it, since it may be reloading the page."""
        self._left = (self.goal, self.hurried)
        self.stop()

    def do_play(self) -> None:
        """Go on to the end."""
        if self.stage.tick < self.stage.end:
            self.goal, self.hurried = self.stage.end, False
        self.dirty = True

    def do_pause(self) -> None:
        """Stop here."""
        self.stop()

    def do_step(self, hours: float = 1.0, day: float | None = None) -> None:
        """Go on or back by hours, or to a day."""
        self._go(self.stage.hour + number_of(hours) if day is None else number_of(day) * 24)

    def do_speed(self, at: int) -> None:
        """Choose one of the speeds."""
        self._speed = SPEEDS[min(max(round(number_of(at)), 0), len(SPEEDS) - 1)]
        self.dirty = True

    def do_overlay(self, name: str) -> None:
        """Choose the field that comes with each frame."""
        known = {**OVERLAYS, **SOURCE_OVERLAYS}
        for arm in self.stage.scenarios:
            known |= own_overlays(arm)
        self.overlay = str(name) if name in known else ""
        self.dirty = True

    def do_level(self, on: bool) -> None:
        """Whether frames bring the lines on which IL-6 is at the awakening level."""
        self.level, self.dirty = on is True, True

    def do_ask(self, about: str, **what: Any) -> None:
        """Answer a question about the mechanism (`MechanismOrders`)."""
        answer = getattr(self._mechanism, f"do_{about}", None)
        if answer is None:
            self._misunderstood()
            return
        try:
            answer(OnStage(self.stage, self.pick), **what)
        except (RecipeError, ScenarioError) as error:  # said where it was asked
            self._say({"say": about, "fault": str(error)})

    def do_reset(self, seed: Any = None, hour: float = 0.0) -> None:
        """Lay out day 0 with all that waited for it, with another seed if one is given, and go to an hour."""
        self._rebuild(self.wanted() if seed is None else recipe_of({"seed": seed}, self.wanted()), number_of(hour))

    def do_recipe(self, recipe: Any, hour: float = 0.0) -> None:
        """Show something else altogether."""
        self._rebuild(recipe_of(recipe, self.wanted()), number_of(hour))

    def do_mask(self, path: str, judged: Callable[[bool], None]) -> None:
        """Take the section from a picture that was uploaded; `judged` hears whether it is shown now."""
        try:
            self._rebuild(replace(self.wanted(), mask=path))
        finally:
            judged(self.stage.recipe.mask == path)

    def do_edit(self, arms: Sequence[int], edits: Sequence[Mapping[str, Any]]) -> None:
        """Change arms: now where that can be, else at the next reset."""
        if len(arms) > MOST_ARMS or len(edits) > MOST_EDITS:  # before they are multiplied
            raise RecipeError(f"a change can be made to {MOST_ARMS} views, and be of {MOST_EDITS} parts, at most")
        wanted, live = self.wanted(), self.stage.recipe
        changes = [(round(number_of(number)), edit) for number in arms for edit in edits]
        if not all(0 <= number < len(live.arms) and isinstance(edit, dict) for number, edit in changes):
            raise RecipeError("a change that was asked for names a view that there is not")
        for number, edit in changes:
            wanted, live = wanted.changed(number, edit), live.changed(number, edit)
        scenarios_for(recipe_of(wanted.plain(), wanted))  # says what is wrong with it
        if self.stage.tick == 0:
            self._rebuild(wanted)
            return
        try:
            self.stage.amend(live)
        except ValueError as error:  # also one that only fits together with what waits
            log.debug("waits for a reset: %s", error)
            self.pending += changes
        self._know_less()
        self.tell_recipe()
        self.dirty = True

    def do_title(self, arm: int, title: str) -> None:
        """Call an arm something else; "" lets its title say what was done to it."""
        at, plain = round(number_of(arm)), self.stage.recipe.plain()
        if not 0 <= at < len(plain["arms"]):
            raise RecipeError("a title was given to a view that there is not")
        plain["arms"][at]["title"] = title
        self.stage.amend(recipe_of(plain, self.stage.recipe))
        self._know_less()
        self.tell_recipe()
        self.dirty = True

    def do_forget(self) -> None:
        """Take back what waits for a reset."""
        self.pending.clear()
        self.tell_recipe()

    def do_pick(self, arm: int, x: int, y: int) -> None:
        """Tell the story of the cancer cell at a site, or that there is none."""
        self.pick = pick_at(self.stage, *(round(number_of(one)) for one in (arm, x, y)))
        self._say({"say": "story", "story": story_of(self.stage, self.pick)})
        self.dirty = True

    def do_lesson(self, name: str, part: str, **what: Any) -> None:
        """Do a part of a lesson, which is only named here."""
        taught = teach(self.stage, name, part, what)
        if taught.recipe is not None:
            self._rebuild(taught.recipe)
        if taught.pick is not None:
            self.pick, self.dirty = taught.pick, True
        self._say({"say": "lesson", "name": name, "part": part, **(taught.said or {})})

    def do_look(self, look: Any) -> None:
        """Show the views in this way to those who follow."""
        self.audience.look(look)

    def do_give(self, to: Callable[[Stage], None]) -> None:
        """Hand the stage to somebody of this server who reads it now."""
        to(self.stage)

    # ----------------------------------------------------------------------------------------------------------

    def _know_less(self) -> None:
        """What is known of the curves and news ends at this hour."""
        self.screen.know_less(self.stage)
        self.audience.know_less(self.stage)

    def _rebuild(self, recipe: Recipe, hour: float = 0.0) -> None:
        """Lay out a recipe; where that cannot be, what was there stays."""
        self._say({"say": "laying out"})
        stage = Stage(recipe)
        self.stage.close()
        self.stage, self.pending, self.pick = stage, [], NOBODY
        give_back()
        self.audience.start_again()
        self.do_attach()
        self._go(hour)

    def _go(self, hour: float) -> None:
        """Be at this hour: from a snapshot where it lies behind, and as fast as can be."""
        if not math.isfinite(hour):
            raise RecipeError("there is no such day")
        target = min(max(round(hour * self.stage.per_hour), 0), self.stage.end)
        self.stop()
        if target < self.stage.tick:
            self.stage.back_to(target)
            self._know_less()
        if self.stage.tick < target:
            self.goal, self.hurried = target, True
