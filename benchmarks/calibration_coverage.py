"""Does `embers calibrate` find a truth that is known? Made-up mice, calibrated again and again.

python benchmarks/calibration_coverage.py [--sets 20] [--all] [--out outputs/coverage]

Each set draws a truth, runs five sections of lung with seeds of their own (the "mice", which differ as small sections
do), adds 15 % of noise to each number, and calibrates two axes to the table with the seeds of a study. Of the 95 %
intervals about 19 of 20 should hold the truth. By default mice are sections in which the infection established, and
so are the model's (`established_only`); with --all they are sections as they come, and so are the model's. It goes on
where it was stopped. Some 25 minutes on two cores.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from abm.inference.calibrate import calibrate
from abm.inference.objective import Objective
from abm.model.establishment import is_established
from abm.model.lung_model import LungModel
from abm.runs.engine import RunOptions
from abm.runs.pool import usable_cores
from abm.runs.progress import Show
from abm.scenario.scenario import Scenario
from abm.studies.design.study import Study
from abm.studies.design.study_file import read_study

MICE, NOISE = 5, 0.15
DAYS = {"il6": range(2, 11), "cd8": (6, 6.5, 7, 7.5, 8, 8.5, 9, 10, 11)}
FIRST_SEED = 10_000  # of the mice; each study has seeds of its own (from 1), so that chance pulls sets to both sides
STUDY = """
title = "Coverage"
arms = ["influenza"]
duration = "11 d"
record_every = "12 h"
replicates = 6
seed = {seed}
measures = ["il6", "cd8"]
events = false
established_only = {established}
[section]
width = "2 mm"
height = "2 mm"
[sample]
method = "sobol"
points = 32
[[axis]]
vary = "parameters.substances.il6.epithelial_secretion"
name = "secretion"
low = "0.5 molecules/cell/s"
high = "15 molecules/cell/s"
scale = "logarithmic"
[[axis]]
vary = "parameters.cells.cd8.node_output"
name = "cd8_output"
low = "40 cell/mm^2"
high = "600 cell/mm^2"
scale = "logarithmic"
[calibrate]
data = "mice.csv"
first = 32
generations = 2
population = 16
draws = 24
"""
CURVE = """
[[calibrate.curve]]
measure = "{measure}"
where = {{ what = "{measure}" }}
unit = "{unit}"
scale = "logarithmic"
subject = "mouse"
"""
UNITS = {"il6": "ng/mL", "cd8": "cell/mm^2"}


def curves_of(scenario: Scenario, seed: int) -> pd.DataFrame:
    """The curves of one section over days."""
    model = LungModel(scenario, seed=seed)
    series = model.run().series
    model.close()
    return series.set_index(series["hour"] / 24.0)


def mice(study: Study, truth: np.ndarray, number: int, every: bool) -> pd.DataFrame:
    """A table of made-up mice at a truth in the unit cube."""
    values = [float(axis.at(share)) for axis, share in zip(study.sampled, truth, strict=True)]
    scenario, chance = study.scenario(study.point(0, values)), np.random.default_rng(number)
    rows: list[dict[str, object]] = []
    seed, mouse = FIRST_SEED * (number + 1), 0
    while mouse < MICE:
        curves = curves_of(scenario, seed)
        seed += 1
        if not (every or is_established(curves["infected_share"].max())):
            continue
        mouse += 1
        for what, days in DAYS.items():
            for day in days:
                value = max(float(np.interp(day, curves.index, curves[what])), 1e-3) * chance.lognormal(0.0, NOISE)
                rows.append({"mouse": mouse, "what": what, "day": day, "value": value})
    return pd.DataFrame(rows)


def one_set(number: int, out: Path, every: bool, show: Show) -> Iterator[dict[str, object]]:
    """Calibrate to one set of mice: a row per axis."""
    folder = out / f"set-{number:02d}{'-all' if every else ''}"
    folder.mkdir(parents=True, exist_ok=True)
    text = STUDY.format(established=str(not every).lower(), seed=1 + 100 * number)
    text += "".join(CURVE.format(measure=measure, unit=unit) for measure, unit in UNITS.items())
    bare = read_study(folder / "fit.toml", text[: text.index("[calibrate]")])
    truth = 0.15 + 0.7 * np.random.default_rng(100 + number).random(2)
    if not (folder / "mice.csv").exists():
        mice(bare, truth, number, every).to_csv(folder / "mice.csv", index=False)
    study = read_study(folder / "fit.toml", text)
    assert study.calibration is not None
    fitted = calibrate(Objective(study, study.calibration, folder / "points", RunOptions(usable_cores()), show))
    for at, axis in enumerate(study.sampled):
        low, high = (float(axis.at(np.percentile(fitted.samples[:, at], end))) for end in (2.5, 97.5))
        true = float(axis.at(truth[at]))
        yield {"set": number, "axis": axis.name, "truth": true, "low": low, "high": high, "held": low <= true <= high}


def main() -> None:
    """Calibrate to so many sets and print how many intervals hold the truth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=20)
    parser.add_argument("--all", action="store_true", help="sections as they come, not only infected ones")
    parser.add_argument("--out", type=Path, default=Path("outputs/coverage"))
    wanted = parser.parse_args()
    show = Show(Console(stderr=True))
    rows = [row for number in range(wanted.sets) for row in one_set(number, wanted.out, wanted.all, show)]
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    for axis, own in table.groupby("axis"):
        print(f"{axis}: {own['held'].sum()} of {len(own)} intervals hold the truth")


if __name__ == "__main__":
    main()
