import sys

import numpy as np
import pytest

from abm.core.chance import bits
from abm.verify import battery
from abm.verify.battery import Verdict, conclude, read_dieharder, read_practrand, stream, told_by
from abm.verify.chance import avalanche, drawn, identities, lags, neighbors, uniformity, uniqueness

CHECKS = pytest.mark.parametrize("find", [uniformity, lags, neighbors, avalanche], ids=lambda find: find.__name__)
MULTIPLIERS = np.array([3, 5, 6364136223846793005, 2862933555777941757], dtype=np.uint64)


def unmixed(addresses):
    return (addresses.astype(np.uint64) * MULTIPLIERS).sum(axis=1)


def stuck(addresses):
    return drawn(addresses) | np.uint64(1)


def blind(addresses):
    """Sees nothing of the last bit of any part."""
    return drawn(addresses & ~np.int64(1))


@CHECKS
def test_draws_pass(find):
    found = find()
    assert found.verdict == "passed", found.measured


@CHECKS
def test_unmixed_addresses_fail(find):
    assert find(unmixed).verdict == "failed"


@pytest.mark.parametrize(("find", "draw"), [(uniformity, stuck), (avalanche, stuck), (avalanche, blind), (lags, blind)])
def test_one_bad_bit_fails(find, draw):
    assert find(draw).verdict == "failed"


@pytest.mark.slow
def test_identities_pass_and_short_ones_collide():
    assert uniqueness().verdict == "passed"
    assert uniqueness(lambda *origin: identities(*origin) % 2**40).verdict == "failed"
    assert uniqueness(lambda *origin: identities(*origin) & ~np.int64(2**62 - 2**56)).verdict == "failed"


def test_the_stream_runs_over_identities_decisions_and_ticks():
    words = stream(0, battery.IDENTITIES * battery.DECISIONS + 2)
    assert words[3] == bits(1, 0, 3, 0)
    assert words[battery.IDENTITIES + 5] == bits(1, 1, 5, 0)
    assert words[-1] == bits(1, 0, 1, 1)
    np.testing.assert_array_equal(stream(100, 50), words[100:150])


def test_a_program_gets_the_stream_as_raw_bytes_until_it_has_enough():
    code = "import sys; print(sys.stdin.buffer.read(3_000_000).hex()[-32:])"
    words = stream(0, 3_000_000 // 8)
    assert told_by([sys.executable, "-c", code]).strip() == words.tobytes().hex()[-32:]


DIEHARDER = """
        test_name   |ntup| tsamples |psamples|  p-value |Assessment
#=============================================================================#
        diehard_runs|   0|    100000|     100|0.83521993|  PASSED
        diehard_runs|   0|    100000|     100|0.00000000|  FAILED
"""
SOUND = """rng=RNG_stdin64, seed=unknown
length= 128 megabytes (2^27 bytes), time= 3.1 seconds
  no anomalies in 196 test result(s)

length= 256 megabytes (2^28 bytes), time= 6.0 seconds
  Test Name                         Raw       Processed     Evaluation
  Gap-16:A                          R=  -4.9  p =1-1.1e-3   unusual
  ...and 212 test result(s) without anomalies
"""
UNSOUND = """length= 64 megabytes (2^26 bytes), time= 2.2 seconds
  Test Name                         Raw       Processed     Evaluation
  [Low4/64]BRank(12):768(1)         R=+583.3  p~=  1.2e-176   FAIL !!
  ...and 137 test result(s) without anomalies
"""


def test_verdicts_of_batteries_are_read():
    assert [(one.p, one.failed) for one in read_dieharder(DIEHARDER, 15)] == [(0.83521993, False), (0.0, True)]
    assert read_dieharder("", 15)[0].failed
    assert [one.failed for one in read_practrand(SOUND)] == [False]
    assert "212" in read_practrand(SOUND)[0].name
    assert [(one.name, one.failed) for one in read_practrand(UNSOUND)] == [
        ("PractRand [Low4/64]BRank(12):768(1)", True)
    ]
    assert read_practrand("could not start")[0].failed


def test_a_battery_decides_and_none_is_skipped():
    nan = float("nan")
    assert conclude([read_dieharder(DIEHARDER, 15)]).verdict == "failed"
    assert conclude([[Verdict("a", 0.4, False)], [Verdict("b", 0.01, False)]]).verdict == "passed"
    assert conclude([[Verdict("a", 1.0 - 1e-9, False)]]).verdict == "failed"  # too good is bad
    assert conclude([[Verdict("PractRand", nan, False)]]).verdict == "passed"
    assert conclude([[Verdict("PractRand", nan, True)]]).verdict == "failed"
    assert conclude([]).verdict == "skipped"


def test_a_battery_is_used_where_it_is_installed(monkeypatch):
    for installed, parts in (((), 0), (("dieharder",), len(battery.DIEHARDER_TESTS)), (("dieharder", "RNG_test"), 1)):
        monkeypatch.setattr(battery.shutil, "which", lambda name, there=installed: name if name in there else None)
        assert len(battery.parts()) == parts
