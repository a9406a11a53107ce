import importlib
import pkgutil

import numpy as np
import pytest

import abm.rules
from abm.core.compiled import Kernel, interpreted
from abm.core.quantity import declared
from abm.laws.acting import KNOWN_SIGNALS
from abm.laws.catalogue import CONFIDENCES, declared_laws, laws_in
from abm.laws.law import LOWERS, RAISES, SETS
from abm.laws.numbers import UnitNumber, filled
from abm.laws.places import DRUG, ORDER
from abm.rules.cells import CellKind
from abm.rules.substances import Substance
from abm.scenario.catalog import scenario_names
from abm.scenario.read import load_scenario
from tests.laws.samples import another, by_name, full_scenario, with_values
from tests.words import faults

# Compiled functions of abm.rules that are no law of their own.
HELPERS = {
    "hill": "shape of a response",
    "gradient_response": "shape of a response",
    "decay_factor": "shape of a time course",
    "relax_towards": "shape of a time course",
    "relax_exactly": "shape of a time course",
    "exp_neg_approx": "shape of a time course",
    "decay_rate": "conversion of a half-life",
    "kinds_in": "counts types of cells",
    "substances_in": "counts substances",
    "parameters_of_virus": "looks up a group of parameters",
    "shares_with": "looks up a type of cell",
    "site_rise": "conversion of secretion to a concentration",
    "infections_per_cell": "part of growth_rate",
    "fastest_decay": "part of growth_rate",
    "dispersal": "numerics of migration in resting tissue",
    "mean_team_rate": "mean of team_rate in quiet time",
    "kinetics": "part of tissue_concentration, which it integrates over time",
    "unbinding_rate": "a constant of a drug, in the sentence of capture_rate",
}
# Parameters that no law uses.
OTHERS = {
    "dormancy.founders": "what there is at the start",
    "dormancy.lesion_size": "definition of a measure",
    "epithelium.extinction": "numerics: the amount below which a field is set to zero",
    "substances.il6.lavage_dilution": "conversion to a measure",
}
# Parameters that a sentence states beside those of its curve: what a process does with them is no curve.
BESIDE_THE_CURVE = {
    "occupancy": {"dormancy.signal_memory"},
    "arrival_loss_rate": {"dormancy.settling_time", "interferon.half_response", "interferon.power"},
    "release_rate": {"virus.mixing"},
    "uptake": {"cells.neutrophil.resting_density"},
    "growth_rate": {"virus.inoculum", "virus.arrival_time"},
    "hold_target": {"cells.fibroblast.resting_density"},
    "deposition_rate": {"cells.fibroblast.resting_density"},
    "priming_rate": {"adaptive.pool_recovery"},
    "local_loss.il6": {"substances.il6.diffusion"},
    "capture_rate.MP5-20F3": {"substances.il6.complex_loss"},
}
# The axis of these curves is not the signal itself, but what is left of it, or the time since it came.
OPPOSITE = ("growth_rate", "growth_rate.second_virus", "helped.antibody", "helped.memory", "nk_cancer_rate")

FULL = full_scenario()
LAWS = by_name(FULL)
CURVED = [name for name, law in LAWS.items() if law.law.curve is not None]
HALVED = [name for name in CURVED if LAWS[name].law.curve.half is not None]


def lines(law, parameters):
    return law.law.curve.responses(parameters.completed())


@pytest.mark.skipif(interpreted(), reason="kernels are plain functions then")
def test_every_compiled_function_of_the_rules_is_a_law_or_a_known_helper():
    found = {law.law.function for law in LAWS.values()}
    left = set()
    for module in pkgutil.iter_modules(abm.rules.__path__):
        for name, item in vars(importlib.import_module(f"abm.rules.{module.name}")).items():
            own = isinstance(item, Kernel) and item.__module__ == f"abm.rules.{module.name}"
            if own and not name.startswith("_") and item not in found:
                left.add(name)
    assert left == set(HELPERS)


def test_every_parameter_belongs_to_a_law_or_is_known_to_belong_to_none():
    used = {name for law in LAWS.values() for name in law.law.parameters}
    assert {item.name for item in declared(FULL.parameters)} - used == set(OTHERS)


def test_a_law_is_named_after_its_function():
    other = {"nk_infected", "ki67"}
    for name, law in LAWS.items():
        if law.law.function is not None and name not in other:
            assert name.partition(".")[0] == law.law.function.__name__


def test_every_law_has_a_name_of_its_own_and_says_where_and_how_it_acts():
    laws = declared_laws(FULL, FULL.parameters)
    assert len({law.name for law in laws}) == len(laws)
    for law in laws:
        assert law.cell in ORDER
        assert law.effect in (RAISES, LOWERS, SETS)
        assert law.target


@pytest.mark.parametrize("name", CURVED)
def test_a_curve_depends_on_the_parameters_that_the_sentence_states_and_on_no_other(name):
    law, p = LAWS[name], FULL.parameters
    before, stated = lines(law, p), set(law.law.parameters)
    rest = {item.name for item in declared(p)} - stated
    after = lines(law, with_values(p, rest))
    assert all(np.array_equal(before[label], after[label]) for label in before), "it states too little"
    silent = set()
    for parameter in stated:
        after = lines(law, with_values(p, {parameter}))
        if all(np.array_equal(before[label], after[label]) for label in before):
            silent.add(parameter)
    expected = BESIDE_THE_CURVE.get(name.removesuffix(".second_virus"), set())
    if name.endswith(".second_virus"):
        expected = {each.replace("virus.", "second_virus.") for each in expected}
    assert silent == expected


@pytest.mark.parametrize("name", [name for name, law in LAWS.items() if law.law.parameters])
def test_another_value_of_a_parameter_changes_the_sentence(name):
    law = LAWS[name]
    numbers = {item.name: UnitNumber(item.value, item.quantity.unit) for item in law.own} | dict(law.law.numbers)
    for item in law.own:
        changed = numbers | {item.name: UnitNumber(another(item), item.quantity.unit)}
        assert filled(law.law.sentence, changed) != law.sentence


@pytest.mark.parametrize("name", HALVED)
def test_a_curve_is_half_way_at_its_half_point_and_has_the_power_that_is_said(name):
    law, p = LAWS[name], FULL.parameters.completed()
    respond, half, power = next(iter(law.law.curve.lines.values())), law.half(), law.power()
    none, full = respond(half * 1e-15, p), respond(half * 1e15, p)
    assert (respond(half, p) - none) / (full - none) == pytest.approx(0.5, abs=1e-6)
    assert (respond(2.0 * half, p) - none) / (full - none) == pytest.approx(2.0**power / (1.0 + 2.0**power), abs=1e-6)


@pytest.mark.parametrize("name", HALVED)
def test_a_sentence_states_the_power_and_the_half_point_of_its_curve(name):
    law = LAWS[name]
    if isinstance(law.law.curve.half, str):
        assert law.law.curve.half in law.law.parameters
    if "Hill power" in law.sentence:
        assert f"Hill power {law.power():g}" in law.sentence


def test_a_law_that_raises_rises_and_one_that_lowers_falls():
    for name in CURVED:
        law = LAWS[name]
        if law.law.effect == SETS or law.law.curve.names:
            continue
        for line in lines(law, FULL.parameters).values():
            rises = np.all(np.diff(line) >= -1e-12)
            falls = np.all(np.diff(line) <= 1e-12)
            assert rises or falls, name
        first = next(iter(lines(law, FULL.parameters).values()))
        assert (first[-1] >= first[0]) == (law.law.effect == RAISES) or name in OPPOSITE, name


def test_every_secreting_cell_has_a_law_for_each_substance_that_it_is_declared_to_secrete():
    p = FULL.parameters
    for kind in CellKind:
        for substance in Substance:
            rates = p.cells[kind.shares_with].secretion[substance]
            assert (f"secretion_rate.{kind.key}.{substance.key}" in LAWS) == (max(rates.at_rest, rates.activated) > 0.0)
    assert {f"influx.{kind.key}" for kind in CellKind} <= set(LAWS)
    assert {f"loss_rate.{kind.key}" for kind in CellKind} <= set(LAWS)
    assert {f"hops_per_hour.{kind.key}" for kind in CellKind} <= set(LAWS)
    assert {f"local_loss.{substance.key}" for substance in Substance} <= set(LAWS)


@pytest.mark.parametrize("name", scenario_names())
def test_the_sentences_of_a_scenario_are_filled_and_plain(name):
    for law in laws_in(load_scenario(name)):
        text = law.sentence if law.acts else f"{law.why_not}."
        assert "{" not in text, law.law.name
        assert "}" not in text, law.law.name
        assert text.endswith("."), law.law.name
        assert list(faults(text)) == [], law.law.name
        assert law.confidence in CONFIDENCES


def test_confidence_is_that_of_the_weakest_number():
    laws = by_name(load_scenario("influenza"))
    assert laws["refractory_hazard"].confidence == "fitted"
    assert laws["infection_rate"].confidence == "peer"
    assert laws["il6_awakening_rate"].confidence == "assumed"
    assert "Chia 2025" in laws["il6_awakening_rate"].sources


def test_every_signal_is_a_known_word():
    for law in LAWS.values():
        if law.law.cell != DRUG:
            assert set(law.law.signals) <= KNOWN_SIGNALS, law.law.name
        assert set(law.law.needs) <= KNOWN_SIGNALS, law.law.name


# ---- what acts, and why not ------------------------------------------------------------------------------------------


def test_without_virus_its_laws_do_not_act():
    laws = by_name(load_scenario("no_virus"))
    for name in ("infection_rate", "response", "team_rate.infected", "secretion_rate.nk.ifn_gamma", "node_output.cd8"):
        assert not laws[name].acts, name
    assert laws["infection_rate"].why_not == "no virus is given"
    for name in (
        *("il6_awakening_rate", "macrophage_hold", "influx.cd8", "team_rate.proliferating"),
        *("loss_rate.resident_macrophage", "loss_rate.cd4", "secretion_rate.resident_macrophage.tgfb2"),
    ):
        assert laws[name].acts, name
    assert laws["influx.recruited_macrophage"].why_not == "there are no recruited macrophages"


def test_in_a_knockout_nothing_responds_to_il6():
    laws = by_name(load_scenario("il6_knockout"))
    for name in ("il6_awakening_rate", "attraction", "secretion_rate.resident_macrophage.il6", "loss_left_by_il6"):
        assert laws[name].why_not == "no cell secretes IL-6 (IL-6 knockout)", name
    assert laws["il6_knockout"].acts
    for name in ("awakening_without_il6", "return_rate", "cycle_speed"):  # at the rate without signal
        assert laws[name].acts, name


def test_without_cancer_cells_their_laws_do_not_act():
    scenario = load_scenario("influenza").with_parameters({"dormancy.founders": "0 cell"})
    laws = by_name(scenario)
    assert laws["il6_awakening_rate"].why_not == "there are no cancer cells"
    assert laws["team_rate.infected"].acts
    arriving = by_name(scenario.with_treatment("cancer cells"))
    assert arriving["il6_awakening_rate"].acts
    assert arriving["arrival_loss_rate"].acts


def test_a_rate_of_zero_is_said():
    scenario = load_scenario("influenza").with_parameters(
        {"cytotoxicity.nk_infected": "0 /h", "cells.fibroblast.secretion.il6.activated": "0 molecules/cell/s"}
    )
    laws = by_name(scenario)
    assert laws["nk_infected"].why_not == "cytotoxicity.nk_infected = 0"
    assert laws["secretion_rate.fibroblast.il6"].why_not == "its secretion of IL-6 is 0"


def test_a_drug_that_is_given_has_its_laws_with_its_numbers():
    laws = by_name(load_scenario("human_covid_19_tocilizumab"))
    assert "half of them at 2.5 nM" in laws["receptors_left.tocilizumab"].sentence
    assert laws["capture_rate"].why_not == "no anti-IL-6 is given"
    assert "Frey 2010" in laws["receptors_left.tocilizumab"].sources


def test_each_of_two_viruses_has_its_laws():
    laws = by_name(load_scenario("influenza_then_sars_cov_2"))
    assert laws["infection_rate"].sentence.startswith("influenza: ")
    assert laws["infection_rate.second_virus"].sentence.startswith("SARS-CoV-2: ")
    assert laws["infecting_virus"].acts
    assert laws["with_cross_reaction.memory"].why_not == "adaptive.cross_reaction = 0"


def test_a_change_during_the_run_is_said_with_its_hour():
    name = "cytotoxicity.cd8_dormant_cancer"
    scenario = load_scenario("influenza").with_change(name, "0 /h", "3 days").with_change(name, "0.05 /h", "5 days")
    law = by_name(scenario)["team_rate.dormant"]
    assert "at 0.01 /h" in law.sentence
    (first, nothing), (second, more) = law.later
    assert (first, nothing) == (72.0, f"does not act ({name} = 0)")
    assert second == 120.0
    assert "at 0.05 /h" in more


def test_a_law_that_a_change_begins_acts_from_then_on():
    scenario = load_scenario("influenza").with_parameters({"activation.net_release": "0 /h"})
    laws = by_name(scenario.with_change("activation.net_release", "0.05 /h", "2 days"))
    assert laws["net_release"].begins == 48.0
    assert "up to 0.05 /h" in laws["net_release"].sentence
