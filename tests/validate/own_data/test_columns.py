"""Columns, units and the curve of the model are found from names, or the message names the option that says them."""

from pathlib import Path

import pytest

from abm.model.measures import MEASURES
from abm.scenario.errors import ScenarioError
from abm.studies.design.data_table import rows_of
from abm.validate.own_data.columns import MEANINGS, Asked, find_columns, selected

FILE = Path("mine.csv")


def found(text, **asked):
    """The columns of a table, as `embers score` finds them."""
    said = Asked(**asked)
    return find_columns(selected(rows_of(text.encode()), said.where, FILE), said, FILE)


def refused(text, **asked):
    with pytest.raises(ScenarioError) as caught:
        found(text, **asked)
    return str(caught.value)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("day,IL-6 (pg/mL)", ("day", "d", "IL-6 (pg/mL)", "pg/mL", "il6_lavage")),
        ("hpi;mouse;IL6 lung [ng/mL]", ("hpi", "h", "IL6 lung [ng/mL]", "ng/mL", "il6")),
        ("Time (h)\tAnimal\tNK cells (cell/mm^2)", ("Time (h)", "h", "NK cells (cell/mm^2)", "cell/mm^2", "nk")),
        ("dpi,viral titer (PFU/mL)", ("dpi", "d", "viral titer (PFU/mL)", "PFU/mL", "virions")),
        ("days post infection,IFN-β (pg/mL)", ("days post infection", "d", "IFN-β (pg/mL)", "pg/mL", "interferon")),
        ("day,IFN-gamma (pg/mL)", ("day", "d", "IFN-gamma (pg/mL)", "pg/mL", "ifn_gamma")),
        ("day,TNF-alpha (pg/mL)", ("day", "d", "TNF-alpha (pg/mL)", "pg/mL", "tnf")),
        ("day,CCL2 (pg/mL)", ("day", "d", "CCL2 (pg/mL)", "pg/mL", "mcp1")),
        ("day,IL-10 (pg/mL)", ("day", "d", "IL-10 (pg/mL)", "pg/mL", "il10")),
        ("day,IL-1beta (pg/mL)", ("day", "d", "IL-1beta (pg/mL)", "pg/mL", "il1b")),
        ("week,Ki67+", ("week", "week", "Ki67+", "", "ki67_share")),
        ("day,cells_per_seeded", ("day", "d", "cells_per_seeded", "", "cells_per_seeded")),
    ],
)
def test_columns_units_and_the_curve_are_found_from_the_first_line(head, expected):
    mark = next((mark for mark in "\t;" if mark in head), ",")
    columns = found(head + "\n" + mark.join("1" for _ in head.split(mark)))
    assert (columns.time, columns.time_unit, columns.value, columns.unit, columns.measure) == expected


def test_every_curve_that_a_name_can_mean_is_one_of_the_model():
    assert set(MEANINGS.values()) <= set(MEASURES)


@pytest.mark.parametrize(
    "head", ["log10 virus", "titer (log10 PFU/mL)", "virus_log10 (PFU/mL)", "virus [log 10 PFU/mL]", "Log₁₀ titer"]
)
def test_values_given_as_logarithms_are_seen_by_their_name_or_unit(head):
    columns = found(f"day,{head}\n1,3")
    assert columns.is_log
    assert columns.measure == "virions"
    assert "log" not in columns.unit.lower()


def test_values_are_no_logarithms_where_nothing_says_so():
    assert not found("day,virus\n1,3").is_log
    assert not found("day,virus (logical/mL)\n1,3").is_log


@pytest.mark.parametrize("head", ["log titer", "virus (ln PFU/mL)", "log2 virus", "virus (log)"])
def test_a_logarithm_of_another_or_no_base_is_refused(head):
    assert "names a logarithm, but not that of base 10; allowed: log10" in refused(f"day,{head}\n1,3")


@pytest.mark.parametrize(
    "head", ["antibody titer", "virus-specific CD8 T cells", "anti-viral IgG", "neutralising titer"]
)
def test_what_is_against_virus_is_no_virus(head):
    assert "--measure: the curve of the model that" in refused(f"day,{head} (AU)\n1,3", unit="AU")


def test_times_after_infection_are_known_from_their_name():
    for head in ("dpi", "hpi", "days post infection", "wpi", "time (dpi)"):
        assert found(f"{head},il6\n1,2").since_infection
    assert found("time,il6\n1,2", time_unit="dpi").since_infection
    for head in ("day", "time (h)", "weeks"):
        assert not found(f"{head},il6\n1,2").since_infection


@pytest.mark.parametrize(
    ("head", "one", "other"),
    [("infected", "yes", "no"), ("group", "1", "2"), ("dose", "0.1", "10"), ("drug", "a", "b")],
)
def test_rows_of_several_groups_are_not_taken_for_replicates(head, one, other):
    text = f"day,{head},IL-6 (pg/mL)\n1,{one},5\n1,{other},9\n2,{one},7"
    assert f'holds several series in the column "{head}"' in refused(text, value="IL-6 (pg/mL)")
    assert found(text, value="IL-6 (pg/mL)", where=(f"{head}={one}",)).measure == "il6_lavage"


def test_a_quantity_of_virus_is_virus():
    assert found("day,virus quantity\n1,3").measure == "virions"


def test_marks_of_values_and_other_curves_are_no_series():
    assert found("day,il6,below,tnf\n1,5,yes,3\n1,9,no,4", value="il6").measure == "il6_lavage"


LONG = "observable,unit,day,mouse,value,below\nil6,pg/mL,1,1,5,False\nil6,pg/mL,1,2,7,True\nnk,cell/mm^2,1,1,2,False"


def test_a_long_table_with_several_series_asks_which_one_is_meant():
    told = refused(LONG)
    assert '--where: mine.csv holds several series in the column "observable"' in told
    assert '"observable=il6", "observable=nk"' in told
    columns = found(LONG, where=("observable=il6",))
    assert (columns.value, columns.unit, columns.measure) == ("value", "pg/mL", "il6_lavage")


def test_il6_is_that_of_lavage_unless_the_table_says_tissue():
    assert found("day,compartment,il6 (pg/mL)\n1,lavage,5").measure == "il6_lavage"
    assert found("day,compartment,il6 (pg/mL)\n1,lung_tissue,5").measure == "il6"


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("observable", "--where = observable: names no column"),
        ("colour=red", "--where = colour=red: names no column"),
        ("observable=il8", "--where = observable=il8: fits no row of mine.csv; allowed: il6, nk"),
    ],
)
def test_a_condition_that_fits_nothing_is_refused_with_the_choices(where, told):
    assert told in refused(LONG, where=(where,))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("when,il6\n1,2", "--time: mine.csv has no column that is named like a time; allowed: when, il6"),
        ("day,hour,il6\n1,24,2", "more than one column that is named like a time; allowed: day, hour"),
        ("time,il6 (pg/mL)\n1,2", '--time-unit: the unit of the column "time" is not known; allowed: d, h'),
        ("day,il6,nk\n1,2,3", "mine.csv has more than one column of numbers beside the time; allowed: il6, nk"),
        ("day,name\n1,a", "--value: mine.csv has no column of numbers beside the time; allowed: name"),
        ("day,stiffness (kPa)\n1,2", "--measure: the curve of the model that"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_asked_for_with_the_choices(text, told):
    assert told in refused(text)


def test_what_is_asked_for_must_be_there():
    assert "--time = dya: is no column of mine.csv; allowed: day, il6\n    hint: nearest: day" in refused(
        "day,il6\n1,2", time="dya"
    )
    assert "--measure = il_6: is no curve of the model" in refused("day,x\n1,2", measure="il_6")
    assert found("day,il6,nk\n1,2,3", value="nk").measure == "nk"
