"""A scenario shows what it is in a few lines, also one that is wrong."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from abm.scenario.catalog import scenario_names
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario


class Balance(HTMLParser):
    """Checks that tags are closed in the order in which they were opened."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", scenario_names())
def test_a_packaged_scenario_fits_on_a_screen(name):
    lines = repr(load_scenario(name)).splitlines()
    assert lines[0].startswith(f'Scenario "{name}"')
    assert len(lines) < 25
    assert max(map(len, lines)) <= 140


def test_only_parameters_that_differ_are_shown_with_unit_and_default():
    base = load_scenario("sars_cov_2")
    assert "parameters: all at their defaults" in repr(base)
    changed = base.with_parameters({"dormancy.awakening": "0.02 /h"})
    assert "dormancy.awakening = 0.02 /h (default 0.332)" in repr(changed)
    assert repr(changed).count("default") == 1


def test_treatments_and_changes_are_shown_in_the_words_of_a_file():
    shown = repr(load_scenario("influenza_blockade").with_change("dormancy.awakening", 0.01, "5 d"))
    assert "anti-IL-6: drug MP5-20F3, start 1 d, dose 0.5 mg, every 3 d" in shown
    assert "dormancy.awakening = 0.01 /h from 5 d on" in shown


WRONG = {
    "virus": 3, "host": [], "duration": "28 d", "step": None, "snapshots": 4, "width": "1 mm", "treatments": ("x", 3),
    "infections": None, "changes": ("y",), "parameters": {}, "title": 5, "name": None, "layout": object(),
}  # fmt: skip


@pytest.mark.parametrize("field", WRONG)
def test_a_scenario_that_is_wrong_is_shown_too(field):
    assert repr(replace(Scenario(), **{field: WRONG[field]})).startswith("Scenario ")


def test_a_notebook_shows_the_same_as_html_with_its_text_escaped():
    scenario = replace(load_scenario("influenza_blockade"), title="<script>alert(1)</script> & co")
    page = scenario._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page
    assert "color" not in page
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
