"""Cohorts whose file declares substances, cells, drugs and rules."""

from pathlib import Path

import pytest

from abm.cohort.assumptions import assumptions
from abm.cohort.cohort_file import read_cohort
from abm.cohort.incidence import escape_hazard, resting_share
from abm.cohort.patient import simulate
from abm.cohort.person import draw, scenario_of
from abm.model.quiet.resting_contacts import resting_contacts
from abm.scenario.errors import ScenarioError
from tests.cohort.patients import TEXT, small

RULES = """
[substance."IL-17A"]
molar_mass = "31 kDa"
[[rule]]
cell = "CD4 T cell"
signal = "IL-6"
raises = "secretion of IL-17A"
to = "5 molecules/cell/s"
half = "0.2 ng/mL"
[[rule]]
name = "awakens"
cell = "dormant cancer cell"
signal = "IL-17A"
raises = "awakening"
to = "0.05 /h"
half = "1 ng/mL"
power = 3
replaces = "il6_awakening_rate"
[[rule]]
name = "blocked"
cell = "dormant cancer cell"
signal = "drug secukinumab"
lowers = "awakening"
to = "0 %"
half = 0.1
form = "threshold"
"""
DRUG = """
[[policy]]
name = "anti-IL-17A"
[[policy.treatment]]
type = "drug"
drug = "secukinumab"
start = "1 d"
stop = "60 d"
"""


@pytest.fixture(scope="module")
def arms():
    cohort = small(RULES + DRUG)
    return cohort, [simulate(cohort, number) for number in (1, 2)]


def awake(patients, name):
    return sum(arm.course.awake_hours[-1] for _, own in patients for arm in own if arm.name == name)


def test_patients_live_under_the_rules_of_their_cohort(arms):
    _, patients = arms
    infected = awake(patients, "infection")
    assert infected > 5.0 * (awake(patients, "no infection") + 1.0)
    assert awake(patients, "anti-IL-17A") < 0.5 * infected
    without = [simulate(small(RULES.replace("[[rule]]", "[[rule]]\non = false") + DRUG), 1)]
    assert awake(without, "infection") != awake(patients[:1], "infection")


def test_a_patient_under_rules_that_are_off_is_as_without_rules():
    plain, off = small(), small(RULES.replace("[[rule]]", "[[rule]]\non = false"))
    person, usual = simulate(plain, 1)
    other, same = simulate(off, 1)
    assert person == other
    assert all((a.course.awake_hours == b.course.awake_hours).all() for a, b in zip(usual[:2], same[:2], strict=True))


def test_the_hazard_of_escape_is_calibrated_under_the_rules(arms):
    cohort, _ = arms
    plain = small()
    assert resting_share(cohort) != resting_share(plain)
    ruled, usual = (escape_hazard(one) * resting_share(one) for one in (cohort, plain))
    assert ruled == pytest.approx(usual, rel=0.05)


def test_the_report_says_each_rule_in_a_sentence():
    told = {row[0]: row[1:] for row in assumptions(small(RULES))}
    assert told["rule awakens"][0].startswith("The awakening of a dormant cancer cell is raised by IL-17A")
    assert told["rule awakens"][1:] == ("assumed", "assumed")
    off = {row[0]: row[1] for row in assumptions(small(RULES.replace("[[rule]]", "[[rule]]\non = false")))}
    assert "switched off" in off["rule awakens"]


def test_time_since_infection_counts_from_that_of_the_patient():
    text = """
[[rule]]
name = "late"
cell = "dormant cancer cell"
signal = "time since infection"
raises = "awakening"
to = "0.01 /h"
half = "30 d"
"""
    cohort = small(text)
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    assert scenario_of(cohort, person).parameters.rules.late.infected_at == person.infections[0]
    uninfected = scenario_of(cohort, person._replace(infections=()))
    assert uninfected.parameters.rules.late.infected_at == float("inf")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (RULES.replace('"IL-6"', '"IL-66"'), ['signal = "IL-66"', "IL-6"]),
        (RULES.replace('"0.05 /h"', '"5 /h"'), ["rule", "to", "out of range"]),
        (RULES + DRUG.replace("secukinumab", "secukinumap"), ["secukinumap", "secukinumab"]),
        (DRUG, ["secukinumab"]),
        (RULES.replace('replaces = "il6_awakening_rate"', 'replaces = "awakening"'), ["replaces"]),
    ],
)
def test_faults_of_rules_are_those_of_a_scenario_file_with_their_lines(more, told):
    with pytest.raises(ScenarioError) as caught:
        read_cohort(Path("mine.toml"), TEXT + more)
    text = "\n".join(str(fault) for fault in caught.value.faults)
    assert "mine.toml, line" in text or "mine.toml:" in text
    for part in told:
        assert part in text
