"""Curves as small SVG drawings: made in a millisecond, sharp on any screen, and readable by a screen reader."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from abm.dashboard.player import Point
from abm.dashboard.words import number
from abm.rules.states import CancerState, CellKind
from abm.study.palette import ARM_COLORS, CANCER_COLORS, CELL_COLORS, Color, hexadecimal, il6_colors

WIDTH, HEIGHT = 380, 140  # units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 30, 22
MOST_DECADES = 4  # marked on a logarithmic axis; of more, every second


@dataclass(frozen=True)
class Chart:
    """One measure against time; `lowest`: where a logarithmic axis may start, None for a linear one from 0."""

    measure: str
    title: str
    unit: str
    color: Color
    lowest: float | None


_IL6_RED, _IL6_GREEN, _IL6_BLUE = (int(part) for part in il6_colors()[150])
CHARTS = (
    Chart("cells_per_seeded", "Cells per seeded cell", "", CANCER_COLORS[CancerState.PROLIFERATING], 0.1),
    Chart("il6_lavage", "IL-6 in lavage", "pg/mL", (_IL6_RED, _IL6_GREEN, _IL6_BLUE), None),
    Chart("virions", "Virions", "per mm²", ARM_COLORS["influenza"], 1.0),
    Chart("cd8", "CD8 T cells", "per mm²", CELL_COLORS[CellKind.CD8], None),
)


@dataclass(frozen=True)
class Axis:
    """Where values stand, as shares of the height, and which are marked."""

    place: Callable[[float], float]
    marks: tuple[float, ...]


def chart_svg(chart: Chart, points: Sequence[Point], last_day: float) -> str:
    """The curve so far, on an axis that spans the scenario.

    Args:
        chart: what to draw.
        points: at least one, in order of time.
        last_day: where the time axis ends.
    """
    values = [point.values[chart.measure] for point in points]
    axis = _linear_axis(values) if chart.lowest is None else _log_axis(values, chart.lowest)
    now = f"{number(values[-1])} {chart.unit}".strip()
    scale = "" if chart.lowest is None else "log"
    label = f"{chart.title}: {now} on day {points[-1].day:.1f}"
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">',
        f'<text x="{LEFT}" y="16" class="name">{chart.title}<tspan class="scale" dx="6">{scale}</tspan></text>',
        f'<text x="{WIDTH - RIGHT}" y="16" class="now" text-anchor="end">{now}</text>',
    ]
    for mark in axis.marks:
        y = _y(axis.place(mark))
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="mark" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_mark(mark)}</text>')
    for day in _days(last_day):
        label = f"day {day:g}" if day == 0 else f"{day:g}"
        parts.append(
            f'<text class="mark" x="{_x(day, last_day):.1f}" y="{HEIGHT - 5}" text-anchor="middle">{label}</text>'
        )
    places = [(_x(point.day, last_day), _y(axis.place(value))) for point, value in zip(points, values, strict=True)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    color = hexadecimal(chart.color)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2.2" stroke-linejoin="round"/>')
    parts.append(f'<circle cx="{places[-1][0]:.1f}" cy="{places[-1][1]:.1f}" r="3.6" fill="{color}"/></svg>')
    return "".join(parts)


def _x(day: float, last_day: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * day / last_day


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _log_axis(values: Sequence[float], lowest: float) -> Axis:
    """Whole decades, from 1 or less; what lies below the axis, such as 0, stands on its lower end."""
    powers = [math.log10(max(value, lowest)) for value in values]
    low = min(0, math.floor(min(powers)))
    high = max(1, math.ceil(max(powers) - 1e-9))
    marks = range(low, high + 1, 1 if high - low <= MOST_DECADES else 2)
    return Axis(
        lambda value: (math.log10(max(value, 10.0**low)) - low) / (high - low), tuple(10.0**power for power in marks)
    )


def _linear_axis(values: Sequence[float]) -> Axis:
    """From 0 to a round number."""
    most = max([*values, 1.0])
    decade = 10.0 ** math.floor(math.log10(most))
    top = next(step * decade for step in (1, 2, 4, 6, 8, 10) if step * decade >= most * (1 - 1e-9))
    return Axis(lambda value: value / top, (0.0, top / 2, top))


def _days(last_day: float) -> list[float]:
    """About five round days."""
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 7, 14, 28, 70, 140, 365, 730, 3650) if last_day / step <= 5)
    return [step * count for count in range(math.floor(last_day / step + 1e-9) + 1)]


def _mark(value: float) -> str:
    if value >= 10_000:
        power = math.log10(value)
        return (
            f"10{str(round(power)).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
            if power % 1 == 0
            else f"{value:,.0f}"
        )
    return f"{value:,g}"
