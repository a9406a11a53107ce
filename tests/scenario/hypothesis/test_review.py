"""Faults that a reviewer found by trying: names that shadow words, signals that do nothing, values of a wrong type."""

from dataclasses import replace

import numpy as np
import pytest

from abm.model.lung_model import LungModel
from abm.rules.states import CancerState
from abm.scenario.errors import ScenarioError
from abm.scenario.scenario import Scenario
from abm.studies.design.target import target_of
from abm.treatments.treatments import Infection
from tests.scenario.hypothesis.made import TINY

PLAIN = Scenario(name="plain", infections=(Infection(),))
RULE = PLAIN.with_rule("neutrophil", "IL-6", lowers="speed", to="50 %", half=1.0).rules[0]


@pytest.mark.parametrize(
    "name", ["hour", "virions", "collagen", "NETs", "drug x", "own age", "tissue", "infected epithelium", "seed",
             "activated neutrophil", "Virions", "arm"],
)  # fmt: skip
def test_a_name_that_a_signal_a_place_or_a_column_has_is_refused(name):
    with pytest.raises(ScenarioError, match="is taken by"):
        PLAIN.with_substance(name, molar_mass=10.0)
    with pytest.raises(ScenarioError, match="is taken by"):
        PLAIN.with_cell(name, like="fibroblast")


@pytest.mark.parametrize(
    ("cell", "rate", "to"),
    [("CD8 T cell", "killing of infected epithelium", 1.0), ("CD8 T cell", "killing of dormant cancer cells", 1.0),
     ("neutrophil", "arrival", 1.0)],
)  # fmt: skip
def test_what_single_cells_carry_is_no_signal_of_a_rate_that_they_share(cell, rate, to):
    for signal in ("own age", "own activation"):
        with pytest.raises(ScenarioError, match="do not have one by one"):
            PLAIN.with_rule(cell, signal, raises=rate, to=to, half=0.5)


@pytest.mark.parametrize(
    "values",
    [{"signal": None}, {"second": None}, {"name": []}, {"is_factor": "yes"}, {"on": "no"}, {"replaces": []},
     {"source": 3}, {"to": 10**400}, {"to": "0.1"}, {"power": True}, {"half": float("nan")}],
    ids=str,
)  # fmt: skip
def test_a_field_of_a_wrong_type_is_refused_in_words(values):
    with pytest.raises(ScenarioError):
        LungModel(replace(PLAIN, rules=(replace(RULE, **values),)))


def test_a_list_of_rules_is_taken_as_a_tuple():
    assert Scenario(name="list", rules=[RULE]).rules == (RULE,)


def test_numbers_of_another_rule_of_the_same_name_are_not_kept():
    other = PLAIN.with_rule("dormant cancer cell", "IL-6", raises="awakening", to="0.02 /h", half="2 ng/mL")
    mine = PLAIN.with_rule("fibroblast", "IL-6", raises="loss", to="0.5 /h", half="0.5 ng/mL")
    assert replace(mine, rules=other.rules).rules == other.rules


def test_a_name_of_an_axis_that_is_no_number_is_unknown():
    with pytest.raises(KeyError):
        target_of("rule ².to", [PLAIN.with_rule("neutrophil", "IL-6", lowers="speed", to="50 %", half=1.0)])


def test_a_substance_that_rules_keep_from_being_lost_stays_a_number():
    kept = TINY.with_rule("tissue", "IL-6", lowers="loss of IL-6", to="0 %", form="threshold", half="0.001 ng/mL")
    series = LungModel(kept, 1).run().series
    assert np.isfinite(series["il6"]).all()
    assert series["il6"].iloc[-1] > series["il6"].iloc[0]


def test_arrival_includes_the_cells_that_the_lymph_node_sends():
    nobody = replace(TINY, width=400.0, height=400.0, duration=216.0, record_every=24.0).with_rule(
        "CD8 T cell", "time since infection", lowers="arrival", from_="100 %", to="0 %", half="1e-1 h", form="threshold"
    )
    series = LungModel(nobody, 1).run().series
    assert series["cd8"].iloc[-1] < 0.2 * LungModel(replace(nobody, rules=()), 1).run().series["cd8"].iloc[-1]


def test_the_first_killer_of_a_section_full_of_cancer_cells_kills():
    full = replace(TINY, infections=(), duration=48.0).with_parameters({"dormancy.founders": 120.0})
    killing = full.with_rule(
        "fibroblast", "own age", raises="killing of dormant cancer cells", to="20 /h", half="0.1 h"
    ).with_parameters({"cells.fibroblast.resting_density": 200.0})
    model = LungModel(killing, 1)
    assert (model.tissue.cancer.state[model.tissue.cancer.alive] == CancerState.DORMANT).all()
    model.run()
    assert (model.events()["kind"] == "killed").any()


def test_a_neutral_rule_changes_no_source_by_a_cell():
    neutral = TINY.with_rule("neutrophil", "IL-10", raises="secretion of IL-6", to="100.0001 %", half="1e4 ng/mL")
    one, other = (LungModel(scenario, 2).run().series["il6"] for scenario in (TINY, neutral))
    assert other.to_numpy() == pytest.approx(one.to_numpy(), rel=1e-4)


def test_factors_of_many_rules_are_bounded_together():
    many = TINY
    for signal in ("IL-6", "IL-10", "TNF-alpha"):
        many = many.with_rule(
            "infected epithelium", signal, raises="release of virions", to="1000-fold", half="1e-6 ng/mL"
        )
    assert np.isfinite(LungModel(replace(many, duration=6.0), 1).run().series.to_numpy()).all()
