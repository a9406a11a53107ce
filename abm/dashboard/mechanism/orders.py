"""What a visitor can ask about the mechanism. Each `do_...` is one order; its arguments come from the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from abm.dashboard.content.asked import number_within, one_of, whole_within
from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.story import NOBODY, Pick
from abm.dashboard.live.replicates import Replicates, band_of
from abm.dashboard.live.stage import Stage
from abm.dashboard.live.worker import EVERY, MEASURED, Series, measured_in
from abm.dashboard.mechanism.cell_record import cell_record, plan_of
from abm.dashboard.mechanism.distributions import DISTRIBUTIONS, distribution_of
from abm.dashboard.mechanism.inquiries import Inquiries
from abm.dashboard.mechanism.ratios import ratio_course
from abm.dashboard.mechanism.timing import MOST_DAYS, MOST_REPLICATES, TimingPlan, arms_of, timing
from abm.treatments.drugs import RepeatedDoses
from abm.treatments.treatments import TREATMENTS

Say = dict[str, Any]
BLOCKADES = [name for name, kind in TREATMENTS.items() if issubclass(kind, RepeatedDoses)]


class OnStage(NamedTuple):
    """What a question is about: the arms that run, and the cell that is picked."""

    stage: Stage
    pick: Pick


class MechanismOrders:
    """Answers to questions about what is on the stage.

    Attributes:
        replicates: of what is shown; none where there are none. inquiries: what takes longer.
    """

    def __init__(self, say: Callable[[Say], None], replicates: Replicates | None, inquiries: Inquiries | None) -> None:
        """`say` hears every answer."""
        self._say = say
        self.replicates, self.inquiries = replicates, inquiries

    def do_distribution(self, now: OnStage, name: str) -> None:
        """How a number is distributed over cells now."""
        self._say({"say": "distribution", **distribution_of(now.stage, one_of(name, DISTRIBUTIONS, "distribution"))})

    def do_band(self, now: OnStage, measure: str) -> None:
        """Median and quartiles of a measure over the replicates, which `bands` does not bring."""
        found, scenarios = self._found(now.stage), now.stage.scenarios
        measure = one_of(measure, _measures(now.stage), "measure")
        arms = [band_of(found, scenarios, arm, measure) for arm in range(len(scenarios))] if found else []
        self._say({"say": "band", "measure": measure, "arms": arms})

    def do_ratio(self, now: OnStage, over: int, under: int, measure: str) -> None:
        """How an arm compares with another in a measure, at every time."""
        last = len(now.stage.arms) - 1
        arms = [whole_within(one, 0, last, "view") for one in (over, under)]
        if arms[0] == arms[1]:
            raise RecipeError("a view can be compared with another one only")
        common = set(measured_in(now.stage.scenarios[arms[0]])) & set(measured_in(now.stage.scenarios[arms[1]]))
        measure = one_of(measure, [name for name in _measures(now.stage) if name in common], "measure")
        found, scenarios = self._found(now.stage), now.stage.scenarios
        told = {"hours": [], "value": [], "low": [], "high": [], "count": 0, "missed": 0}
        if found:
            told = ratio_course(found, scenarios, arms[0], arms[1], measure)
        self._say({"say": "ratio", "over": arms[0], "under": arms[1], "measure": measure, "every": EVERY, **told})

    def do_timing(
        self, now: OnStage, arm: int, type: str, drug: str, starts: Sequence[Any], replicates: int, day: float
    ) -> None:  # fmt: skip
        """How much of the expansion of an arm a blockade prevents, by the day on which it begins."""
        scenario = now.stage.scenarios[whole_within(arm, 0, len(now.stage.arms) - 1, "view")]
        kind = TREATMENTS[one_of(type, BLOCKADES, "treatment")]
        library = getattr(kind, "LIBRARY", {})
        end = scenario.duration / 24
        day = number_within(day, 0, end, "day of the count", "d")
        days = sorted({number_within(one, 0, end, "day of begin", "d") for one in starts})
        if days and days[-1] >= day:
            raise RecipeError(f"day of begin: {days[-1]:g} must be before the day of the count, {day:g}")
        if not 1 <= len(days) <= MOST_DAYS:
            raise RecipeError(f"{len(days)} first days of the drug were asked for: 1 to {MOST_DAYS} can be run")
        count = whole_within(replicates, 1, MOST_REPLICATES, "replicates")
        seeds = tuple(now.stage.recipe.seed + number for number in range(count))
        plan = TimingPlan(
            scenario, type, one_of(drug, library, "drug"), tuple(days), seeds, day
        )  # fmt: skip
        arms_of(plan)  # says what is wrong with it
        if self.inquiries:
            self.inquiries.begin("timing", timing(plan))

    def do_no_timing(self, now: OnStage) -> None:  # noqa: ARG002 - the form of an order
        """Run no more of it."""
        if self.inquiries:
            self.inquiries.stop("timing")

    def do_record(self, now: OnStage) -> None:
        """Why the picked cell awakened, or did not."""
        if now.pick == NOBODY:
            raise RecipeError("no cell is picked: click on a cancer cell")
        if self.inquiries:
            self.inquiries.begin("record", cell_record(plan_of(now.stage, now.pick)))

    def _found(self, stage: Stage) -> Sequence[Sequence[Series]]:
        return self.replicates.found_of(stage.scenarios) if self.replicates else ()


def _measures(stage: Stage) -> list[str]:
    """All measures that any arm has."""
    return list(dict.fromkeys([*MEASURED, *(name for one in stage.scenarios for name in measured_in(one))]))
