"""Quiet replicates: the same arms with other seeds, run in the background, to show how much is chance.

One worker process of low priority serves all visitors, each of whom has one run in its queue at a time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np

from abm.dashboard.content.charts import CHARTED
from abm.dashboard.content.naming import LETTERS
from abm.dashboard.live.worker import EVERY, MEASURED, Series, ServerEndsError, forget_pool, measured_in, run
from abm.model.establishment import ESTABLISHED
from abm.reporting.statistics import ratio_of_means
from abm.scenario.scenario import Scenario

log = logging.getLogger(__name__)
MOST = 8  # replicates of each arm
PATIENCE = 1.5  # seconds that a recipe must stand before it is worth a run
QUARTILES = (0.25, 0.5, 0.75)
JUDGED_ON = 15  # d: the day on which arms are compared, or the end where that is sooner
CELLS, INFECTED = MEASURED.index("cells_per_seeded"), MEASURED.index("infected_share")


class Replicates:
    """Runs replicates of what is shown; `say` hears of the bands as they grow."""

    def __init__(self, say: Callable[[dict[str, Any]], None]) -> None:
        """Nothing is run before `show`."""
        self._say = say
        self._changed = threading.Condition()
        self._shown: tuple[Sequence[Scenario], int] | None = None
        self._turn, self._closed = 0, False
        self.found: tuple[Sequence[Sequence[Series]], Sequence[Scenario]] = ((), ())  # of what is shown
        self._thread = threading.Thread(target=self._live, name="replicates", daemon=True)
        self._thread.start()

    def show(self, scenarios: Sequence[Scenario], seed: int) -> None:
        """Run replicates of these arms from now on."""
        with self._changed:
            self._shown, self._turn, self.found = (list(scenarios), seed), self._turn + 1, ((), ())
            self._changed.notify()

    def found_of(self, scenarios: Sequence[Scenario]) -> Sequence[Sequence[Series]]:
        """Finished replicates of these arms, by replicate and arm; none where something else is shown."""
        found, own = self.found
        return found if list(own) == list(scenarios) else ()

    def close(self) -> None:
        """Stop; a run under way is ended first, in the background."""
        with self._changed:
            self._closed, self._turn = True, self._turn + 1
            self._changed.notify()

    def _live(self) -> None:
        done = 0
        while not self._closed:
            with self._changed:
                if self._turn == done:
                    self._changed.wait()
                    continue
                done = self._turn
                if self._changed.wait(PATIENCE):  # it changed again
                    continue
                shown = self._shown
            if shown is not None and not self._closed:
                self._replicate(*shown, done)

    def _replicate(self, scenarios: Sequence[Scenario], seed: int, turn: int) -> None:
        """Run one replicate after another until something else is shown."""
        found: list[list[Series]] = []
        try:
            while len(found) < MOST:
                runs = []
                for scenario in scenarios:
                    if self._turn != turn:
                        return
                    runs.append(run(scenario, seed + 1 + len(found)))
                found.append(runs)
                if self._turn == turn:
                    self.found = tuple(found), scenarios
                    self._say(told(found, scenarios))
        except BrokenProcessPool:
            log.warning("no more replicates of this: the worker process ended")
            forget_pool()
        except ServerEndsError:
            self._closed = True
        except Exception:  # the views go on without bands
            log.exception("no more replicates of this")


def told(found: Sequence[Sequence[Series]], scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """The bands of each arm (median and quartiles of the replicates) and how sure one can be, for the page.

    `judged`: hour on which the sentences report, before which the page keeps them back.
    """
    runs = np.array([[series[:, : len(MEASURED)] for series in each] for each in found])  # what all arms have
    hours = (np.arange(runs.shape[2]) * EVERY).tolist()
    arms = []
    for arm, scenario in enumerate(scenarios):
        charted = [name for name in measured_in(scenario) if name in CHARTED or name not in MEASURED]
        arms.append({name: band_of(found, scenarios, arm, name) for name in charted})
    return {
        "say": "bands", "hours": hours, "arms": arms, "count": runs.shape[0], "most": MOST,
        "judged": _judged(runs) * EVERY, "sure": list(sentences(runs, scenarios)),
    }  # fmt: skip


def band_of(
    found: Sequence[Sequence[Series]], scenarios: Sequence[Scenario], arm: int, measure: str
) -> dict[str, list[float]] | None:
    """Median and quartiles of a measure of an arm over the replicates, by time; none where the arm lacks it."""
    known = measured_in(scenarios[arm])
    if measure not in known:
        return None
    at = known.index(measure)
    low, middle, high = np.quantile([each[arm][:, at] for each in found], QUARTILES, axis=0).tolist()
    return {"low": low, "middle": middle, "high": high}


def sentences(runs: np.ndarray, scenarios: Sequence[Scenario]) -> Iterator[str]:
    """In how many replicates the infection established, and how the arms differ in these.

    Args:
        runs: float64[replicates, arms, times, MEASURED].
        scenarios: of the arms.
    """
    count, carry = len(runs), (runs[:, :, :, INFECTED].max(axis=2) >= ESTABLISHED).any(axis=1)
    if any(scenario.infections for scenario in scenarios) and not carry.all():
        yield (
            f"The infection established in {carry.sum()} of {count} replicates: the others are sections of lung that "
            "it missed by chance, and are left out of what follows."
        )
        runs = runs[carry]
    if len(runs):
        yield from (sentence(runs, arm, scenarios) for arm in range(1, runs.shape[1]))


def sentence(runs: np.ndarray, arm: int, scenarios: Sequence[Scenario]) -> str:
    """How an arm differs from the first one, and whether that could be chance."""
    at = _judged(runs)
    treated, reference = (runs[:, each, at, CELLS] for each in (arm, 0))
    ratio = ratio_of_means(treated, reference)
    title, other = (f"{LETTERS[each]} “{scenarios[each].title}”" for each in (arm, 0))
    day = at * EVERY // 24
    if not np.isfinite(ratio.value):
        return f"{title}: no cells are left on day {day} in it or in {other}."
    if ratio.n < 2:
        return (
            f"{title}: {_said(ratio.value)} × the cells of {other} on day {day}, in one replicate: no more than a hint."
        )
    spread = (
        f"{_said(ratio.value)} × the cells of {other} on day {day} "
        f"(95 % interval {_said(ratio.low)} to {_said(ratio.high)})"
    )
    if ratio.low > 1 or ratio.high < 1:
        return f"{title}: {spread}. That is more than chance, in this model."
    deviation = float(np.std(treated / treated.mean() - reference / reference.mean(), ddof=1))
    if deviation == 0:
        return f"{title}: the same number of cells as in {other} on day {day} in every replicate."
    needed = int(np.ceil((2 * deviation / np.log(2)) ** 2)) + 1
    if needed <= ratio.n:
        return f"{title}: {spread}. No difference is seen; a doubling would have been."
    return f"{title}: {spread}. No difference is seen; to see a doubling takes about {needed} replicates."


def _judged(runs: np.ndarray) -> int:
    """The time at which arms are compared."""
    return min(JUDGED_ON * 24 // EVERY, runs.shape[2] - 1)


def _said(value: float) -> str:
    """A number as one says it: whole, or with up to three digits, and never with an exponent."""
    if not np.isfinite(value):
        return "infinitely many"
    if value >= 9.95:
        return f"{value:,.0f}"
    if value >= 0.001:
        return f"{value:.3g}" if value >= 0.1 else f"{value:.1g}"
    return "less than 0.001" if value > 0 else "0"
