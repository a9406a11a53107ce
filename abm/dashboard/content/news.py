"""What just happened, in plain words: one sentence where a curve of an arm passes a mark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from abm.model.establishment import is_established
from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES
from abm.treatments.times import ALWAYS

AT = {name: at for at, name in enumerate(MEASURES)}
JUDGED_AFTER = 120.0  # h after an infection: where none is infected any more by then, it has failed
MISSED = "1 of 128"  # seeds 1 to 64 and 501 to 564


class News(NamedTuple):
    """One sentence of an arm. `mark`: which, so that none is told twice."""

    hour: float
    mark: str
    text: str


class RuleView(NamedTuple):
    """What a rule sees: curves now and before, their highest values, the model, when each clone first awoke."""

    now: Callable[[str], float]
    start: Callable[[str], float]
    peak: Callable[[str], float]
    told: Callable[[str], bool]
    model: LungModel
    awoke: np.ndarray


def _level(look: RuleView) -> float:
    return look.model.experiment.parameters.dormancy.half_response


def _awake(look: RuleView) -> int:
    return int(np.isfinite(look.awoke).sum())


def _since_infection(look: RuleView) -> float:
    """Hours since the last infection so far; negative where there is none."""
    begun = [one.time for one in look.model.experiment.infections if one.time <= look.model.hour]
    return look.model.hour - max(begun) if begun else -1.0


def _failed(look: RuleView) -> str:
    """That the virus failed to establish, and what that may be due to."""
    most = look.peak("infected_share")
    reached = f"at most {most:.2%} of the epithelium was infected, and none is now" if most else "no cell was infected"
    why = (
        "Treatment or chance may be the cause; compare other seeds."
        if any(getattr(one, "start", 0.0) <= look.model.hour for one in look.model.experiment.treatments)
        else f"In {MISSED} sections of the first view it failed by chance: try another seed."
    )
    return f"The virus did not establish here: {reached}. {why}"


RULES: tuple[tuple[str, Callable[[RuleView], bool], Callable[[RuleView], str]], ...] = (
    ("infected", lambda look: look.now("infected_share") >= 0.005,
     lambda _: "The infection spreads: 1 in 200 cells of the epithelium is infected."),
    ("failed", lambda look: _since_infection(look) >= JUDGED_AFTER and look.now("infected_share") == 0
     and not is_established(look.peak("infected_share")),
     _failed),
    ("il6", lambda look: look.now("il6") >= _level(look),
     lambda look: f"IL-6 exceeds the EC50 of awakening, {_level(look):g} ng/mL."),
    ("first", lambda look: _awake(look) > 0,
     lambda look: f"The first dormant cell awakens, at {_il6_of_first(look)} of IL-6."),
    ("interferon", lambda look: look.now("refractory_share") >= 0.1,
     lambda _: "Interferon now protects a tenth of the epithelium."),
    ("half", lambda look: 2 * _awake(look) >= look.awoke.size,
     lambda look: f"Half of the {look.awoke.size} dormant cells have awakened."),
    ("tcells", lambda look: look.now("cd8") >= 3 * look.start("cd8") + 10,
     lambda _: "CD8 T cells arrive from the lymph node."),
    ("peaked", lambda look: look.told("infected") and look.now("virions") < 0.1 * look.peak("virions"),
     lambda _: "The virus has fallen to a tenth of its peak."),
    ("cleared", lambda look: look.told("infected") and look.now("infected_share") == 0,
     lambda _: "No infected cell is left."),
    ("quiet", lambda look: look.told("il6") and look.now("il6") < 0.5 * _level(look),
     lambda _: "IL-6 has fallen well below the EC50 of awakening."),
    ("lesion", lambda look: look.now("lesions") >= 1,
     lambda _: "The first clone has become a lesion."),
    ("ten", lambda look: look.now("cells_per_seeded") >= 10,
     lambda _: "Ten times as many cancer cells as were seeded."),
    ("hundred", lambda look: look.now("cells_per_seeded") >= 100,
     lambda _: "A hundred times as many cancer cells as were seeded."),
    ("redormant", lambda look: look.peak("awake_per_seeded") >= 0.5
     and look.now("awake_per_seeded") < 0.1 * look.peak("awake_per_seeded"),
     lambda _: "Most proliferating cells have returned to dormancy or died."),
)  # fmt: skip


def _il6_of_first(look: RuleView) -> str:
    log: Any = look.model.tissue.log[: look.model.tissue.status[0].events]
    return f"{float(log.il6[log.hour == look.awoke.min()][0]):.2g} ng/mL"


@dataclass
class Watch:
    """Looks at an arm once an hour."""

    model: LungModel
    news: list[News] = field(default_factory=list)
    _points: list[Sequence[float]] = field(default_factory=list)

    def look(self, point: Sequence[float], awoke: np.ndarray) -> None:
        """Add the news at this point of the curves."""
        self._points.append(point)
        look = RuleView(
            now=lambda name: point[AT[name]],
            start=lambda name: self._points[0][AT[name]],
            peak=lambda name: max(each[AT[name]] for each in self._points),
            told=lambda mark: any(one.mark == mark for one in self.news),
            model=self.model,
            awoke=awoke,
        )
        self._tell_deeds()
        for mark, holds, text in RULES:
            if not look.told(mark) and holds(look):
                self.news.append(News(self.model.hour, mark, text(look)))

    def _tell_deeds(self) -> None:
        """Add news of infections and treatments that start or end now."""
        scenario, hour = self.model.experiment, self.model.hour
        deeds = [(one.time, f"Infection with {one.virus or scenario.virus}.") for one in scenario.infections]
        for one in scenario.treatments:
            name = " ".join([one.type, *(f"({each})" for each in (getattr(one, "drug", ""),) if each)])
            name += f" of {one.cells} cells" if hasattr(one, "cells") else ""
            deeds.append((getattr(one, "start", 0.0), f"{name[0].upper()}{name[1:]} begins."))
            deeds.append((getattr(one, "stop", ALWAYS), f"{name[0].upper()}{name[1:]} ends."))
        for time, text in deeds:
            mark = f"{time:g} {text}"
            if time <= hour and not any(one.mark == mark for one in self.news):
                self.news.append(News(time, mark, text))

    def forget_after(self, hour: float) -> None:
        """The run went back to this hour."""
        self.news = [one for one in self.news if one.hour <= hour]
        del self._points[round(hour) + 1 :]
