"""The posterior of a calibration as parameter sets, which `--posterior` of every command accepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from abm.inference.calibrate import CalibratedAxes
from abm.scenario.free import Free, free, is_for
from abm.scenario.posterior import PosteriorSample
from abm.scenario.scenario import Scenario
from abm.studies.design.axis import Axis
from abm.studies.design.study import Study
from abm.studies.design.target import PARAMETERS, AxisTarget


def parameter_sets(study: Study, fitted: CalibratedAxes) -> PosteriorSample | None:
    """One set per posterior sample: a column for each parameter that an axis changes, in the unit of the parameter.

    None where an axis changes something else (a dose, a time of a treatment, a number of an own rule or of a second
    virus), is a multiple of what each arm has and the arms differ, or changes a virus that the arms do not share.
    """
    columns: dict[Free, np.ndarray] = {}
    for at, axis in enumerate(study.sampled):
        values = axis.at(fitted.samples[:, at])
        for target in axis.targets:
            parameter, usual = _parameter(target, study.arms), set(_usual(study, axis, target))
            if parameter is None or len(usual) != 1:
                return None
            columns[parameter] = values * usual.pop()
    return PosteriorSample(tuple(columns), np.array(list(columns.values())).T)


def _parameter(target: AxisTarget, arms: Sequence[Scenario]) -> Free | None:
    """The parameter that a target is, of the virus of the arms; None if it is something else, or not that of all."""
    name = target.name.removeprefix(PARAMETERS)
    others = {arm.virus for arm in arms} - {"influenza"}  # influenza is the virus of a set that names none
    virus = min(others) if name.startswith("virus.") and others else ""
    try:
        found = free(name, virus) if target.name.startswith(PARAMETERS) else None
    except ValueError:
        return None
    return found if found is not None and all(is_for(found, arm) for arm in arms) else None


def _usual(study: Study, axis: Axis, target: AxisTarget) -> Iterator[float]:
    """What a value of the axis is a multiple of, in each arm that has the target."""
    for arm in study.arms:
        if target.is_in(arm):
            yield target.value_in(arm) if axis.relative else 1.0
