from dataclasses import replace

import pytest

from abm.model.measures import MEASURES
from abm.rules.infection import VIRUSES
from abm.validate.curves import DERIVED
from abm.validate.groups import GROUPS, group_of
from abm.validate.operations import OPERATIONS
from abm.validate.scoring import observables
from abm.validate.suite import last_day, load_arm
from abm.validate.target import TargetError, chosen, find_targets, read_target, target_ids

ALL = find_targets(target_ids())
VALUES = [(target, value) for target in ALL for value in target.values]
IDS = [f"{target.id}-{number}" for number, (target, _) in enumerate(VALUES)]


def test_all_findings_are_there_group_by_group():
    own = (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23)
    assert target_ids() == [
        "A1", "A2", *(f"F{number}" for number in own), "E1", "E2", *(f"G{number}" for number in (1, 2, 3, 5, 7, 8, 10)),
        *(f"N{number}" for number in (1, 2, 3, 4, 6, 7, 8, 9)), "H1", "H2", "H3",
    ]  # fmt: skip
    groups = [group_of(name) for name in target_ids()]
    assert groups == sorted(groups, key=list(GROUPS).index)


def test_only_the_window_of_blockade_is_a_prediction():
    assert [target.id for target in ALL if target.kind == "prediction"] == ["F20"]


def test_findings_that_cannot_be_run_say_what_the_model_lacks():
    listed = [target for target in ALL if not target.can_run]
    assert {target.id for target in listed} <= {"G5", "G7", "G10"}
    assert all(target.missing for target in listed)


def test_findings_that_a_law_was_included_for_are_not_called_reproduced():
    fitted = [target.id for target in ALL if target.group in "GN" and target.kind == "fitted"]
    assert fitted == ["G1", "G8", "N1", "N2", "N3", "N4", "N8"]


@pytest.mark.parametrize(("target", "value"), VALUES, ids=IDS)
def test_every_value_can_be_read(target, value):
    assert value.operation in OPERATIONS
    assert value.measure in MEASURES or value.measure in DERIVED or value.operation == "error"
    assert not value.observable or value.observable in observables(value.experiment)
    assert value.compare in ("none", "arm", "day", "change", "less", "later", "fold")
    assert bool(value.against) == (value.compare in ("arm", "change", "less", "later", "fold"))
    assert bool(value.share) == (value.operation == "clearance_day")
    assert all(last_day(value) <= load_arm(arm).duration / 24.0 for arm in value.arms)
    assert target.kind == "prediction" or value.least > float("-inf") or value.most < float("inf")


@pytest.mark.parametrize("target", ALL, ids=[target.id for target in ALL])
def test_every_target_names_its_source(target):
    assert "doi:10." in target.source
    assert all("doi:10." in part or "no DOI" in part for part in target.source.split("; "))
    assert all((target.title, target.finding, target.tolerance, target.note))


def test_tolerances_are_those_of_the_findings():
    bounds = {
        (target.id, number): (value.least, value.most) for target in ALL for number, value in enumerate(target.values)
    }
    none = float("inf")
    expected = {
        ("F1", 0): (0.5, 2.0), ("F1", 1): (0.0, 0.0), ("F2", 0): (100.0, 1000.0), ("F3", 0): (-none, 4.0),
        ("F4", 0): (6.0, 12.0), ("F5", 0): (-none, 2.0), ("F5", 1): (-none, 0.05), ("F6", 0): (0.3, 3.0),
        ("F6", 1): (0.3, 3.0), ("F8", 0): (0.8, none), ("F8", 1): (0.8, none), ("F10", 0): (5.0, 20.0),
        ("F12", 0): (3.0, 7.0),
        ("F12", 1): (-none, 28.0), ("F16", 0): (0.0, 0.0), ("F21", 0): (-none, 1.0), ("A1", 0): (-none, 0.7),
        ("A1", 1): (-none, 0.7), ("A2", 1): (-none, 0.7), ("A2", 2): (-none, 1.0), ("A1", 7): (-none, 1.0),
        ("F13", 0): (-none, 0.9), ("F15", 0): (0.5, 2.0), ("F18", 0): (1.0, none), ("F19", 0): (-none, 0.9),
        ("G1", 0): (1.1, none), ("G2", 0): (0.8, 1.25), ("G3", 0): (-none, 0.9), ("N1", 0): (0.5, none),
        ("N2", 0): (0.5, none), ("N2", 1): (-none, 21.0), ("N3", 0): (0.5, none), ("N4", 0): (1.1, none),
        ("N6", 0): (1.1, none), ("N8", 0): (-none, 14.0), ("E1", 0): (-none, 1.0), ("E2", 4): (-none, 1.0),
        ("H1", 0): (-none, 1.0), ("H1", 1): (2.0, 4.0), ("H2", 0): (0.01, 0.1), ("H3", 0): (-none, 1.0),
    }  # fmt: skip
    assert {key: bounds[key] for key in expected} == expected


# ---- one mouse -----------------------------------------------------------------------------------------------------


def same_but_for(arm, base="influenza", **left_out):
    """An arm and its base; of the arm, what tells people about it and what may differ is that of the base."""
    plain, scenario = load_arm(base), load_arm(arm)
    words = {name: getattr(plain, name) for name in ("name", "title", "story", "expect", "duration")}
    return plain, replace(scenario, **words, **{name: getattr(plain, name) for name in left_out})


TREATED = {
    "influenza": ("il6_knockout", "cd4_depletion", "cd8_depletion", "neutrophil_depletion", "late_blockade"),
    "no_virus": ("macrophage_depletion_without_virus", "t_cell_depletion_without_virus"),
    "influenza_without_cancer": (
        "il6_knockout_without_cancer", "cd8_depletion_without_cancer", "cd4_depletion_without_cancer",
        "neutrophil_depletion_without_cancer", "macrophage_depletion_without_cancer", "nk_depletion_without_cancer",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("base", "arm"), [(base, arm) for base, arms in TREATED.items() for arm in arms])
def test_a_treated_arm_differs_by_its_treatment_only(base, arm):
    untreated, scenario = same_but_for(arm, base, treatments=True)
    assert scenario == untreated
    assert len(load_arm(arm).treatments) == (2 if "t_cell" in arm else 1)


def test_a_mouse_without_antibody_differs_by_what_antibody_does_only():
    intact, arm = same_but_for("no_antibody_without_cancer", "influenza_without_cancer")
    assert arm.parameters.virus.antibody_clearance == 1.0
    virus = arm.parameters.virus._replace(antibody_clearance=intact.parameters.virus.antibody_clearance)
    assert replace(arm, parameters=arm.parameters._replace(virus=virus)) == intact


def test_no_virus_differs_by_the_infection_only():
    influenza, scenario = same_but_for("no_virus", infections=True)
    assert scenario == influenza


@pytest.mark.parametrize("arm", ["influenza_site_2", "influenza_site_3"])
def test_sites_differ_by_the_section_only(arm):
    influenza, scenario = same_but_for(arm, layout_seed=True)
    assert scenario == influenza
    assert load_arm(arm).layout_seed != influenza.layout_seed


def test_sars_cov_2_differs_by_the_parameters_of_the_virus_only():
    influenza, scenario = same_but_for("sars_cov_2", virus=True)
    assert scenario.parameters.virus == VIRUSES["SARS-CoV-2", "mouse"] != influenza.parameters.virus
    assert replace(scenario, parameters=scenario.parameters._replace(virus=influenza.parameters.virus)) == influenza


@pytest.mark.parametrize("virus", ["influenza", "sars_cov_2"])
def test_arms_without_cancer_differ_by_the_founders_only(virus):
    without, arm = load_arm(f"{virus}_without_cancer"), load_arm(virus)
    parameters = without.parameters
    assert parameters.dormancy.founders == 0.0
    founders = arm.parameters.dormancy.founders
    assert parameters._replace(dormancy=parameters.dormancy._replace(founders=founders)) == arm.parameters


# ---- faults --------------------------------------------------------------------------------------------------------

GOOD = """
title = "t"
kind = "fitted"
finding = "f"
tolerance = "t"
source = "s"

[[value]]
name = "n"
operation = "at"
arm = "influenza"
measure = "il6"
day = 3.0
most = 1.0
"""


def test_a_target_is_read_from_its_file(tmp_path):
    path = tmp_path / "F2.toml"
    path.write_text(GOOD)
    target = read_target(path)
    assert (target.id, target.arms, target.values[0].day) == ("F2", ("influenza",), 3.0)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('kind = "fitted"', 'kind = "guessed"'), 'F2.toml: kind "guessed" is none of fitted, reproduced, prediction'),
        (("most = 1.0", "most = 1.0\nleast = 2.0"), 'F2.toml: "n" is to lie between 2 and 1'),
        (("most = 1.0", "mots = 1.0"), "F2.toml: unknown: mots"),
        (('source = "s"', ""), "F2.toml: unknown: nothing; missing: source"),
        (("most = 1.0", 'experiment = "third"'), 'F2.toml: experiment "third" is none of first, second, people'),
        (('title = "t"', "title = t"), "F2.toml: "),
        (("[[value]]", "[value_]"), "F2.toml: unknown: value_"),
        ((GOOD[GOOD.index("[[value]]") :], ""), "F2.toml: there is no [[value]], and `missing` does not say"),
    ],
)
def test_a_faulty_target_is_refused(change, complaint, tmp_path):
    path = tmp_path / "F2.toml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(TargetError, match=complaint.replace("[", r"\[")):
        read_target(path)


def test_a_target_without_numbers_says_what_is_missing(tmp_path):
    path = tmp_path / "G5.toml"
    path.write_text(GOOD[: GOOD.index("[[value]]")] + 'missing = "a clock"\n')
    target = read_target(path)
    assert (target.group, target.can_run, target.arms, target.missing) == ("G", False, (), "a clock")


def test_every_observable_of_a_target_is_a_measure_of_the_model():
    for _, value in VALUES:
        if value.observable:
            assert set(observables(value.experiment)[value.observable].measures) <= set(MEASURES)


def test_targets_are_chosen_in_their_order_whatever_the_case():
    assert chosen("f10, F2,a2,f2") == ["A2", "F2", "F10"]
    assert chosen(None) == target_ids()
    for nothing in ("", " , "):
        with pytest.raises(ValueError, match="no target or group is named; leave --only out for all"):
            chosen(nothing)


def test_a_group_stands_for_all_of_its_targets():
    signs = [name for name in target_ids() if name.startswith("N")]
    assert chosen("n") == signs
    assert chosen("N1,G2") == ["G2", "N1"]
    assert chosen("F2,N") == ["F2", *signs]
    assert chosen("B") == [name for name in target_ids() if name.startswith("F")]


def test_unknown_targets_and_groups_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match='no target or group "F7"; nearest: ') as caught:
        chosen("F2,F7,xyzzy")
    assert 'no target or group "xyzzy"; there are: A, B, E, G, N' in str(caught.value)
