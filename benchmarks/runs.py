"""Whole runs: what a user waits for, and whether the cost follows activity, not area."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from abm import LungModel, load_scenario
from abm.core.quantity import replaced
from abm.model.section import section_of
from abm.scenario.read import with_overrides
from abm.scenario.scenario import Scenario
from abm.tissue.section import Section
from benchmarks.table import Aim, Line
from benchmarks.yardsticks import CHAIN, best_cpu, chain, command, cpu_of

ACTIVE = (4.0, 6.0)  # days of influenza with much virus
DOSE = 10.0  # multiple of the usual
SIDES = {1.0: 8, 2.0: 4, 5.0: 1, 10.0: 1}  # mm: how many seeds, since few cells mean much chance
ROUNDS = 3
SECTIONS = range(1, 11)  # seeds of the default section
FOUNDERS = 5.0  # per mm2, as on the default section
LARGE = """
from abm import LungModel, load_scenario
from abm.scenario.read import with_overrides
model = LungModel(with_overrides(load_scenario("influenza"), days=60, size="10 mm"), seed=1)
model.run()
print(sum(array.nbytes for array in model.tissue) / 2**20)
"""


def scenario_of(name: str, side: float = 2.0, days: float = 28.0) -> Scenario:
    """A scenario on a square section of this side [mm], with founders in step with its area."""
    scenario = with_overrides(load_scenario(name), days=days, size=f"{side} mm")
    parameters = replaced(scenario.parameters, "dormancy.founders", FOUNDERS * side * side)
    return replace(scenario, parameters=parameters)


def default_run(name: str) -> Iterator[Line]:
    """The default section over 28 days, laid out anew each time, measures on: ten of them, as sections differ much."""
    scenario = load_scenario(name)
    LungModel(scenario, seed=1).run_until(1)  # compile, or read from disk
    each = [best_cpu(lambda seed=seed: LungModel(scenario, seed=seed).run(), ROUNDS) for seed in SECTIONS]
    mean, aim = statistics.mean(each), Aim({"influenza": 0.8, "no_virus": 0.08}[name])
    what = f"{name}: 2 mm x 2 mm, 28 days, with its layout"
    yield Line(f"{what}, mean of {len(each)}", mean, "s CPU", chain(), CHAIN, aim)
    yield Line(f"{what}, the slowest", max(each), "s CPU", mean, "the mean")
    layout = best_cpu(lambda: LungModel(scenario, seed=1))
    yield Line(f"{name}: of that the layout", layout, "s CPU", mean, "the mean")


def large_run() -> Iterator[Line]:
    """One square centimeter over 60 days in a process of its own: start, layout, run."""
    command(["-c", "from abm.runs.compile_ahead import warm_up; warm_up()"])
    spent, yardstick = command(["-c", LARGE]), chain()
    what = "influenza: 1 cm x 1 cm, 60 days, with its layout"
    yield Line(what, spent.wall, "s wall", yardstick, CHAIN, Aim(25.0))
    yield Line(what, spent.cpu, "s CPU", yardstick, CHAIN)
    yield Line(what, spent.peak, "MB", float(spent.output), "the arrays of the tissue", Aim(400.0))


def _active_cost(scenario: Scenario, section: Section, seed: int) -> float:
    """Nanoseconds per site and step while the virus spreads, once."""
    model = LungModel(scenario, seed=seed, section=section)
    model.run(days=ACTIVE[0])
    steps = model.ticks - model.tick
    return cpu_of(partial(model.run_until, model.ticks)) / model.tissue.kind.size / steps * 1e9


def _cost_per_site(side: float) -> float:
    """The same on a section of this side [mm]: the best of some rounds, mean over some seeds.

    With ten times the usual dose, as else the virus takes no hold in half of the small sections.
    """
    scenario = scenario_of("influenza", side, days=ACTIVE[1])
    scenario = replace(scenario, infections=tuple(replace(one, dose=DOSE) for one in scenario.infections))
    section, seeds = section_of(scenario), range(1, SIDES[side] + 1)
    return statistics.mean(min(_active_cost(scenario, section, seed) for _ in range(ROUNDS)) for seed in seeds)


def scaling(quick: bool) -> Iterator[Line]:
    """Cost per site and step on small and large sections at the same activity (days 4 to 6 of influenza)."""
    sides = [side for side in SIDES if side < 10.0 or not quick]
    costs = {side * side: _cost_per_site(side) for side in sides}
    yardstick = min(costs.values())
    for area, cost in costs.items():
        aim = Aim(1.3, of="ratio") if cost == max(costs.values()) else None
        yield Line(f"cost on {area:g} mm2, days 4-6", cost, "ns/site/step", yardstick, "the least of all areas", aim)


def late_days() -> Iterator[Line]:
    """What is left to compute when the infection is over, mean of ten sections."""
    scenario = with_overrides(load_scenario("influenza"), days=60)
    models = [LungModel(scenario, seed=seed) for seed in SECTIONS]
    early, late = (statistics.mean(cpu_of(partial(model.run, days)) for model in models) for days in (20, 40))
    yield Line(f"influenza: days 20-60, mean of {len(models)}", late, "s CPU", early, "days 0-20", Aim(0.1, of="ratio"))
