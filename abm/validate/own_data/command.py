"""What `embers score` does."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from abm.model.measures import MEASURES
from abm.reporting.measured import value_text
from abm.reporting.report import number
from abm.runs.identity import calculation, run_ids
from abm.runs.job import RunJob
from abm.runs.pool import usable_cores
from abm.runs.progress import Show, page_console
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text
from abm.runs.store.folder import recorded
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario
from abm.validate.curves import HOURS_PER_DAY, read_run
from abm.validate.own_data.columns import Asked, refuse
from abm.validate.own_data.comparison import OwnScore, own_score
from abm.validate.own_data.figure import draw
from abm.validate.own_data.measurements import OwnCurve, read_curve
from abm.validate.suite import SIDE, as_dense, run_needed

FILE = "score"
FIRST_SEED = 1


class Wished(NamedTuple):
    """What to compare: the file of the data, the scenario, how many sections of it, what is said of the data."""

    data: Path
    arm: str
    replicates: int
    asked: Asked


def perform(wished: Wished, out: Path, workers: int | None, show: Show) -> OwnScore:
    """Run an arm, compare it with one's own data, write and tell.

    Raises:
        ScenarioError: the data or the scenario cannot be read.
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
    """
    curve = read_curve(wished.data, wished.asked)
    since = _day_of_infection(wished.arm) if curve.columns.since_infection else 0.0
    scenario = arm_of(wished.arm, float(curve.days[-1]) + since)
    processes = workers or usable_cores()
    with recorded(out, {"data": wished.data.name, "arm": wished.arm}, processes):
        days, sections = _runs(scenario, wished.replicates, curve.columns.measure, out, processes, show)
        days = days - since
        at_times = np.array([np.interp(curve.days, days, section) for section in sections])
        _has_something(curve, at_times)
        score = own_score(curve, at_times, wished.asked.shape)
        title = f"{scenario.title}, compared with {wished.data.name}"
        with storage(out):
            write_text(out / f"{FILE}.csv", _csv(curve, score))
            draw(curve, score, days, sections, title, out / f"{FILE}.png")
    _print(page_console(), wished, curve, score)
    if since:
        print(f"Days count from the infection, which comes on day {since:g} of the run.")
    print(f"table and figure: {out / FILE}.csv and {out / FILE}.png")
    return score


def _day_of_infection(name: str) -> float:
    """The day of the run on which the first virus of a scenario arrives; 0 where none does."""
    return min((one.time for one in load_scenario(name).infections), default=0.0) / HOURS_PER_DAY


def arm_of(name: str, last: float) -> Scenario:
    """The scenario on a section that stands for a lung, up to the last day of the data."""
    scenario = load_scenario(name)
    days = max(1.0, float(np.ceil(last)))
    return as_dense(scenario, replace(scenario, duration=HOURS_PER_DAY * days, width=SIDE, height=SIDE, snapshots=()))


def _runs(
    scenario: Scenario, replicates: int, measure: str, out: Path, workers: int, show: Show
) -> tuple[np.ndarray, np.ndarray]:
    """Times in days, and a curve of every section: float[times], float[replicates, times]."""
    with storage(out):
        (out / "runs").mkdir(parents=True, exist_ok=True)
    seeds, computed_with = range(FIRST_SEED, FIRST_SEED + replicates), calculation()
    ids = run_ids(scenario, seeds, computed_with)
    jobs = [
        RunJob(scenario, seed, at + 1, out / "runs" / f"{ids[at]}.zip", computed_with, f"{scenario.name}, seed {seed}")
        for at, seed in enumerate(seeds)
    ]
    run_needed(jobs, out, workers, show)
    tables = [read_run(job.path) for job in jobs]
    days = tables[0].index.to_numpy(dtype=float) / HOURS_PER_DAY
    return days, np.array([table[measure].to_numpy(dtype=float) for table in tables])


def _has_something(curve: OwnCurve, sections: np.ndarray) -> None:
    """Whether a logarithm can be taken of the model where there is no detection limit."""
    nothing = curve.days[sections.mean(axis=0) <= 0.0]
    if nothing.size and not curve.floor:
        problem = f"the model has nothing of {curve.columns.measure} on day {nothing[0]:g}, which has no logarithm"
        refuse("--floor", "", problem, "the detection limit of the data: lower values of both lie on it")


def _csv(curve: OwnCurve, score: OwnScore) -> str:
    told = circumstances()
    text = io.StringIO()
    text.write(f"# Embers {told['versions']['embers']}, {stamp(told)}, {told['command']}\n")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["day", "n", "data", "lowest", "highest", "model", "residual_log10", "residual_sd", "unit"])
    columns = (curve.days, curve.n, curve.center, curve.lowest, curve.highest, score.model, score.residuals)
    for day, n, *numbers in zip(*columns, strict=True):
        of_spread = numbers[-1] / curve.spread
        shown = [f"{one:.6g}" for one in (*numbers, of_spread)]
        table.writerow([f"{day:g}", n, *shown[:-1], shown[-1] if np.isfinite(of_spread) else "", curve.unit])
    return text.getvalue()


def _print(console: Console, wished: Wished, curve: OwnCurve, score: OwnScore) -> None:
    columns = curve.columns
    read_as = f'{wished.data.name}: time "{columns.time}" in {columns.time_unit}, value "{columns.value}"'
    unit = f" in {columns.unit}" if columns.unit else ""
    left_out = f"; {curve.left_out} rows without a value left out" if curve.left_out else ""
    meaning = MEASURES[columns.measure].meaning
    console.print(f"{read_as}{unit}, as {columns.measure} ({meaning}){left_out}", markup=False, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("Day", "n", "Data", "Model", "log10 model / data", "in SDs"):
        table.add_column(head, justify="right")
    for at, day in enumerate(curve.days):
        residual = float(score.residuals[at])
        of_spread = f"{residual / curve.spread:+.2f}" if np.isfinite(curve.spread) else "-"
        data, model = number(float(curve.center[at])), number(float(score.model[at]))
        table.add_row(f"{day:g}", str(curve.n[at]), data, model, f"{residual:+.2f}", of_spread)
    console.print(table)
    for one in (score.error, score.in_spreads):
        if one is not None:
            console.print(f"{one.name}: {value_text(one, 3)}", markup=False, highlight=False)
    if score.in_spreads is None:
        console.print("No replicates, so no spread to compare the error with.")
    if wished.asked.shape:
        console.print(f"Only the shape counts: the model was multiplied by {number(score.factor)}.", highlight=False)
