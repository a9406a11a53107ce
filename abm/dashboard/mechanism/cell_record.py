"""The record of one cancer cell: why it awakened, or did not, in its own arm and in those of its twins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from abm.dashboard.content.story import Pick
from abm.dashboard.live.stage import Stage
from abm.dashboard.live.worker import submitted
from abm.dashboard.mechanism.secretion import sources
from abm.dashboard.mechanism.trace import REACH, trace
from abm.rules.states import Cause, EventKind
from abm.scenario.scenario import Scenario

Say = dict[str, Any]
Trace = Callable[[Scenario, int, int, int, int | None], dict[str, Any]]
LAWS = {  # parameters that decide, in the order in which the signal passes them
    "dormancy.half_response": "EC50 of IL-6", "dormancy.power": "Hill power",
    "dormancy.signal_memory": "memory of STAT3",
    "dormancy.closed_niche": "rate left in a closed niche", "dormancy.awakening": "awakening at full signal",
    "dormancy.spontaneous_awakening": "awakening without IL-6",
}  # fmt: skip


class Subject(NamedTuple):
    """The cell whose awakening explains a picked cell: itself, or the ancestor that awakened last before its birth."""

    uid: int
    awoke: float | None  # hour
    generations: int  # from the ancestor to the picked cell


class RecordPlan(NamedTuple):
    """What is run again: scenarios of all arms, that of the picked cell first."""

    arms: tuple[int, ...]
    scenarios: tuple[Scenario, ...]
    awoke: tuple[int | None, ...]  # step in which the cell awakened in each arm
    seed: int
    subject: Subject
    until: int  # step
    clone: int


def subject_of(stage: Stage, arm: int, uid: int) -> Subject:
    """The cell that has to be explained."""
    log, before, generations = _log(stage, arm), np.inf, 0
    while True:
        awoke = log[(log.uid == uid) & (log.kind == EventKind.AWAKENING) & (log.hour <= before)]
        if awoke.size:
            return Subject(uid, float(awoke.hour.max()), generations)
        births = log[(log.uid == uid) & (log.kind == EventKind.BIRTH)]
        if not births.size:
            return Subject(uid, None, generations)
        uid, before, generations = int(births.parent[0]), float(births.hour[0]), generations + 1


def plan_of(stage: Stage, pick: Pick) -> RecordPlan:
    """What has to be run again to explain a picked cell."""
    subject = subject_of(stage, pick.arm, pick.uid)
    arms = (pick.arm, *(number for number in range(len(stage.arms)) if number != pick.arm))
    steps = []
    for arm in arms:
        hour = subject.awoke if arm == pick.arm else _first_awakening(stage, arm, subject.uid)
        steps.append(None if hour is None else round(hour * stage.per_hour))
    scenarios = stage.scenarios
    return RecordPlan(
        arms, tuple(scenarios[arm] for arm in arms), tuple(steps), stage.recipe.seed, subject, stage.tick, pick.clone
    )


def cell_record(plan: RecordPlan, follow: Trace | None = None) -> Iterator[Say]:
    """The record, first of the picked cell, then with one twin more each time.

    follow: `trace`, or what stands for it; by default the worker does it.
    """
    traces: list[dict[str, Any]] = []
    for arm, scenario, awoke in zip(plan.arms, plan.scenarios, plan.awoke, strict=True):
        asked = scenario, plan.seed, plan.subject.uid, plan.until, awoke
        found = follow(*asked) if follow else submitted(trace, *asked).result()
        traces.append({"arm": arm, **found})
        yield {
            "say": "record", "clone": plan.clone + 1, "generations": plan.subject.generations, "traces": list(traces),
            "total": len(plan.arms), "lines": list(lines(plan, traces[0])), "reach": REACH, "laws": _laws(scenario),
        }  # fmt: skip


def lines(plan: RecordPlan, own: dict[str, Any]) -> Iterator[str]:
    """What the record says, in sentences."""
    if plan.subject.generations:
        yield (
            f"The picked cell descends, {plan.subject.generations} "
            f"division{'' if plan.subject.generations == 1 else 's'} later, from the cell that awakened. This is the "
            "record of that ancestor."
        )
    if own["drawn"] is not None:
        rarer = np.exp(-own["drawn"])
        yield (
            f"Its threshold, drawn by chance, is an accumulated hazard of {own['drawn']:.2f}; {rarer:.0%} of cells "
            "draw a higher one. All twins of the cell have the same threshold."
        )
    awakening = own["awakening"]
    if awakening:
        yield from _of_awakening(awakening)
    else:
        passed = [one for one in own["passed"] if one is not None]
        if passed and own["drawn"] is not None:
            yield f"It has gone through a hazard of {passed[-1]:.2g} so far, {passed[-1] / own['drawn']:.1%} of it."
    if own["around"]:
        yield from _of_surroundings(own["around"])


def _of_awakening(awakening: dict[str, Any]) -> Iterator[str]:
    rates = awakening["rates"]
    total = sum(rates.values())
    yield (
        f"It was reached on day {awakening['hour'] / 24:.2f}, with IL-6 of {awakening['il6']:.2g} ng/mL and a hazard "
        f"of {total:.2g} per hour."
    )
    parts = {"by IL-6": rates["il6"], "without IL-6": rates["without"], "by rules": rates["rule"],
             "to death": rates["death"]}  # fmt: skip
    shares = ", ".join(f"{value / total:.2%} {name}" for name, value in parts.items() if value > 0) if total else ""
    cause = {Cause.IL6: "IL-6", Cause.SPONTANEOUS: "awakening without IL-6", Cause.RULE: "a rule"}
    yield (
        f"Shares of that hazard: {shares}. A second draw, {awakening['draw']:.3f} of 1, fell to "
        f"{cause.get(Cause(awakening['cause']), 'another cause')}."
    )


def _of_surroundings(around: dict[str, Any]) -> Iterator[str]:
    day = f"{around['day']:.1f}"
    nearest = (
        "no cell was infected" if around["nearest"] is None else f"the nearest was {around['nearest']:.0f} µm away"
    )
    yield f"On day {day}, {around['infected']} infected epithelial cells were within {REACH:.0f} µm; {nearest}."
    ranked = sorted(zip(around["sources"], sources(), strict=True), key=lambda one: -one[0])
    named = [f"{one.title.lower().replace('nk ', 'NK ')} {share:.0%}" for share, one in ranked if share >= 0.005]
    if named:
        yield f"IL-6 secreted within {REACH:.0f} µm: {', '.join(named)}."
    if around["cells"]:
        told = ", ".join(f"{name} {count}" for name, count in around["cells"].items())
        yield f"Mobile cells there: {told}." + (f" {around['cd8']} CD8 T cells touched it." if around["cd8"] else "")


def _laws(scenario: Scenario) -> list[dict[str, Any]]:
    """Values of the parameters that decide, which the page shows with their sources."""
    from abm.dashboard.content.quantities import values_of

    values = values_of(scenario)
    return [{"name": name, "label": label, "value": values[name]} for name, label in LAWS.items()]


def _first_awakening(stage: Stage, arm: int, uid: int) -> float | None:
    log = _log(stage, arm)
    awoke = log[(log.uid == uid) & (log.kind == EventKind.AWAKENING)]
    return float(awoke.hour.min()) if awoke.size else None


def _log(stage: Stage, arm: int) -> Any:
    tissue = stage.arms[arm].model.tissue
    return tissue.log[: tissue.status[0].events]
