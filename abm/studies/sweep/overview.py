"""What a study found at a glance: one outcome at every point, as a table and against its axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.reporting.report import DISCLAIMER, short
from abm.reporting.statistics import NOTHING, Estimate, mean_and_range, ratio_of_means
from abm.runs.store.files import atomic, write_text
from abm.studies.design.study import Point, Study
from abm.studies.sweep.established import carrying
from abm.studies.sweep.figure_axes import unit_of
from abm.studies.sweep.outcome import MeasureAtTime, PointRow

SHOWN = 40  # lines of a table that is printed
HOW = (
    "Mean over replicates (sections of one lung), smallest to largest. For measures that multiply, compared with the "
    "first arm: ratio of the means of twins, which share seed and lung, with its 95 % interval (Student's t on its "
    "logarithm). Infected: runs in which the infection established (1 % of the epithelium or more infected at one "
    f"time) in at least one arm. {DISCLAIMER}"
)


def rows_of(study: Study, outcome: MeasureAtTime, values: np.ndarray, peak_infected: np.ndarray) -> list[PointRow]:
    """A row per point, by arm and axes.

    Args:
        study: what was run; whether runs without an established infection are left out.
        outcome: what is looked at.
        values: float64[points, replicates], as `abm.studies.sweep.outcome.measured` gives them.
        peak_infected: float64[points, replicates], as `abm.studies.sweep.established.peaks` gives it.
    """
    carry = carrying(study, peak_infected)
    if study.established_only:
        values = np.where(carry, values, np.nan)
    places = {point: place for place, point in enumerate(study.points)}
    in_first = [axis.is_in(study.arms[0]) for axis in study.axes]
    rows = []
    for point in sorted(study.points, key=lambda point: (point.arm, [value or 0.0 for value in point.coordinates])):
        own = values[places[point]]
        seen = zip(point.coordinates, in_first, strict=True)
        twin = places.get(Point(0, tuple(value if here else None for value, here in seen)))
        compared = outcome.logarithmic and point.arm > 0 and twin is not None
        ratio = _ratio(own, values[twin]) if compared else NOTHING
        rows.append(PointRow(point, mean_and_range(own), int(carry[places[point]].sum()), ratio))
    return rows


def _ratio(own: np.ndarray, twins: np.ndarray) -> Estimate:
    both = np.isfinite(own) & np.isfinite(twins)
    return ratio_of_means(own[both], twins[both])


def table_lines(study: Study, rows: Sequence[PointRow]) -> list[str]:
    """The rows as a table in Markdown."""
    units = [f" [{unit_of(axis)}]" if unit_of(axis) else "" for axis in study.axes]
    heads = [
        "arm",
        *(axis.name + unit for axis, unit in zip(study.axes, units, strict=True)),
        "runs",
        "infected",
        "mean",
        "range",
    ]
    with_ratio = any(row.ratio.n for row in rows)
    heads += [f"of {study.arms[0].name}", "95 % interval"] if with_ratio else []
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    for row in rows:
        coordinates = ("" if value is None else short(value) for value in row.point.coordinates)
        cells = [study.arms[row.point.arm].name, *coordinates, str(row.found.n), str(row.established)]
        cells += [_number(row.found.value), _ends(row.found)]
        cells += [_number(row.ratio.value), _ends(row.ratio)] if with_ratio else []
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def write(folder: Path, study: Study, outcome: MeasureAtTime, rows: Sequence[PointRow]) -> list[Path]:
    """Write overview.md, overview.csv and figures/overview.png; gives their paths.

    Raises:
        OSError: no room, no right to write.
    """
    from abm.studies.sweep.overview_figure import draw  # brings matplotlib

    (folder / "figures").mkdir(exist_ok=True)
    figure = draw(study, outcome, rows, folder / "figures" / "overview.png")
    text = [f"# {study.title}", "", outcome.meaning, "", *table_lines(study, rows), "", HOW, ""]
    write_text(folder / "overview.md", "\n".join([*text, "![overview](figures/overview.png)", ""]))
    with atomic(folder / "overview.csv") as temporary:
        pd.DataFrame(_entries(study, outcome, rows)).to_csv(temporary, index=False)
    return [folder / "overview.md", folder / "overview.csv", figure]


def _entries(study: Study, outcome: MeasureAtTime, rows: Sequence[PointRow]) -> Iterator[dict[str, object]]:
    names = [axis.name for axis in study.axes]
    for row in rows:
        yield {
            "arm": study.arms[row.point.arm].name, **dict(zip(names, row.point.coordinates, strict=True)),
            "measure": outcome.measure, "hour": outcome.hour, "runs": row.found.n, "established": row.established,
            "mean": row.found.value,
            "smallest": row.found.low, "largest": row.found.high, "ratio": row.ratio.value,
            "ratio_low": row.ratio.low, "ratio_high": row.ratio.high, "pairs": row.ratio.n,
        }  # fmt: skip


def _number(value: float) -> str:
    return short(value) if np.isfinite(value) else ""


def _ends(one: Estimate) -> str:
    return f"{_number(one.low)} to {_number(one.high)}" if np.isfinite(one.low) else ""
