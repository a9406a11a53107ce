"""Rival hypotheses: what they change in an arm, and the matrix on the page; whole runs are slow."""

import json

import pytest

from abm.core.quantity import declared
from abm.scenario.catalog import hypothesis_paths
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario, read_scenario
from abm.validate.hypotheses import (
    OF_CANCER,
    findings,
    hypotheses_of,
    with_hypothesis,
)
from abm.validate.suite import load_arm
from abm.validate.target import find_targets
from tests.commands import embers

NAMES = list(hypothesis_paths())


def test_six_hypotheses_are_packaged_and_that_of_the_model_comes_first():
    assert NAMES == ["il6", "il17a", "il6_trans_signalling", "interferon_barrier", "macrophage_hold", "nets"]


@pytest.mark.parametrize("name", NAMES)
def test_a_packaged_hypothesis_names_its_paper_and_every_rule_its_source(name):
    path = hypothesis_paths()[name]
    assert "doi:10." in path.read_text(encoding="utf-8")
    scenario = read_scenario(path)
    assert all("doi:10." in rule.source and rule.confidence == "assumed" for rule in scenario.rules)
    assert bool(scenario.rules) == (name != "il6")
    assert "prediction" in scenario.expect or not scenario.rules


@pytest.mark.parametrize("name", NAMES)
def test_a_hypothesis_goes_with_every_arm_of_every_finding(name):
    changed = with_hypothesis(hypotheses_of([name])[0])
    for arm in dict.fromkeys(arm for target in find_targets(findings()) for arm in target.arms):
        assert len(changed(load_arm(arm)).rules) == len(hypotheses_of([name])[0].rules)


def test_the_hypothesis_of_the_model_changes_nothing():
    arm = load_arm("influenza")
    assert with_hypothesis(hypotheses_of(["il6"])[0])(arm) == arm


def test_parameters_that_a_hypothesis_sets_are_set_in_the_arms():
    mine = load_scenario("influenza").with_parameters({"dormancy.awakening": 0.05, "virus.infectivity": 0.02})
    changed = with_hypothesis(mine)(load_arm("sars_cov_2"))
    values = {item.name: item.value for item in declared(changed.parameters)}
    assert values["dormancy.awakening"] == 0.05
    assert values["virus.infectivity"] == load_arm("sars_cov_2").parameters.virus.infectivity  # the arm has its virus


def test_findings_are_those_on_cancer_cells_that_can_be_run():
    targets = find_targets(findings())
    assert {"F2", "F8", "F13", "G2"} <= {target.id for target in targets}
    assert all(any(value.measure in OF_CANCER for value in target.values) for target in targets)
    assert not {"A1", "N2"} & {target.id for target in targets}


def test_two_hypotheses_of_one_name_and_a_missing_one_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match="stands there twice"):
        hypotheses_of(["il6", "il6"])
    with pytest.raises(ScenarioError, match="no such file"):
        hypotheses_of([str(tmp_path / "mine.toml")])


def test_a_finding_that_is_none_is_refused(tmp_path):
    result = embers("hypotheses", "--only", "F999", cwd=tmp_path)
    assert result.returncode != 0
    assert "F999" in result.stderr


@pytest.mark.slow
def test_the_matrix_says_which_hypothesis_survives_which_finding(tmp_path):
    asked = ("--only", "F8", "--sections", 2, "--out", "out", "--json")
    result = embers("hypotheses", "il6", "il17a", *asked, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert [one["name"] for one in told["hypotheses"]] == ["il6", "il17a"]
    assert told["hypotheses"][0]["findings"]["F8"]["verdict"] == "passed"
    text = (tmp_path / "out" / "hypotheses.md").read_text(encoding="utf-8")
    assert "| F8: Without IL-6 the cells hardly expand |" in text
    assert "IL-17A of CD4 T cells" in text
