"""Run scenarios as twins of one seed and record a film of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from abm.dashboard.live.frames import cell_arrays
from abm.dashboard.live.stage import ArmRun
from abm.model.lung_model import LungModel
from abm.model.results_version import RESULTS
from abm.model.section import section_of
from abm.replay.film import IL6, MOST_ARMS, Film, FilmArm, Frame, RenderError, charted, first_awakenings, known_overlays
from abm.rules.states import EventKind
from abm.scenario.scenario import Scenario

CURVES_EVERY = 1.0  # h


def record(
    scenarios: Sequence[Scenario],
    seed: int,
    every: float,
    overlays: Sequence[str] = (IL6,),
    tell: Callable[[float], None] = lambda _: None,
) -> Film:
    """A film of scenarios, one after the other, with the same seed.

    Args:
        scenarios: one to four, of the same length and time step.
        seed: of chance.
        every: time between frames [h]; the last frame is that of the end.
        overlays: names of the fields to keep.
        tell: called with the share that is done.

    Raises:
        RenderError: too many scenarios, or they differ in length or time step.
    """
    _check(scenarios)
    first = scenarios[0]
    ticks = round(first.duration / first.step)
    at = np.unique(np.append(np.arange(0, ticks, max(1, round(every / first.step))), ticks))
    measured = np.unique(np.append(np.arange(0, ticks, max(1, round(CURVES_EVERY / first.step))), ticks))
    arms = []
    for number, scenario in enumerate(scenarios):

        def tell_share(done: float, number: int = number) -> None:
            tell((number + done) / len(scenarios))

        arms.append(_arm(scenario, seed, at, measured, overlays, tell_share))
    return Film(tuple(arms), seed, at * first.step, RESULTS)


def _check(scenarios: Sequence[Scenario]) -> None:
    if not 1 <= len(scenarios) <= MOST_ARMS:
        raise RenderError(f"{len(scenarios)} scenarios: a replay shows 1 to {MOST_ARMS}. Render the others separately.")
    lengths = {scenario.duration / 24.0 for scenario in scenarios}
    if len(lengths) > 1:
        told = " and ".join(f"{days:g}" for days in sorted(lengths))
        raise RenderError(
            f"the scenarios last {told} days, and share one clock. Set one length: --days {max(lengths):g}"
        )
    if len({scenario.step for scenario in scenarios}) > 1:
        raise RenderError("the scenarios have different time steps, and share one clock. Give them the same `step`.")


def _arm(
    scenario: Scenario,
    seed: int,
    at: np.ndarray,
    measured: np.ndarray,
    overlays: Sequence[str],
    tell: Callable[[float], None],
) -> FilmArm:
    run = ArmRun(LungModel(scenario, seed, section_of(scenario)))
    pictured, frames = set(at.tolist()), []
    noted = set(measured.tolist())
    for tick in sorted(pictured | noted):
        run.model.go_to(tick)
        if tick in noted:
            run.measure()
        if tick in pictured:
            frames.append(_frame(run, overlays))
            tell(tick / at[-1])
    tissue = run.model.tissue
    points = np.array(run.points)
    curves = {name: points[:, run.measures.index(name)] for name in charted(scenario) if name in run.measures}
    log: Any = tissue.log[: tissue.status[0].events]
    awakened = log[log.kind == EventKind.AWAKENING]
    arm = FilmArm(
        scenario, tissue.kind.copy(), tissue.cell_of_site.copy(), frames, measured * scenario.step, curves,
        int(tissue.clones.size),
        first_awakenings(awakened.hour, awakened.x, awakened.y, awakened.clone), tuple(sorted(run.watch.news)),
    )  # fmt: skip
    run.model.close()
    return arm


def _frame(run: ArmRun, overlays: Sequence[str]) -> Frame:
    """The tissue now, by the encoders of the page; cells in the order of their birth, so that little changes."""
    arrays = cell_arrays(run, 0, "")
    tissue, known = run.model.tissue, known_overlays([run.model.experiment])
    mobile, cancer = (_by_birth(cells[cells.alive]) for cells in (tissue.mobile, tissue.cancer))
    mx, my, mk = (arrays[f"0.{name}"][mobile] for name in ("mx", "my", "mk"))
    cx, cy, cs, cc, cn = (arrays[f"0.{name}"][cancer] for name in ("cx", "cy", "cs", "cc", "cn"))
    fields = {name: _reduced(cell_arrays(run, 0, name)["0.field"]) for name in overlays if name in known}
    return Frame(arrays["0.states"].copy(), mx, my, mk, cx, cy, cs, cc, cn, fields)


def _by_birth(cells: np.recarray) -> np.ndarray:
    """Order of cells by birth, then by identity: int[cells]. New cells come last and shift no others."""
    return np.lexsort((cells.uid, cells.born))


def _reduced(field: np.ndarray) -> np.ndarray:
    """A field on sites as means of blocks of 2 x 2, which look the same: uint8[rows, columns]."""
    rows, columns = field.shape
    if rows * columns <= 10_000 or rows % 2 or columns % 2:
        return field
    means = field.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
    return np.round(means).astype(np.uint8)
