import io

import pytest
from rich.console import Console

from abm.core.quantity import declared
from abm.reporting.measured import Measured
from abm.rules.parameters import Parameters
from abm.runs.progress import Show
from abm.scenario.scenario import Scenario
from abm.validate import assumptions
from abm.validate.assumptions import FINDINGS, AssumptionSetting, examine, print_table, write
from abm.validate.suite import TargetResult
from abm.validate.target import find_targets

OPEN, OUTSIDE = Measured("a", 1.5, 0.0, 2.0, 1.0, 2.5), Measured("b", 3.0, 0.0, 2.0, 2.5, 3.5)

DEFAULTS = {item.name: item.value for item in declared(Parameters())}


def test_there_are_ten_within_their_declared_ranges():
    found = assumptions.assumptions()
    assert len({one.name for one in found}) == 10
    for one in found:
        assert one.quantity.low <= one.low <= one.default <= one.high <= one.quantity.high, one.name
        assert one.low < one.high
        assert one.quantity.confidence != "measured"


@pytest.fixture
def asked(monkeypatch):
    """Let runs be made up; tells the scenarios that were asked for."""
    scenarios = []

    def made_up(ids, *rest):
        plan, changed = rest[-2:]
        scenarios.append(changed(Scenario(duration=60 * 24.0)))
        return [TargetResult(target, (OPEN, OUTSIDE), plan.first) for target in find_targets(list(ids))], None

    monkeypatch.setattr(assumptions, "validate", made_up)
    return scenarios


def test_each_is_moved_to_both_ends_with_the_others_as_they_are(asked, tmp_path):
    settings = examine(tmp_path, 1, Show(Console(file=io.StringIO())))
    listed = assumptions.assumptions()
    assert [(one.assumption, one.value) for one in settings[1:]] == [
        (each, value) for each in listed for value in (each.low, each.high)
    ]
    assert asked[0].parameters == Parameters()
    assert {scenario.duration for scenario in asked} == {28 * 24.0}  # no finding looks further
    for setting, scenario in zip(settings[1:], asked[1:], strict=True):
        values = {item.name: item.value for item in declared(scenario.parameters)}
        assert values == DEFAULTS | {setting.assumption.name: setting.value}


@pytest.mark.usefixtures("asked")
def test_the_page_shows_every_setting_and_marks_what_lies_outside(tmp_path):
    settings = examine(tmp_path, 1, Show(Console(file=io.StringIO())))
    text = write(tmp_path, settings).read_text()
    assert text.count("3 (2.5 to 3.5) !") == 21 * len(FINDINGS)
    assert "1.5 (1 to 2.5) !" not in text
    for one in assumptions.assumptions():
        assert text.count(f"| {one.name} = ") == 2
        assert one.why in text
    out = io.StringIO()
    print_table(Console(file=out, width=400), [AssumptionSetting(None, 0.0, settings[0].results)])
    assert "defaults" in out.getvalue()
