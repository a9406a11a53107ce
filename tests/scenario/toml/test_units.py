import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.quantity import Quantity, declared
from abm.rules.parameters import Parameters
from abm.scenario.toml.units import UnitError, to_number, written

NAMES = sorted({item.quantity.unit for item in declared(Parameters())} - {""})


def quantity(unit, low=-math.inf, high=math.inf):
    return Quantity("a test", unit, low, high, "test")


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("3 h", "h", 3.0),
        ("3h", "h", 3.0),
        ("28 d", "h", 672.0),
        ("10 min", "h", 1 / 6),
        ("0.1 d", "h", 2.4),
        ("1000um", "um", 1000.0),
        ("2 mm", "um", 2000.0),
        ("-1.5e-3 /h", "1/h", -0.0015),
        (".5 1/h", "1/h", 0.5),
        ("3 1/virion/day", "1/virion/h", 0.125),
        ("3 pg/mL", "ng/mL", 0.003),
        ("3 ng/L", "ng/mL", 0.003),
        ("5 µm²/s", "um^2/h", 18000.0),
        ("5 um**2/s", "um^2/h", 18000.0),
        ("100 cells/cm^2", "cell/mm^2", 1.0),
        ("24 cells/(mm^2 d)", "cell/mm^2/h", 1.0),
        ("60 molecules/cell/min", "molecules/cell/s", 1.0),
        ("500 ug", "mg", 0.5),
        ("20 cells", "cell", 20.0),
        ("1 virions/cell/min", "virion/cell/h", 60.0),
        ("1 mg·week/(d mL)", "mg/mL", 7.0),
        ("6 1/(s/(min min))", "h", 6.0),
        ("2 /(h cell²)/cell^-1", "1/h/cell", 2.0),
        ("500 micrograms", "mg", 0.5),
        ("3 kilometres", "mm", 3e6),
        ("5 um2/s", "um^2/h", 18000.0),
        ("4 mm2", "um^2", 4e6),
        ("3 cm2", "mm^2", 300.0),
        ("2 s-1", "1/h", 7200.0),
        ("3 per hour", "1/h", 3.0),
        ("48 cells per mm2 per day", "cell/mm^2/h", 2.0),
        ("3 Hours", "h", 3.0),
        ("2 wk", "h", 336.0),
        ("50 %", "", 0.5),
    ],
)
def test_a_quantity_is_converted_to_the_nearest_number(text, unit, number):
    assert to_number(text, quantity(unit)) == number


@pytest.mark.parametrize("unit", NAMES)
@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_number_reads_back_bit_for_bit(unit, number):
    assert to_number(written(number, unit).strip('"'), quantity(unit)) == number


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            "h",
            "3",
            "3 ",
            "nan h",
            "inf h",
            "1e400 h",
            "-1e400 h",
            "1e400 d",
            "1e308 week",
            "0x10 h",
            "1_0 h",
        ),
        *("3 hh", "3 m", "3 h^2", "3 h/h", "3 9**9**9**9 h", "3 h^99", "3 h**9**9", "3 (h", "3 h/", "3 2 h"),
        *("3 h)", "3 ()", "3 /", "3 h//d", "3 h*/d", "3 )h(", "3 h ^2/h", "3 ds", "3 kk h", "3 mkh", "3 h**0"),
        *("3 __import__", "3 dog", "3 degC", "3 %", "٣ h", "3 h\x00", "1" * 200 + " h", "3 " + "h" * 5000),
        *(3, 3.0, True, math.nan, math.inf, [], {}, None, 10**400),
    ],
)
def test_what_is_no_time_is_refused(value):
    with pytest.raises(UnitError):
        to_number(value, quantity("h"))


@pytest.mark.parametrize("value", ["3", "3 h", True, math.nan, math.inf, -math.inf, 10**400, [], {}])
def test_what_is_no_pure_number_is_refused(value):
    with pytest.raises(UnitError):
        to_number(value, quantity(""))


@given(st.text(max_size=20))
def test_any_text_is_a_finite_number_or_refused(unit):
    try:
        assert math.isfinite(to_number(f"3 {unit}", quantity("1/virion/h")))
    except UnitError as error:
        assert error.problem  # noqa: PT017 - both ends are right


def test_the_range_is_that_of_the_converted_number_with_its_ends():
    day = quantity("h", 24.0, 48.0)
    assert to_number("1 d", day) == 24.0
    assert to_number("2 d", day) == 48.0
    with pytest.raises(UnitError, match="out of range"):
        to_number("2.0000001 d", day)


@pytest.mark.parametrize(
    ("text", "unit", "meant"),
    [("3 dayz", "h", "day"), ("3 hourz", "h", "hour"), ("5 umm", "um", "um"), ("2 ngg", "ng", "ng"),
     ("2 ngg/mL", "ng/mL", "ng/mL"), ("20 cels/mm2", "cell/mm^2", "cell/mm^2")],
)  # fmt: skip
def test_a_misspelled_unit_is_answered_with_one_that_fits(text, unit, meant):
    with pytest.raises(UnitError) as caught:
        to_number(text, quantity(unit))
    assert caught.value.hint.startswith(f'did you mean "{meant}"?')


def test_a_dose_per_kilogram_is_refused_with_what_is_meant():
    with pytest.raises(UnitError) as caught:
        to_number("8 mg/kg", Quantity("dose (human: per kg body weight)", "mg", 0, 100, "test"))
    assert "per kg body weight" in caught.value.hint
