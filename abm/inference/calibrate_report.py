"""What a calibration found: values with their intervals, what the data do not tell, bands over the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.inference.calibrate import AGREES, CalibratedAxes
from abm.inference.calibrate_sets import parameter_sets
from abm.plots.figures import save_figure
from abm.runs.identity import as_used
from abm.runs.store.files import atomic, write_text
from abm.scenario.posterior import CALIBRATED
from abm.studies.design.axis import Axis
from abm.studies.design.calibration_data import Calibration, DataCurve
from abm.studies.design.study import Study
from abm.studies.sweep.figure_axes import label_of, scale, unit_of

BLUE, LIGHT, RED = "#1f4e8c", "#8fb3df", "#b03a2e"
UNKNOWN = 0.3  # an axis whose posterior is not this much narrower than its range is not told by the data
BOUND = 0.7  # correlation from which on two axes are only known together
TAIL = 2.5  # percent
NEAR = 0.03  # of the range: a posterior that piles up so near its end


def write(folder: Path, study: Study, fitted: CalibratedAxes) -> list[Path]:
    """Write calibration.md, posterior.csv, the best scenario of each arm, and two figures; gives their paths.

    Where the samples are parameter sets, they are written as such, too: parameter_sets.csv, for `--posterior`.

    Raises:
        OSError: no room, no right to write.
    """
    assert study.calibration is not None
    (folder / "figures").mkdir(exist_ok=True)
    text = [f"# Fit: {study.title}", "", paragraph(study, fitted), "", *table_lines(study, fitted), ""]
    text += ["![data and model](figures/fit.png)", "", "![posterior](figures/posterior.png)", ""]
    write_text(folder / "calibration.md", "\n".join(text))
    columns = {axis.name: axis.at(fitted.samples[:, at]) for at, axis in enumerate(study.sampled)}
    with atomic(folder / "posterior.csv") as temporary:
        pd.DataFrame(columns).to_csv(temporary, index=False)
    figures = [
        save_figure(bands_figure(study.calibration, fitted), folder / "figures" / "fit.png"),
        save_figure(posterior_figure(study, fitted), folder / "figures" / "posterior.png"),
    ]
    return [folder / "calibration.md", folder / "posterior.csv", *_inputs(folder, study, fitted), *figures]


def _inputs(folder: Path, study: Study, fitted: CalibratedAxes) -> list[Path]:
    """Write what other commands take: the best scenario of each arm, and the parameter sets if the samples are such."""
    (folder / CALIBRATED).unlink(missing_ok=True)  # of an earlier version of the study
    values = [float(axis.at(fitted.best[at])) for at, axis in enumerate(study.sampled)]
    texts = {
        folder / f"{arm.name}-fitted.toml": as_used(study.scenario(study.point(number, values)))
        for number, arm in enumerate(study.arms)
    }
    sets = parameter_sets(study, fitted)
    if sets is not None:
        texts[folder / CALIBRATED] = sets.text()
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def table_lines(study: Study, fitted: CalibratedAxes) -> list[str]:
    """Values and intervals as a table in Markdown."""
    lines = ["| axis | unit | best | median | 95 % interval | range | learned |"]
    lines += ["|---|---|---:|---:|---|---|---:|"]
    for at, axis in enumerate(study.sampled):
        low, middle, high = (axis.at(np.percentile(fitted.samples[:, at], end)) for end in (TAIL, 50.0, 100.0 - TAIL))
        lines.append(
            f"| {axis.name} | {unit_of(axis)} | {axis.at(fitted.best[at]):.3g} | {middle:.3g} "
            f"| {low:.3g} to {high:.3g} | {axis.low:.3g} to {axis.high:.3g} | {100.0 * fitted.known[at]:.0f} % |"
        )
    return lines


def paragraph(study: Study, fitted: CalibratedAxes) -> str:
    """What was found, for people."""
    return " ".join(_sentences(study, fitted))


def _sentences(study: Study, fitted: CalibratedAxes) -> Iterator[str]:
    assert study.calibration is not None
    pinned = [name for name, known in zip(fitted.axes, fitted.known, strict=True) if known >= UNKNOWN]
    open_ones = [name for name in fitted.axes if name not in pinned]
    if pinned:
        yield f"The data determine {_listed(pinned)}."
    if open_ones:
        who = "They" if pinned else "The data"
        yield f"{who} do not determine {_listed(open_ones)}: the fit is about as good across most of the range."
    for one, other, how in _bound(fitted):
        same = "both high or both low" if how > 0.0 else "one high and the other low"
        yield f"{one} and {other} can be determined only together (correlation {how:.2f}): {same} fits as well."
    for at, axis in enumerate(study.sampled):
        end = _piled_up(fitted.samples[:, at])
        if end:
            yield f"{axis.name} accumulates at the {end} end of its range: a wider range may fit better."
    inside, total = coverage(study.calibration, fitted)
    yield f"{inside} of {total} data points lie within the 95 % band of prediction."
    if fitted.agreement > AGREES:
        yield (
            f"Caution: the emulator still differs from the runs by {fitted.agreement:.1f} errors of the data; more "
            "`draws` or narrower ranges improve the posterior."
        )
    yield f"({fitted.points} points x {study.replicates} seeds, {fitted.rounds} rounds of the posterior.)"


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _bound(fitted: CalibratedAxes) -> Iterator[tuple[str, str, float]]:
    for one in range(len(fitted.axes)):
        for other in range(one):
            how = float(fitted.together[one, other])
            if abs(how) >= BOUND:
                yield fitted.axes[other], fitted.axes[one], how


def _piled_up(samples: np.ndarray) -> str:
    """At which end of its range an axis is most likely, if at one, and sharply."""
    low, high = float((samples < NEAR).mean()), float((samples > 1.0 - NEAR).mean())
    return "lower" if low > 5.0 * NEAR else "upper" if high > 5.0 * NEAR else ""


def coverage(calibration: Calibration, fitted: CalibratedAxes) -> tuple[int, int]:
    """How many data lie within the 95 % band of what is predicted, with their own error; and of how many."""
    inside = total = 0
    for number, curve in enumerate(calibration.curves):
        hours, whole = fitted.drawn.curves[number]
        low, high = _band(curve, hours, whole, with_error=True)
        lows, highs = np.interp(curve.hours, hours, low), np.interp(curve.hours, hours, high)
        inside += int(((curve.means >= lows) & (curve.means <= highs)).sum())
        total += curve.means.size
    return inside, total


def _shifted(curve: DataCurve, hours: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Curves of the model, moved onto the data where only their shape counts."""
    if not curve.relative:
        return whole
    at_data = np.array([np.interp(curve.hours, hours, one) for one in whole])
    weights = 1.0 / curve.errors**2
    return whole + ((curve.means - at_data) * weights).sum(axis=1, keepdims=True) / weights.sum()


def _band(curve: DataCurve, hours: np.ndarray, whole: np.ndarray, with_error: bool) -> tuple[np.ndarray, np.ndarray]:
    moved = _shifted(curve, hours, whole)
    if with_error:
        chance = np.random.default_rng(0)
        error = np.interp(hours, curve.hours, curve.errors)
        moved = np.concatenate([moved + error * chance.standard_normal(moved.shape) for _ in range(20)])
    low, high = np.percentile(moved, [TAIL, 100.0 - TAIL], axis=0)
    return low, high


def bands_figure(calibration: Calibration, fitted: CalibratedAxes) -> Figure:
    """Each curve of the data with its error, the best run, and the bands of the posterior."""
    count = len(calibration.curves)
    figure = Figure(figsize=(1.0 + 4.2 * count, 4.3), layout="constrained")
    for number, curve in enumerate(calibration.curves):
        ax = figure.add_subplot(1, count, number + 1)
        hours, whole = fitted.drawn.curves[number]
        days, back = hours / 24.0, (lambda x: 10.0**x) if curve.logarithmic else (lambda x: x)
        for with_error, color, name in ((True, "0.9", "prediction, 95 %"), (False, LIGHT, "curve, 95 %")):
            low, high = _band(curve, hours, whole, with_error)
            ax.fill_between(days, back(low), back(high), color=color, label=name, linewidth=0)
        (_, best) = fitted.best_run.curves[number]
        ax.plot(days, back(_shifted(curve, hours, best)[0]), color=BLUE, linewidth=1.8, label="best")
        ends = np.abs([back(curve.means) - back(curve.means - 1.96 * curve.errors),
                       back(curve.means + 1.96 * curve.errors) - back(curve.means)])  # fmt: skip
        ax.errorbar(curve.hours / 24.0, back(curve.means), yerr=ends, fmt="o", color=RED, markersize=4, label="data")
        unit = "shape only" if curve.relative else curve.unit
        ax.set(xlabel="day", ylabel=f"{curve.meaning}{f' [{unit}]' if unit else ''}")
        ax.set_title(curve.arm, fontsize=10)
        if curve.logarithmic:
            ax.set_yscale("log")
            seen = back(curve.means)
            ax.set_ylim(seen.min() / 10.0, seen.max() * 10.0)
        ax.set_xlim(0.0, curve.hours.max() / 24.0 * 1.1)
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(*ax.get_legend_handles_labels(), fontsize=8, frameon=False, loc="outside lower center", ncols=4)
    return figure


def posterior_figure(study: Study, fitted: CalibratedAxes) -> Figure:
    """Every pair of axes: samples of the posterior over the whole range that was looked at, and the best point."""
    count = len(fitted.axes)
    figure = Figure(figsize=(1.5 + 2.1 * count, 1.2 + 2.1 * count), layout="constrained")
    figure.suptitle("posterior over the whole range", fontsize=11)
    for row, upper in enumerate(study.sampled):
        for column, axis in enumerate(study.sampled[: row + 1]):
            ax = figure.add_subplot(count, count, row * count + column + 1)
            x = axis.at(fitted.samples[:, column])
            if row == column:
                ax.hist(x, bins=_bins(axis), color=LIGHT)
                ax.axvline(float(axis.at(fitted.best[column])), color=RED, linewidth=1.5)
                ax.set_yticks([])
            else:
                ax.plot(x, upper.at(fitted.samples[:, row]), ".", color=BLUE, markersize=2, alpha=0.2)
                best = float(axis.at(fitted.best[column])), float(upper.at(fitted.best[row]))
                ax.plot(*best, "x", color=RED, markersize=8, markeredgewidth=2)
                _scaled(ax, upper, "y")
            _scaled(ax, axis, "x")
            _labeled(ax, axis, upper, row == count - 1, column == 0 and row > 0)
    return figure


def _bins(axis: Axis) -> list[float]:
    return axis.at(np.linspace(0.0, 1.0, 31)).tolist()


def _scaled(ax: Axes, axis: Axis, which: Literal["x", "y"]) -> None:
    getattr(ax, f"set_{which}lim")(axis.low, axis.high)
    scale(ax, axis, which)


def _labeled(ax: Axes, axis: Axis, upper: Axis, bottom: bool, left: bool) -> None:
    ax.tick_params(labelsize=7, labelbottom=bottom, labelleft=left, which="both")
    if bottom:
        ax.set_xlabel(label_of(axis), fontsize=8)
    if left:
        ax.set_ylabel(label_of(upper), fontsize=8)
