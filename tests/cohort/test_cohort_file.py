from pathlib import Path

import pytest

from abm.cohort.assumptions import assumptions
from abm.cohort.cohort_file import cohort_names, load_cohort, read_cohort
from abm.scenario.errors import ScenarioError
from abm.treatments.drugs import AntiIL6Receptor

READY = {
    "blockade_on_admission",
    "covid_19_before_vaccines",
    "influenza_every_winter",
    "scan_after_infection",
    "vaccinated",
}
FILE = Path("mine.toml")


def faults(text):
    with pytest.raises(ScenarioError) as caught:
        read_cohort(FILE, text)
    return [str(fault) for fault in caught.value.faults]


def test_five_cohorts_come_with_embers_and_can_be_read():
    assert set(cohort_names()) == READY
    for name in READY:
        cohort = load_cohort(name, patients=7)
        assert cohort.patients == 7
        assert cohort.policies
        assert "prediction" in cohort.expect.lower()
        assert cohort.follow_up == pytest.approx(52 * 730.5)


def test_a_cohort_of_no_keys_has_defaults():
    cohort = read_cohort(FILE, "")
    assert (cohort.scenario.host, cohort.patients, cohort.occasions) == ("human", 500, ())
    assert cohort.scenario.parameters.dormancy.founders == 6.0


def test_what_is_written_is_what_is_used():
    cohort = read_cohort(
        FILE,
        """
        follow_up = "24 months"
        [patient.burden]
        distribution = "log-normal"
        median = "900 cell"
        spread = 2.0
        source = "a paper"
        confidence = "fitted"
        [patient]
        since_diagnosis = "6 years"
        [virus]
        shares = { influenza = 0.25, "SARS-CoV-2" = 0.75 }
        [[infection]]
        time = { distribution = "normal", mean = "2 months", sd = "10 d" }
        every = "12 months"
        attack = 0.2
        [[policy]]
        name = "block"
        who = "admitted"
        [[policy.treatment]]
        type = "anti-IL-6R"
        drug = "tocilizumab"
        start = "2 d"
        """,
    )
    assert (cohort.burden.first, cohort.burden.second, cohort.burden.source) == (900.0, 2.0, "a paper")
    assert cohort.since_diagnosis.at(0.3) == pytest.approx(6 * 8766.0)
    assert cohort.viruses == (("influenza", 0.25), ("SARS-CoV-2", 0.75))
    assert cohort.occasions[0].time.first == pytest.approx(1461.0)
    block = cohort.policies[0].care
    assert isinstance(block.blockade[0], AntiIL6Receptor)
    assert (block.who, block.blockade[0].start) == ("admitted", 48.0)
    told = {row[0]: row[1:] for row in assumptions(cohort)}
    assert told["dormant cells at diagnosis"] == ("log-normal, median 900, spread x 2", "a paper", "fitted")
    assert all(confidence in ("measured", "fitted", "peer", "assumed") for *_, confidence in told.values())


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[patient]\nburden = '-5 cell'", 2, ("patient.burden", "-5 cell", "1 to 1e+09")),
        ("[patient]\nimmunity = nan", 2, ("patient.immunity", "not a finite number")),
        ("[virus]\nreach = { distribution = 'uniform', low = 0.5, high = 0.2 }", 2, ("high", "not above low")),
        ("[virus]\ndose = { distribution = 'normal', mean = 5.0, sd = 0.0 }", 2, ("sd", "out of range")),
        ("[virus]\ndose = { distribution = 'log-normal', median = 5.0 }", 2, ("spread", "is missing")),
        ("[virus]\ndose = { distribution = 'bell', mean = 5.0 }", 2, ("is not known", "log-normal")),
        ("[virus]\nreach = { distribution = 'normal', mean = -0.9, sd = 0.01 }", 2, ("nearly nothing", "0 to 1")),
        ("[virus]\nshares = { influenza = 0.5 }", 2, ("0.5", "do not sum up to 1")),
        ("follow_up = '10 months'\n[[infection]]\ntime = '12 months'", 3, ("infection 1: time", "after the end")),
        ("[[infection]]\ntime = '1 d'\nattack = 1.5", 3, ("attack", "0 to 1")),
        ("[virus]\ndose = 0.0", 2, ("virus.dose", "0.001 to 1000")),
        ("[patient]\nsince_diagnosis = '50 years'\nage = '45 years'", 2, ("less than 45 years",)),
        (
            "[patient]\nsince_diagnosis = '20 years'\n"
            "age = { distribution = 'normal', mean = '60 years', sd = '9 years' }",
            2,
            ("up to 20 years", "the youngest patient is 18 years old", "less than 18 years"),
        ),
        ("follow_up = '20 d'\n[care]\nscan_every = '21 d'", 3, ("scan_every", "no scan in follow-up", "480 h")),
        ("follow_up = '20 d'\n[care]\nscan_every = '20 d'", 3, ("scan_every", "no scan in follow-up", "480 h")),
        ("follow_up = '3 d'\n[care]\nscan_every = '7 d'", 3, ("scan_every", "no scan in follow-up", "72 h")),
        ("follow_up = '20 d'\n[care]\nscan_after_infection = ['5 d', '21 d']", 3, ("scan_after_infection 2", "480 h")),
        ("patients = 0", 1, ("patients = 0", "1 to 10000000")),
        ("patients = 'thirty'", 1, ("thirty", "1 to 10000000")),
        (
            "[[infection]]\ntime = { distribution = 'uniform', low = '13 months', high = '12 months' }",
            2,
            ("high", "not above low", "more than 9496.5 h"),
        ),
        ("[disease]\nincidence = '-1 /h'", 2, ("disease.incidence", "0 to 0.0001")),
        ("[care]\nscan_every = '3'", 2, ("care.scan_every", "has no unit")),
        ("[parameters.dormancy]\nreturn_rate = '0.005 /h'\ncycling_without_signal = 1.0", 1, ("without end",)),
        ("[whatever]\nx = 1", 1, ("whatever", "is not a known key")),
    ],
)
def test_what_is_impossible_is_refused_with_line_and_range(text, line, words):
    told = faults(text)
    assert len(told) == 1
    assert f"line {line}:" in told[0]
    assert all(word in told[0] for word in words)


@pytest.mark.parametrize(
    ("treatment", "words"),
    [
        ("type = 'anti-IL-6'\ndrug = 'MP5-20F3'", ("does not bind the host, human", "siltuximab")),
        ("type = 'anti-IL-6'\ndrug = 'aspirin'", ("is not known", "siltuximab")),
        ("type = 'antiviral'\ndrug = 'nirmatrelvir'", ("does not act on influenza", "oseltamivir")),
        ("type = 'depletion'\ncells = 'CD4'", ("is no policy of patients", "anti-IL-6R")),
        ("type = 'JAK inhibitor'\ndrug = 'ruxolitinib'\nstart = '5 d'\nstop = '2 d'", ("ends before",)),
        ("type = 'JAK inhibitor'\ndrug = 'ruxolitinib'\nstart = '60 months'\nstop = '61 months'", ("end of the run",)),
    ],
)
def test_a_policy_with_a_drug_that_cannot_work_is_refused(treatment, words):
    told = faults(f"[[policy]]\nname = 'x'\n[[policy.treatment]]\n{treatment}")
    assert all(word in " ".join(told) for word in words)


def test_infections_lie_within_follow_up_whatever_their_distribution():
    time = "{ distribution = 'normal', mean = '20 months', sd = '9 months' }"
    cohort = read_cohort(FILE, f"follow_up = '24 months'\n[[infection]]\ntime = {time}")
    assert cohort.occasions[0].time.at(1.0) == cohort.follow_up
    assert cohort.occasions[0].time.at(0.5) < 20 * 730.5


def test_policies_need_names_of_their_own_and_must_change_something():
    assert "stands there already" in faults("[[policy]]\nname = 'infection'\nscan_every = '12 months'")[0]
    assert "changes nothing" in faults("[[policy]]\nname = 'x'")[0]
    for title in ("Infection, usual care", "x"):
        other = f"[[policy]]\nname = 'y'\ntitle = '{title}'\nscan_every = '12 months'"
        told = faults(f"[[policy]]\nname = 'x'\nscan_every = '9 months'\n{other}")
        assert len(told) == 1
        assert title in told[0]
        assert "stands there already" in told[0]


def test_all_faults_are_told_at_once_and_a_name_that_is_not_there_names_the_nearest():
    assert len(faults("patients = 0\n[patient]\nimmunity = -1.0\n[care]\nvaccinated = 2.0")) == 3
    with pytest.raises(ScenarioError, match="vaccinated"):
        load_cohort("vacinated")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[[policy]]\nname = "a"\ninfection_death = 0.5',
            "mine.toml, line 3: policy 1: infection_death = 0.5: belongs",
        ),
        ('[[policy]]\nname = "a"\nseverity = 0.5', "policy 1: severity = 0.5: belongs to a treatment"),
        ("[care]\nserious_infection = 0.01", "care.serious_infection = 0.01: belongs to a treatment"),
        ('[[policy]]\nname = "a"\nvaccinated = 1.0\nadmission = 0.1', "policy 1: admission = 0.1: is not a known key"),
        ('[care]\nvaccinated = 0.5\nvaccinated_before = "3 d"', 'vaccinated_before = "72 h": is before the vaccine'),
        ('[virus]\nname = "influenza"\nshares = { influenza = 1.0 }', "stands beside shares"),
        ('[virus]\nname = "SARS-CoV-2"\nvariant = "Delta"', "is not known; allowed: Omicron"),
        ('[disease]\nsymptoms = "8 mm"', 'disease.symptoms = "8 mm": lesions that stop growing would stop only after'),
        ('[disease]\nlimit = "1e8 cell"', 'disease.limit = "1e8 cell": a lesion cannot reach 1 cm'),
        (
            '[patient]\nage = { distribution = "uniform", low = "90 years", high = "40 years" }',
            'patient.age.high = "40 years": is not above low',
        ),
    ],
)
def test_what_contradicts_itself_or_has_no_effect_is_refused(text, told):
    assert any(told in fault for fault in faults(text)), faults(text)
