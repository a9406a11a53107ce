"""What the page says in words."""

from __future__ import annotations

from typing import NamedTuple

from abm.dashboard.player import Frame
from abm.study.catalog import scenario_names, scenario_story
from abm.study.compare import is_prediction
from abm.study.scenario_errors import ScenarioError
from abm.study.scenario_file import load_scenario

MOST_SEED = 2**62  # as on the command line
TITLE = "Embers"
SUBTITLE = "Dormant cancer cells, respiratory infection and IL-6 in a section of lung"
LAYING_OUT = "Laying out the section. The very first start compiles the model, which takes about half a minute."
UNTESTED = "no experiment has tested this"


class Story(NamedTuple):
    """What is said of a scenario; `fault` where its file cannot be read."""

    story: str
    expect: str
    prediction: bool
    fault: str = ""


def menu() -> list[dict[str, str]]:
    """The packaged scenarios, for a menu: name and title of each, sorted by title."""
    return sorted(({"value": name, "text": _title(name)} for name in scenario_names()), key=lambda item: item["text"])


def story_of(name: str) -> Story:
    """What is said of a packaged scenario."""
    try:
        scenario = load_scenario(name)
    except ScenarioError as error:
        return Story("", "", False, str(error))
    return Story(scenario.story, scenario.expect.removesuffix(" A prediction."), is_prediction(scenario))


def seed_of(text: str) -> int:
    """The seed that was typed.

    Raises:
        ValueError: it is none; the message says what would be.
    """
    allowed = f"must be a whole number from 0 to {MOST_SEED}"
    try:
        seed = int(text.strip())
    except ValueError:
        raise ValueError(f'"{text}": {allowed}') from None
    if not 0 <= seed <= MOST_SEED:
        raise ValueError(f'"{text}": {allowed}')
    return seed


def summary(frame: Frame) -> str:
    """The state of the section in one line."""
    day, values = frame.now
    cells, il6 = number(values["cells_per_seeded"]), number(values["il6_lavage"])
    ki67 = f"{100 * values['ki67_share']:.0f} % Ki67+"
    return f"Day {day:.1f}: {cells} cells per seeded cell, {ki67}, IL-6 {il6} pg/mL in lavage"


def hour(frame: Frame) -> str:
    """The time to the hour, and whether that is the end."""
    return f"hour {24 * frame.now.day:.0f}" + (", the end of the scenario" if frame.ended else "")


def number(value: float) -> str:
    """A number as one says it: two digits or whole."""
    if abs(value) < 0.1:
        return f"{value:.1g}"
    return f"{value:.1f}" if abs(value) < 9.95 else f"{value:,.0f}"


def _title(name: str) -> str:
    try:
        return scenario_story(name)[0]
    except ScenarioError:
        return name  # chosen, it tells what is wrong with it
