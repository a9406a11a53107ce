"""Cancer cells in lung at rest, with and without rules."""

import numpy as np
import pytest

from abm.cohort.at_rest import dormant_loss, rates_at, resting_proliferating_share, resting_rates
from abm.model.quiet.resting_contacts import resting_contacts
from abm.rules.dormancy import Dormancy
from abm.scenario.scenario import Scenario

SECTION = Scenario(width=600.0, height=600.0, layout="sheet")
EVERYWHERE = {"signal": "niche integrity", "half": 0.5, "form": "threshold"}  # the niche at rest is intact


def test_the_awake_share_at_rest_is_that_of_simulated_clones():
    q = Dormancy()
    rng, lived = np.random.default_rng(2), []
    leaving = q.return_rate + q.proliferating_death
    for _ in range(20_000):
        alive, hours = 1, 0.0
        while alive:
            alive -= 1
            cycle = rng.gamma(int(q.cycle_shape), q.cycle_time / q.cycling_without_signal / int(q.cycle_shape))
            life = rng.exponential(1.0 / leaving)
            hours += min(cycle, life)
            alive += 2 * (cycle < life)
        lived.append(hours)
    share = resting_proliferating_share(rates_at(0.0, 1.0, 0.1, q), q)
    assert share / q.spontaneous_awakening == pytest.approx(np.mean(lived), rel=0.05)


def test_cells_that_never_stop_growing_have_no_rest():
    q = Dormancy(return_rate=0.001, cycling_without_signal=1.0)
    with pytest.raises(ValueError, match="without end"):
        resting_proliferating_share(rates_at(0.0, 1.0, 0.1, q), q)


def test_a_rule_that_acts_everywhere_adds_what_it_says_to_the_rates_at_rest():
    without = resting_rates(SECTION)
    awakening = SECTION.with_rule("dormant cancer cell", raises="awakening", to="0.001 /h", **EVERYWHERE)
    found = resting_rates(awakening)
    assert found.awakening == pytest.approx(without.awakening + 0.001, rel=0.02)
    assert found.return_rate == pytest.approx(without.return_rate, rel=0.01)
    assert found.loss_by_rules == pytest.approx(0.0, abs=1e-12)
    death = SECTION.with_rule("dormant cancer cell", raises="death", to="0.002 /h", **EVERYWHERE)
    assert resting_rates(death).loss_by_rules == pytest.approx(0.002, rel=1e-6)
    contacts = resting_contacts(SECTION)
    more = dormant_loss(death.parameters, death, contacts) - dormant_loss(SECTION.parameters, SECTION, contacts)
    assert more == pytest.approx(0.002, rel=1e-6)


def test_killing_by_rules_is_as_frequent_as_cells_touch():
    ruled = SECTION.with_rule("CD8 T cell", raises="killing of dormant cancer cells", to="3-fold", **EVERYWHERE)
    contacts, q = resting_contacts(SECTION), SECTION.parameters.cytotoxicity
    touching = float(contacts.touching.mean()) * contacts.cd8
    expected = 2.0 * q.cd8_dormant_cancer * touching
    assert resting_rates(ruled).loss_by_rules == pytest.approx(expected, rel=0.5)  # few CD8 cells in 60 days


def test_a_cell_at_rest_is_in_contact_as_often_as_cells_stand_there():
    values = {"raises": "death", "to": "0.01 /h", "half": "1 cell", "form": "threshold"}
    own = SECTION.with_cell("mast cell", like="fibroblast", density="200 cell/mm^2", loss="0.02 /h")
    found = resting_rates(own.with_rule("dormant cancer cell", "contact with mast cell", **values))
    touched = 1.0 - np.exp(-float(resting_contacts(SECTION).touching.mean()) * 200.0 * 0.6 * 0.6)
    assert found.loss_by_rules == pytest.approx(0.01 * touched, rel=0.15)
    assert found.awakening == pytest.approx(resting_rates(SECTION).awakening, rel=1e-6)


def test_a_cell_at_rest_is_mesenchymal():
    ruled = SECTION.with_rule("dormant cancer cell", "own phenotype", lowers="death", from_="0.01 /h", to=0.0, half=0.5)
    assert resting_rates(ruled).loss_by_rules == pytest.approx(0.01, rel=1e-6)


def test_a_law_that_a_rule_replaces_adds_nothing_to_the_loss_at_rest():
    ruled = SECTION.with_rule(
        "dormant cancer cell", "NETs", raises="death", to="0.5 /h", half=0.5, replaces="dormant_death"
    )
    contacts = resting_contacts(SECTION)
    less = dormant_loss(SECTION.parameters, SECTION, contacts) - dormant_loss(ruled.parameters, ruled, contacts)
    assert less == pytest.approx(SECTION.parameters.dormancy.dormant_death, rel=1e-6)
