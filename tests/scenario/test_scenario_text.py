import re

from hypothesis import given, settings
from hypothesis import strategies as st

from abm.core.quantity import declared, quantities, replaced
from abm.rules.parameters import Parameters
from abm.rules.sources import references
from abm.scenario.read import ScenarioError, read_scenario, write_scenario
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, OwnDrugGiven
from abm.treatments.times import ALWAYS
from abm.treatments.treatments import DEPLETABLE, TREATMENTS, Depletion, Infection


def drawn_number(quantity):
    return st.floats(quantity.low, min(quantity.high, 1e5))


@st.composite
def scenarios(draw):
    """Scenarios with any parameters in range, and treatments that go with them."""
    parameters = Parameters()
    for item in draw(st.lists(st.sampled_from(list(declared(parameters))), max_size=30)):
        parameters = replaced(parameters, item.name, draw(drawn_number(item.quantity)))
    treatments = []
    for kind in draw(
        st.lists(
            st.sampled_from([kind for kind in TREATMENTS.values() if kind is not OwnDrugGiven]), max_size=4, unique=True
        )
    ):
        values = {name: draw(drawn_number(quantity)) for name, quantity in quantities(kind).items()}
        if "start" in values:
            values["start"] = draw(st.floats(0, 671))
        if "stop" in values:
            values["stop"] = draw(st.just(ALWAYS) | st.floats(672, 9999))
        mouse = [name for name, drug in getattr(kind, "LIBRARY", {}).items() if drug.binds == "mouse"]
        names = {"drug": mouse[0]} if mouse else {"cells": draw(st.sampled_from(list(DEPLETABLE)))}
        treatments.append(kind(**values, **(names if mouse or "cells" in kind.__annotations__ else {})))
    times = draw(st.lists(st.floats(0, 671), max_size=3))
    width, founders = 40.0 * draw(st.integers(2, 1000)), parameters.dormancy.founders
    parameters = replaced(
        parameters, "dormancy.founders", min(founders, width * 2000.0 / 10.0**2 // 2)
    )  # as many as fit
    return Scenario(
        *("x", *draw(st.lists(st.text(), min_size=3, max_size=3)), "mouse", "influenza"),
        step=draw(st.sampled_from([0.5, 0.25, 1 / 6, 1 / 12])),
        layout=draw(st.sampled_from(["lung", "sheet"])),
        layout_seed=draw(st.integers(0, 2**63 - 1)),
        width=width,
        infections=tuple(Infection(time, draw(st.floats(0, 1000))) for time in times),
        treatments=tuple(treatments),
        parameters=parameters,
    )


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_a_written_scenario_reads_back_equal(scenario):
    assert read_scenario("x.toml", write_scenario(scenario)) == scenario


def test_every_parameter_is_written_with_unit_and_what_is_known():
    text = write_scenario(Scenario())
    for item in declared(Parameters()):
        name = item.name.rpartition(".")[2]
        (group,) = re.findall(
            rf"\n\[parameters\.{re.escape(item.name.rpartition('.')[0])}\]\n(.*?)(?:\n\n|\Z)", text, re.S
        )
        line = next(row for row in group.splitlines() if row.startswith(f"{name} = "))
        assert item.quantity.meaning in line
        assert item.quantity.source in line
        assert line.endswith(item.quantity.confidence)


def test_a_written_scenario_ends_with_the_sources_that_its_parameters_cite():
    comments = write_scenario(Scenario()).partition("\n# Sources\n")[2].splitlines()
    assert comments == [f"# {line}" for line in references(item.quantity.source for item in declared(Parameters()))]
    assert len(comments) > 20


def test_the_usual_dose_is_written_as_a_number():
    text = write_scenario(Scenario(treatments=(AntiIL6Receptor("MR16-1"),)))
    assert 'dose = "0.5 mg"' in text
    assert 'every = "72.0 h"' in text
    assert "\nstop = " not in text


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(data):
    text = write_scenario(Scenario(treatments=(AntiIL6("MP5-20F3"), Depletion("NK")), infections=(Infection(),)))
    lines = text.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].split(" = ")[0]
    junk = st.sampled_from(['"1 h"', "1", "-1", "nan", "{}", "[]", "[[1]]", '""', "{a = {}}", "1e999", "07:32:00"])
    lines[at] = data.draw(st.text(max_size=8) | junk.map(lambda value: f"{key} = {value}") | st.just(""))
    try:
        assert isinstance(read_scenario("x.toml", "\n".join(lines)), Scenario)
    except ScenarioError as error:
        assert error.faults  # noqa: PT017 - both ends are right
