"""Compare sections of lung at rest that are jumped over quiet time with others that are stepped, on fresh seeds.

    python -m benchmarks.jumping            # ten comparisons, some ten minutes on a core

Each comparison takes other seeds and one of three settings, and tests two things: the hour of the first awakening
(log-rank, because none awakens in some sections), and how many cells are left then (chi-square). If jumping is right,
the twenty p-values are spread evenly from 0 to 1.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import stats
from statsmodels.duration.survfunc import survdiff

from tests.cohort.lungs import first_awakenings, small

SETTINGS = (  # founders, side [um], days, sections stepped and jumped, dormancy
    (20, 200.0, 30, 700, 1400, {"spontaneous_awakening": 1e-4}),
    (20, 200.0, 30, 700, 1400, {"half_response": 0.1}),
    (40, 400.0, 60, 300, 600, {"half_response": 0.1}),
)
LOOK = 6  # h
APART = 1_000_000  # seeds of the stepped sections from those of the jumped ones


def compare(number: int) -> tuple[float, float]:
    """Two p-values of one comparison, counted from 0."""
    founders, side, days, stepped, jumped, dormancy = SETTINGS[number % len(SETTINGS)]
    scenario = small(founders, side=side, **dormancy)
    first = 10_000 * (number + 1)
    one = first_awakenings(scenario, days, range(first, first + stepped), jump=False)
    other = first_awakenings(scenario, days, range(first + APART, first + APART + jumped), jump=True)
    least = int(np.quantile(np.concatenate([one[:, 1], other[:, 1]]), 0.05))
    counts = range(least, founders + 2)  # few in each of the rest
    table = np.array([[np.sum(np.clip(part[:, 1], least, None) == count) for count in counts] for part in (one, other)])
    table = table[:, table.sum(axis=0) >= 10]
    hours = np.ceil(np.concatenate([one[:, 0], other[:, 0]]) / LOOK) * LOOK  # stepped sections are looked at so often
    jumps = np.repeat([0, 1], [len(one), len(other)])
    _, log_rank = survdiff(hours, (hours < days * 24).astype(int), jumps)
    return float(log_rank), float(stats.chi2_contingency(table).pvalue)


def main() -> None:
    """Print a line per comparison, and how many p-values are above 0.2."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comparisons", type=int, default=10)
    found: list[float] = []
    for number in range(parser.parse_args().comparisons):
        hours, cells = compare(number)
        found += [hours, cells]
        print(f"comparison {number + 1}: first awakening p = {hours:.3g}, cells left p = {cells:.3g}", flush=True)
    print(f"{np.sum(np.array(found) > 0.2)} of {len(found)} above 0.2; least {min(found):.3g}; spread evenly: "
          f"p = {stats.kstest(found, 'uniform').pvalue:.3g}")  # fmt: skip


if __name__ == "__main__":
    main()
