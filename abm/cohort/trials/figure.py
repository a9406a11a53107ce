"""The figure of a trial: power by patients per arm, and sizes by scan interval and follow-up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from abm.cohort.registries.figure import COLORS, WARNING
from abm.cohort.trials.designs import AS_THE_COHORT, SEED, TrialStudy
from abm.cohort.trials.sizes import MOST, OUTCOMES, events_needed, power_of, simulated_power
from abm.plots.figures import STYLE

DOTS = 9  # simulated sizes per arm
LIMITS = (100.0, 1e6)  # patients per arm; the axis covers at least these


def draw_trials(study: TrialStudy, titles: Mapping[str, str]) -> Figure:
    """Draw power by size on the left, and sizes by scans and follow-up on the right."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12.0, 5.6), layout=ConstrainedLayoutEngine(rect=(0.0, 0.05, 1.0, 0.95), wspace=0.06))
        figure.suptitle(f"Patients per arm needed to show an effect on: {OUTCOMES[study.question.outcome]}", x=0.01,
                        ha="left", size=14, weight="bold")  # fmt: skip
        figure.text(0.01, 0.014, f"A prediction, not a protocol. {WARNING}", size=8.5, color="0.35")
        left, right = figure.subplots(1, 2, width_ratios=[1.25, 1.0])
        _power(left, study, titles)
        _sizes(right, study)
    return figure


def _power(axes: Any, study: TrialStudy, titles: Mapping[str, str]) -> None:
    asked = study.question
    own = [study.own(arm) for arm in asked.arms]
    sets = [float(np.quantile(one.over_set, 0.25, method="higher")) for one in own if one.over_set.size]
    sizes = [size for size in (*(one.per_arm for one in own), *sets) if math.isfinite(size)]
    low, high = min([LIMITS[0], *(size / 8.0 for size in sizes)]), min(max([LIMITS[0] * 10, *sizes]) * 8.0, 1.0 * MOST)
    many = np.geomspace(max(2.0, low), high, 200)
    for row, one in enumerate(study.simulated):
        design, color = study.own(one.arm), COLORS[(row + 2) % len(COLORS)]
        if not math.isfinite(design.log_ratio):
            continue
        events = many * (design.share + design.share_against)
        axes.plot(many, 100.0 * power_of(design.log_ratio, events, asked.alpha), color=color, lw=2.0,
                  label=titles.get(one.arm, one.arm))  # fmt: skip
        some = np.geomspace(many[0], many[-1], DOTS)
        shown = [100.0 * simulated_power(one.one, one.other, int(size), asked.alpha, SEED) for size in some]
        axes.plot(some, shown, "o", ms=5.5, color=color, mec="white", mew=0.8)
        if design.over_set.size:
            quarters = [np.quantile(design.over_set, level, method="higher") for level in (0.25, 0.5, 0.75)]
            few, middle, more = (_curve(many, float(size), asked.power, asked.alpha) for size in quarters)
            axes.plot(many, middle, color=color, lw=1.2, ls="--")
            axes.fill_between(many, few, more, color=color, alpha=0.13, lw=0)
    axes.axhline(100.0 * asked.power, color="0.5", lw=1.0, ls="--")
    axes.text(many[0] * 1.05, 100.0 * asked.power + 1.5, f"power {100 * asked.power:g} %", size=8.5, color="0.35")
    axes.set(xscale="log", xlim=(many[0], many[-1]), ylim=(0.0, 104.0), ylabel="power, %", xlabel="patients per arm")
    band = "; dashed: median of the registries' set, band: its interquartile range" if study.set_points else ""
    axes.set_title(f"Lines: closed form; dots: simulated{band}", size=9.5, weight="normal")
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.74), fontsize=9)


def _curve(many: np.ndarray, size: float, power: float, alpha: float) -> np.ndarray:
    """Power in % if `size` patients per arm have `power`: events, and so the squared effect, grow in proportion."""
    return 100.0 * power_of(1.0, events_needed(1.0, power, alpha) * many / size, alpha)


def _sizes(axes: Any, study: TrialStudy) -> None:
    """Sizes by length of follow-up, one line per scan interval, in the color of the arm."""
    styles = ("-", "--", "-.", ":")
    for row, arm in enumerate(study.question.arms):
        for which, every in enumerate(dict.fromkeys(one.scan_every for one in study.planned)):
            here = [one for one in study.planned if one.arm == arm and one.scan_every == every]
            known = [one for one in here if math.isfinite(one.per_arm)]
            scans = "scans as in the cohort" if every == AS_THE_COHORT else f"every {every:g} months"
            axes.plot(
                [one.months for one in known], [one.per_arm for one in known], styles[which % len(styles)], marker="o",
                ms=4.0, lw=1.6, color=COLORS[(row + 2) % len(COLORS)], label=None if row else scans,
            )  # fmt: skip
    axes.set(yscale="log", xlabel="months of follow-up")
    axes.set_ylabel(f"patients per arm, power {100 * study.question.power:g} %")
    axes.set_xticks(list(study.question.follow_ups))
    axes.set_title("By scan interval and follow-up", size=9.5, weight="normal")
    axes.yaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.grid(axis="y", color="0.93", lw=0.8)
    legend = axes.legend(fontsize=8.5, handlelength=3.0)
    for line in legend.get_lines():
        line.set_color("0.3")
        line.set_marker("")
