"""What a study found at a glance: one outcome at every point, as a table and against its axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from abm.reporting.report import DISCLAIMER, short
from abm.reporting.statistics import NOTHING, Estimate, mean_and_range, ratio_of_means
from abm.reporting.uncertainty import OverSets, over_sets
from abm.runs.store.files import atomic, write_text
from abm.studies.design.set_axis import DEFAULTS, sets_of
from abm.studies.design.study import Point, Study
from abm.studies.sweep.established import carrying
from abm.studies.sweep.figure_axes import unit_of
from abm.studies.sweep.outcome import MeasureAtTime, PointRow

SHOWN = 40  # lines of a table that is printed
HOW = (
    "Mean over replicates (sections of one lung), smallest to largest. For measures that multiply, compared with the "
    "first arm: ratio of the means of twins, which share seed and lung, with its 95 % interval (Student's t on its "
    "logarithm). Infected: runs in which the infection established (1 % of the epithelium or more infected at one "
    f"time), or did so in a twin of another arm. {DISCLAIMER}"
)
HOW_OVER_SETS = (
    "Over sets: median and middle 90 % of the mean, or of the ratio, under each parameter set; the set of a ratio is "
    "the same in both arms. All else is with the defaults."
)


def rows_of(study: Study, outcome: MeasureAtTime, values: np.ndarray, peak_infected: np.ndarray) -> list[PointRow]:
    """A row per point, by arm and axes; where the study has parameter sets, at the defaults, with the range over sets.

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
    return rows if sets_of(study) is None else list(_over_sets(rows))


def _over_sets(rows: Sequence[PointRow]) -> Iterator[PointRow]:
    """The rows at the defaults, without the axis of the sets, which is the first, and what they are under the sets."""
    under: dict[Point, list[PointRow]] = {}
    for row in rows:
        under.setdefault(Point(row.point.arm, row.point.coordinates[1:]), []).append(row)
    for point, (as_it_is, *others) in under.items():
        assert as_it_is.point.coordinates[0] == DEFAULTS, "the lowest value of the axis"
        sets = over_sets([row.found.value for row in others])
        yield replace(as_it_is, point=point, sets=sets, ratio_sets=over_sets([row.ratio.value for row in others]))


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
    with_ratio, with_sets = any(row.ratio.n for row in rows), any(row.sets.sets for row in rows)
    heads += ["over sets"] if with_sets else []
    heads += [f"of {study.arms[0].name}", "95 % interval"] if with_ratio else []
    heads += ["over sets"] if with_ratio and with_sets else []
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    for row in rows:
        coordinates = ("" if value is None else short(value) for value in row.point.coordinates)
        cells = [study.arms[row.point.arm].name, *coordinates, str(row.found.n), str(row.established)]
        cells += [_number(row.found.value), _ends(row.found)]
        cells += [_median_and_range(row.sets)] if with_sets else []
        cells += [_number(row.ratio.value), _ends(row.ratio)] if with_ratio else []
        cells += [_median_and_range(row.ratio_sets)] if with_ratio and with_sets else []
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def how(rows: Sequence[PointRow]) -> str:
    """What the numbers of the table are."""
    return f"{HOW} {HOW_OVER_SETS}" if any(row.sets.sets for row in rows) else HOW


def write(folder: Path, study: Study, outcome: MeasureAtTime, rows: Sequence[PointRow]) -> list[Path]:
    """Write overview.md, overview.csv and figures/overview.png; gives their paths.

    Raises:
        OSError: no room, no right to write.
    """
    from abm.studies.sweep.overview_figure import draw  # brings matplotlib

    (folder / "figures").mkdir(exist_ok=True)
    figure = draw(study, outcome, rows, folder / "figures" / "overview.png")
    text = [f"# {study.title}", "", outcome.meaning, "", *table_lines(study, rows), "", how(rows), ""]
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
            **_entries_over_sets("sets", row.sets), **_entries_over_sets("ratio_sets", row.ratio_sets),
        }  # fmt: skip


def _entries_over_sets(name: str, found: OverSets) -> dict[str, object]:
    if not found.sets:
        return {}
    return {name: found.sets, f"{name}_median": found.median, f"{name}_low": found.low, f"{name}_high": found.high}


def _number(value: float) -> str:
    return short(value) if np.isfinite(value) else ""


def _median_and_range(one: OverSets) -> str:
    return f"{short(one.median)} ({short(one.low)} to {short(one.high)})" if one.sets else ""


def _ends(one: Estimate) -> str:
    return f"{_number(one.low)} to {_number(one.high)}" if np.isfinite(one.low) else ""
