"""What students predict: a curve, bars, an answer, a lung or a picture; a number of the run decides what is right."""

from __future__ import annotations

import math
from dataclasses import dataclass

INFINITE = math.inf
AXIS_FORMS = ("number", "percent")


@dataclass(frozen=True)
class LessonAxis:
    """The axis of a curve or of bars: from `low` to `high`, logarithmic or not; `form`: one of AXIS_FORMS."""

    title: str
    low: float
    high: float
    log: bool
    form: str = "number"

    def share(self, value: float) -> float:
        """Where a value lies on the axis: 0 at its low end or below, 1 at its high end or above."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    @property
    def close(self) -> float:
        """The share of the axis that counts as a full hit: a factor of 2, or a tenth of a linear axis."""
        return math.log(2.0) / math.log(self.high / self.low) if self.log else 0.1


@dataclass(frozen=True)
class SketchTask:
    """Students draw the curve of a measure in an arm. `others`: arms whose curves are shown with it afterwards."""

    ask: str
    arm: str
    measure: str
    axis: LessonAxis
    others: tuple[str, ...]


@dataclass(frozen=True)
class BarsTask:
    """Students place one bar for each of these numbers, all of arms that they have not watched."""

    ask: str
    numbers: tuple[str, ...]
    axis: LessonAxis


@dataclass(frozen=True)
class AnswerOption:
    """An answer, right where the number lies from `least` to below `most`. `reply`: to those who choose it wrongly."""

    text: str
    least: float
    most: float
    reply: str


@dataclass(frozen=True)
class ChoiceTask:
    """Students choose one of several answers; a number of the run decides which is right."""

    ask: str
    number: str
    options: tuple[AnswerOption, ...]


@dataclass(frozen=True)
class WhichLungTask:
    """Students choose a lung: that with the highest (or lowest) of these numbers is right."""

    ask: str
    numbers: tuple[str, ...]
    highest: bool


@dataclass(frozen=True)
class PictureTask:
    """Students choose the picture that shows `arm` at `hour`, among pictures of these arms."""

    ask: str
    arm: str
    arms: tuple[str, ...]
    hour: float


Task = SketchTask | BarsTask | ChoiceTask | WhichLungTask | PictureTask
