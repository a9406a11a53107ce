"""`Scenario.with_law`: what is refused, in which words, and what becomes of a scenario that has one."""

import pickle
import subprocess
import sys
from dataclasses import replace

import pytest

import abm
from abm.core.compiled import interpreted
from abm.core.own_laws import OwnLaw
from abm.model.planned import effects_of_scenario
from abm.rules import dormancy
from abm.rules.dormancy import il6_awakening_rate
from abm.runs.identity import as_used, run_id
from abm.scenario.errors import ScenarioError
from abm.scenario.from_python import check
from abm.scenario.read import read_scenario
from abm.scenario.record import read_record
from abm.scenario.scenario import Scenario
from abm.scenario.write import write_scenario
from tests.commands import environment
from tests.own_laws import NEVER, never

PLAIN = abm.load_scenario("influenza")
RATE, TABLE = 0.125, [1.0]

pytestmark = pytest.mark.skipif(interpreted(), reason="a user's law acts in compiled code only")


def others(signal, permissiveness, p):
    return 0.0


def any_number(*signals):
    return 0.0


def whole(signal, permissiveness, cd8_contacts, p):
    return 0


def text(signal, permissiveness, cd8_contacts, p):
    return "none"


def negative(signal, permissiveness, cd8_contacts, p):
    return -signal


def endless(signal, permissiveness, cd8_contacts, p):
    return 1.0 / (permissiveness - permissiveness)


def unknown_field(signal, permissiveness, cd8_contacts, p):
    return p.awakenings


def unknown_name(signal, permissiveness, cd8_contacts, p):
    return nowhere * signal  # noqa: F821


def uncompilable(signal, permissiveness, cd8_contacts, p):
    return float(open("rate").read())  # noqa: PTH123


def reads_a_list(signal, permissiveness, cd8_contacts, p):
    return TABLE[0]


def twice(signal, permissiveness, cd8_contacts, p):
    """Twice the built-in rate."""
    return 2.0 * dormancy.il6_awakening_rate(signal, permissiveness, cd8_contacts, p)


def same(signal, permissiveness, cd8_contacts, p):
    return il6_awakening_rate(signal, permissiveness, cd8_contacts, p)


def slow(signal, permissiveness, cd8_contacts, p):
    return RATE * signal


def of_a_drug(concentration, drug):
    return 1.0


REFUSED = {
    "an unknown name": ("il6_awakening", never, "is not the name of a law", "il6_awakening_rate"),
    "a name like no other": ("zzz", never, "is not the name of a law", "`embers rules`"),
    "no name at all": (3, never, "is not the name of a law", "`embers rules`"),
    "one use of a shared function": (
        "team_rate.infected",
        never,
        "is one use of the law",
        'with_law("team_rate", ...)',
    ),
    "a constant rate": ("dormant_death", never, "no function can replace", "parameters"),
    "a law of a drug that is not given": ("left_after_inhibition", of_a_drug, "is not the name", "`embers rules`"),
    "a number": (NEVER, 3, "is of type int", "a function made by def"),
    "a class": (NEVER, Scenario, "is of type type", "a function made by def"),
    "a lambda": (NEVER, lambda a, b, c, d: a + b + c + d, "is a lambda", "def"),
    "too few arguments": (NEVER, others, "(signal, permissiveness, p)", "4 by position, as (signal, permissiveness"),
    "any number of arguments": (NEVER, any_number, "(*signals)", "4 by position"),
    "a whole number": (NEVER, whole, "returns int64", "0.0"),
    "a text": (NEVER, text, "returns unicode_type", "float64, as the built-in law"),
    "a negative rate": (NEVER, negative, "at IL-6 = 0.01 ng/mL", "finite numbers, 0 or more"),
    "infinity": (NEVER, endless, "returns inf at IL-6", "finite numbers, 0 or more"),
    "a field that is not there": (NEVER, unknown_field, "reads the field 'awakenings'", "none of its arguments"),
    "a name that is not there": (NEVER, unknown_name, "name 'nowhere' is not defined", "numba"),
    "what numba does not know": (NEVER, uncompilable, "does not compile", "numba"),
    "a list": (NEVER, reads_a_list, "reads TABLE, a list", "it may read numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_take_the_place_of_a_law_is_refused_in_words(name):
    law, function, *words = REFUSED[name]
    with pytest.raises(ScenarioError) as caught:
        PLAIN.with_law(law, function)
    told = str(caught.value)
    assert told.startswith(f'scenario "influenza": law {law} = ')
    for part in words:
        assert part in told
    assert len(told) < 700
    assert len(caught.value.faults) == 1


def test_where_nothing_is_compiled_it_is_refused_with_a_sentence(tmp_path):
    script = (
        "import abm\nfrom tests.own_laws import never\nabm.load_scenario('influenza').with_law('return_rate', never)\n"
    )
    surroundings = environment() | {"NUMBA_DISABLE_JIT": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=surroundings, capture_output=True, text=True, check=False
    )
    assert "a user-defined law works only in compiled code: unset NUMBA_DISABLE_JIT" in ended.stderr


def test_a_law_of_a_drug_can_be_taken_where_the_drug_is_given():
    given = PLAIN.with_treatment("JAK inhibitor", drug="ruxolitinib (mouse)", start="1 d", stop="5 d")
    mine = given.with_law("left_after_inhibition", of_a_drug)
    ours, usual = (effects_of_scenario(scenario, 400) for scenario in (mine, given))
    assert (ours["stat_left"] == 1.0).all()
    assert usual["stat_left"].min() < 1.0


def test_a_scenario_with_a_law_is_a_value():
    mine = PLAIN.with_law(NEVER, never)
    again = PLAIN.with_law(NEVER, never)
    assert mine == again != PLAIN
    assert hash(mine) == hash(again)
    assert pickle.loads(pickle.dumps(mine)) == mine
    assert mine.without_laws().laws == () == PLAIN.laws
    assert mine.without_laws().parameters == PLAIN.parameters
    assert "il6_awakening_rate: function never" in repr(mine)


def test_a_law_stays_in_every_other_edit_and_the_last_function_wins():
    mine = PLAIN.with_law(NEVER, never).with_law("return_rate", of_two)
    assert [law.name for law in mine.laws] == [NEVER, "return_rate"]
    edited = mine.with_duration("2 d").with_section(width="400 um").with_parameters({"dormancy.awakening": 0.1})
    assert edited.with_name("mine").laws == mine.laws
    assert [law.function.name for law in mine.with_law(NEVER, slow).laws] == ["of_two", "slow"]


def of_two(signal, p):
    return 0.5 * p.return_rate


def test_everything_a_function_is_counts_in_the_address_of_a_run(monkeypatch):
    addresses = [run_id(PLAIN.with_law(NEVER, function), 1) for function in (never, slow, same)]
    monkeypatch.setitem(globals(), "RATE", 0.25)
    addresses += [run_id(PLAIN, 1), run_id(PLAIN.with_law(NEVER, slow), 1)]
    assert len(set(addresses)) == 5
    monkeypatch.setitem(globals(), "RATE", 0.125)
    assert run_id(PLAIN.with_law(NEVER, slow), 1) == addresses[1]


def test_a_rule_that_replaces_the_same_law_is_refused():
    rule = {"raises": "awakening", "to": "0.02 /h", "half": "0.2 ng/mL", "replaces": NEVER}
    ruled = PLAIN.with_rule("dormant cancer cell", "IL-6", **rule)
    with pytest.raises(ScenarioError, match="has the function never in its place already") as caught:
        ruled.with_law(NEVER, never)
    assert caught.value.faults[0].key == "rule 1: replaces"
    with pytest.raises(ScenarioError, match="in its place already"):
        PLAIN.with_law(NEVER, never).with_rule("dormant cancer cell", "IL-6", **rule)
    assert PLAIN.with_law(NEVER, never).with_rule("dormant cancer cell", "IL-6", **rule, on=False).laws


def test_what_is_no_law_is_refused_where_a_scenario_is_checked():
    for given in ((never,), never):
        with pytest.raises(ScenarioError, match=r"what scenario\.with_law makes"):
            check(replace(PLAIN, laws=given))


def test_a_file_cannot_hold_it_which_is_said_on_both_sides():
    mine = PLAIN.with_law(NEVER, twice)
    with pytest.raises(ScenarioError, match="which a scenario file cannot hold") as caught:
        write_scenario(mine)
    assert "with_law" in str(caught.value)
    with pytest.raises(ScenarioError, match="a file cannot hold") as caught:
        read_scenario("mine.toml", as_used(mine))
    assert caught.value.faults[0].key == "law 1: name"


def test_a_record_tells_it_and_reads_back_as_what_can_be_compared_but_not_run(tmp_path):
    mine = PLAIN.with_law(NEVER, slow).with_law("return_rate", of_two)
    told = as_used(mine)
    assert "#     return RATE * signal\n#\n# reads RATE = 0.125\n" in told
    read = read_record(tmp_path / "influenza.toml", told)
    assert read == mine
    assert [law.recorded for law in read.laws] == [True, True]
    with pytest.raises(Exception, match="what a file says is never run"):
        abm.LungModel(read, seed=1)
    assert read_record(tmp_path / "influenza.toml", as_used(PLAIN)) == PLAIN


def test_the_laws_of_the_scenario_say_whose_it_is():
    mine, usual = abm.rules_of(PLAIN.with_law(NEVER, twice)), abm.rules_of(PLAIN)
    (found,) = mine.diff("influenza")
    assert found.one.sentence.startswith(
        "The function twice of the user replaces this law: Twice the built-in rate (digest "
    )
    assert found.one.acts
    assert found.one.confidence == "assumed"
    assert "twice" in mine.text()
    signals, curves = mine.law(NEVER).curve()
    for line, values in usual.law(NEVER).curve()[1].items():
        assert curves[line].tolist() == (2.0 * values).tolist()
    assert len(signals) > 10


def test_two_functions_of_the_same_words_differ_in_the_list(monkeypatch):
    one = abm.rules_of(PLAIN.with_law(NEVER, slow))
    monkeypatch.setitem(globals(), "RATE", 0.5)
    assert len(one.diff(PLAIN.with_law(NEVER, slow))) == 1


def test_a_law_without_its_signal_acts_where_a_function_is_in_its_place():
    off = PLAIN.with_parameters({"dormancy.interferon_barrier": 0})

    def loss(share, p):
        return 0.01

    mine = off.with_treatment("cancer cells", density="1 cell/mm^2", start="1 d")
    (law,) = mine.with_law("arrival_loss_rate", loss).laws
    assert isinstance(law, OwnLaw)
    assert abm.rules_of(mine.with_law("arrival_loss_rate", loss)).law("arrival_loss_rate").acts
    assert not abm.rules_of(mine).law("arrival_loss_rate").acts
