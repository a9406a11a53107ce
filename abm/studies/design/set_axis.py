"""The parameter sets of a posterior sample as an axis of a study, which shows the uncertainty of the parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from abm.runs.errors import SweepError
from abm.scenario.posterior import PosteriorSample
from abm.scenario.scenario import Scenario
from abm.studies.design.axis import Axis
from abm.studies.design.study import Study

SET = "set"  # name of the axis
DEFAULTS = 0.0  # its value at which all parameters are as in the arm


@dataclass(frozen=True, eq=False)
class SetAxis(Axis):
    """The defaults, then set after set; `sample`: the sets, counted from 1."""

    sample: PosteriorSample

    @property
    def unit(self) -> str:
        """None: a number of a set."""
        return ""

    @property
    def meaning(self) -> str:
        """What it is, for people."""
        return "parameter set, a row of sets/posterior.csv (0: the defaults)"

    def is_in(self, scenario: Scenario) -> bool:  # noqa: ARG002 - every arm has parameters
        """In every arm."""
        return True

    def put(self, scenario: Scenario, value: float) -> Scenario:
        """The scenario under a set; what it sets itself to a value other than the default stays."""
        return scenario if value == DEFAULTS else self.sample.scenario(scenario, int(value) - 1)

    def line(self) -> str:
        """The sets as one line that differs where they do."""
        keys = ", ".join(self.sample.key(number) for number in range(len(self.sample)))
        return f"{self.name}: the defaults, then parameter sets {keys}"


def with_sets(study: Study, sample: PosteriorSample) -> Study:
    """The study, and all of it again under every set; its other axes are set after the set, and win.

    Raises:
        SweepError: an axis of the study has the name of the sets.
    """
    if any(axis.name == SET for axis in study.axes):
        raise SweepError(f'an axis of this study is called "{SET}", as the column of the parameter sets; rename it')
    count = len(sample)
    levels = tuple(float(number) for number in range(count + 1))
    axis = SetAxis(SET, (), False, levels, DEFAULTS, float(count), False, sample)
    return replace(study, axes=(axis, *study.axes))


def sets_of(study: Study) -> PosteriorSample | None:
    """The parameter sets of a study; None where it has none."""
    return next((axis.sample for axis in study.axes if isinstance(axis, SetAxis)), None)


def without_sets(study: Study) -> Study:
    """The study at the defaults alone."""
    return replace(study, axes=tuple(axis for axis in study.axes if not isinstance(axis, SetAxis)))
