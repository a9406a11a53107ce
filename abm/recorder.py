"""Mesa's collector, filled by the compiled loop, with room for reporters of a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
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
        columns = {name: measure.of(reading).tolist() for name, measure in MEASURES.items()}
        self._extend({"hour": hours} | columns, model.experiment.step)
        for name in self.added:
            told, reporter = self.model_vars.setdefault(name, []), self.model_reporters[name]
            told.extend([None] * (before + len(hours) - 1 - len(told)))  # it was not there at earlier times
            told.append(getattr(model, reporter, None) if isinstance(reporter, str) else reporter(model))

    def take_over(self, series: pd.DataFrame, step: float) -> None:
        """Hold what another recorder had noted at steps of so many hours, and nothing else."""
        for noted in (*self.model_vars.values(), getattr(self, "_collection_steps", [])):
            noted.clear()
        self._extend({name: series[name].tolist() for name in self.model_vars}, step)

    def _extend(self, columns: Mapping[str, list[float]], step: float) -> None:
        """Add rows."""
        for name, column in columns.items():
            self.model_vars[name].extend(column)
        if hasattr(self, "_collection_steps"):  # from Mesa 3.4 on, whose `batch_run` shows the steps of this list
            self._collection_steps.extend(round(hour / step) for hour in columns["hour"])


def reporters() -> dict[str, Any]:
    """Model reporters of a DataCollector: the hour, and every measure. They can be pickled."""
    return {"hour": _hour} | {name: partial(_measure, name=name) for name in MEASURES}


def _hour(model: Any) -> float:
    """The time of a model, in the form that a DataCollector takes."""
    return float(model.hour)


def _measure(model: Any, name: str) -> float:
    """A measure of a model, in the form that a DataCollector takes."""
    return float(model.measure(name))
