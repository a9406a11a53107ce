"""Cells of a run that explain it: looked up in the event log, with their history and that of their twins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from abm.core.chance import identity_of
from abm.dashboard.content.story import Pick, cell_of, clone_of, history_of, log_of, places_of, twin_of
from abm.dashboard.lessons.lesson import ExplainingCell, Lesson
from abm.dashboard.live.stage import Stage
from abm.rules.states import EventKind
from abm.rules.substances import Substance
from abm.tissue.cancer_index import FOUNDER
from abm.tissue.state import AMOUNT

BEFORE = 1.0  # h before its death at which a killed cell is shown


class FoundCell(NamedTuple):
    """A cell: which, and the hour at which it is worth a look."""

    pick: Pick
    hour: float


def told_cells(lesson: Lesson, stage: Stage) -> list[dict[str, Any]]:
    """What is known at the end of a run of the cells that a lesson wants, if possible of different clones."""
    told: list[dict[str, Any]] = []
    shown: set[int] = set()
    for wanted in lesson.cells:
        found = find(lesson, wanted, stage)
        chosen = next((one for one in found if one.pick.clone not in shown), found[0] if found else None)
        said = {"says": wanted.says, "arm": lesson.place(wanted.arm), "overlay": wanted.overlay}
        told.append(said | (_told(stage, chosen) if chosen else {"found": False}))
        shown |= {chosen.pick.clone} if chosen else set()
    return told


def _told(stage: Stage, cell_found: FoundCell) -> dict[str, Any]:
    """The history of a cell, and that of its twins."""
    pick, hour = cell_found
    founder = pick.uid == founder_of(pick.clone)
    lines = [
        "It was here before day 0." if founder else "It was born in the run, as a daughter of a proliferating cell.",
        *history_of(stage, pick.arm, pick.uid, founder),
    ]
    if (cell := cell_of(stage, pick.arm, pick.uid)) is None:
        lines.append(f"Its clone {clone_of(stage, pick.arm, pick.clone)}")
    else:
        lines.append(f"At the end it is alive; its clone {clone_of(stage, pick.arm, int(cell.clone))}")
    others = [at for at in range(len(stage.arms)) if at != pick.arm]
    twins = [{"arm": at, "text": twin_of(stage, at, pick) if founder else daughter(stage, at, pick)} for at in others]
    return {"found": True, "pick": [pick.arm, str(pick.uid), pick.clone], "hour": hour, "lines": lines, "twins": twins}


def daughter(stage: Stage, arm: int, pick: Pick) -> str:
    """What became of the twin of a daughter cell in another arm."""
    log = log_of(stage, arm)
    own = log[log.uid == pick.uid]
    died = own[np.isin(own.kind, (EventKind.KILLED, EventKind.DEATH))]
    if died.size:
        how = "was killed" if died[0].kind == EventKind.KILLED else "died"
        return f"its twin {how} on day {died[0].hour / 24:.1f}."
    if cell_of(stage, arm, pick.uid) is not None:
        return "its twin is alive at the end."
    return f"it was never born there; its clone {clone_of(stage, arm, pick.clone)}"


def il6_at(stage: Stage, pick: Pick) -> list[float | None]:
    """IL-6 [ng/mL] now at the cell and at each of its twins; None where there is none alive."""
    found: list[float | None] = []
    for run, place in zip(stage.arms, places_of(stage, pick), strict=True):
        tissue = run.model.tissue
        field = tissue.fields[Substance.IL6][AMOUNT]
        side = tissue.kind.shape[0] // field.shape[0]
        found.append(None if place is None else float(field[place[1] // side, place[0] // side]))
    return found


def find(lesson: Lesson, wanted: ExplainingCell, stage: Stage) -> list[FoundCell]:
    """Cells that a lesson wants, the best one first; empty where the run has none such."""
    arm = lesson.place(wanted.arm)
    twin = lesson.place(wanted.twin) if wanted.twin else None
    return FINDERS[wanted.find](stage, arm, twin)


def founder_of(clone: int) -> int:
    """The identity of the seeded cell of a clone, the same in all arms."""
    return int(identity_of(FOUNDER + clone, 0, 0))


def _first(stage: Stage, arm: int, _twin: int | None) -> list[FoundCell]:
    return _awakenings(stage, arm)[:1]


def _only_here(stage: Stage, arm: int, twin: int | None) -> list[FoundCell]:
    """Seeded cells that awaken here and never there, that with the largest clone at the end first."""
    assert twin is not None
    others = stage.arms[twin].awoke
    found = [one for one in _awakenings(stage, arm) if not np.isfinite(others[one.pick.clone])]
    return _largest_first(stage, arm, found)


def _stays(stage: Stage, arm: int, twin: int | None) -> list[FoundCell]:
    """Seeded cells that never awaken here and live; those whose twin awakens come first, looked at at that time."""
    never = [clone for clone in np.flatnonzero(~np.isfinite(stage.arms[arm].awoke)) if _lives(stage, arm, int(clone))]
    twins = _largest_first(stage, twin, _awakenings(stage, twin)) if twin is not None else []
    beside = [FoundCell(one.pick._replace(arm=arm), one.hour) for one in twins if one.pick.clone in never]
    alone = [FoundCell(Pick(arm, founder_of(int(clone)), int(clone)), stage.hour) for clone in never]
    return [*beside, *alone]


def _returns(stage: Stage, arm: int, _twin: int | None) -> list[FoundCell]:
    """Cells that return to dormancy and live on, seeded ones first."""
    log = log_of(stage, arm)
    back = log[log.kind == EventKind.RETURN_TO_DORMANCY]
    alive = back[np.isin(back.uid, _living(stage, arm))]
    ordered = alive[np.argsort(alive.parent != 0, kind="stable")]
    return [_seen(stage, arm, one) for one in ordered]


def _killed(stage: Stage, arm: int, twin: int | None) -> list[FoundCell]:
    """Cells that are killed here, looked at shortly before; those whose twin lives to the end come first."""
    log = log_of(stage, arm)
    killed = log[log.kind == EventKind.KILLED]
    if twin is not None:
        killed = killed[np.argsort(~np.isin(killed.uid, _living(stage, twin)), kind="stable")]
    return [FoundCell(Pick(arm, int(one.uid), int(one.clone)), max(0.0, float(one.hour) - BEFORE)) for one in killed]


FINDERS: dict[str, Callable[[Stage, int, int | None], list[FoundCell]]] = {
    "first to awaken": _first,
    "awakens only here": _only_here,
    "stays dormant": _stays,
    "returns to dormancy": _returns,
    "is killed": _killed,
}


def _awakenings(stage: Stage, arm: int) -> list[FoundCell]:
    """First awakenings of seeded cells, by time."""
    log = log_of(stage, arm)
    rows = log[(log.kind == EventKind.AWAKENING) & (log.parent == 0)]
    _, first = np.unique(rows.uid, return_index=True)
    return [_seen(stage, arm, one) for one in rows[np.sort(first)]]


def _seen(stage: Stage, arm: int, event: Any) -> FoundCell:
    """The cell of an event, looked at after the step in which it happened."""
    after = min(float(event.hour) + stage.scenarios[arm].step, stage.recipe.days * 24.0)
    return FoundCell(Pick(arm, int(event.uid), int(event.clone)), after)


def _largest_first(stage: Stage, arm: int, found: list[FoundCell]) -> list[FoundCell]:
    """By the living cells of their clones at the end."""
    cells = stage.arms[arm].model.tissue.clones.cells
    return sorted(found, key=lambda one: -int(cells[one.pick.clone]))


def _living(stage: Stage, arm: int) -> np.ndarray:
    """Identities of the living cancer cells: int64[cells]."""
    cells = stage.arms[arm].model.tissue.cancer
    living: np.ndarray = cells.uid[cells.alive]
    return living


def _lives(stage: Stage, arm: int, clone: int) -> bool:
    return cell_of(stage, arm, founder_of(clone)) is not None
