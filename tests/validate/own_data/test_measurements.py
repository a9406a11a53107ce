"""The curve in a table: replicates, units, detection limits, and faults with their line."""

import math

import numpy as np
import pytest

from abm.scenario.errors import ScenarioError
from abm.validate.own_data.columns import Asked
from abm.validate.own_data.measurements import read_curve

TABLE = """\
# lavage
hpi,mouse,IL-6 (ng/mL)
24,1,0.01
24,2,0.1
72,1,1
72,2,1
96,1,NA
"""


def written(folder, text):
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_of_one_time_are_replicates_in_the_unit_of_the_model(tmp_path):
    curve = read_curve(written(tmp_path, TABLE), Asked())
    assert curve.days.tolist() == [1.0, 3.0]
    assert curve.n.tolist() == [2, 2]
    assert curve.unit == "pg/mL"
    assert curve.center == pytest.approx([math.sqrt(10.0 * 100.0), 1000.0])
    assert (curve.lowest[0], curve.highest[0]) == (pytest.approx(10.0), pytest.approx(100.0))
    assert curve.spread == pytest.approx(0.5)  # two deviations of half a decade, two degrees of freedom
    assert curve.left_out == 1


def test_without_replicates_there_is_no_spread(tmp_path):
    assert math.isnan(read_curve(written(tmp_path, "day,nk (cell/mm^2)\n1,2\n3,4"), Asked()).spread)


def test_lower_values_lie_on_the_detection_limit(tmp_path):
    curve = read_curve(written(tmp_path, "day,IL-6 (ng/mL)\n0,0\n3,1"), Asked(floor=0.002))
    assert curve.center == pytest.approx([2.0, 1000.0])
    assert curve.floor == pytest.approx(2.0)


def test_logarithms_are_read_as_such_and_a_shape_keeps_its_own_unit(tmp_path):
    curve = read_curve(written(tmp_path, "dpi,log10 virus (PFU/mL)\n1,2\n3,5"), Asked(shape=True))
    assert curve.center == pytest.approx([100.0, 1e5])
    assert curve.unit == "PFU/mL"


def test_a_floor_is_a_logarithm_where_the_data_are(tmp_path):
    curve = read_curve(written(tmp_path, "day,virus (log10 virion/mm^2)\n1,0.5\n3,5"), Asked(floor=2.0))
    assert curve.center == pytest.approx([100.0, 1e5])
    assert curve.floor == pytest.approx(100.0)


def test_shares_may_be_given_in_percent(tmp_path):
    curve = read_curve(written(tmp_path, "day,Ki67 (%)\n1,10\n3,50"), Asked())
    assert curve.center == pytest.approx([0.1, 0.5])
    assert curve.unit == ""


def refused(folder, text, **asked):
    with pytest.raises(ScenarioError) as caught:
        read_curve(written(folder, text), Asked(**asked))
    return str(caught.value)


def test_a_share_above_one_and_a_pure_number_with_a_unit_are_refused(tmp_path):
    assert "out of range (share of living cancer cells" in refused(tmp_path, "day,Ki67\n1,10\n3,50")
    told = refused(tmp_path, "day,Ki67 (pg/mL)\n1,0.1\n3,0.5")
    assert "ki67_share is a pure number in the model; allowed: 1 for a pure number, or % for a share" in told
    told = refused(tmp_path, "day,lesions (%)\n1,10\n3,50")
    assert "lesions is a pure number in the model; allowed: 1 for a pure number" in told


def test_a_logarithm_that_is_none_is_refused_and_not_an_overflow(tmp_path):
    text = "day,virus (log10 virion/mm^2)\n1,5\n3,500"
    assert "line 3: day = 3, virus (log10 virion/mm^2) = 500: is too large for a log10" in refused(tmp_path, text)
    told = refused(tmp_path, "day,virus (log10 virion/mm^2)\n1,5\n3,6", floor=500.0)
    assert "--floor = 500: is too large for a log10" in told


def test_a_floor_above_all_data_is_refused(tmp_path):
    told = refused(tmp_path, "day,il6 (pg/mL)\n1,10\n3,50", floor=60.0)
    assert "--floor = 60: no value of mine.csv is above it" in told
    assert "--floor = -1: is out of range" in refused(tmp_path, "day,il6 (pg/mL)\n1,10\n3,50", floor=-1.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day,il6 (pg/mL)\n0,0\n1,5", "line 2: day = 0, il6 (pg/mL) = 0: has no logarithm"),
        ("day,il6 (pg/mL)\n0,<3\n1,5", "line 2: day = 0, il6 (pg/mL) = <3: is a limit of detection, not a number"),
        (
            "day,il6 (pg/mL)\n-1,3\n1,5",
            "il6 (pg/mL) = 3: is out of range (time of a measurement); allowed: 0 to 3650 d",
        ),
        ("day,il6 (pg/mL)\n1,3\n1,5", "has fewer than 2 times"),
        ("day,virus (PFU/mL)\n1,3\n2,5", '--unit = PFU/mL: has the unknown unit "PFU/mL"'),
        ("day,virus\n1,3\n2,5", '--unit: the unit of the column "virus" is not known; allowed: such as virion/mm^2'),
        ("day,il6 (pg/mL)\n1,3,4\n2,5", "line 2: has 3 cells where the first line has 2 columns"),
    ],
)
def test_faults_name_line_column_and_value(text, told, tmp_path):
    with pytest.raises(ScenarioError) as caught:
        read_curve(written(tmp_path, text), Asked())
    assert told in str(caught.value)


def test_all_faulty_rows_are_told_at_once(tmp_path):
    with pytest.raises(ScenarioError, match="2 faults:"):
        read_curve(written(tmp_path, "day,il6 (pg/mL)\n0,0\n1,0\n2,5"), Asked())


def test_order_of_rows_does_not_count(tmp_path):
    lines = TABLE.splitlines()
    shuffled = "\n".join([*lines[:2], *reversed(lines[2:])])
    one, other = read_curve(written(tmp_path, TABLE), Asked()), read_curve(written(tmp_path, shuffled), Asked())
    assert np.array_equal(one.center, other.center)
