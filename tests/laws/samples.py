"""A scenario in which every law of the catalogue may act, and changed values of parameters."""

from abm.core.quantity import declared
from abm.laws.catalogue import laws_in
from abm.scenario.read import load_scenario


def full_scenario():
    """Two viruses, and every type of treatment."""
    scenario = load_scenario("influenza_then_sars_cov_2")
    for kind, values in (
        ("anti-IL-6", {"drug": "MP5-20F3"}),
        ("anti-IL-6R", {"drug": "MR16-1"}),
        ("JAK inhibitor", {"drug": "ruxolitinib (mouse)"}),
        ("antiviral", {"drug": "oseltamivir (mouse)"}),
        ("vaccination", {}),
        ("depletion", {"cells": "CD4"}),
        ("transfer", {"cells": "CD8"}),
        ("cancer cells", {}),
    ):
        scenario = scenario.with_treatment(kind, **values)
    return scenario


def by_name(scenario):
    return {law.law.name: law for law in laws_in(scenario)}


def another(item):
    """Another allowed value of a parameter, a quarter of its range from one of its ends."""
    low, high = item.quantity.low, item.quantity.high
    return low + (0.75 if item.value < 0.5 * (low + high) else 0.25) * (high - low)


def with_values(parameters, names):
    """The parameters with another value of each of these."""
    values = {item.name: another(item) for item in declared(parameters) if item.name in names}
    return _put(parameters, values)


def _put(group, values):
    changed = {}
    for field in group._fields:
        own = {name.partition(".")[2]: value for name, value in values.items() if name.partition(".")[0] == field}
        if own:
            changed[field] = own[""] if "" in own else _put(getattr(group, field), own)
    return group._replace(**changed)
