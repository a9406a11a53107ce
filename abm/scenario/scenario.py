"""A scenario: everything that defines one experiment, as plain data; `abm.scenario.read` reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Annotated, Any

from abm.core.lattice import BLOCK, SPACING
from abm.core.quantity import Quantity
from abm.rules.infection import VIRUSES, Virus
from abm.rules.parameters import Parameters
from abm.treatments.treatments import Infection, Treatment

BLOCK_WIDTH = BLOCK * SPACING  # um: the section must be a whole number of blocks of the IL-6 grid wide


READ_AT_START = (  # parameters that nothing reads any more once the tissue is laid out
    *("dormancy.founders", "dormancy.push_reach", "matrix.collagen_start"),
    *("virus.inoculum", "virus.arrival_time", "virus.arrival_doubling"),
)


class UsualTimes(tuple[float, ...]):
    """Times that nobody named: they follow the length of the run."""


USUAL_SNAPSHOTS = UsualTimes((0.0, 72.0, 120.0, 216.0, 360.0, 672.0))  # h
_AS_THE_VIRUS: Any = None


def usual_snapshots(duration: float) -> UsualTimes:
    """Times of snapshots [h] where none are given: the usual ones before the end of the run, and its end."""
    if not isinstance(duration, Real) or not 0.0 < duration < math.inf:
        return USUAL_SNAPSHOTS  # no duration, which is refused where scenarios are checked
    return UsualTimes((*(time for time in USUAL_SNAPSHOTS if time < duration), float(duration)))


@dataclass(frozen=True)
class Change:
    """A parameter that has another value from one time on; `parameter` is its dotted name."""

    parameter: str
    value: float
    time: Annotated[float, Quantity("time of the change", "h", 0.0, 87600.0, "scenario", "assumed")] = 0.0


@dataclass(frozen=True)
class Scenario:
    """One experiment.

    Attributes:
        name: file name without ending; title, story, expect: for people.
        host: "mouse" or "human". virus: "influenza" or "SARS-CoV-2", also where nothing is inoculated.
        duration, step, record_every, snapshots: hours. width, height: um.
        layout: "lung", "sheet", or the path of a PNG mask. layout_seed: which section is drawn.
        snapshots: by default the usual ones as far as the run goes, and its end.
        parameters: by default those of the virus in the host. changes: of parameters during the run.
    """

    name: str = "unnamed"
    title: str = ""
    story: str = ""
    expect: str = ""
    host: str = "mouse"
    virus: str = "influenza"
    duration: Annotated[float, Quantity("length of the run", "h", 1.0, 87600.0, "scenario")] = 672.0
    step: Annotated[float, Quantity("time step", "h", 1 / 60, 0.5, "scenario; results must hold at half of it")] = 1 / 6
    record_every: Annotated[float, Quantity("time between measures", "h", 1 / 60, 240.0, "scenario")] = 6.0
    snapshots: tuple[float, ...] = USUAL_SNAPSHOTS
    layout: str = "lung"
    layout_seed: int = 1
    width: Annotated[float, Quantity("width of the section", "um", 80.0, 40000.0, "scenario")] = 2000.0
    height: Annotated[float, Quantity("height of the section", "um", 80.0, 40000.0, "scenario")] = 2000.0
    infections: tuple[Infection, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    parameters: Parameters = _AS_THE_VIRUS
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        """Fill in what follows from other fields, and turn lists into tuples."""
        if self.parameters is None:
            virus = VIRUSES.get((self.virus, self.host), Virus())
            object.__setattr__(self, "parameters", Parameters(virus=virus))
        if isinstance(self.snapshots, UsualTimes):
            object.__setattr__(self, "snapshots", usual_snapshots(self.duration))
        for name in ("snapshots", "infections", "treatments", "changes"):
            if isinstance(getattr(self, name), list):
                object.__setattr__(self, name, tuple(getattr(self, name)))
