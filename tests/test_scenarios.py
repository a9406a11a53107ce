import tomllib

import pytest

from abm.rules.infection import VIRUSES
from abm.scenario.catalog import scenarios_folder
from abm.scenario.read import (
    load_scenario,
    read_scenario,
    scenario_names,
    scenario_story,
    write_scenario,
)
from abm.treatments.drugs import AntiIL6
from abm.treatments.times import ALWAYS
from abm.treatments.treatments import TREATMENTS, Depletion, IL6Knockout

NAMES = scenario_names()
DOI = "10.1038/s41586-025-09332-0"


def test_all_promised_scenarios_are_there():
    promised = {
        *(
            "no_virus",
            "influenza",
            "sars_cov_2",
            "rsv",
            "il6_knockout",
            "late_blockade",
            "jak_inhibitor",
            "vaccinated",
        ),
        *("no_virus_blockade", "influenza_blockade", "sars_cov_2_blockade", "anti_il6_receptor", "antiviral"),
        *("cd4_depletion", "cd8_depletion", "cd4_cd8_depletion", "neutrophil_depletion", "reinfection"),
        "influenza_then_sars_cov_2",
        *("human_influenza", "human_covid_19", "human_covid_19_tocilizumab"),
    }
    assert promised <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestEach:
    def test_it_loads_and_runs_on_the_stated_virus_and_host(self, name):
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.parameters.virus == VIRUSES[scenario.virus, scenario.host]
        assert (scenario.width, scenario.height, scenario.step) == (2000.0, 2000.0, 1 / 6)

    def test_it_opens_with_what_it_is_and_where_it_comes_from(self, name):
        lines = (scenarios_folder() / f"{name}.toml").read_text(encoding="utf-8").splitlines()
        header = lines[: lines.index(next(row for row in lines if row[:1] != "#"))]
        comment = " ".join(header)
        assert 3 <= len(header) <= 6
        assert DOI in comment
        assert "Expect: " in comment
        assert "Evidence: " in comment or "*prediction*" in comment

    def test_it_has_its_own_title_story_and_expectation(self, name):
        table = tomllib.loads((scenarios_folder() / f"{name}.toml").read_text(encoding="utf-8"))
        title, story = scenario_story(name)
        assert (title, story) == (table["title"], table["story"])
        assert table["expect"]
        assert "\n" not in title + story
        assert len(story) < 100

    def test_it_reads_back_equal_after_writing(self, name, tmp_path):
        scenario = load_scenario(name)
        path = tmp_path / f"{name}.toml"
        path.write_text(write_scenario(scenario), encoding="utf-8")
        assert read_scenario(path) == scenario


def test_drugs_are_given_at_their_usual_dose():
    for name in NAMES:
        for treatment in load_scenario(name).treatments:
            if hasattr(treatment, "dose"):
                assert treatment.dose == treatment.LIBRARY[treatment.drug].usual_dose, name


def test_titles_are_all_different():
    assert len({scenario_story(name)[0] for name in NAMES}) == len(NAMES)


def test_every_type_of_treatment_but_transfer_and_a_drug_of_rules_has_a_scenario():
    used = {treatment.type for name in NAMES for treatment in load_scenario(name).treatments}
    assert used == set(TREATMENTS) - {"transfer", "drug"}


def test_the_four_arms_differ_only_in_virus_and_blockade():
    none, virus, block, both = (
        load_scenario(name) for name in ("no_virus", "influenza", "no_virus_blockade", "influenza_blockade")
    )
    assert none.infections == block.infections == ()
    assert virus.infections == both.infections
    assert len(virus.infections) == 1
    assert none.treatments == virus.treatments == ()
    assert block.treatments == both.treatments == (AntiIL6("MP5-20F3", 24.0, ALWAYS, 0.5, 72.0),)
    assert none.parameters == virus.parameters == block.parameters == both.parameters


def test_treatments_add_up_along_the_chain():
    assert [item.cells for item in load_scenario("cd4_cd8_depletion").treatments] == ["CD4", "CD8"]
    assert load_scenario("neutrophil_depletion").treatments == (Depletion("neutrophil", 0.0, ALWAYS, 0.8),)
    assert load_scenario("il6_knockout").treatments == (IL6Knockout(),)


def test_another_virus_comes_on_day_5_with_parameters_of_its_own():
    scenario = load_scenario("influenza_then_sars_cov_2")
    assert [infection.virus for infection in scenario.infections] == ["", "SARS-CoV-2"]
    assert [infection.time for infection in scenario.infections] == [0.0, 120.0]
    assert scenario.parameters.second_virus == VIRUSES["SARS-CoV-2", "mouse"]


def test_the_second_infection_comes_on_day_60_of_90():
    scenario = load_scenario("reinfection")
    assert [infection.time for infection in scenario.infections] == [0.0, 1440.0]
    assert scenario.duration == 2160.0
