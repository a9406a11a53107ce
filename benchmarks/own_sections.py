"""Whether findings hold on real geometry: `python benchmarks/own_sections.py SECTION.toml ... [--only F2,F8,F12]`.

Each file is a scenario that `embers section` wrote. The arms of the findings run on its map as they do on the drawn
lung of the scoreboard, with founders as dense, and the table shows the numbers of both with their intervals.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from abm.core.lattice import SPACING
from abm.reporting.measured import bound_text, value_text
from abm.reporting.report import markdown_table
from abm.runs.progress import Show
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.validate.suite import Change, Plan, as_dense, as_it_is, validate

DIGITS = 3


def on_section_of(other: Scenario) -> Change:
    """A change of arms: to the section of this scenario."""
    side = {"layout": other.layout, "width": other.width, "height": other.height}
    return lambda arm: as_dense(arm, replace(arm, **side))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sections", nargs="+", help="scenarios that `embers section` wrote")
    parser.add_argument("--only", default="F2,F8,F12")
    parser.add_argument("--replicates", type=int, default=12)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("outputs/own_sections"))
    given = parser.parse_args()
    show, plan = Show(Console(stderr=True)), Plan(given.replicates, given.replicates)
    changes = {"drawn lung, 3 mm x 3 mm": as_it_is}
    for path in given.sections:
        own = load_scenario(path)
        changes[f"{own.name}, {own.width / 1000:g} mm x {own.height / 1000:g} mm"] = on_section_of(own)
    rows: list[list[str]] = []
    for name, change in changes.items():
        show.say(name)
        results, _ = validate(given.only.split(","), given.out, given.workers, show, plan, change)
        told = [(result.target.id, one) for result in results for one in result.measured]
        rows = rows or [[id_, one.name, bound_text(one)] for id_, one in told]
        for row, (_, one) in zip(rows, told, strict=True):
            row.append(f"{value_text(one, DIGITS)} {one.verdict}")
    print(f"{given.replicates} runs an arm on each section; sites of {SPACING:g} um\n")
    print(markdown_table(["finding", "number", "tolerance", *changes], rows))


if __name__ == "__main__":
    main()
