"""The story of one cancer cell: when it awoke and why, what its twins in other arms did, what became of its clone."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from abm.dashboard.live.stage import Stage
from abm.plots.palette import CANCER_NAMES
from abm.rules.states import CancerState, Cause, EventKind

REACH = 3.5  # sites from the click: cells are drawn larger than they are


class Pick(NamedTuple):
    """A cancer cell: the arm it was picked in, its identity, its clone."""

    arm: int
    uid: int
    clone: int


NOBODY = Pick(-1, -1, -1)

_AWAKENED = {
    Cause.IL6: "IL-6 awakened it",
    Cause.SPONTANEOUS: "It awakened spontaneously, without IL-6,",
}
DEATHS = {EventKind.DEATH: "It died", EventKind.KILLED: "An immune cell killed it"}


def pick_at(stage: Stage, arm: int, x: int, y: int) -> Pick:
    """The living cancer cell nearest to a site; nobody where none is near."""
    if not 0 <= arm < len(stage.arms):
        return NOBODY
    cells = stage.arms[arm].model.tissue.cancer
    rows = np.flatnonzero(cells.alive)
    if not rows.size:
        return NOBODY
    distance = np.hypot(cells.x[rows] - x, cells.y[rows] - y)
    nearest = int(distance.argmin())
    if distance[nearest] > REACH:
        return NOBODY
    cell = cells[rows[nearest]]
    return Pick(arm, int(cell.uid), int(cell.clone))


def places_of(stage: Stage, pick: Pick) -> list[list[int] | None]:
    """Where the cell, or its twin, stands in each arm: [x, y], or nothing where there is none alive."""
    return [_place(stage, number, pick) for number in range(len(stage.arms))] if pick != NOBODY else []


def story_of(stage: Stage, pick: Pick) -> dict[str, Any] | None:
    """What is known of a cell now, as lines of text; nothing for nobody."""
    if pick == NOBODY:
        return None
    arm = stage.arms[pick.arm]
    cell = cell_of(stage, pick.arm, pick.uid)
    assert cell is not None
    founder = cell.parent == 0
    lines = [
        f"It is {CANCER_NAMES[CancerState(cell.state)]}.",
        "It was here before day 0."
        if founder
        else f"It was born on day {cell.born / 24:.1f} from a proliferating cell.",
        *history_of(stage, pick.arm, pick.uid, founder),
        f"Its clone {clone_of(stage, pick.arm, pick.clone)}",
    ]
    return {
        "arm": pick.arm,
        "uid": pick.uid,
        "clone": pick.clone + 1,
        "hour": arm.model.hour,
        "lines": lines,
        "twins": [
            {"arm": number, "text": twin_of(stage, number, pick)}
            for number in range(len(stage.arms))
            if number != pick.arm
        ],
    }


def cell_of(stage: Stage, arm: int, uid: int) -> Any:
    """The living cancer cell of this identity in an arm; None where there is none."""
    cells = stage.arms[arm].model.tissue.cancer
    found = np.flatnonzero(cells.alive & (cells.uid == uid))
    return cells[found[0]] if found.size else None


def _place(stage: Stage, arm: int, pick: Pick) -> list[int] | None:
    cell = cell_of(stage, arm, pick.uid)
    return None if cell is None else [int(cell.x), int(cell.y)]


def log_of(stage: Stage, arm: int) -> Any:
    """Events of the cancer cells of an arm so far: EVENT[events], oldest first."""
    tissue = stage.arms[arm].model.tissue
    return tissue.log[: tissue.status[0].events]


def history_of(stage: Stage, arm: int, uid: int, founder: bool) -> list[str]:
    """When and why the cell awakened, when it returned to dormancy, and how it died."""
    log = log_of(stage, arm)
    told = []
    for event in log[log.uid == uid]:
        day = f"day {event.hour / 24:.1f}"
        if event.kind == EventKind.AWAKENING:
            why = _AWAKENED.get(Cause(event.cause)) or _by_rule(stage, arm)
            told.append(f"{why} on {day}; the local IL-6 was {event.il6:.2g} ng/mL.")
        elif event.kind == EventKind.RETURN_TO_DORMANCY:
            told.append(f"It returned to dormancy on {day}.")
        elif event.kind in DEATHS:
            told.append(f"{DEATHS[EventKind(event.kind)]} on {day}.")
    return told or (["It has never awakened."] if founder else [])


def _by_rule(stage: Stage, arm: int) -> str:
    """What a rule of the scenario awakens cells by: the signals of its rules on awakening."""
    rules = stage.arms[arm].model.experiment.rules
    signals = dict.fromkeys(rule.signal for rule in rules if rule.rate == "awakening")
    named = f" ({', '.join(signals)})" if signals else ""  # none: the rule was taken away since
    return f"A rule of the scenario{named} awakened it"


def clone_of(stage: Stage, arm: int, clone: int) -> str:
    """What became of a clone in an arm, as the end of a sentence."""
    run = stage.arms[arm]
    cells = int(run.model.tissue.clones.cells[clone])
    awoke = run.awoke[clone]
    when = f"first awakened on day {awoke / 24:.1f}" if np.isfinite(awoke) else "has never awakened"
    return f"(no. {clone + 1}) {when} and has {cells:,} living cell{'' if cells == 1 else 's'}."


def twin_of(stage: Stage, arm: int, pick: Pick) -> str:
    """What became of the same cell, or at least its clone, in another arm."""
    run = stage.arms[arm]
    if pick.clone >= run.awoke.size:
        return "has no such clone."
    cell = cell_of(stage, arm, pick.uid)
    log = log_of(stage, arm)
    own = log[(log.uid == pick.uid) & (log.kind == EventKind.AWAKENING)]
    if own.size:
        text = f"its twin awakened on day {own.hour[0] / 24:.1f}"
        return text + ("." if cell is not None else f" and was dead by day {stage.hour / 24:.1f}.")
    if cell is not None:
        return "its twin " + ("did not awaken." if cell.parent == 0 else "is alive, too.")
    if not np.any(log.uid == pick.uid) and not np.isfinite(run.awoke[pick.clone]):
        return "it was never born: its clone did not awaken."
    return f"it has no living twin; the clone {clone_of(stage, arm, pick.clone)}"
