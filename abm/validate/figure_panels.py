"""The panels of a target's picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from abm.plots.palette import RED, arm_styles, hexadecimal
from abm.reporting.measured import Measured, bound_text, value_text
from abm.reporting.statistics import resampled_interval, resampling
from abm.validate.curves import ArmCurves, words_of
from abm.validate.operations import OF_NUMBERS, MeasureCourse, course_of, measures_of, on, plain_course
from abm.validate.scoring import EXPERIMENTS, FIRST, PEOPLE, SECOND, Observable, observables, score
from abm.validate.target import Value

HEIGHTS = ("at", "peak")  # operations that read a height of a curve
Read = Sequence[tuple[Value, Measured]]
GREEN = "#1c7c45"
COLORS = {"passed": GREEN, "failed": hexadecimal(RED), "inconclusive": "#a06a00", "skipped": "0.35"}
PERCENTILES = (10, 90)
SHOWN = 29.0  # days: of curves that are looked at as a whole
SHORTEST = 14.0
REACH = 0.022  # half the width of a tolerance at one day, as a share of the axis
DASHES = (0, (4, 2.2))
FILL = GREEN
MARKERS = {FIRST: "o", SECOND: "D", PEOPLE: "s"}  # of mice by experiment, and of people
OTHER = "0.6"  # color of the mice of the other experiment
FOLD = 46  # characters of a title
FEW_DECADES = 300  # from bottom to top: below, ticks at 1, 2 and 5
FINE = (1, 1.2, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)


class Styles(NamedTuple):
    """How arms are drawn and what they are called."""

    colors: dict[str, str]
    lines: dict[str, Any]
    titles: dict[str, str]

    @classmethod
    def of(cls, titles: dict[str, str]) -> Styles:
        """The styles of some arms, by their titles."""
        found = arm_styles(list(titles))
        lines = {arm: DASHES if style.dashed else "-" for arm, style in found.items()}
        return cls({arm: hexadecimal(style.color) for arm, style in found.items()}, lines, titles)


class CourseBand(NamedTuple):
    """A curve with its 95 % interval: days, middle, low, high, float[times] each."""

    days: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def band_of(course: MeasureCourse, n: int) -> CourseBand:
    """The estimate of a course and the interval of each of its times."""
    middle = course.values[0]
    return CourseBand(course.days, middle, *(resampled_interval(course.values[1:], n) or (middle, middle)))


def draw_mice(ax: Axes, read: Read, curves: ArmCurves, most: int, styles: Styles) -> None:
    """The model's curve, scaled, over the mice of an experiment; those of the other are brought to its scale."""
    value = read[0][0]
    mice = observables(value.experiment)[value.observable]
    n = min(most, curves.replicates(value.arms))
    course = course_of(value, curves, resampling(n))
    scale = float(score(on(course, mice.days)[0], mice).scale)
    seen = course.days <= mice.days[-1] + 1e-9
    band = CourseBand(*(part[seen] for part in band_of(course, n)))
    sections = curves.of(value.arm, measures_of(value), n)[:, : course.days.size][:, seen]
    color = styles.colors[value.arm]
    lowest, highest = mice.shown(scale * np.percentile(sections, PERCENTILES, axis=0))
    ax.fill_between(band.days, lowest, highest, color=color, alpha=0.12, linewidth=0)
    low, middle, high = (mice.shown(scale * part) for part in (band.low, band.middle, band.high))
    ax.fill_between(band.days, low, high, color=color, alpha=0.35, linewidth=0)
    ax.plot(band.days, middle, color=color, linewidth=2.2)
    for name in EXPERIMENTS if value.experiment in EXPERIMENTS else (value.experiment,):
        other = observables(name)[value.observable]
        own = name == value.experiment
        factor = 1.0 if own else scale / float(score(on(course, other.days)[0], other).scale)
        _draw_points(ax, other, factor, MARKERS[name], "black" if own else OTHER)
    _set_log(ax)
    ax.set_xlim(-0.4, mice.days[-1] + 0.4)
    ax.xaxis.set_major_locator(FixedLocator(list(mice.days)))
    _finish(ax, mice.title, mice.unit, read)


def _draw_points(ax: Axes, mice: Observable, factor: float, marker: str, color: str) -> None:
    """Median mice with the lowest and the highest, times a factor; hollow where a day is not scored."""
    median, lowest, highest = (
        factor * np.maximum(part, mice.floor) for part in (mice.median, mice.lowest, mice.highest)
    )
    ax.vlines(mice.days, lowest, highest, color=color, linewidth=1.3, zorder=3)
    for seen, face in ((mice.scored, color), (~mice.scored, "white")):
        ax.plot(mice.days[seen], median[seen], marker, color=face, markersize=6.5, markeredgecolor=color, zorder=4)


def draw_arms(ax: Axes, read: Read, curves: ArmCurves, most: int, styles: Styles) -> None:
    """The bare curves of all arms of some values of one measure."""
    first = read[0][0]
    n = min(most, *(curves.replicates(value.arms) for value, _ in read))
    for arm in dict.fromkeys(arm for value, _ in read for arm in value.arms):
        own = next(value for value, _ in read if arm in value.arms)
        _draw_arm(ax, own, arm, curves, n, styles)
    _set_days(ax, read, curves)
    if first.log:
        _set_log(ax)
    else:
        ax.set_ylim(bottom=0.0)
    ax.legend(fontsize=9, handlelength=2.2, loc="best", frameon=True, framealpha=0.85, edgecolor="none")
    title, _, unit = words_of(measures_of(first)).partition(", ")
    _finish(ax, title, unit, [(value, one) for value, one in read if value.compare in OF_NUMBERS])


def draw_compared(ax: Axes, read: Read, curves: ArmCurves, most: int, styles: Styles) -> None:
    """The curve that values are read from, where they have to lie, and where they do."""
    value = read[0][0]
    n = min(most, curves.replicates(value.arms))
    course = course_of(value, curves, resampling(n))
    color = styles.colors[value.arm]
    if value.compare == "none":
        _draw_arm(ax, value, value.arm, curves, n, styles)
    else:
        band = band_of(course, n)
        ax.fill_between(band.days, band.low, band.high, color=color, alpha=0.3, linewidth=0)
        ax.plot(band.days, band.middle, color=color, linewidth=2.2)
        ax.axhline(1.0, color="0.5", linewidth=0.9, zorder=1)
    _set_days(ax, read, curves)
    if value.log:
        _set_log(ax)
    _make_room(ax, [one for each, one in read if each.operation in HEIGHTS], value.log)
    for each, one in read:
        _mark(ax, each, one, course)
    _finish(ax, _heading(read), value.axis or words_of(measures_of(value)), read)


def _draw_arm(ax: Axes, value: Value, arm: str, curves: ArmCurves, n: int, styles: Styles) -> None:
    color = styles.colors[arm]
    band = band_of(plain_course(value, arm, curves, resampling(n)), n)
    sections = np.maximum(curves.of(arm, measures_of(value), n)[:, : band.days.size], value.floor)
    low, high = np.percentile(sections, PERCENTILES, axis=0)
    ax.fill_between(band.days, low, high, color=color, alpha=0.12, linewidth=0)
    ax.fill_between(band.days, band.low, band.high, color=color, alpha=0.3, linewidth=0)
    ax.plot(band.days, band.middle, color=color, linewidth=2.2, linestyle=styles.lines[arm], label=styles.titles[arm])


def _days_shown(value: Value) -> float:
    looked = max(value.day, value.base, *value.days, 0.0)
    return max(SHORTEST, 1.04 * looked if value.operation in ("at", "largest_step", "smallest_step") else SHOWN)


def _set_days(ax: Axes, read: Read, curves: ArmCurves) -> None:
    most = max(float(curves.days(value.arms)[-1]) for value, _ in read)
    last = min(max(_days_shown(value) for value, _ in read), 1.04 * most)
    ax.set_xlim(0.0, last)
    ax.xaxis.set_major_locator(FixedLocator(range(0, int(last) + 1, 7)) if last > 20 else MaxNLocator(7, integer=True))


def _set_log(ax: Axes) -> None:
    ax.set_yscale("log")
    ax.yaxis.set_minor_locator(NullLocator())
    low, high = ax.get_ylim()
    if high / low < FEW_DECADES:
        steps = [factor * 10.0**power for power in range(-6, 8) for factor in (FINE if high / low < 4 else (1, 2, 5))]
        ax.yaxis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,.0f}" if tick >= 10 else f"{tick:g}"))
    else:
        ax.yaxis.set_major_locator(LogLocator(numticks=7))


def _make_room(ax: Axes, marks: Sequence[Measured], log: bool) -> None:
    """Widen the axis so that every bound and interval lies in it."""
    ends = [end for one in marks for end in (one.least, one.most, one.low, one.high, one.value) if end is not None]
    known = [end for end in ends if np.isfinite(end) and (end > 0 or not log)]
    low, high = ax.get_ylim()
    if log:
        ax.set_ylim(min([low, *(end / 1.5 for end in known)]), max([high, *(end * 1.5 for end in known)]))
        _set_log(ax)
        return
    data = ax.dataLim
    low, high = min([0.0, data.y0, *known]), max([data.y1, *known])
    room = 0.08 * ((high - low) or 1.0)
    ax.set_ylim(low - room, high + room if high > low else 1.0)


def _mark(ax: Axes, value: Value, one: Measured, course: MeasureCourse) -> None:
    """Where a number has to lie, and where it does, with its interval."""
    style: dict[str, Any] = {"color": COLORS[one.verdict], "markersize": 7, "markeredgecolor": "white", "zorder": 6}
    low, high = (one.value if end is None else end for end in (one.low, one.high))
    reach = [[one.value - low], [high - one.value]]
    if value.operation in HEIGHTS:
        day = value.day if value.operation == "at" else float(course.days[np.argmax(course.values[0])])
        _gate(ax, one, day / ax.get_xlim()[1], upright=True)
        ax.errorbar([day], [one.value], reach, fmt="D", capsize=4, **style)
    elif value.days:
        if value.operation == "distance":
            spread = one.most * observables()[value.observable].spread
            _make_room(ax, [Measured("", 1.0, 10.0**-spread, 10.0**spread)], log=True)
            ax.axhspan(10.0**-spread, 10.0**spread, color=FILL, alpha=0.16, linewidth=0)
        ax.plot(value.days, on(course, value.days)[0], "D", clip_on=False, **style)
    elif np.isfinite(one.value):
        height = float(on(course, min(one.value, float(course.days[-1])))[0])
        _gate(
            ax, one, float(ax.transAxes.inverted().transform(ax.transData.transform((0.0, height)))[1]), upright=False
        )
        ax.errorbar([one.value], [height], xerr=reach, fmt="D", capsize=4, **style)


def _gate(ax: Axes, one: Measured, place: float, upright: bool) -> None:
    """A gate with a bar where the bound is, open where there is none; `place`: its middle, as a share of the axis."""
    if one.verdict == "skipped":
        return
    half = REACH if upright else REACH * 1.6
    sides = np.array([place - half, place + half])
    start, stop = ax.get_ylim() if upright else ax.get_xlim()
    inner = [max(one.least, start), min(one.most, stop)]
    transform = ax.get_yaxis_transform() if upright else ax.get_xaxis_transform()
    (ax.fill_betweenx if upright else ax.fill_between)(
        inner, sides[0], sides[1], color=FILL, alpha=0.2, linewidth=0, transform=transform
    )
    for end in (one.least, one.most):
        if np.isfinite(end):
            x, y = (sides, [end, end]) if upright else ([end, end], sides)
            ax.plot(x, y, color="0.15", linewidth=2.2, transform=transform, zorder=5, scalex=False, scaley=False)


def told(one: Measured) -> str:
    """A number, its bound and its verdict in a line."""
    bound = bound_text(one)
    return f"{value_text(one, 3)}; {bound}: {one.verdict}" if bound else f"{value_text(one, 3)}: a prediction"


def _line(value: Value, one: Measured, alone: bool) -> str:
    """The same, with what it is where a panel has several."""
    name = "" if alone else f"day {value.day:g}: " if value.operation == "at" else f"{value.name}: "
    return name + told(one)


def _heading(read: Read) -> str:
    return read[0][1].name if len(read) == 1 else read[0][0].axis


def _finish(ax: Axes, title: str, label: str, read: Read) -> None:
    lines = [(_line(value, one, len(read) == 1), COLORS[one.verdict]) for value, one in read]
    ax.set_title(textwrap.fill(title[:1].upper() + title[1:], FOLD), pad=8 + 13 * len(lines))
    for at, (line, color) in enumerate(reversed(lines)):
        ax.annotate(
            line, (0, 1), (0, 5 + 13 * at), xycoords="axes fraction", textcoords="offset points", size=9.5,
            color=color, va="bottom",
        )  # fmt: skip
    ax.set_xlabel("day")
    ax.set_ylabel(label)
    ax.grid(axis="y", color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)
