import importlib
import inspect
import math
import pkgutil
import types
from pathlib import Path
from typing import get_args

import pytest

import abm.rules
from abm.core.compiled import Kernel
from abm.core.quantity import Confidence, Declared, declared
from abm.core.record import as_record
from abm.rules.cells import CellKind
from abm.rules.infection import VIRUSES, Virus
from abm.rules.parameters import Parameters, kinds_in, parameters_of_virus, substances_in
from abm.rules.substances import Substance
from abm.scenario.scenario import Scenario
from abm.scenario.toml.units import to_number, written

ALL = list(declared(Parameters()))
OF_VIRUSES = [
    Declared(f"{virus} in {host}: {item.name}", item.value, item.quantity)
    for (virus, host), parameters in VIRUSES.items()
    for item in declared(parameters)
]
NAMES = [item.name for item in ALL]


@pytest.mark.parametrize("item", ALL + OF_VIRUSES, ids=lambda item: item.name)
class TestEveryParameter:
    def test_has_a_default_inside_its_range(self, item):
        assert type(item.value) is float
        assert item.quantity.low < item.quantity.high
        assert item.quantity.low <= item.value <= item.quantity.high

    def test_says_what_it_means_and_where_it_comes_from(self, item):
        quantity = item.quantity
        assert len(quantity.meaning) > 3
        assert quantity.meaning == quantity.meaning.strip()
        assert len(quantity.source) > 3
        assert quantity.confidence in get_args(Confidence)

    def test_can_be_written_with_its_unit_and_read_back(self, item):
        text = written(item.value, item.quantity.unit)
        value = text.strip('"') if item.quantity.unit else float(text)
        assert to_number(value, item.quantity) == item.value

    def test_has_finite_numbers_only(self, item):
        assert all(map(math.isfinite, (item.value, item.quantity.low, item.quantity.high)))


def test_names_are_unique_and_lead_to_their_values():
    assert len(set(NAMES)) == len(NAMES)
    for item in ALL:
        value: object = Parameters()
        for part in item.name.split("."):
            value = getattr(value, part)
        assert value == item.value


def test_every_number_of_every_group_is_declared_but_traits_of_cells_and_substances():
    def numbers(group: object) -> int:
        return sum(numbers(part) if hasattr(part, "_fields") else 1 for part in group)

    tables = ("cells", "substances")
    others = [group for name, group in Parameters()._asdict().items() if group is not None and name not in tables]
    assert sum(map(numbers, others)) == len([name for name in NAMES if name.partition(".")[0] not in tables])


@pytest.mark.parametrize("kind", list(CellKind))
def test_density_influx_loss_and_speed_of_every_type_of_cell_are_parameters(kind):
    assert {f"cells.{kind.key}.{name}" for name in ("resting_density", "peak_influx", "loss", "speed")} <= set(NAMES)


@pytest.mark.parametrize("substance", list(Substance))
def test_diffusion_and_loss_of_every_substance_are_parameters(substance):
    assert {f"substances.{substance.key}.{name}" for name in ("diffusion", "loss")} <= set(NAMES)


def test_no_name_holds_a_unit():
    units = {"um", "h", "hours", "min", "ng", "ml", "mm2", "per_hour", "pct"}
    assert not [name for name in NAMES if units & set(name.replace(".", "_").split("_"))]


def test_every_group_has_a_sentence():
    for group in filter(None, Parameters(second_virus=Virus())):
        assert type(group).__doc__.endswith(".")


def test_without_biology_of_its_own_a_scenario_has_the_built_in_types_and_substances():
    p = as_record(Parameters())
    assert (kinds_in(p), substances_in(p)) == (len(CellKind), len(Substance))
    own = Scenario(name="own").with_cell("mast cell", like="fibroblast").with_substance("X", molar_mass=10.0)
    p = as_record(own.parameters)
    assert (kinds_in(p), substances_in(p)) == (len(CellKind) + 1, len(Substance) + 1)


def test_there_is_a_virus_of_each_kind_for_each_host():
    names, hosts = ("influenza", "SARS-CoV-2", "RSV"), ("mouse", "human")
    assert set(VIRUSES) == {(name, host) for name in names for host in hosts}
    assert all(type(virus) is Virus for virus in VIRUSES.values())
    assert len(set(VIRUSES.values())) == len(VIRUSES)


def test_a_second_virus_has_parameters_of_its_own_and_without_one_there_are_none():
    second = VIRUSES["SARS-CoV-2", "mouse"]
    p = as_record(Parameters(second_virus=second))
    assert parameters_of_virus(0, p).infectivity == Virus().infectivity
    assert parameters_of_virus(1, p).infectivity == second.infectivity
    more = [item.name for item in declared(Parameters(second_virus=second)) if item.name not in NAMES]
    assert more == [f"second_virus.{name}" for name in Virus._fields]
    assert as_record(Parameters()).dtype == p.dtype  # nothing is compiled anew for a second virus


def test_every_rule_file_has_its_test():
    rules = {path.stem for path in Path(abm.rules.__file__).parent.glob("*.py")} - {"__init__"}
    tests = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert rules == tests


def names_in(code):
    """Every name that a code object reads or calls, with those of the code inside it."""
    inside = [names_in(one) for one in code.co_consts if isinstance(one, types.CodeType)]
    return {*code.co_names, *(name for names in inside for name in names)}


FILES = [module.name for module in pkgutil.iter_modules(abm.rules.__path__) if not module.ispkg]


@pytest.mark.parametrize("name", [*FILES, "own.rates", "own.rule"])
def test_every_rule_is_used_by_the_tests_of_its_file(name):
    room, _, last = name.rpartition(".")
    mirror = ".".join(filter(None, ("tests.rules", room, f"test_{last}")))
    file, tests = (importlib.import_module(path) for path in (f"abm.rules.{name}", mirror))
    kernels = {rule: thing for rule, thing in vars(file).items() if isinstance(thing, Kernel)}
    rules = {
        rule for rule, kernel in kernels.items() if kernel.__module__ == file.__name__ and not rule.startswith("_")
    }
    held = [
        thing for owner in (tests, *filter(inspect.isclass, vars(tests).values())) for thing in vars(owner).values()
    ]
    functions = [getattr(thing, "hypothesis", thing) for thing in held if inspect.isfunction(thing)]
    codes = [getattr(function, "inner_test", function).__code__ for function in functions]
    assert rules - {name for code in codes for name in names_in(code)} - set(vars(tests)) == set()
