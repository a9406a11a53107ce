"""What rules of a scenario cost: pairs of runs with and without one substance and three rules, and the slots alone.

The rules change next to nothing of the biology, so that both runs of a pair have the same work otherwise. Runs of a
pair take turns, and the median of their ratios counts: `python benchmarks/rules.py --pairs 8`.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from abm import LungModel, load_scenario
from abm.scenario.scenario import Scenario

AIM = 1.25  # times a run


def with_rules(scenario: Scenario) -> Scenario:
    """The scenario with a substance and three rules that change next to nothing."""
    own = scenario.with_substance("IL-17A", molar_mass="31 kDa")
    own = own.with_rule("CD4 T cell", "IL-6", raises="secretion of IL-17A", to=5.0, half="0.5 ng/mL", power=2)
    own = own.with_rule("dormant cancer cell", "IL-17A", raises="awakening", to="1e-9 /h", half="0.2 ng/mL")
    return own.with_rule("neutrophil", "IL-17A", raises="speed", to="100.0001 %", half="10 ng/mL")


def seconds(scenario: Scenario, seed: int) -> float:
    """Processor time of a run."""
    model = LungModel(scenario, seed)
    begun = time.process_time()
    model.run()
    return time.process_time() - begun


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=8)
    pairs = parser.parse_args().pairs
    plain = load_scenario("influenza")
    own = with_rules(plain)
    seconds(plain, 1), seconds(own, 1)
    ratios = []
    for seed in range(1, pairs + 1):
        one, other = seconds(plain, seed), seconds(own, seed)
        ratios.append(other / one)
        print(f"seed {seed}: {one:.2f} s without, {other:.2f} s with rules, ratio {ratios[-1]:.2f}")
    print(f"median ratio {np.median(ratios):.2f} (aim: at most {AIM})")


if __name__ == "__main__":
    main()
