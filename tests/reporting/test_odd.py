import re

import abm
from abm.rules.cells import CellKind
from abm.rules.substances import Substance
from tests.update_odd import PAGE, page


def test_the_page_of_the_docs_is_the_text_that_the_code_gives():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.update_odd`"


def test_it_has_the_seven_elements_of_the_protocol():
    assert re.findall(r"(?m)^## (\d)\. ", page()) == list("1234567")


def test_every_type_substance_event_and_law_is_in_it():
    text = page()
    for each in (*CellKind, *Substance):
        assert each.type.title in text
    assert "13. Cancer cells awaken" in text
    for law in abm.rules_of("influenza").acting:
        assert f"- `{law.law.name}`: {law.sentence}" in text


def test_it_describes_what_a_scenario_declares_of_its_own():
    mine = abm.load_scenario("influenza").with_substance("IL-17A", molar_mass=31.0)
    mine = mine.with_cell("mast cell", like="fibroblast")
    mine = mine.with_rule("mast cell", "IL-6", raises="secretion of IL-17A", to=1.0, half=1.0, source="mine")
    text = abm.rules_of(mine).odd()
    assert "mast cell" in text
    assert "mast_cell" in text  # its measure
    assert "The secretion of IL-17A by a mast cell is raised by IL-6" in text
