"""Room for more cells and events: how much a step needs, and arrays that grow between steps."""

from __future__ import annotations

from typing import Any

from abm.core.compiled import compiled
from abm.core.lattice import area_of
from abm.core.population import ALIVE, Record, grown, has_room
from abm.processes.tissue import Tissue
from abm.rules.states import KINDS

ARRIVALS_AT_MOST = 64  # per mm2 and step, far above any influx; room is made before a step or stride, never in it


@compiled
def births_at_most(cells: int) -> int:
    """Cancer cells that one step can add to so many."""
    return cells + 1


@compiled
def arrivals_at_most(area: float, waiting: int, effects: Record) -> int:
    """Mobile cells that one step, and the steps that wait for their stride, can add on so many mm2."""
    transferred = 0.0
    for kind in range(KINDS):
        transferred += effects.transfer[kind]
    return int((1.0 + area) * (ARRIVALS_AT_MOST * (1 + waiting) + 2.0 * transferred))


@compiled
def events_at_most(cells: int) -> int:
    """Events that one step can bring so many cancer cells."""
    return 3 * cells + 8


@compiled
def room_is_left(tissue: Tissue, effects: Record) -> bool:
    """Whether the arrays hold whatever one step can add, and the stride that waits."""
    cells, ledger = tissue.cancer_rows[ALIVE], tissue.ledger[0]
    arrivals = arrivals_at_most(area_of(tissue.kind.size), ledger.waiting, effects)
    births, events = births_at_most(cells), ledger.events + events_at_most(cells)
    return has_room(births, tissue.cancer_rows) and has_room(arrivals, tissue.mobile_rows) and events <= tissue.log.size


def with_room(tissue: Tissue, effects: Any) -> Tissue:
    """The same tissue, in which what is too short for a step has room for two such; nothing changes but lengths."""
    cells, ledger = int(tissue.cancer_rows[ALIVE]), tissue.ledger[0]
    births, events = births_at_most(cells), events_at_most(cells)
    arrivals = arrivals_at_most(area_of(tissue.kind.size), int(ledger.waiting), effects)
    longer: dict[str, int] = {}
    if not has_room(births, tissue.cancer_rows):
        longer |= dict.fromkeys(("cancer", "cancer_rows", "cancer_next", "cancer_awake"), 2 * births)
    if not has_room(arrivals, tissue.mobile_rows):
        longer |= dict.fromkeys(("mobile", "mobile_rows"), 2 * arrivals)
    if ledger.events + events > tissue.log.size:
        longer["log"] = 2 * events
    return tissue._replace(**{name: grown(getattr(tissue, name), extra) for name, extra in longer.items()})
