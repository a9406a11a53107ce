"""Draw and write the figures of a cohort."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pandas as pd

from abm.cohort.analysis import Tables
from abm.cohort.drawings.benefit import benefit_figure
from abm.cohort.drawings.deaths import deaths_figure
from abm.cohort.drawings.net_benefit import net_benefit_figure
from abm.cohort.drawings.since_infection import since_figure
from abm.cohort.drawings.survival import survival_figure
from abm.plots.figures import STYLE, save_figure


def draw_all(tables: Tables, titles: dict[str, str], since: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Draw all figures that the data allow; return the files, in the order of the report.

    Args:
        tables: of the cohort.
        titles: of the arms, by name.
        since: hazard ratios by months since infection, by key of the event; empty if nobody is infected.
        folder: of the figures.

    Raises:
        OSError: the disk is full or not writable.
    """
    folder.mkdir(exist_ok=True)
    with matplotlib.rc_context(STYLE):
        drawn = {
            "survival": survival_figure(tables, titles),
            "deaths": deaths_figure(tables, titles),
            "since_infection": since_figure(since) if since else None,
            "benefit": benefit_figure(tables, titles),
            "net_benefit": net_benefit_figure(tables, titles),
        }
        return [save_figure(figure, folder / f"{name}.png") for name, figure in drawn.items() if figure is not None]
