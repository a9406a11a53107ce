"""Which seed is typical of the first view of the page: `python benchmarks/default_seed.py [--seeds 64]`.

Runs influenza, with and without blockade of IL-6, as the page shows them first, under seeds 1 to N, and prints a table:
cells per seeded cell on days 15 and 28 and the largest share infected. The seed whose run is nearest to the median in
all four numbers (largest distance of their logarithms, among runs in which the infection established) is typical.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np

from abm.dashboard.content.recipe import FOUR_ARMS, Recipe, RecipeArm, scenario_for
from abm.model.establishment import is_established
from abm.model.lung_model import LungModel
from abm.scenario.scenario import Scenario

INFECTED = [name for name in FOUR_ARMS if name.startswith("influenza")]
DAYS = (15, 28)
EVERY = 6  # h


class SeedRun(NamedTuple):
    """What one run came to: cells per seeded cell on `DAYS`, largest share of the epithelium infected."""

    cells: tuple[float, ...]
    infected: float


def run(scenario: Scenario, seed: int) -> SeedRun:
    """One run to the end."""
    model, infected, cells = LungModel(scenario, seed=seed), 0.0, {}
    per_hour = round(1 / scenario.step)
    for hour in range(0, 24 * max(DAYS) + 1, EVERY):
        model.go_to(hour * per_hour)
        infected = max(infected, model.measure("infected_share"))
        cells[hour] = model.measure("cells_per_seeded")
    model.close()
    return SeedRun(tuple(cells[24 * day] for day in DAYS), infected)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=64, help="how many, from 1 on")
    count = parser.parse_args().seeds
    recipe = Recipe(tuple(RecipeArm(name) for name in INFECTED))
    scenarios = [scenario_for(recipe, number) for number in range(len(INFECTED))]
    found = {}
    print("seed  " + "  ".join(f"{name} day {day}" for name in INFECTED for day in DAYS) + "  largest share infected")
    for seed in range(1, count + 1):
        runs = [run(scenario, seed) for scenario in scenarios]
        found[seed] = runs
        numbers = "  ".join(f"{value:9.1f}" for each in runs for value in each.cells)
        print(f"{seed:4d}  {numbers}  {runs[0].infected:.4f}", flush=True)
    logs = np.array([np.log([max(cell, 0.05) for each in runs for cell in each.cells]) for runs in found.values()])
    median = np.median(logs, axis=0)  # of all seeds, also those in which the infection failed to establish
    print("median", "  ".join(f"{value:9.1f}" for value in np.exp(median)))
    took = [seed for seed, runs in found.items() if is_established(runs[0].infected)]
    print(f"established in {len(took)} of {count}")
    distance = {seed: float(np.abs(logs[seed - 1] - median).max()) for seed in took}
    nearest = sorted(distance, key=lambda seed: distance[seed])[:8]
    print("nearest to the median: " + ", ".join(f"{seed} (within x {np.exp(distance[seed]):.2f})" for seed in nearest))


if __name__ == "__main__":
    main()
