"""The data collector of a model: Mesa's, which here takes the measures of many times at once."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from mesa.datacollection import DataCollector

from abm.measures import MEASURES, Reading


class Collector(DataCollector):
    """Mesa's collector, which takes measures of many times at once.

    Args:
        step: hours that a step of the model takes.
        reporters: of the model.
    """

    def __init__(self, step: float, reporters: dict[str, Callable[[Any], float]]) -> None:
        """Collect nothing yet."""
        super().__init__(model_reporters=reporters)
        self._step = step

    def note(self, reading: Reading) -> None:
        """Note down what the measures give at each time of a reading."""
        hours = reading.census["hour"]
        self._extend({"hour": hours} | {name: measure.of(reading) for name, measure in MEASURES.items()})

    def take_over(self, series: pd.DataFrame) -> None:
        """Hold what another collector had noted, and nothing else."""
        for noted in (*self.model_vars.values(), getattr(self, "_collection_steps", [])):
            noted.clear()
        self._extend({name: series[name].to_numpy() for name in self.model_vars})

    def _extend(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add rows."""
        for name, column in columns.items():
            self.model_vars[name].extend(column.tolist())
        if hasattr(self, "_collection_steps"):  # from Mesa 3.4 on, whose `batch_run` shows the steps of this list
            self._collection_steps.extend(np.rint(columns["hour"] / self._step).astype(int).tolist())
