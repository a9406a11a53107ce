"""Laws replaced in memory, in processes of their own: each compiles a rule or two, not the model."""

import subprocess
import sys
import textwrap

import pytest

from tests.commands import environment

START = """
import abm.model.lung_model
from abm.core.compiled import check_laws, compiled
from abm.core.kernels.replaced import ReplacedError, changes
from abm.rules import dormancy, response
from abm.rules.dormancy import Dormancy
from abm.runs.identity import source_digest
before, p = source_digest(), Dormancy(half_response=1.5)
@compiled
def mine(il6: float, signal_left: float, p) -> float:
    return 0.875
"""


def fresh(code, cache, **variables):
    """Lines that this prints after `START` in a fresh Python with this cache."""
    surroundings = environment() | {"EMBERS_CACHE_DIR": str(cache)} | variables
    command = [sys.executable, "-c", START + textwrap.dedent(code.strip("\n"))]
    ended = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_nothing_counts_as_replaced_in_a_process_that_replaces_nothing(tmp_path):
    code = """
    import abm.cohort.lung, abm.verify.suite, abm.studies.design.study
    abm.model.lung_model.LungModel(abm.model.lung_model.Scenario(width=200.0, height=200.0)).step()
    print(changes(lambda module: True))
    """
    assert fresh(code, tmp_path, NUMBA_DISABLE_JIT="1") == ["[]"]


CALLER = """
@compiled
def caller(il6: float, p) -> float:
    return dormancy.occupancy(il6, 1.0, p)
"""


def test_a_law_of_ones_own_acts_at_once_under_an_address_of_its_own_and_is_not_kept(tmp_path):
    code = f"""{CALLER}
print(caller(1.5, p))
dormancy.occupancy = mine
print(caller(1.5, p), source_digest() != before)
from abm.runs.provenance import circumstances
print(circumstances()["replaced_in_memory"])
    """
    assert fresh(code, tmp_path) == ["0.5", "0.875 True", "['abm.rules.dormancy.occupancy']"]
    assert fresh(CALLER + "print(caller(1.5, p), dormancy.occupancy(1.5, 1.0, p))", tmp_path) == ["0.5 0.5"]


def test_a_law_replaced_before_anything_was_compiled_is_not_kept_under_the_plain_address(tmp_path):
    code = """
    dormancy.hill = compiled(lambda amount, half, power: 0.125)
    print(dormancy.occupancy(1.5, 1.0, p))
    """
    assert fresh(code, tmp_path) == ["0.125"]
    assert not list(tmp_path.rglob("*.kernel"))
    assert fresh("print(dormancy.occupancy(1.5, 1.0, p))", tmp_path) == ["0.5"]


def test_a_law_put_past_the_modules_own_door_is_not_kept_either(tmp_path):
    code = """
    vars(dormancy)["hill"] = compiled(lambda amount, half, power: 0.125)
    print(dormancy.occupancy(1.5, 1.0, p), source_digest() != before)
    """
    assert fresh(code, tmp_path) == ["0.125 True"]
    assert not list(tmp_path.rglob("*dormancy*.kernel"))


def test_the_same_law_has_the_same_address_again_and_what_is_put_back_the_plain_one(tmp_path):
    code = """
    plain, dormancy.occupancy = dormancy.occupancy, mine
    print(source_digest())
    dormancy.occupancy = plain
    print(source_digest() == before)
    """
    first = fresh(code, tmp_path)
    assert first[1] == "True"
    assert fresh(code, tmp_path) == first


@pytest.mark.parametrize("value", ["MOST = 3", "extra = 3"])
def test_a_constant_of_a_rule_counts_and_a_name_that_nothing_reads_does_not(value, tmp_path):
    code = f"""
    from abm.core import lattice
    lattice.{value.replace("MOST", "SPACING")}
    print([str(change) for change in changes(lambda module: True)])
    """
    assert fresh(code, tmp_path) == ["['abm.core.lattice.SPACING']" if value.startswith("MOST") else "[]"]


def test_what_would_act_in_a_part_of_the_model_only_is_refused_with_a_sentence(tmp_path):
    code = """
    response.hill = compiled(lambda amount, half, power: 0.125)
    for check in (check_laws, source_digest, abm.model.lung_model.LungModel):
        try:
            check()
        except ReplacedError as error:
            print(error)
    """
    told = fresh(code, tmp_path)
    assert len(told) == 3
    assert "abm.rules.response.hill was replaced, but" in told[0]
    assert "abm.rules.dormancy.hill" in told[0]


def test_a_plain_function_in_place_of_a_compiled_law_is_refused_with_a_sentence(tmp_path):
    code = """
    dormancy.occupancy = lambda il6, signal_left, p: 0.9
    try:
        abm.model.lung_model.LungModel()
    except ReplacedError as error:
        print(error)
    """
    assert "decorate it with `compiled`" in fresh(code, tmp_path)[0]
    code = "dormancy.occupancy = lambda il6, signal_left, p: 0.9; check_laws(); print(source_digest() != before)"
    assert fresh(code, tmp_path, NUMBA_DISABLE_JIT="1") == ["True"]


def test_a_model_that_was_made_before_a_law_was_replaced_does_not_go_on(tmp_path):
    code = """
    from abm.scenario.scenario import Scenario
    model = abm.model.lung_model.LungModel(Scenario(width=200.0, height=200.0), seed=1)
    dormancy.occupancy = mine
    try:
        model.step()
    except ReplacedError as error:
        print(error)
    """
    assert fresh(code, tmp_path, NUMBA_DISABLE_JIT="1") == [
        "a law was replaced since this model was made: make a new one, which follows it"
    ]


def test_a_method_of_the_model_that_was_replaced_changes_the_address(tmp_path):
    code = "abm.model.lung_model.LungModel.go_to = lambda self, tick: None; print(source_digest() != before)"
    assert fresh(code, tmp_path) == ["True"]


def test_what_is_as_it_was_is_told_at_once_and_what_changes_in_place_is_found(tmp_path):
    code = """
    import abm.rules.infection as infection
    def found():
        return sorted(map(str, changes(lambda module: True)))
    assert found() == found() == []  # the second time by the quick way
    infection.VIRUSES["influenza", "bat"] = None
    print("abm.rules.infection.VIRUSES" in found())
    del infection.VIRUSES["influenza", "bat"]
    law = dormancy.occupancy.__wrapped__
    was, law.__code__ = law.__code__, dormancy.niche_permissiveness.__wrapped__.__code__
    print(found())
    law.__code__ = was
    print(found())
    """
    assert fresh(code, tmp_path) == ["True", "['abm.rules.dormancy.occupancy.__code__']", "[]"]
