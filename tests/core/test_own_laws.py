"""Which code acts under which laws, seen on a rule or two: no model is compiled here."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from abm.core import compiled as module
from abm.core.compiled import Kernel, compiled, interpreted
from abm.core.kernels.replaced import ReplacedError, values_read
from abm.core.own_function import own_function
from abm.core.own_laws import OwnLaw, laws_of
from abm.rules import dormancy
from abm.rules.dormancy import Dormancy, occupancy

P = Dormancy(half_response=1.5)
needs_compiler = pytest.mark.skipif(interpreted(), reason="a user's law acts in compiled code only")


def bounded(il6, signal_left, p):
    return min(0.25, occupancy(il6, signal_left, p))


def law(function, name="occupancy"):
    return OwnLaw(name, "abm.rules.dormancy", own_function(function))


def constant(value):
    def mine(il6, signal_left, p):
        return value

    return law(mine)


@compiled
def caller(il6: float, p) -> float:
    return dormancy.occupancy(il6, 1.0, p)


@compiled
def further(il6: float, p) -> float:
    return 2.0 * caller(il6, p)


@compiled
def apart(hold: float, p) -> float:
    return dormancy.awakening_without_il6(hold, p)


@needs_compiler
def test_it_acts_within_its_block_only_and_blocks_may_stand_in_each_other():
    assert further(1.5, P) == 1.0
    with laws_of((constant(0.75),)):
        assert (further(1.5, P), occupancy(1.5, 1.0, P)) == (1.5, 0.75)
        with laws_of((constant(0.0),)):
            assert further(1.5, P) == 0.0
            with laws_of(()):
                assert further(1.5, P) == 1.0
        assert further(1.5, P) == 1.5
    assert further(1.5, P) == 1.0


@needs_compiler
def test_what_does_not_call_the_law_is_shared_and_nothing_is_compiled_twice():
    before = (caller.inner, apart.inner)
    with laws_of((constant(0.5),)):
        own = (caller.inner, apart.inner)
    assert own[1] is before[1]
    assert own[0] is not before[0]
    with laws_of((constant(0.5),)):
        assert caller.inner is own[0]
    assert caller.inner is before[0]


@needs_compiler
def test_the_law_that_its_function_calls_is_the_built_in_one():
    with laws_of((law(bounded),)):
        assert caller(1.5, P) == 0.25
        assert caller(0.15, P) == pytest.approx(1.0 / 1001.0)


@needs_compiler
def test_threads_do_not_meet():
    values, barrier = (0.0, 0.25, 0.5, 0.75), threading.Barrier(4)

    def run(value):
        found = set()
        with laws_of((constant(value),)):
            barrier.wait()
            for _ in range(200):
                found.add(further(1.5, P))
        return found, further(1.5, P)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, values)) == [({2.0 * value}, 1.0) for value in values]


@needs_compiler
def test_it_ends_where_an_error_ends_its_block():
    with pytest.raises(ZeroDivisionError), laws_of((constant(0.5),)):
        raise ZeroDivisionError
    assert caller(1.5, P) == 0.5


@needs_compiler
def test_code_that_was_forgotten_follows_the_law_again():
    with laws_of((constant(0.125),)):
        assert caller(1.5, P) == 0.125
        caller.forget()
        assert caller(1.5, P) == 0.125


def test_one_that_was_read_from_a_file_never_acts():
    recorded = replace(constant(0.5), recorded=True)
    assert recorded == constant(0.5)
    with pytest.raises(ReplacedError, match="what a file says is never run"):
        laws_of((recorded,))


@needs_compiler
def test_a_law_that_was_replaced_in_memory_takes_no_function_too(monkeypatch):
    monkeypatch.setattr(dormancy, "occupancy", further)
    with pytest.raises(ReplacedError, match="occupancy was replaced in memory"):
        laws_of((constant(0.5),))


def test_its_digest_is_that_of_the_law_its_text_and_the_numbers_it_reads():
    laws = [constant(0.5), constant(0.25), law(bounded), law(bounded, "return_rate")]
    assert len({one.digest for one in laws}) == 4
    assert constant(0.5).digest == constant(0.5).digest


@needs_compiler
def test_no_kernel_reads_others_from_a_container_where_they_would_not_be_found():
    import abm.model.lung_model  # noqa: F401

    for kernel in list(module._kernels):
        for value in values_read(kernel.__wrapped__):
            if isinstance(value, (tuple, list, dict, set)):
                parts = value.values() if isinstance(value, dict) else value
                assert not any(isinstance(part, Kernel) for part in parts), kernel
