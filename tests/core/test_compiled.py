import importlib
import inspect
import os
import pickle
import pkgutil
import subprocess
import sys

import pytest

import abm
from abm.core.compiled import Kernel, compiled, interpreted
from abm.core.kernels.floors import is_of_floor
from abm.rules.response import hill
from tests.commands import environment

SCALARS = {
    "None",
    "int",
    "float",
    "tuple[int, float]",
    "bool",
    "np.uint64",
    "Record",
    "TimeStep",
    "tuple[float, float]",
    "tuple[int, int, int, int]",
}  # hold no array


def fresh(code: str, **variables: str) -> list[str]:
    """Words that this code prints in a fresh Python."""
    surroundings = environment() | variables
    return subprocess.run(
        [sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.interpreted
def test_a_compiled_function_is_the_function():
    @compiled
    def twice(number: float) -> float:
        """Doubled."""
        return 2.0 * number

    assert twice(4.0) == twice(number=4.0) == 8.0
    assert (twice.__name__, twice.__doc__) == ("twice", "Doubled.")
    assert str(inspect.signature(twice)) == "(number: float) -> float"
    assert interpreted() == (not hasattr(twice, "dispatcher"))


@pytest.mark.interpreted
def test_it_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(hill)) is hill


@pytest.mark.interpreted
def test_interpreted_kernels_follow_the_environment():
    assert interpreted() == (os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"))


@pytest.mark.parametrize(("value", "loaded"), [("", "True"), ("0", "True"), ("no", "True"), ("1", "False")])
def test_numba_is_loaded_by_the_first_call_and_by_none_where_kernels_are_interpreted(value, loaded):
    code = (
        "import sys; from abm.rules.response import hill; before = 'numba' in sys.modules;"
        "print(before, hill(1.0, 1.0, 1.0), 'numba' in sys.modules)"
    )
    assert fresh(code, NUMBA_DISABLE_JIT=value) == ["False", "0.5", loaded]


RUN = """
from numba.core.runtime import rtsys
from abm import LungModel
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection
def run():
    model = LungModel(Scenario(width=200.0, height=200.0, infections=(Infection(dose=500.0),)), seed=1)
    model.run(days=12)
    return len(model.events())
events = run()
begun = rtsys.get_allocation_stats()
run()
done = rtsys.get_allocation_stats()
print(events, done.mi_alloc - begun.mi_alloc, done.mi_free - begun.mi_free)
"""


def test_every_array_that_compiled_code_makes_is_given_back():
    events, made, freed = map(int, fresh(RUN, NUMBA_NRT_STATS="1"))
    assert events > 0
    assert made == freed > 1000


def test_no_kernel_that_counts_no_references_returns_an_array_or_calls_one_that_does():
    modules = [importlib.import_module(module.name) for module in pkgutil.walk_packages(abm.__path__, "abm.")
               if is_of_floor(module.name)]  # fmt: skip
    kernels = {name: thing for module in modules for name, thing in vars(module).items() if isinstance(thing, Kernel)}
    gives = {name: str(kernel.__wrapped__.__annotations__["return"]) for name, kernel in kernels.items()}
    arrays = {name for name, kind in gives.items() if kind not in SCALARS}
    uncounted = {name: kernel for name, kernel in kernels.items() if not kernel._options["_nrt"]}
    assert len(uncounted) > 80
    assert {"epithelium_of", "cancer_cells_of", "occupied"} <= arrays
    for name, kernel in uncounted.items():
        assert not arrays & {name, *kernel.__wrapped__.__code__.co_names}, name
