"""The clocks of blocks against a plain account of every cell: each adds up its own hazards and its own cycle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from abm.core.chance import waiting_time
from abm.core.lattice import BLOCK
from abm.processes.cancer.life import update_cancer
from abm.processes.movement import move
from abm.rules.cells import CellKind
from abm.rules.cytotoxicity import team_rate
from abm.rules.dormancy import (
    awakening_without_il6,
    cycle_speed,
    il6_awakening_rate,
    macrophage_hold,
    niche_permissiveness,
    occupancy,
    return_rate,
)
from abm.rules.states import CancerState, Cause, Decision, EventKind
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import AMOUNT, Niche, Tissue
from tests.processes.tissues import (
    SIGMAS,
    STEP,
    assert_books_balance,
    at,
    cd8_near,
    effects,
    empty,
    lay,
    put,
    put_cancer,
    waits_of,
)

SIDE = 24
CAPACITY = 8
BUSY = {
    "dormancy.signal_memory": 1e-9,  # the signal of a block is that of its IL-6 now, whoever comes in
    "dormancy.migration_speed": 0.3, "dormancy.cycle_time": 8.0, "dormancy.cycling_without_signal": 0.3,
    "dormancy.return_rate": 0.08, "dormancy.proliferating_death": 0.02, "dormancy.dormant_death": 0.01,
    "dormancy.awakening": 0.2, "dormancy.spontaneous_awakening": 0.01, "dormancy.to_hybrid": 0.1,
    "dormancy.to_epithelial": 0.1, "dormancy.to_mesenchymal": 0.1, "dormancy.site_capacity": float(CAPACITY),
    "cytotoxicity.cd8_proliferating_cancer": 0.04, "cytotoxicity.cd8_dormant_cancer": 0.02,
    "cytotoxicity.cluster_suppression": 0.0, "cytotoxicity.cd4_suppression": 0.0,
}  # fmt: skip
ENDS = (EventKind.AWAKENING, EventKind.RETURN_TO_DORMANCY, EventKind.DEATH, EventKind.KILLED)


class Account:
    """What each cell has still to go through before its next event and its next division."""

    def __init__(self, tissue: Tissue, p: np.record) -> None:
        self.tissue, self.p = tissue, p
        self.hazard_left: dict[int, float] = {}
        self.cycle_left: dict[int, float] = {}
        self.expected = dict.fromkeys(("il6", "spontaneous", "return", "death", "killed"), 0.0)
        self.spread = dict.fromkeys(self.expected, 0.0)
        for cell in self._cells():
            self._draw(cell)
            self.cycle_left[int(cell.uid)] = float(cell.cycle_length)

    def _cells(self) -> np.ndarray:
        return self.tissue.cancer[self.tissue.cancer.alive].copy()

    def _draw(self, cell: np.record) -> None:
        self.hazard_left[int(cell.uid)] = waiting_time(1, int(Decision.CANCER_CLOCK), int(cell.uid), int(cell.turn))

    def hazards(self, cell: np.record, signal: float) -> dict[str, float]:
        """Hazards [1/h] of a cell now."""
        q, cyto = self.p.dormancy, self.p.cytotoxicity
        contacts = int(self.near[cell.y, cell.x])
        if cell.state == CancerState.PROLIFERATING:
            killing = team_rate(cyto.cd8_proliferating_cancer, contacts, cyto)
            return {"return": return_rate(signal, q), "death": q.proliferating_death, "killed": killing}
        niche = self.tissue.niche[:, cell.y // BLOCK, cell.x // BLOCK]
        permissiveness = niche_permissiveness(niche[Niche.INTEGRITY], niche[Niche.COLLAGEN], q)
        by_il6 = il6_awakening_rate(signal, permissiveness, contacts, q)
        killing = team_rate(cyto.cd8_dormant_cancer, contacts, cyto)
        held = macrophage_hold(float(self.tissue.fields.tgfb2[AMOUNT, cell.y // BLOCK, cell.x // BLOCK]), q)
        alone = awakening_without_il6(held, q)
        return {"il6": by_il6, "spontaneous": alone, "death": q.dormant_death, "killed": killing}

    def foretell(self) -> tuple[set[int], set[int], set[int]]:
        """Identities of the cells to which something will happen in this step, that divide, that change phenotype."""
        ends, divides, drifts = set(), set(), set()
        self.near = cd8_near(self.tissue)
        hour, il6 = self.tick * STEP, self.tissue.fields.il6[AMOUNT]
        for cell in self._cells():
            uid = int(cell.uid)
            signal = occupancy(float(il6[cell.y // BLOCK, cell.x // BLOCK]), 1.0, self.p.dormancy)
            hazards = self.hazards(cell, signal)
            total = sum(hazards.values())
            self.hazard_left[uid] -= total * STEP
            awake = cell.state == CancerState.PROLIFERATING
            if awake:
                self.cycle_left[uid] -= cycle_speed(signal, self.p.dormancy) * STEP
            if hour >= (waits_of(self.tissue, cell) if awake else cell).transition_at:
                drifts.add(uid)
            if self.hazard_left[uid] <= 0.0:
                ends.add(uid)
                for name, hazard in hazards.items():
                    self.expected[name] += hazard / total
                    self.spread[name] += hazard / total * (1.0 - hazard / total)
            elif awake and self.cycle_left[uid] <= 0.0:
                divides.add(uid)
        return ends, divides, drifts

    def follow(self, events: np.ndarray) -> None:
        """Take over what was drawn anew in a step."""
        cells = {int(cell.uid): cell for cell in self._cells()}
        for event in events:
            uid = int(event.uid)
            if event.kind == EventKind.BIRTH:
                mother = cells[int(event.parent)]
                since = self.cycle_left[int(event.parent)]
                self.cycle_left[int(event.parent)] = since + float(mother.cycle_length)
                self.cycle_left[uid] = since + float(cells[uid].cycle_length)
            elif event.kind == EventKind.AWAKENING:
                self.cycle_left[uid] = float(cells[uid].cycle_length)
            if uid in cells and event.kind != EventKind.LESION_DETECTED:
                self._draw(cells[uid])

    def step(self, tick: int) -> np.ndarray:
        """Run one step and hold it against what was foretold; returns its events."""
        self.tick = tick
        first, before = int(self.tissue.status[0].events), {int(c.uid): int(c.phenotype) for c in self._cells()}
        ends, divides, drifts = self.foretell()
        update_cancer(self.tissue, self.p, effects(), at(tick))
        events = self.tissue.log[first : int(self.tissue.status[0].events)].copy()
        assert set(events.uid[np.isin(events.kind, ENDS)].tolist()) == ends, tick
        assert set(events.parent[events.kind == EventKind.BIRTH].tolist()) == divides, tick
        changed = {int(c.uid) for c in self._cells() if before.get(int(c.uid), c.phenotype) != c.phenotype}
        assert changed == drifts & {int(c.uid) for c in self._cells()}, tick
        self.follow(events)
        return events


def busy_tissue(side: int, founders: int, cd8: int) -> tuple[Tissue, np.record]:
    """Cancer cells on blocks that differ in IL-6 and matrix, half of them awake, and CD8 cells."""
    p = empty(BUSY)
    tissue = lay(alveolar_sheet(side, side, 1), p, room=20_000)
    rng = np.random.default_rng(2)
    shape = tissue.blocks.shape
    tissue.fields.il6[AMOUNT] = p.dormancy.half_response * rng.lognormal(0.0, 1.0, shape)
    tissue.niche[Niche.INTEGRITY], tissue.niche[Niche.COLLAGEN] = rng.random(shape), rng.random(shape)
    for number in range(founders):
        put_cancer(tissue, *map(int, rng.integers(0, side, 2)), p, awake=number % 2 == 0)
    for _ in range(cd8):
        put(tissue, CellKind.CD8, *map(int, rng.integers(0, side, 2)))
    return tissue, p


def run_busy(side: int, founders: int, cd8: int, ticks: int) -> tuple[Account, np.ndarray]:
    tissue, p = busy_tissue(side, founders, cd8)
    account, rng, events = Account(tissue, p), np.random.default_rng(3), []
    for tick in range(1, ticks + 1):
        move(tissue, p, at(tick))
        if tick % 20 == 0:
            tissue.fields.il6[AMOUNT] = p.dormancy.half_response * rng.lognormal(0.0, 1.0, tissue.blocks.shape)
        events.append(account.step(tick))
        if tick % 25 == 0:
            assert_books_balance(tissue, CAPACITY)
    return account, np.concatenate(events).view(np.recarray)


@pytest.mark.slow
@pytest.mark.parametrize("cd8", [0, 40])
def test_every_cell_meets_its_own_hazards_and_cycle_wherever_it_crawls(cd8):
    account, events = run_busy(SIDE, 100, cd8, 200)
    for kind in (*ENDS[: 4 if cd8 else 3], EventKind.BIRTH):
        assert (events.kind == kind).sum() > 15, kind
    awakenings = events[events.kind == EventKind.AWAKENING]
    counted = {
        "il6": (awakenings.cause == Cause.IL6).sum(),
        "spontaneous": (awakenings.cause == Cause.SPONTANEOUS).sum(),
        "return": (events.kind == EventKind.RETURN_TO_DORMANCY).sum(),
        "death": (events.kind == EventKind.DEATH).sum(),
        "killed": (events.kind == EventKind.KILLED).sum(),
    }
    for name, number in counted.items():
        assert abs(number - account.expected[name]) <= SIGMAS * math.sqrt(account.spread[name]), name


@pytest.mark.interpreted
def test_the_account_also_balances_interpreted():
    _, events = run_busy(8, 30, 1, 90)
    assert {EventKind.BIRTH, EventKind.AWAKENING, EventKind.RETURN_TO_DORMANCY} <= set(events.kind.tolist())
