from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.disease import DAY, Disease, cells_of, gompertz
from abm.cohort.incidence import escape_hazard
from abm.cohort.lesions import TURNS, hours_gained, lesions_of, proliferation
from abm.cohort.person import draw
from abm.model.quiet.resting_contacts import resting_contacts
from tests.cohort.courses import at_rest, with_cells_awake, with_gain
from tests.cohort.patients import small

D = Disease()


@pytest.fixture(scope="module")
def cohort():
    """A cohort whose patients have many lesions that grow slowly."""
    usual = small()
    disease = usual.disease._replace(incidence=2e-5, doubling_time=100.0 * DAY, still_share=0.3)
    return replace(usual, follow_up=52 * 730.5, disease=disease)


def person_of(cohort, number=1):
    return draw(cohort, number, resting_contacts(cohort.scenario))


def test_without_il6_no_time_is_gained_and_with_it_cells_come_faster_while_as_many_are_lost():
    hours = np.array([0.0, 24.0, 48.0])
    assert hours_gained(hours, np.full(3, 0.35), 0.35, D) == pytest.approx([0.0, 0.0, 0.0])
    fast = hours_gained(hours, np.array([0.35, 0.7, 0.7]), 0.35, D)  # twice the births, all losses as before
    assert fast == pytest.approx([0.0, 240.0, 480.0])
    blocked = hours_gained(hours, np.array([0.35, 0.0, 0.0]), 0.35, D)
    assert blocked == pytest.approx([0.0, -24.0, -48.0])  # it stops


def test_lesions_that_an_infection_does_not_reach_go_on_as_they_were(cohort):
    person, rest = person_of(cohort), at_rest(cohort)
    infected = with_gain(rest, 2000.0, 3000.0, 4000.0, killing=5.0)
    for turn in range(TURNS):
        one, other = (lesions_of(cohort, person, course, rest, 0.0, turn) for course in (rest, infected))
        assert one.hours == pytest.approx(other.hours)
        assert not other.reached.any()
        assert one.hours_at(4000.0, D) == pytest.approx(other.hours_at(4000.0, D))


def test_a_reached_lesion_is_found_earlier_by_the_time_that_it_has_gained(cohort):
    person, rest = person_of(cohort), at_rest(cohort, 5000)
    infected = with_gain(rest, 2000.0, 3000.0, 1500.0)
    seen = 0
    for turn in range(TURNS):
        one, other = (lesions_of(cohort, person, course, rest, 1.0, turn) for course in (rest, infected))
        there = other.hours < 0.0
        assert other.reached.all()
        before, after = one.hours_at(4000.0, D)[there], other.hours_at(4000.0, D)[there]
        late, early = np.isfinite(before) & (before > 5000.0), before < 2000.0
        assert after[early] == pytest.approx(before[early])
        assert before[late] - after[late] == pytest.approx(1500.0, abs=1e-3)
        seen += int(late.sum())
    assert seen > 10


def test_the_size_at_the_time_of_a_size_is_that_size(cohort):
    person, rest = person_of(cohort), at_rest(cohort, 5000)
    infected = with_gain(rest, 2000.0, 3000.0, 1500.0, killing=1.0)
    size, checked = cells_of(4000.0, D.packing), 0
    for turn in range(TURNS):
        lesions = lesions_of(cohort, person, infected, rest, 0.5, turn)
        first = lesions.hours_at(4000.0, cohort.disease).min(initial=np.inf)
        if 0.0 < first < cohort.hours:
            assert lesions.largest(float(first), cohort.disease) == pytest.approx(size, rel=1e-3)
            checked += 1
    assert checked > 5


def test_killing_takes_small_lesions_and_hardly_touches_large_ones(cohort):
    person, rest = person_of(cohort), at_rest(cohort)
    person = person._replace(infections=(2000,))
    killed = with_gain(rest, 2000.0, 3000.0, 0.0, killing=8.0)
    sizes, lost = [], []
    for turn in range(TURNS):
        lesions = lesions_of(cohort, person, killed, rest, 1.0, turn)
        for hour, cells, gone in zip(lesions.hours, lesions.cells, lesions.lost, strict=True):
            if hour < 2000.0:
                sizes.append(gompertz(cells, 2000.0 - hour, person.growth, D.limit))
                lost.append(gone)
    sizes, lost = np.array(sizes), np.array(lost)
    assert np.isinf(lost[sizes < 8.0]).all()
    assert (lost[sizes > 1e7] < 1000.0).all()
    assert (sizes > 1e7).sum() > 3


def test_a_share_of_lesions_stops_growing(cohort):
    person, rest = person_of(cohort), at_rest(cohort)
    still = np.concatenate([lesions_of(cohort, person, rest, rest, 0.1, turn).still for turn in range(TURNS)])
    assert still.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / still.size))
    lesions = lesions_of(cohort, person, rest, rest, 0.1, 0)
    never = lesions.hours_at(D.symptoms, cohort.disease)
    assert np.isinf(never[lesions.still]).all()
    assert np.isinf(lesions.lethal_hours(1e9, cohort.disease)[lesions.still]).all()


def test_more_proliferation_gives_more_lesions_and_expansion_scales_what_infection_adds(cohort):
    person, rest = person_of(cohort), at_rest(cohort, 500)
    infected = with_cells_awake(rest, 2000.0, 40.0)
    usual = proliferation(cohort, person, rest, rest)
    for expansion in (0.0, 1.0, 2.0):
        scaled = replace(cohort, disease=cohort.disease._replace(expansion=expansion))
        added = proliferation(scaled, person, infected, rest) - usual
        assert added[-1] == pytest.approx(40.0 * expansion)
        assert (np.diff(added) >= 0.0).all()
    expected = escape_hazard(cohort) * person.burden * 0.5 * 40.0
    more = [
        lesions_of(cohort, person, course, rest, 0.5, turn).hours.size
        for course in (rest, infected)
        for turn in range(400)
    ]
    assert np.mean(more[400:]) - np.mean(more[:400]) == pytest.approx(expected, rel=0.25)


def test_the_lesions_of_the_uninfected_twin_are_also_those_of_the_infected_one(cohort):
    person, rest = person_of(cohort), at_rest(cohort, 500)
    infected = with_cells_awake(rest, 2000.0, 400.0)
    for reach in (0.1, 1.0):
        more = 0
        for turn in range(TURNS):
            without, ill = (lesions_of(cohort, person, course, rest, reach, turn) for course in (rest, infected))
            assert ill.hours.size >= without.hours.size
            for part in (True, False):
                one, other = (np.sort(found.hours[found.reached == part]) for found in (without, ill))
                assert (other[: one.size] <= one + 1e-6).all()
            more += ill.hours.size - without.hours.size
        assert more > 0


def test_no_lesion_at_the_start_was_found_before_it(cohort):
    for number in range(1, 20):
        person, rest = person_of(cohort, number), at_rest(cohort)
        for turn in range(5):
            lesions = lesions_of(cohort, person, rest, rest, 0.1, turn)
            assert (lesions.hours_at(cohort.disease.symptoms, cohort.disease) >= 0.0).all()


def test_without_occult_disease_no_lesion_grows_at_the_start(cohort):
    none = replace(cohort, disease=cohort.disease._replace(occult_lesions=0.0))
    person, rest = person_of(none), at_rest(none)
    for turn in range(TURNS):
        assert (lesions_of(none, person, rest, rest, 0.1, turn).hours >= 0.0).all()
