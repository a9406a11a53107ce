"""Checks of what a study makes of its arms: how many runs there are, and whether each point is a valid scenario."""

from __future__ import annotations

import math

from abm.runs.identity import mask_of
from abm.scenario.check import conflicts
from abm.scenario.scenario import Scenario
from abm.scenario.toml.table import TableReading
from abm.scenario.toml.units import allowed_range
from abm.studies.design.study import Study

MOST_RUNS = 10_000_000
MOST_FAULTS_OF_POINTS = 20


def _size(study: Study) -> int:
    """Combinations of all axes, which are made before arms without an axis are run once only; counted, not made."""
    listed = math.prod(len(axis.levels) for axis in study.axes if not axis.is_sampled)
    return listed * (study.sample.size(len(study.sampled)) if study.sample and study.sampled else 1)


def check_points(study: Study, reading: TableReading) -> None:
    """Refuse points that are no valid scenario, and a study that is too large to be meant."""
    if _size(study) > MOST_RUNS or study.replicates > MOST_RUNS:
        made = f"{_size(study):,} combinations of axes x {study.replicates:,} replicates"
        reading.refuse((), "", f"has {made}", allowed=f"up to {MOST_RUNS:,} runs")
        return
    if study.total > MOST_RUNS:
        reading.refuse((), "", f"has {study.total:,} runs", allowed=f"up to {MOST_RUNS:,}")
        return
    noted: dict[tuple, None] = {}
    for point in study.points:
        if len(noted) >= MOST_FAULTS_OF_POINTS:
            break
        scenario = study.scenario(point)
        _note_ranges(study, scenario, noted, reading)
        _note_conflicts(study, scenario, noted, reading)


def _note_ranges(study: Study, scenario: Scenario, noted: dict[tuple, None], reading: TableReading) -> None:
    """Refuse what multiples have brought out of range."""
    for at, axis in enumerate(study.axes):
        for target in axis.targets if axis.relative else ():
            if not target.is_in(scenario):
                continue
            value, quantity = target.value_in(scenario), target.quantity
            if not quantity.low <= value <= quantity.high:
                problem = f"makes {target.name} {value:g} {quantity.unit} in {scenario.name}, which is out of range"
                _note(noted, reading, ("axis", at), "", problem, allowed_range(quantity))


def _note_conflicts(study: Study, scenario: Scenario, noted: dict[tuple, None], reading: TableReading) -> None:
    for conflict in conflicts(scenario, study.shortened) if mask_of(scenario) is None else ():
        involved = {conflict.key, *conflict.others}
        axes = [at for at, axis in enumerate(study.axes) for target in axis.targets
                if involved.intersection(target.keys_in(scenario))]  # fmt: skip
        key = ("axis", axes[0]) if axes else ("arms",)
        _note(noted, reading, key, conflict.value, f"{conflict.problem} (arm {scenario.name})", conflict.allowed)


def _note(noted: dict[tuple, None], reading: TableReading, key: tuple, value: str, problem: str, allowed: str) -> None:
    fault = (key, value, problem)
    if fault not in noted:
        noted[fault] = None
        reading.refuse(key, value, problem, allowed=allowed)
