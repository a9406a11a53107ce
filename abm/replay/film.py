"""A film: what was recorded of up to four arms on one clock, whichever way it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from abm.dashboard.content.charts import CHARTED
from abm.dashboard.content.news import News
from abm.dashboard.live.frames import OVERLAYS, Overlay, own_overlays
from abm.plots.palette import ArmStyle, arm_styles
from abm.scenario.prediction import is_prediction
from abm.scenario.scenario import Scenario

MOST_ARMS = 4
HOURS_PER_DAY = 24.0
IL6 = "il6"  # the overlay that a replay always offers: the question is about it
READ_OUT = "cells_per_seeded"  # the measure that stands beside the name of an arm


class RenderError(Exception):
    """What was asked for cannot be rendered; the text says what was wrong, what is allowed, and a hint."""


class Frame(NamedTuple):
    """The tissue of an arm at one time.

    Attributes:
        states: uint8[cells], EpithelialState of each epithelial cell.
        mobile_x, mobile_y: uint16[mobile cells], sites. mobile_kind: uint8, CellKind, then the types of the scenario;
            plus `ACTIVATED` of the page for MHCII+ macrophages.
        cancer_x, cancer_y: uint16[cancer cells], sites. cancer_state, cancer_cause: uint8, CancerState and Cause.
        cancer_clone: uint16.
        fields: by overlay, uint8[rows, columns] of its own grid, where each value stands on the color scale.
    """

    states: np.ndarray
    mobile_x: np.ndarray
    mobile_y: np.ndarray
    mobile_kind: np.ndarray
    cancer_x: np.ndarray
    cancer_y: np.ndarray
    cancer_state: np.ndarray
    cancer_cause: np.ndarray
    cancer_clone: np.ndarray
    fields: dict[str, np.ndarray]


class Awakenings(NamedTuple):
    """When and where clones first awakened, by time: float32[clones] hours, uint16[clones] sites and clone."""

    hour: np.ndarray
    x: np.ndarray
    y: np.ndarray
    clone: np.ndarray


def first_awakenings(hour: np.ndarray, x: np.ndarray, y: np.ndarray, clone: np.ndarray) -> Awakenings:
    """The first awakening of each clone, of all awakenings in a log."""
    order = np.argsort(hour, kind="stable")
    first = np.sort(np.unique(clone[order], return_index=True)[1])
    chosen = order[first]
    sites = (each[chosen].astype(np.uint16) for each in (x, y, clone))
    return Awakenings(hour[chosen].astype(np.float32), *sites)


@dataclass(frozen=True)
class FilmArm:
    """One arm of a film.

    Attributes:
        scenario: what was run.
        kind: uint8[rows, columns], SiteKind. cell_of_site: int32[rows, columns], index in `Frame.states`, -1 for none.
        frames: one per hour of the film.
        curve_hours: float64[times]. curves: by measure, float64[times].
        clones: number of clones at the end. awakenings: of dormant cells.
        news: sentences on what happened, by time.
    """

    scenario: Scenario
    kind: np.ndarray
    cell_of_site: np.ndarray
    frames: Sequence[Frame]
    curve_hours: np.ndarray
    curves: dict[str, np.ndarray]
    clones: int
    awakenings: Awakenings
    news: Sequence[News] = ()

    @property
    def title(self) -> str:
        """The title of the arm."""
        return self.scenario.title or self.scenario.name

    @property
    def is_prediction(self) -> bool:
        """Whether no experiment has tested what the arm shows."""
        return is_prediction(self.scenario)


@dataclass(frozen=True)
class Film:
    """Arms on one clock.

    Attributes:
        arms: one to four, twins of one seed. seed: of chance. hours: float64[frames].
        results: version of the results that the frames belong to.
        missing: what the source did not hold, in words. remedy: how to get that.
    """

    arms: tuple[FilmArm, ...]
    seed: int
    hours: np.ndarray
    results: int
    missing: str = ""
    remedy: str = ""

    @property
    def end(self) -> float:
        """Length [h]."""
        return float(self.hours[-1])

    @property
    def title(self) -> str:
        """The titles of the arms as one line."""
        return " | ".join(arm.title for arm in self.arms)

    def styles(self) -> list[ArmStyle]:
        """How each arm is drawn: its color, and whether its curve is dashed."""
        styles = arm_styles([arm.scenario.name for arm in self.arms])
        return [styles[arm.scenario.name] for arm in self.arms]

    def frame_at(self, hour: float) -> int:
        """The frame nearest to this hour."""
        return int(np.abs(self.hours - hour).argmin())


def known_overlays(scenarios: Sequence[Scenario]) -> dict[str, Overlay]:
    """Overlays by name: those of the page, and those of substances that the scenarios declare."""
    known = dict(OVERLAYS)
    for scenario in scenarios:
        known |= own_overlays(scenario)
    return known


def overlay_named(text: str, scenarios: Sequence[Scenario]) -> str:
    """The overlay that a text names, by its key or its title, in any case and with or without hyphens.

    Raises:
        RenderError: there is none of this name; it lists those that there are.
    """
    known = known_overlays(scenarios)
    for name, overlay in known.items():
        if _plain(text) in {_plain(name), _plain(overlay.name)}:
            return name
    names = ", ".join(overlay.name for overlay in known.values())
    raise RenderError(f'--overlay "{text}": there is no such overlay. Allowed: {names}')


def charted(scenario: Scenario) -> tuple[str, ...]:
    """Measures of an arm that charts show."""
    return (*CHARTED, *own_overlays(scenario))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
