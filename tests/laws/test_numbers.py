import pytest

from abm.laws.numbers import UnitNumber, filled, names_in, written


@pytest.mark.parametrize(
    ("value", "unit", "style", "text"),
    [
        (0.12, "1/h", "", "0.12 /h"),
        (2e-6, "1/h", "", "2e-6 /h"),
        (0.0121, "1/virion/h", "", "0.0121 /h per virion"),
        (36000.0, "um^2/h", "", "36,000 um2/h"),
        (101.0, "h", "", "101 h (4.21 d)"),
        (6.0, "h", "", "6 h"),
        (0.5, "", "%", "50 %"),
        (14.7, "", "fold", "14.7-fold"),
        (30.0, "", "stages", "30 Erlang stages"),
        (2.99, "", "stages", "2 Erlang stages, the integer part of 2.99"),
        (0.4, "", "stages", "1 Erlang stage, the integer part of 0.4"),
        (4.0, "cell", "whole", "4"),
        (0.02, "cell", "bare", "0.02"),
    ],
)
def test_a_number_is_written_with_its_unit(value, unit, style, text):
    assert written(UnitNumber(value, unit), style) == text


def test_a_template_names_its_numbers_once_and_is_filled_with_them():
    template = "from {a.b} to {c:%}, then {a.b:bare}"
    assert names_in(template) == ("a.b", "c")
    assert filled(template, {"a.b": UnitNumber(1.0, "1/h"), "c": UnitNumber(0.1, "")}) == "from 1 /h to 10 %, then 1"
