import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.rules.matrix import Matrix, collagen_target, cutting_rate, deposition_rate, hold_target

P = Matrix()
counts = st.floats(0.0, 100.0)
rates = st.floats(0.0, 10.0)
shares = st.floats(0.0, 1.0)


@pytest.mark.interpreted
def test_each_cutter_cuts_at_its_rate():
    assert cutting_rate(0.0, 0.0, 0.0, P) == 0.0
    assert cutting_rate(1.0, 0.0, 0.0, P) == P.neutrophil_protease
    assert cutting_rate(0.0, 1.0, 0.0, P) == P.cancer_protease
    assert cutting_rate(0.0, 0.0, 1.0, P) == P.net_cut


@given(neutrophils=counts, cancer=counts, nets=shares, more=counts)
def test_every_cutter_more_cuts_faster(neutrophils, cancer, nets, more):
    rate = cutting_rate(neutrophils, cancer, nets, P)
    assert rate >= 0.0
    assert cutting_rate(neutrophils + more, cancer, nets, P) >= rate
    assert cutting_rate(neutrophils, cancer + more, nets, P) >= rate
    assert cutting_rate(neutrophils, cancer, nets + more, P) >= rate


@pytest.mark.interpreted
def test_the_hold_settles_between_intact_and_gone():
    assert hold_target(0.0, 0.0) == 1.0
    assert hold_target(0.0, 0.01) == 1.0
    assert hold_target(0.01, 0.0) == 0.0
    assert hold_target(0.02, 0.02) == 0.5


@given(cutting=rates, repair=rates, more=rates)
def test_the_hold_falls_with_cutting_and_rises_with_repair(cutting, repair, more):
    hold = hold_target(cutting, repair)
    assert 0.0 <= hold_target(cutting + more, repair) <= hold <= 1.0
    assert hold <= hold_target(cutting, repair + more) <= 1.0


@pytest.mark.interpreted
def test_collagen_is_laid_where_fibroblasts_meet_remodeled_matrix():
    assert deposition_rate(0.0, 0.0, P) == 0.0
    assert deposition_rate(3.0, 1.0, P) == 0.0
    assert deposition_rate(2.0, 0.5, P) == pytest.approx(P.collagen_deposition)


@pytest.mark.interpreted
def test_collagen_settles_between_that_of_resting_lung_and_full():
    assert collagen_target(0.0, P) == pytest.approx(P.collagen_start)
    assert collagen_target(1e9, P) == pytest.approx(1.0)
    laid = P.collagen_decay  # as much as decays: halfway between both
    assert collagen_target(laid, P) == pytest.approx((1.0 + P.collagen_start) / 2)


@given(laid=rates, more=rates)
def test_collagen_settles_higher_the_more_is_laid(laid, more):
    assert (
        P.collagen_start * (1 - 1e-12)
        <= collagen_target(laid, P)
        <= collagen_target(laid + more, P) + 1e-15
        <= 1.0 + 1e-15
    )


@given(fibroblasts=counts, more=counts, hold=shares, other=shares)
def test_deposition_rises_with_fibroblasts_and_falls_with_hold(fibroblasts, more, hold, other):
    low, high = sorted((hold, other))
    assert 0.0 <= deposition_rate(fibroblasts, high, P) <= deposition_rate(fibroblasts, low, P)
    assert deposition_rate(fibroblasts, low, P) <= deposition_rate(fibroblasts + more, low, P)
