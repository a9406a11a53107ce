import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.core.lattice import BLOCK, SPACING
from abm.core.quantity import quantities
from abm.processes.matrix import remodel
from abm.rules.cells import CellKind
from abm.rules.matrix import Matrix, cutting_rate, hold_target
from abm.tissue.section import alveolar_sheet
from abm.tissue.state import Niche, Tissue
from tests.processes.tissues import (
    STEP,
    assert_same_state,
    at,
    changed,
    digest,
    empty,
    inhabited,
    lay,
    raise_flags,
)

BLOCK_AREA = (BLOCK * SPACING / 1000.0) ** 2  # mm2
WEEK = 168.0  # h
# Shares left after a step come from `exp_neg_approx`, above exp(-x) by x^5 / 120: 1e-8 per step at the largest x here.
LEFT_OF = 1e-6


def field(changes: dict[str, float] | None = None, **values: float) -> tuple[Tissue, np.record]:
    """Four blocks with fibroblasts at rest; layers of the niche may be set."""
    p = empty({**changes_of_rest(), **(changes or {})})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=8)
    set_niche(tissue, **{"fibroblasts": p.cells[CellKind.FIBROBLAST].resting_density * BLOCK_AREA, **values})
    return tissue, p


def set_niche(tissue: Tissue, **values: float) -> None:
    """Set layers of the niche, and the flags that tell of it as the processes that own them would."""
    for name, value in values.items():
        tissue.niche[Niche[name.upper()]] = value
    tissue.status.any_activated = tissue.niche[Niche.NEUTROPHIL_ACTIVATION].any()
    tissue.status.proliferating = int(tissue.niche[Niche.PROLIFERATING].sum())
    tissue.status.remodeled = True


def layer(tissue: Tissue, name: str) -> float:
    """A layer of the niche in the first block."""
    return float(tissue.niche[Niche[name.upper()], 0, 0])


def changes_of_rest() -> dict[str, float]:
    """The declared resting density of fibroblasts; nobody is put in."""
    return {"cells.fibroblast.resting_density": changed().cells.fibroblast.resting_density}


def remodeled(tissue: Tissue, p: np.record, hours: float, step: float = STEP) -> np.ndarray:
    """Hold of the first block after each step."""
    hold = []
    for tick in range(round(hours / step)):
        remodel(tissue, p, at(tick, step=step))
        hold.append(layer(tissue, "integrity"))
    return np.array(hold)


@pytest.mark.interpreted
def test_matrix_that_nothing_cuts_stays_whole_to_the_last_bit():
    tissue, p = field()
    remodeled(tissue, p, STEP)
    assert not tissue.status[0].remodeled
    before, present = digest(tissue), tissue.status.present.copy()
    for _ in range(48):
        raise_flags(tissue)
        hold = remodeled(tissue, p, 1.0)
        tissue.status.any_activated = tissue.viruses[0].present = False
        tissue.status.present = present
        hold = np.append(hold, remodeled(tissue, p, STEP))
        assert (hold == 1.0).all()
        assert digest(tissue) == before


@pytest.mark.parametrize(("name", "amount"), [("neutrophil_activation", 0.5), ("proliferating", 3)])
def test_hold_relaxes_to_where_cutting_and_repair_balance(name, amount):
    tissue, p = field({"activation.net_release": 0.0}, **{name: amount})
    cutting = cutting_rate(*((amount, 0) if name == "neutrophil_activation" else (0, amount)), 0.0, p.matrix)
    repair = p.matrix.niche_repair
    target = hold_target(cutting, repair)
    hours = np.arange(1, 61) * STEP
    expected = target + (1.0 - target) * np.exp(-(cutting + repair) * hours)
    np.testing.assert_allclose(remodeled(tissue, p, 10.0), expected, rtol=LEFT_OF)
    remodeled(tissue, p, 20.0 / cutting)
    assert layer(tissue, "integrity") == pytest.approx(target, rel=1e-4)


def test_alarmed_neutrophils_release_nets_that_cut_and_vanish_again():
    tissue, p = field(neutrophil_activation=1.0)
    remodeled(tissue, p, 4.0)
    full = p.activation.net_release / p.matrix.net_loss
    nets = layer(tissue, "nets")
    assert nets == pytest.approx(full * (1 - math.exp(-4.0 * p.matrix.net_loss)), rel=LEFT_OF)
    hold = layer(tissue, "integrity")
    set_niche(tissue, neutrophil_activation=0.0)
    assert remodeled(tissue, p, STEP)[0] < hold
    remodeled(tissue, p, 30.0)
    assert layer(tissue, "nets") == pytest.approx(nets * math.exp(-(30.0 + STEP) * p.matrix.net_loss), rel=LEFT_OF)
    remodeled(tissue, p, 40.0 / p.matrix.net_loss)
    assert layer(tissue, "nets") == 0.0


def test_resting_fibroblasts_repair_the_niche_in_weeks():
    tissue, p = field(integrity=0.0)
    hold = remodeled(tissue, p, 32 * WEEK, 1.0)
    hours = np.arange(1.0, hold.size + 1)
    early = hours < 6 * WEEK
    np.testing.assert_allclose(hold[early], 1.0 - np.exp(-p.matrix.niche_repair * hours[early]), rtol=LEFT_OF)
    half = hours[np.argmax(hold > 0.5)]
    assert 0.5 * WEEK < half < 8 * WEEK
    assert hold[-1] == 1.0


def test_without_fibroblasts_nothing_is_repaired():
    tissue, p = field(integrity=0.25, fibroblasts=0.0)
    assert (remodeled(tissue, p, 24.0) == 0.25).all()


def test_the_change_of_the_niche_does_not_depend_on_the_step():
    ends = []
    for step in (STEP, STEP / 4):
        tissue, p = field(neutrophil_activation=0.7, proliferating=2)
        remodeled(tissue, p, 24.0, step)
        ends.append([layer(tissue, name) for name in ("integrity", "nets", "collagen")])
    np.testing.assert_allclose(ends[0], ends[1], rtol=0.02)


def test_collagen_is_laid_where_the_niche_is_remodeled_and_decays_again():
    tissue, p = field({"matrix.niche_repair": 0.0}, integrity=0.0)
    collagen = []
    for tick in range(round(8 * WEEK / STEP)):
        remodel(tissue, p, at(tick))
        collagen.append(layer(tissue, "collagen"))
    laid, decay, start = p.matrix.collagen_deposition, p.matrix.collagen_decay, p.matrix.collagen_start
    steady = (laid + decay * start) / (laid + decay)
    expected = steady + (start - steady) * np.exp(-(laid + decay) * STEP * np.arange(1, len(collagen) + 1))
    np.testing.assert_allclose(collagen, expected, rtol=2e-3)


def test_collagen_returns_to_that_of_resting_lung_also_once_the_niche_is_whole():
    tissue, p = field(collagen=0.9)
    half_life = math.log(2.0) / p.matrix.collagen_decay
    remodeled(tissue, p, half_life, 0.5)
    assert layer(tissue, "collagen") == pytest.approx(
        p.matrix.collagen_start + (0.9 - p.matrix.collagen_start) / 2, rel=0.01
    )


def test_collagen_never_exceeds_full_however_many_fibroblasts_lay_it():
    tissue, p = field({"matrix.niche_repair": 0.0, "matrix.collagen_deposition": 0.02}, integrity=0.0, fibroblasts=8.0)
    for tick in range(20):
        remodel(tissue, p, at(tick, step=0.5))
        assert 0.0 <= layer(tissue, "collagen") <= 1.0


densities = st.just(0.0) | st.floats(0.01, 2.0) | st.floats(2.0, 200.0)
RANGES = {f"matrix.{name}": (q.low, q.high) for name, q in quantities(Matrix).items()}


@settings(max_examples=40)
@given(data=st.data())
def test_niche_nets_and_collagen_stay_between_none_and_full(data):
    changes = {name: data.draw(st.floats(low, high), label=name) for name, (low, high) in RANGES.items()}
    changes["cells.fibroblast.resting_density"] = data.draw(densities, label="density")
    p = inhabited({**changes, "dormancy.founders": 0.0})
    tissue = lay(alveolar_sheet(8, 8, 1), p, room=8)
    step = data.draw(st.sampled_from([STEP, 0.5]), label="step")
    for tick in range(20):
        activation, awake = data.draw(st.floats(0.0, 20.0)), data.draw(st.integers(0, 60))
        set_niche(
            tissue, neutrophil_activation=activation, proliferating=awake, fibroblasts=data.draw(st.integers(0, 8))
        )
        remodel(tissue, p, at(tick, step=step))
        for name in ("integrity", "nets", "collagen"):
            values = tissue.niche[Niche[name.upper()]]
            assert (values >= 0.0).all(), name
            assert (values <= 1.0).all(), name


@pytest.mark.interpreted
@settings(max_examples=6)
@given(
    phases=st.lists(
        st.tuples(st.sampled_from([0.0, 0.3, 4.0]), st.sampled_from([0, 2]), st.integers(1, 40)), max_size=4
    )
)
def test_steps_that_are_skipped_would_have_changed_nothing(phases):
    one, p = field({"matrix.niche_repair": 0.05, "matrix.net_loss": 0.5, "matrix.collagen_decay": 0.01})
    other, _ = field()
    tick, skipped = 0, 0
    for activation, awake, ticks in [*phases, (0.0, 0, 1000)]:
        for tissue in (one, other):
            tissue.niche[Niche.NEUTROPHIL_ACTIVATION, 0] = activation
            tissue.niche[Niche.PROLIFERATING, 1, 1] = awake
            tissue.status.any_activated, tissue.status.proliferating = activation > 0.0, awake
        for _ in range(ticks):
            tick += 1
            skipped += int(activation == awake == 0 and not one.status[0].remodeled)
            remodel(one, p, at(tick, step=2.0))
            other.status.remodeled = True
            remodel(other, p, at(tick, step=2.0))
            assert one.niche.tobytes() == other.niche.tobytes(), tick
    assert skipped > 0
    assert_same_state(one, other)
