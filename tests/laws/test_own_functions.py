"""Every law in whose place a function can act takes one that does what the built-in law does."""

import inspect
import runpy

import pytest

from abm.core.compiled import interpreted
from abm.laws.catalogue import declared_laws, laws_in
from abm.laws.own_functions import laws_with_functions
from tests.laws.samples import full_scenario

FULL = full_scenario()
KNOWN = {} if interpreted() else laws_with_functions(declared_laws(FULL, FULL.parameters))
QUICK = ("occupancy", "influx", "loss_rate", "tissue_concentration")  # one of several, of a process, of a drug


def wrapper(name, path):
    """A function that calls the built-in law, from a file of its own."""
    law = KNOWN[name][0].function
    arguments = ", ".join(inspect.signature(law.__wrapped__).parameters)
    path.write_text(
        f"from {law.__module__} import {name} as built_in\n\ndef mine({arguments}):\n    return built_in({arguments})\n"
    )
    return runpy.run_path(str(path))["mine"]


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in KNOWN]
)
def test_a_function_that_calls_the_law_has_its_curves(name, tmp_path):
    mine = FULL.with_law(name, wrapper(name, tmp_path / "mine.py"))
    usual = {law.law.name: law for law in laws_in(FULL)}
    ours = {law.law.name: law for law in laws_in(mine)}
    for law in KNOWN[name]:
        assert "The function mine of the user" in ours[law.name].sentence
        if law.curve is not None:
            assert repr(ours[law.name].curve()) == repr(usual[law.name].curve())


def test_laws_of_one_function_are_listed_under_its_name():
    assert [law.name for law in KNOWN.get("team_rate", [])] == [
        name for name in ("team_rate.infected", "team_rate.proliferating", "team_rate.dormant") if KNOWN
    ]
    assert not {"nk_infected", "ki67", "rules", "dormant_death"} & KNOWN.keys()
