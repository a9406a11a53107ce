"""What a cancer cell met hour by hour, collected by running its lung again: twins are exact, so nothing is estimated.

A dormant cell awakens, or dies, when the hazard that its block has gone through reaches a threshold that was drawn
for it (`abm.tissue.cancer_index`). A second draw then says which of the competing hazards it was
(`abm.processes.cancer.awakening.end_of_dormancy`). Both draws and all rates are read here from the run itself.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from abm.core.chance import uniform, waiting_time
from abm.core.lattice import BLOCK, SPACING
from abm.core.own_laws import laws_of
from abm.dashboard.mechanism.secretion import on_blocks, secretion_by_source
from abm.model.lung_model import LungModel
from abm.processes.cancer.surroundings import awakening_in
from abm.rules import dormancy
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, Decision, EpithelialState
from abm.rules.substances import Substance
from abm.scenario.scenario import Scenario
from abm.tissue.state import AMOUNT, Niche

REACH = 100.0  # um round a cell that count as its neighborhood
COLUMNS = ("hours", "il6", "signal", "integrity", "niche", "rate", "passed")


class Rates(NamedTuple):
    """Competing hazards of a dormant cell [1/h]: awakening by IL-6, without it, by rules, and death."""

    il6: float
    without: float
    rule: float
    death: float


def trace(scenario: Scenario, seed: int, uid: int, until: int, awoke: int | None) -> dict[str, Any]:
    """Run a lung again and follow one cell.

    Args:
        scenario: that was run.
        seed: of chance.
        uid: identity of the cell.
        until: step at which to stop; the run ends sooner where the cell dies.
        awoke: step in which it awakened; none where it did not.

    Returns:
        For JSON. `COLUMNS` one number per time: hours; IL-6 there [ng/mL]; STAT3 signal in [0, 1]; integrity of the
        matrix; factor of the niche on awakening; hazard of awakening [1/h]; hazard gone through since it became
        dormant. The last two are none while it proliferates. `drawn`: the hazard at which something happens to it.
        `awakening`: rates and draws of the step in which it awakened, or none. `around`: what was within 100 um then,
        or at the end.
    """
    model = LungModel(scenario, seed)
    hour = round(1 / scenario.step)
    stops = {*range(0, until, hour), until} | (set() if awoke is None else {awoke, awoke + 1})
    rows: list[list[float]] = []
    drawn, awakening, around, turn = math.nan, None, None, 0
    for tick in sorted(one for one in stops if one <= max(until, (awoke or 0) + 1)):
        model.go_to(tick)
        at = _row_of(model, uid)
        if at is None:
            if rows:
                break
            continue
        cell = model.tissue.cancer[at]
        if awoke is not None and tick == awoke:
            around, turn = neighborhood(model, int(cell.y), int(cell.x)), int(cell.turn)
        if awoke is not None and tick == awoke + 1:
            awakening = _awakening(model, at, turn)
        if awoke is None or tick <= awoke:
            drawn = float(waiting_time(model.chance_seed, Decision.CANCER_CLOCK, uid, int(cell.turn)))
        rows.append(_sample(model, at))
    if around is None and rows:
        found = _row_of(model, uid)
        around = None if found is None else neighborhood(model, *_site(model, found))
    model.close()
    columns = np.array(rows).reshape(-1, len(COLUMNS)).T
    return {name: [_plain(one) for one in column] for name, column in zip(COLUMNS, columns, strict=True)} | {
        "drawn": _plain(drawn), "awakening": awakening, "around": around,
    }  # fmt: skip


def rates_of(model: LungModel, y: int, x: int) -> Rates:
    """The hazards of a dormant cell on a site, as its block sensed its surroundings last."""
    block, q = model.tissue.blocks[y // BLOCK, x // BLOCK], model.parameters.dormancy
    with laws_of(model.experiment.laws):
        il6 = dormancy.il6_awakening_rate(block.signal, block.permissiveness, _cd8_at(model, y, x), q)
        without = dormancy.awakening_without_il6(block.macrophage_hold, q)
    left = float(block.awakening_left)
    return Rates(float(il6) * left, float(without) * left, float(block.awakening_by_rules), float(block.dormant_death))


def neighborhood(model: LungModel, y: int, x: int) -> dict[str, Any]:
    """What is within 100 um of a site: cells by type, the nearest infected cell, shares of the IL-6 secreted there."""
    tissue, reach = model.tissue, REACH / SPACING
    infected = tissue.epithelium[np.isin(tissue.states, (EpithelialState.ECLIPSE, EpithelialState.EXPRESSING))]
    distances = np.hypot(infected.y - y, infected.x - x)
    mobile = tissue.mobile[tissue.mobile.alive]
    near = mobile.kind[np.hypot(mobile.y - y, mobile.x - x) <= reach]
    rows, columns = tissue.blocks.shape
    secreted = on_blocks(secretion_by_source(model, Substance.IL6.value), tissue.kind.shape)
    down, across = ((np.arange(count) + 0.5) * BLOCK - 0.5 for count in (rows, columns))
    inside = np.hypot(down[:, np.newaxis] - y, across - x) <= reach
    by_source = secreted[:, inside].sum(axis=1)
    total = float(by_source.sum())
    return {
        "infected": int((distances <= reach).sum()),
        "nearest": float(distances.min() * SPACING) if distances.size else None,
        "cells": {kind.type.plural: int((near == kind).sum()) for kind in CellKind if (near == kind).any()},
        "sources": [float(one) / total if total else 0.0 for one in by_source],
        "cd8": _cd8_at(model, y, x),
        "day": model.day,
    }


def _sample(model: LungModel, at: int) -> list[float]:
    """One number per column."""
    y, x = _site(model, at)
    tissue, cell, where = model.tissue, model.tissue.cancer[at], (y // BLOCK, x // BLOCK)
    block, dormant = tissue.blocks[where], cell.state != CancerState.PROLIFERATING
    drawn = waiting_time(model.chance_seed, Decision.CANCER_CLOCK, int(cell.uid), int(cell.turn))
    with laws_of(model.experiment.laws):
        rate = float(awakening_in(block, model.parameters.dormancy)) if dormant else math.nan
    return [
        model.hour, float(tissue.fields.il6[AMOUNT][where]), float(block.signal),
        float(tissue.niche[Niche.INTEGRITY][where]), float(block.permissiveness), rate,
        max(0.0, float(drawn - (cell.next_event_at - block.dormant_hazard))) if dormant else math.nan,
    ]  # fmt: skip


def _awakening(model: LungModel, at: int, turn: int) -> dict[str, Any]:
    """Rates of the step in which a cell awakened, and the draw that chose between them."""
    y, x = _site(model, at)
    cell, rates = model.tissue.cancer[at], rates_of(model, y, x)
    return {
        "hour": float(cell.awoke),
        "cause": int(cell.cause),
        "il6": float(cell.awoke_il6),
        "rates": rates._asdict(),
        "draw": float(uniform(model.chance_seed, Decision.CANCER_OUTCOME, int(cell.uid), turn)),
    }


def _row_of(model: LungModel, uid: int) -> int | None:
    cells = model.tissue.cancer
    found = np.flatnonzero(cells.alive & (cells.uid == uid))
    return int(found[0]) if found.size else None


def _site(model: LungModel, at: int) -> tuple[int, int]:
    cell = model.tissue.cancer[at]
    return int(cell.y), int(cell.x)


def _cd8_at(model: LungModel, y: int, x: int) -> int:
    """CD8 cells on a site and the eight around it."""
    mobile = model.tissue.mobile
    near = (np.abs(mobile.y - y) <= 1) & (np.abs(mobile.x - x) <= 1)
    return int((mobile.alive & (mobile.kind == CellKind.CD8) & near).sum())


def _plain(value: float) -> float | None:
    """A number for JSON, with six digits."""
    return float(f"{value:.6g}") if math.isfinite(value) else None
