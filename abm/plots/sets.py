"""The curves of a study under parameter sets: bands of what the parameters do."""

from __future__ import annotations

from typing import ClassVar

import pyarrow.parquet as pq
from matplotlib.figure import Figure

from abm.plots.curves import curves_figure
from abm.plots.data import Drawn
from abm.runs.store.sealed import check
from abm.runs.store.tables import measures_of
from abm.scenario.posterior import SETS

KEYS = ["arm", "set", "hour"]


class DrawnSets(Drawn):
    """A study whose every curve is the mean over replicates under one parameter set; `seed` counts the sets."""

    heading: ClassVar[str] = "Curves by arm: uncertainty of the parameters"

    @property
    def tail(self) -> float:
        """Share of the sets below, and above, a band."""
        return 0.05

    @property
    def bands(self) -> str:
        """What lines and bands are, in words."""
        return (
            "Each set fits the data. Lines: median over sets of the mean over replicates; bands: the middle 90 % of "
            "the sets. Bands of chance: curves.png."
        )

    def what_was_run(self) -> str:
        """Sets and days in words."""
        return f"{self.replicates[1]} parameter sets, all with the same seeds in all arms, {self.days:g} days."


def sets_figure(study: Drawn) -> Figure | None:
    """The panels of `curves_figure` over parameter sets; None where the study has none, or only one."""
    path = study.folder / SETS / "series.parquet"
    if not path.is_file():
        return None
    check(path)
    measures = measures_of(pq.read_schema(path).names)
    runs = pq.read_table(path, columns=[*KEYS, *measures]).unify_dictionaries()
    means = runs.group_by(KEYS, use_threads=False).aggregate([(name, "mean") for name in measures])
    renamed = {"set": "seed"} | {f"{name}_mean": name for name in measures}
    series = means.rename_columns([renamed.get(name, name) for name in means.column_names]).to_pandas()
    there = tuple(arm for arm in study.arms if arm in set(series["arm"]))
    drawn = DrawnSets(study.folder, there, study.titles, study.predictions, series)
    return curves_figure(drawn) if drawn.replicates[1] > 1 else None
