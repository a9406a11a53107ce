from dataclasses import replace

from abm.studies.trial import tried
from tests.commands import embers


def test_a_rule_whose_signal_never_comes_near_its_half_hardly_acts(infected):
    scenario = replace(infected, duration=48.0)
    scenario = scenario.with_rule("dormant cancer cell", "IL-6", raises="awakening", to="0.1 /h", half="0.01 ng/mL")
    scenario = scenario.with_rule("dormant cancer cell", "IL-10", raises="death", to="0.1 /h", half="900 ng/mL")
    strong, weak = tried(scenario)
    assert strong.acts
    assert strong.share > 0.5
    assert strong.unit == "ng/mL"
    assert not weak.acts
    assert weak.highest < 900.0


def test_signals_that_cells_carry_are_those_of_the_cells_of_the_rule(infected):
    scenario = replace(infected, duration=48.0)
    scenario = scenario.with_rule("neutrophil", "own activation", lowers="speed", to="50 %", half=0.2)
    scenario = scenario.with_rule("neutrophil", "own age", lowers="phagocytosis", to="50 %", half="1 h")
    activation, age = tried(scenario)
    assert 0.0 < activation.highest <= 1.0
    assert age.highest > 10.0
    assert age.acts


def test_phenotype_and_contacts_are_those_of_the_cancer_cells_of_the_rule(infected):
    scenario = replace(infected, duration=120.0)
    half = {"half": 0.5, "to": "50 %"}
    scenario = scenario.with_rule("proliferating cancer cell", "own phenotype", lowers="division", **half)
    scenario = scenario.with_rule("dormant cancer cell", "own phenotype", lowers="death", **half)
    scenario = scenario.with_rule("dormant cancer cell", "contact with neutrophil", lowers="awakening", **half)
    awake, dormant, contact = tried(scenario)
    assert awake.highest >= 0.5  # mesenchymal cells become hybrid while they proliferate
    assert dormant.highest == 0.0
    assert contact.highest >= 1.0
    assert contact.highest == round(contact.highest)


def test_a_rule_that_is_off_is_reported_as_off(infected):
    scenario = replace(infected, duration=6.0)
    scenario = scenario.with_rule("neutrophil", "IL-6", lowers="speed", to="50 %", half=1.0, on=False)
    assert tried(scenario)[0].share == 0.0


def test_the_command_says_which_rule_hardly_acts(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'extends = "influenza"\nduration = "1 d"\nsnapshots = []\n'
        '[section]\nwidth = "400 um"\nheight = "400 um"\n[[rule]]\n'
        'cell = "neutrophil"\nsignal = "IL-10"\nlowers = "speed"\nto = "5 %"\nhalf = "900 ng/mL"\n',
        encoding="utf-8",
    )
    result = embers("rules", "mine.toml", "--trial", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "rule_1: IL-10 up to" in result.stdout
    assert "HARDLY ACTS" in result.stdout
