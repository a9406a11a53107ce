import math

import numpy as np
import pytest
from scipy import stats

from abm.core.lattice import BLOCK
from abm.core.population import ALIVE
from abm.processes.cancer.life import update_cancer
from abm.processes.cancer.phenotype import next_transition
from abm.rules.cytotoxicity import suppression, team_rate
from abm.rules.dormancy import il6_awakening_rate, niche_permissiveness, occupancy
from abm.rules.states import CancerState, Cause, EventKind, Phenotype, SiteKind
from abm.tissue.cancer_index import update_earliest_event
from abm.tissue.section import alveolar_sheet, section_of_kinds
from abm.tissue.state import AMOUNT, Niche, Tissue
from tests.processes.tissues import (
    RARE,
    STEP,
    assert_books_balance,
    assert_share,
    at,
    chance_within,
    effects,
    empty,
    lay,
    put_cancer,
    put_cancer_everywhere,
    put_cd8_contacts,
    waits_of,
)

FINE = 0.05  # h
SIDE = 40
STILL = {"dormancy.migration_speed": 0.0}
ASLEEP_OR_SPONTANEOUS = {**STILL, "dormancy.awakening": 0.0, "dormancy.dormant_death": 0.0}
LASTING = {**STILL, "dormancy.cycle_time": 1e9, "dormancy.proliferating_death": 0.0}
UNBRAKED = {"cytotoxicity.cluster_suppression": 0.0, "cytotoxicity.cd4_suppression": 0.0}


def cancer(changes: dict[str, float], awake: bool = False, seed: int = 1) -> tuple[Tissue, np.recarray, np.record]:
    """1,600 cancer cells, one a site, with their tissue and parameters."""
    p = empty(changes)
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=SIDE**2 + 2000)
    return tissue, put_cancer_everywhere(tissue, p, awake, seed), p


def logged(tissue: Tissue, kind: EventKind) -> np.ndarray:
    log = tissue.log[: int(tissue.status[0].events)]
    return log[log.kind == kind]


def run(tissue: Tissue, p: np.record, ticks: int, step: float = STEP, **treated: float) -> None:
    for tick in range(1, ticks + 1):
        update_cancer(tissue, p, effects(**treated), at(tick, step=step))
    assert tissue.status[0].events <= tissue.log.size  # compiled code does not look


def test_spontaneous_awakening_is_exponential():
    tissue, _, p = cancer(
        {**ASLEEP_OR_SPONTANEOUS, **LASTING, "dormancy.return_rate": 0.0, "dormancy.spontaneous_awakening": 0.2}
    )
    run(tissue, p, 1200, FINE)
    awakenings = logged(tissue, EventKind.AWAKENING)
    assert awakenings.size == SIDE**2
    assert (awakenings.cause == Cause.SPONTANEOUS).all()
    assert stats.kstest(awakenings.hour - FINE / 2, stats.expon(scale=5.0).cdf).pvalue > RARE


def test_return_to_dormancy_without_signal_is_exponential():
    tissue, cells, p = cancer({**ASLEEP_OR_SPONTANEOUS, **LASTING, "dormancy.spontaneous_awakening": 0.0}, awake=True)
    run(tissue, p, round(8.0 / p.dormancy.return_rate / STEP))
    returns = logged(tissue, EventKind.RETURN_TO_DORMANCY)
    assert returns.size > 0.998 * SIDE**2
    assert stats.kstest(returns.hour - STEP / 2, stats.expon(scale=1 / p.dormancy.return_rate).cdf).pvalue > RARE
    assert (cells.state[cells.alive] != CancerState.DORMANT).all()
    assert_books_balance(tissue, 1)


def test_at_full_signal_no_cell_returns_to_dormancy():
    tissue, cells, p = cancer({**LASTING, "dormancy.return_rate": 1.0}, awake=True)
    tissue.fields.il6[AMOUNT] = 1e12
    tissue.blocks.signal = 1.0
    run(tissue, p, 100)
    assert (cells.state == CancerState.PROLIFERATING).all()


@pytest.mark.interpreted
@pytest.mark.parametrize(("receptor", "stat"), [(1.0, 1.0), (0.3, 1.0), (1.0, 0.3)])
def test_the_signal_is_a_low_pass_of_the_occupancy(receptor, stat):
    p = empty({**ASLEEP_OR_SPONTANEOUS, "dormancy.spontaneous_awakening": 0.0})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=64)
    put_cancer_everywhere(tissue, p)
    tissue.fields.il6[AMOUNT] = 1.5 * p.dormancy.half_response
    run(tissue, p, 30, receptor_left=receptor, stat_left=stat)
    bound = stat * occupancy(1.5 * p.dormancy.half_response, receptor, p.dormancy)
    # IL-6 is float32, so that the occupancy is known to 1e-7 or so.
    rise = bound * (1.0 - math.exp(-30 * STEP / p.dormancy.signal_memory))
    np.testing.assert_allclose(tissue.blocks.signal, rise, rtol=1e-6)
    tissue.fields.il6[AMOUNT] = 0.0
    run(tissue, p, 12)
    np.testing.assert_allclose(tissue.blocks.signal, rise * math.exp(-12 * STEP / p.dormancy.signal_memory), rtol=1e-6)


def outcome_shares(cd8: int) -> tuple[dict[str, int], dict[str, float], int]:
    """What ended dormancy of 1,600 cells under constant competing hazards: counted, and the hazards [1/h]."""
    changes = {**LASTING, **UNBRAKED, "dormancy.spontaneous_awakening": 0.01, "dormancy.dormant_death": 0.008}
    changes |= {"dormancy.signal_memory": 1e12, "dormancy.awakening": 0.05, "dormancy.return_rate": 0.0}
    tissue, cells, p = cancer(changes)
    tissue.blocks.signal = 0.6
    put_cd8_contacts(tissue, cd8)
    run(tissue, p, 1500)
    q = p.dormancy
    ended: dict[int, str] = {}
    names = {EventKind.DEATH: "death", EventKind.KILLED: "killed"}
    for event in tissue.log[: int(tissue.status[0].events)]:
        cause = "il6" if event.cause == Cause.IL6 else "spontaneous"
        ended.setdefault(int(event.uid), cause if event.kind == EventKind.AWAKENING else names[EventKind(event.kind)])
    permissiveness = niche_permissiveness(1.0, p.matrix.collagen_start, q)
    hazards = {
        "il6": il6_awakening_rate(0.6, permissiveness, cd8, q),
        "spontaneous": q.spontaneous_awakening,
        "death": q.dormant_death,
        "killed": team_rate(p.cytotoxicity.cd8_dormant_cancer, cd8, p.cytotoxicity),
    }
    kinds = [ended[uid] for uid in cells.uid.tolist() if uid in ended]
    return {name: kinds.count(name) for name in hazards}, hazards, len(kinds)


@pytest.mark.parametrize("cd8", [0, 9])
def test_causes_share_the_awakenings_as_their_hazards_do(cd8):
    counts, hazards, total = outcome_shares(cd8)
    for name, hazard in hazards.items():
        share = hazard / sum(hazards.values())
        assert abs(counts[name] - share * total) <= 4 * math.sqrt(total * share * (1 - share)), (name, counts, hazards)
    assert total > 1400


@pytest.mark.parametrize(("hold", "collagen"), [(1.0, 0.0), (0.0, 0.0), (0.5, 0.8)])
def test_awakening_by_il6_follows_signal_and_niche(hold, collagen):
    changes = {
        **LASTING,
        "dormancy.dormant_death": 0.0,
        "dormancy.spontaneous_awakening": 0.0,
        "dormancy.signal_memory": 1e12,
    }
    tissue, cells, p = cancer({**changes, "dormancy.return_rate": 0.0})
    tissue.blocks.signal = 0.5
    tissue.niche[Niche.INTEGRITY], tissue.niche[Niche.COLLAGEN] = hold, collagen
    run(tissue, p, 120)
    q = p.dormancy
    rate = q.awakening * 0.5 * (1 - hold * (1 - q.closed_niche)) * (1 + q.stiffness_gain * collagen)
    assert_share(cells.state == CancerState.PROLIFERATING, chance_within(rate, 20.0))
    assert (cells.cause[cells.state == CancerState.PROLIFERATING] == Cause.IL6).all()


def test_an_awakening_is_recorded_with_time_cause_and_il6():
    tissue, cells, p = cancer({**LASTING, "dormancy.awakening": 1.0, "dormancy.return_rate": 0.0})
    tissue.fields.il6[AMOUNT] = np.arange(100.0).reshape(10, 10)
    run(tissue, p, 30)
    for event in logged(tissue, EventKind.AWAKENING)[::50]:
        cell = cells[event.uid - 1_000_000]
        assert event.il6 == cell.awoke_il6 == (cell.y // 4) * 10 + cell.x // 4
        assert event.hour == cell.awoke
        assert (event.y, event.x, event.clone, event.parent) == (cell.y, cell.x, cell.clone, 0)


def test_in_twins_more_il6_wakes_each_cell_no_later():
    changes = {**LASTING, "dormancy.dormant_death": 0.0, "dormancy.return_rate": 0.0}
    awoke = []
    for il6 in (0.5, 2.0):
        tissue, cells, p = cancer(changes, seed=5)
        tissue.fields.il6[AMOUNT] = il6
        run(tissue, p, 300)
        awoke.append(np.where(cells.awoke < 0.0, np.inf, cells.awoke))
    assert (awoke[1] <= awoke[0]).all()
    assert np.isfinite(awoke[1]).sum() > np.isfinite(awoke[0]).sum()


def test_without_il6_nothing_wakes_in_four_weeks_but_the_declared_few():
    tissue, _, p = cancer(STILL)
    run(tissue, p, 28 * 24 * 2, 0.5)
    awakenings = logged(tissue, EventKind.AWAKENING)
    expected = SIDE**2 * p.dormancy.spontaneous_awakening * 672.0
    assert abs(awakenings.size - expected) <= 4 * math.sqrt(expected) + 1


def test_a_returned_cell_can_wake_again_and_is_never_new_again():
    tissue, cells, p = cancer({**LASTING, "dormancy.return_rate": 0.5, "dormancy.spontaneous_awakening": 0.5})
    run(tissue, p, 200)
    awakenings = logged(tissue, EventKind.AWAKENING)
    assert np.unique(awakenings.uid, return_counts=True)[1].max() > 5
    woken = np.isin(cells.uid, awakenings.uid)
    assert (cells.state[woken & cells.alive] != CancerState.DORMANT).all()
    assert_books_balance(tissue, 1)


def test_awake_cells_go_from_mesenchymal_to_hybrid_to_epithelial_by_their_rates():
    changes = {**LASTING, "dormancy.return_rate": 0.0}
    tissue, cells, p = cancer(changes, awake=True)
    before = cells.phenotype.astype(int)
    for tick in range(1, 241):
        update_cancer(tissue, p, effects(), at(tick))
        change = cells.phenotype.astype(int) - before
        assert set(np.unique(change)) <= {0, 1}
        before = cells.phenotype.astype(int)
    q, hours = p.dormancy, 40.0
    mesenchymal = math.exp(-q.to_hybrid * hours)
    hybrid = q.to_hybrid / (q.to_hybrid - q.to_epithelial) * (math.exp(-q.to_epithelial * hours) - mesenchymal)
    assert_share(cells.phenotype == Phenotype.MESENCHYMAL, mesenchymal)
    assert_share(cells.phenotype == Phenotype.HYBRID, hybrid)


def test_returned_cells_drift_back_one_step_at_a_time_and_slowly():
    changes = {**ASLEEP_OR_SPONTANEOUS, "dormancy.spontaneous_awakening": 0.0}
    tissue, cells, p = cancer(changes)
    cells.state = CancerState.REDORMANT
    cells.phenotype = Phenotype.EPITHELIAL
    for cell in cells:
        cell.transition_at = next_transition(cell, p.dormancy, at(0))
        update_earliest_event(cell, tissue.blocks[cell.y // BLOCK, cell.x // BLOCK])
    run(tissue, p, 600)
    back = p.dormancy.to_mesenchymal * 100.0
    assert_share(cells.phenotype == Phenotype.EPITHELIAL, math.exp(-back))
    assert_share(cells.phenotype == Phenotype.HYBRID, back * math.exp(-back))


def test_dormant_cells_that_never_woke_stay_mesenchymal():
    tissue, cells, p = cancer(
        {**ASLEEP_OR_SPONTANEOUS, "dormancy.spontaneous_awakening": 0.0, "dormancy.to_hybrid": 1.0}
    )
    run(tissue, p, 100)
    assert (cells.phenotype == Phenotype.MESENCHYMAL).all()


@pytest.mark.parametrize("awake", [True, False])
@pytest.mark.parametrize("contacts", [0, 1, 3])
def test_cd8_cells_kill_cancer_cells_in_contact_and_dormant_ones_rarely(awake, contacts):
    changes = {**LASTING, **UNBRAKED, "dormancy.return_rate": 0.0, "dormancy.dormant_death": 0.0}
    tissue, cells, p = cancer({**changes, "dormancy.spontaneous_awakening": 0.0}, awake)
    put_cd8_contacts(tissue, contacts)
    run(tissue, p, 24)
    single = p.cytotoxicity.cd8_proliferating_cancer if awake else p.cytotoxicity.cd8_dormant_cancer
    expected = chance_within(team_rate(single, contacts, p.cytotoxicity), 4.0)
    assert_share(~cells.alive, expected)
    assert logged(tissue, EventKind.KILLED).size == (~cells.alive).sum()
    assert tissue.cancer_rows[ALIVE] == cells.alive.sum()
    assert_books_balance(tissue, 1)


def test_cd4_cells_hold_back_killing_within_a_hundred_and_clusters_within_fifty_micrometers():
    p = empty({**LASTING, "dormancy.return_rate": 0.0, "cytotoxicity.cd8_proliferating_cancer": 0.5})
    tissue = lay(alveolar_sheet(SIDE, SIDE, 1), p, room=SIDE**2 + 2000)
    cells = put_cancer_everywhere(tissue, p, awake=True)
    put_cd8_contacts(tissue, 1)
    tissue.niche[Niche.CD4, :, :5] = 2
    due, rows = tissue.cancer_proliferating.next_event_at[cells.slot].copy(), np.arange(cells.size)
    update_cancer(tissue, p, effects(), at(1))
    rate = p.cytotoxicity.cd8_proliferating_cancer
    inner = (cells.y > 7) & (cells.y < 32)
    for cd4, place in ((50, (cells.x > 7) & (cells.x < 12)), (0, (cells.x > 27) & (cells.x < 35))):
        expected = rate * suppression(cd4, 79, p.cytotoxicity) * STEP
        here = rows[inner & place & cells.alive]
        left = tissue.cancer_proliferating.next_event_at[cells.slot[here]]
        np.testing.assert_allclose(due[here] - left, expected, rtol=1e-9)


def test_a_cell_that_is_alone_is_no_cluster():
    p = empty({**LASTING, "dormancy.return_rate": 0.0, "cytotoxicity.cd8_proliferating_cancer": 0.1})
    tissue = lay(alveolar_sheet(12, 12, 1), p, room=20)
    cell = put_cancer(tissue, 5, 5, p, awake=True)
    put_cd8_contacts(tissue, 1)
    due = float(waits_of(tissue, cell).next_event_at)
    update_cancer(tissue, p, effects(), at(1))
    assert due - waits_of(tissue, cell).next_event_at == pytest.approx(0.1 * STEP, rel=1e-9)


def test_awake_cells_die_at_their_rate_and_dormant_ones_at_theirs():
    for awake, name in ((True, "proliferating_death"), (False, "dormant_death")):
        changes = {**LASTING, "dormancy.return_rate": 0.0, "dormancy.spontaneous_awakening": 0.0}
        tissue, cells, p = cancer({**changes, f"dormancy.{name}": 0.02}, awake)
        run(tissue, p, 120)
        assert_share(~cells.alive, chance_within(0.02, 20.0))
        assert logged(tissue, EventKind.DEATH).size == (~cells.alive).sum()
        assert_books_balance(tissue, 1)


@pytest.mark.parametrize("seed", range(5))
def test_founders_are_single_dormant_cells_of_their_own_clone_in_tissue(seed):
    kinds = np.full((12, 12), SiteKind.SEPTUM, dtype=np.uint8)
    kinds[:6] = SiteKind.AIRWAY
    kinds[6:8] = SiteKind.VESSEL
    p = empty({"dormancy.founders": 30.0})
    tissue = lay(section_of_kinds(kinds, 1), p, seed)
    cells = tissue.cancer[tissue.cancer.alive]
    assert cells.size == 30
    assert tissue.cancer_at.max() == 1
    assert sorted(cells.clone) == list(range(30))
    assert (cells.state == CancerState.DORMANT).all()
    assert np.unique(cells.next_event_at).size == 30
    assert_books_balance(tissue, 1)
