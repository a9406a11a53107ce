"""How the expansion depends on the size of the section: `python benchmarks/section_size.py [--workers 2]`.

Influenza on drawn lung of each size for 15 days, founders equally dense and seeds from 501 on. The table shows cells
per seeded cell on day 15: over all sections, and over those in which the infection established.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import abm
from abm.model.establishment import INFECTED, is_established
from abm.reporting.report import markdown_table
from abm.reporting.statistics import Estimate, mean_by_chance
from abm.scenario.scenario import Scenario

SECTIONS = {1: 200, 2: 400, 3: 110, 5: 40}  # how many, by side [mm]
DENSITY = 5  # founders per mm2
FIRST = 501
DAYS = 15


def square(side: int) -> Scenario:
    """A section of this side [mm]."""
    given = abm.load_scenario("influenza").with_section("lung", width=f"{side} mm", height=f"{side} mm")
    return given.with_parameters({"dormancy.founders": DENSITY * side**2}).with_duration(f"{DAYS} days")


def text(number: Estimate) -> str:
    """A mean with its interval."""
    return f"{number.value:.3g} ({number.low:.3g} to {number.high:.3g})"


def row(side: int, out: Path, workers: int) -> list[str]:
    """What the sections of one size came to."""
    study = abm.compare(square(side), replicates=SECTIONS[side], seed=FIRST, workers=workers, out=out / f"{side}mm")
    series = study.series(["cells_per_seeded", INFECTED])
    runs = series.groupby("replicate")
    cells = runs["cells_per_seeded"].last().to_numpy()
    took = np.array([is_established(peak) for peak in runs[INFECTED].max()])
    logs = np.log10(np.maximum(cells, 1 / (DENSITY * side**2)))  # a section without cells counts as one with one cell
    return [
        f"{side} mm x {side} mm", str(cells.size), f"{np.mean(took):.0%}", text(mean_by_chance(cells)),
        text(mean_by_chance(cells[took])), f"{10 ** logs.mean():.3g}", f"{logs[took].std(ddof=1):.2f}",
    ]  # fmt: skip


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("outputs/section_size"))
    given = parser.parse_args()
    head = ["section", "sections", "infection established", "arithmetic mean", "established sections only",
            "geometric mean", "standard deviation of log10, established"]  # fmt: skip
    print(markdown_table(head, [row(side, given.out, given.workers) for side in SECTIONS]))


if __name__ == "__main__":
    main()
