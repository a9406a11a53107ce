"""A scenario: everything that defines one experiment, as plain data; `abm.scenario_files.read` reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from abm.core.lattice import BLOCK, SPACING
from abm.core.quantity import Quantity
from abm.interventions import Infection, Treatment
from abm.rules.parameters import Parameters

BLOCK_WIDTH = BLOCK * SPACING  # um: the section must be a whole number of blocks of the IL-6 grid wide


READ_AT_START = (  # parameters that nothing reads any more once the tissue is laid out
    *("dormancy.founders", "dormancy.push_reach", "matrix.collagen_start"),
    *("virus.inoculum", "virus.arrival_time", "virus.arrival_doubling"),
)


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
    snapshots: tuple[float, ...] = (0.0, 72.0, 120.0, 216.0, 360.0, 672.0)
    layout: str = "lung"
    layout_seed: int = 1
    width: Annotated[float, Quantity("width of the section", "um", 80.0, 40000.0, "scenario")] = 2000.0
    height: Annotated[float, Quantity("height of the section", "um", 80.0, 40000.0, "scenario")] = 2000.0
    infections: tuple[Infection, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    changes: tuple[Change, ...] = ()
