"""Mesa's collector, filled by the compiled loop, with room for reporters of a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
from mesa.datacollection import DataCollector

from abm.model.measures import MEASURES, Measure, Reading


class Collector(DataCollector):
    """Mesa's collector, which takes measures of many times at once.

    Reporters can be added as to any collector of Mesa; a run then stops at each time that it records, so that they see
    the model as it was.
    """

    model_reporters: dict[str, Any]
    model_vars: dict[str, list[Any]]

    def __init__(self, own: Mapping[str, Measure]) -> None:
        """Be ready to take all measures, and those that a scenario has of its own."""
        self.own = own
        super().__init__(model_reporters=reporters(self.measures))

    @property
    def measures(self) -> Mapping[str, Measure]:
        """All that it takes, by name."""
        return {**MEASURES, **self.own}

    @property
    def added(self) -> list[str]:
        """Names of the model reporters that a user has added."""
        return [name for name in self.model_reporters if name != "hour" and name not in self.measures]

    @property
    def watches(self) -> bool:
        """Whether reporters were added, of the model or of agents, which look at the model at each time."""
        return bool(self.added or self.agent_reporters or self.agenttype_reporters)

    def note(self, reading: Reading, step: float) -> None:
        """Note down what the measures give at each time of a reading; `step`: of time, in h."""
        columns = {name: measure.of(reading).tolist() for name, measure in self.measures.items()}
        self._extend({"hour": reading.census["hour"].tolist()} | columns, step)

    def collect(self, model: Any) -> None:
        """Record this time, as Mesa's models ask for; what was recorded of it already stays as it is."""
        if not self.model_vars["hour"] or self.model_vars["hour"][-1] != model.hour:
            self.note(model.reading(), model.experiment.step)
        if self.watches:
            self.watch(model)

    def watch(self, model: Any) -> None:
        """Let the reporters that were added look at the model at the time that was noted last."""
        everything, times = self.model_reporters, len(self.model_vars["hour"])
        self._fill(times - 1)
        for name in self.added:
            del self.model_vars[name][times - 1 :]
        self.model_reporters = {name: everything[name] for name in self.added}
        try:
            super().collect(model)
        finally:
            self.model_reporters = everything
            del getattr(self, "_collection_steps", [])[times:]

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a time, one column a reporter; empty at times at which a reporter was not there yet."""
        self._fill(len(self.model_vars["hour"]))
        return super().get_model_vars_dataframe()

    def _fill(self, times: int) -> None:
        """Give the reporters that were added no value at the first times, where they have none."""
        for name in self.added:
            told = self.model_vars.setdefault(name, [])
            told.extend([None] * (times - len(told)))

    def take_over(self, series: pd.DataFrame, step: float) -> None:
        """Hold what another recorder had noted at steps of this many hours, and nothing else."""
        for noted in (*self.model_vars.values(), getattr(self, "_collection_steps", [])):
            noted.clear()
        self._extend({name: series[name].tolist() for name in self.model_vars}, step)

    def _extend(self, columns: Mapping[str, list[float]], step: float) -> None:
        """Add rows."""
        for name, column in columns.items():
            self.model_vars[name].extend(column)
        if hasattr(self, "_collection_steps"):  # from Mesa 3.4 on, whose `batch_run` shows the steps of this list
            self._collection_steps.extend(round(hour / step) for hour in columns["hour"])


def reporters(measures: Mapping[str, Measure]) -> dict[str, Any]:
    """Model reporters of a DataCollector: the hour, and these measures. They can be pickled."""
    return {"hour": _hour} | {name: partial(_measure, name=name) for name in measures}


def _hour(model: Any) -> float:
    """The time of a model, in the form that a DataCollector takes."""
    return float(model.hour)


def _measure(model: Any, name: str) -> float:
    """A measure of a model, in the form that a DataCollector takes."""
    return float(model.measure(name))
