"""What one browser knows already, so that a frame brings only what is new."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from abm.dashboard.content.story import Pick, places_of
from abm.dashboard.live.frames import cell_arrays, message, section_arrays
from abm.dashboard.live.stage import Stage
from abm.dashboard.mechanism.contour import line_arrays


class Screen:
    """A browser that knows nothing at first: neither the sections, nor points of curves, nor news."""

    def __init__(self) -> None:
        """All is still to be told."""
        self._section_told = False
        self._points_told = self._secreted_told = 0
        self._news_told = -1

    @property
    def known(self) -> tuple[bool, int, int]:
        """All that it knows: whether the sections, how many points of the curves, how many news."""
        return self._section_told, self._points_told, self._news_told

    @known.setter
    def known(self, known: tuple[bool, int, int]) -> None:
        self._section_told, self._points_told, self._news_told = known

    def know_less(self, stage: Stage) -> None:
        """The run went back, or changed: what comes after it is to be told again."""
        self._points_told = min(self._points_told, len(stage.arms[0].points))
        self._secreted_told = min(self._secreted_told, len(stage.arms[0].secreted))
        self._news_told = -1

    def frame(self, stage: Stage, pick: Pick, state: dict[str, Any]) -> bytes:
        """The message with the tissue now; `state`: what else it says, with the name of its `overlay`."""
        header = {
            **state,
            "hour": stage.hour,
            "end": stage.recipe.days * 24,
            "ended": stage.tick >= stage.end,
            "from": self._points_told,
            "points": [[list(map(_for_json, point)) for point in arm] for arm in stage.points(self._points_told)],
            "secretedFrom": self._secreted_told,
            "secreted": [
                [[float(f"{one:.4g}") for one in row] for row in arm.secreted[self._secreted_told :]]
                for arm in stage.arms
            ],
            "picked": places_of(stage, pick),
        }
        self._secreted_told = len(stage.arms[0].secreted)
        self._points_told = len(stage.arms[0].points)
        news = [[number, *one] for number, arm in enumerate(stage.arms) for one in arm.watch.news]
        if len(news) != self._news_told:
            self._news_told = len(news)
            header["news"] = news
        arrays: dict[str, np.ndarray] = {}
        if not self._section_told:
            self._section_told = True
            header["sections"] = owners = _owners(stage)
            for number in set(owners):
                arrays |= section_arrays(stage.arms[number].model.tissue, number)
        for number, run in enumerate(stage.arms):
            arrays |= cell_arrays(run, number, state["overlay"])
            if state.get("level"):
                arrays |= line_arrays(run.model, number)
        return message(header, arrays)


def _for_json(value: float) -> float | None:
    """A browser reads no infinite numbers, nor what is none."""
    return value if math.isfinite(value) else None


def _owners(stage: Stage) -> list[int]:
    """For each arm, the first one that has the same section."""
    kinds = [arm.model.tissue.kind for arm in stage.arms]
    return [next(at for at, kind in enumerate(kinds) if kind is own) for own in kinds]
