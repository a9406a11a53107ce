"""Mesa's collector, filled by the compiled loop, with room for reporters of a user's own."""

from __future__ import annotations

from functools import partial
from typing import Any

from mesa.datacollection import DataCollector

from abm.measures import MEASURES, Reading


class Collector(DataCollector):
    """Mesa's collector, which takes measures of many times at once."""

    @property
    def added(self) -> list[str]:
        """Names of the model reporters that a user has added."""
        return [name for name in self.model_reporters if name != "hour" and name not in MEASURES]

    def note(self, reading: Reading, model: Any) -> None:
        """Note down what the measures give at each time of a reading, and what added reporters give now."""
        hours, before = reading.census["hour"].tolist(), len(self.model_vars["hour"])
        self.model_vars["hour"].extend(hours)
        if hasattr(self, "_collection_steps"):  # Mesa from 3.4 on; its batch_run asks for these steps
            self._collection_steps.extend(round(hour / model.experiment.step) for hour in hours)
        for name, measure in MEASURES.items():
            self.model_vars[name].extend(measure.of(reading).tolist())
        for name in self.added:
            told, reporter = self.model_vars.setdefault(name, []), self.model_reporters[name]
            told.extend([None] * (before + len(hours) - 1 - len(told)))  # it was not there at earlier times
            told.append(getattr(model, reporter, None) if isinstance(reporter, str) else reporter(model))


def reporters() -> dict[str, Any]:
    """Model reporters of a DataCollector: the hour, and every measure. They can be pickled."""
    return {"hour": _hour} | {name: partial(_measure, name=name) for name in MEASURES}


def _hour(model: Any) -> float:
    """The time of a model, in the form that a DataCollector takes."""
    return float(model.hour)


def _measure(model: Any, name: str) -> float:
    """A measure of a model, in the form that a DataCollector takes."""
    return float(model.measure(name))
