import pytest

from abm.core.quantity import fields_of
from abm.rules.cells import CellKind, Cells
from abm.rules.parameters import Parameters
from abm.scenario.errors import ScenarioError
from abm.scenario.from_python import check
from abm.scenario.read import read_scenario
from abm.scenario.scenario import Scenario

SHARED = 'set it in "cells.resident_macrophage", which holds for both types'


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cells.nk.is_lymphocyte", "it is declared in the code"),
        ("cells.nk.secretion.il6.activated", "it is declared in the code"),
        ("substances.il6.molar_mass", "it is declared in the code"),
        ("cells.recruited_macrophage.phagocytosis", SHARED),
        ("cells.recruited_macrophage.secretion.il6.activated", SHARED),
    ],
)
def test_a_number_that_is_no_parameter_is_refused_with_the_reason(name, hint, tmp_path):
    with pytest.raises(ScenarioError, match=f"is no parameter and cannot be set(?s:.*){hint}"):
        read_scenario(tmp_path / "fixed.toml", f"[parameters]\n{name} = 1.0\n")
    with pytest.raises(ScenarioError, match=f"is no parameter and cannot be set(?s:.*){hint}"):
        Scenario().with_parameters({name: 1.0})


@pytest.mark.parametrize("value", [0.0, "x", float("nan"), (1.0, 2.0), None])
def test_a_trait_that_was_replaced_in_python_is_refused(value):
    p = Parameters()
    changed = p._replace(cells=p.cells._replace(nk=p.cells.nk._replace(is_lymphocyte=value)))
    with pytest.raises(ScenarioError, match=r"cells\.nk\.is_lymphocyte = .*is no parameter and cannot be set"):
        check(Scenario(parameters=changed))


def test_groups_without_parameters_are_not_among_those_that_can_be_set():
    rows = {row.name: row for row in fields_of(Cells())}
    for kind in CellKind:
        names = [field.name for field in fields_of(rows[kind.key].value, rows[kind.key].within)]
        shown = kind.shares_with is kind and any(name.startswith("secretion.") for name in rows[kind.key].within)
        assert ("secretion" in names) == shown
