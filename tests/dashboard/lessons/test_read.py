"""Lesson files: what is right is read, what is wrong is refused with line, key, value and what is allowed."""

from pathlib import Path

import pytest

from abm.dashboard.content.recipe import TYPICAL_SEED
from abm.dashboard.lessons.catalog import Library, load_lesson, packaged_lessons
from abm.dashboard.lessons.lesson import CELLS, COUNTS, READINGS
from abm.dashboard.lessons.plain import plain
from abm.dashboard.lessons.read import read_lesson
from abm.dashboard.lessons.read_tasks import KINDS
from abm.dashboard.lessons.read_transfer import FINDS
from abm.scenario.errors import ScenarioError
from tests.dashboard.lessons.conftest import DOCS, TEXT, Write

FAULTS = {
    "an unknown key": (("minutes = 15", "minuets = 15"), "minuets = 15: is not a known key", 'did you mean "minutes"?'),
    "a scenario": (
        ('scenario = "influenza"  #', 'scenario = "influenca"  #'),
        '"influenca": is not the name of a packaged',
        'did you mean "influenza"?',
    ),
    "a treatment": (('start = "1 d"', 'start = "1 kg"'), 'arm 2 = antibody: treatment 1: start = "1 kg"', "0 to"),
    "an arm": (
        ('over = "untreated"\nmeasure = "infected_share"', 'over = "untreeted"\nmeasure = "infected_share"'),
        'number.peak.over = "untreeted": is not an arm',
        "allowed: untreated, antibody",
    ),
    "a measure": (
        ('measure = "infected_share"\nread', 'measure = "infected_shore"\nread'),
        '"infected_shore": is not a measure',
        "nearest: infected_share",
    ),
    "a measure and a count": (
        ('count = "awakened clones"', 'count = "awakened clones"\nmeasure = "il6"'),
        "number.awakened: names not exactly one",
        "measure",
    ),
    "a day after the end": (
        ('read = "highest"', 'read = "highest"\nday = "10 d"'),
        'number.peak.day = "10 d": is after the end',
        "0 to 9 d",
    ),
    "a gap between answers": (
        ("least = 0.5\n\n[[finding]]", "least = 0.6\n\n[[finding]]"),
        "begins at 0.6, where the answers below end at 0.5",
        "ranges of all answers must meet",
    ),
    "a curve that was watched": (
        ('antibody."\narm = "antibody"', 'antibody."\narm = "untreated"'),
        '"untreated": is not an arm that students have not watched',
        "allowed: antibody",
    ),
    "a logarithm of 0": (
        ("low = 0, high = 0.5, form", "low = 0, high = 0.5, log = true, form"),
        "predict 1: axis.low = 0.0: has no logarithm",
        "more than 0",
    ),
    "a number in a text": (("{left}", "{lefd}"), '"{lefd}": is not a number of this lesson', 'did you mean "left"?'),
    "a brace": (("{left}.", "{left."), "has a brace without its other half", "{name}"),
    "a number to vary": (
        ('vary = "treatment (anti-IL-6).start"', 'vary = "treatment (anti-IL6).start"'),
        '"treatment (anti-IL6).start": is not a declared number',
        "nearest: treatment (anti-IL-6).start",
    ),
    "a step": (('step = "2 d"', 'step = "20 d"'), "is no number of values", "2 to 40 values"),
    "two ways": (
        ('step = "2 d"', 'step = "2 d"\nlungs = [1, 2]'),
        "is not the one thing to change",
        "[[transfer.option]]",
    ),
    "a kind": (('kind = "sketch"', 'kind = "scetch"'), 'kind = "scetch": is not known', 'did you mean "sketch"?'),
    "a size": (("side = 1000 ", "side = 1001 "), "must be a multiple of", "400 to 5000"),
    "a long text": (("It does not take away", "x" * 1600), "characters", "at most 1,500"),
    "a twin": (('twin = "antibody"', 'twin = "untreated"'), 'twin = "untreated": is the arm itself', ""),
    "nothing left to predict": (
        ('title = "Antibody from day 1"', 'given = true\ntitle = "Antibody from day 1"'),
        "are all watched",
        "leave `given` out",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_names_line_key_value_and_what_is_allowed(write: Write, fault: tuple) -> None:
    change, problem, allowed = fault
    path = write(change)
    with pytest.raises(ScenarioError) as refused:
        read_lesson(path)
    text = str(refused.value)
    assert problem in text
    assert allowed in text
    given, before = path.read_text(encoding="utf-8").splitlines(), TEXT.splitlines()
    changed = [number for number, one in enumerate(given, start=1) if one not in before]
    assert 0 < min(one.line for one in refused.value.faults) <= max(changed, default=len(given))


def test_all_faults_are_reported_at_once(write: Write) -> None:
    path = write(('scenario = "influenza"  #', 'scenario = "flu"  #'), ("minutes = 15", 'minutes = "long"'))
    with pytest.raises(ScenarioError) as refused:
        read_lesson(path)
    assert len(refused.value.faults) >= 2


def test_the_lesson_of_the_docs_says_what_is_read(write: Write) -> None:
    found = read_lesson(write())
    assert [arm.given for arm in found.arms] == [True, False]
    assert (found.days, found.side, found.seed) == (9, 1000, 1)
    assert found.transfer is not None
    assert (found.transfer.values, found.transfer.unit) == (("0", "2", "4", "6", "8"), "d")
    recipe, names = found.try_recipe(2)
    assert names == ("untreated", "antibody")
    assert recipe.arms[1].edits[-1] == {"op": "put", "list": "treatment", "at": 0, "key": "start", "value": "96.0 h"}
    assert recipe.arms[1].title == "first day of antibody 4 d"


def test_the_docs_name_every_value_that_a_key_may_have() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name in [*KINDS, *COUNTS, *READINGS, *CELLS, *FINDS]:
        assert f'"{name}"' in text or f"`{name}`" in text, name
    for name in packaged_lessons():
        assert f"| `{name}` | " in text


ASKED = {
    *("kind", "ask", "arm", "arms", "measure", "axis", "hours", "beside", "bars", "options", "hour"),
}  # all that a browser learns of a prediction


@pytest.mark.parametrize("name", packaged_lessons())
def test_a_packaged_lesson_is_read_with_all_its_parts_and_nothing_in_it_is_an_answer(name: str) -> None:
    found = load_lesson(name)
    assert found.seed == TYPICAL_SEED
    assert len(found.cells) == 3
    assert found.transfer is not None
    assert found.teacher.goals
    assert found.teacher.limits
    said = plain(found)
    assert all(set(task) <= ASKED for task in said["tasks"])
    assert not {"findings", "explain", "teacher"} & set(said)


def test_a_name_that_is_nearly_right_is_helped() -> None:
    with pytest.raises(ScenarioError, match="nearest: timing"):
        load_lesson("timming")


def test_a_folder_of_lessons_is_offered_before_the_packaged_ones(write: Write) -> None:
    library = Library()
    path = write(name="mine")
    library.add_folder(path.parent)
    assert [one.name for one in library.all()][:2] == ["mine", "what_awakens"]
    assert library.find("mine") is not None
    for name in ("../mine", str(path), "mine.toml", "", None, 1, ["mine"], "antibody"):
        assert library.find(name) is None


def test_a_folder_with_a_faulty_lesson_or_the_name_of_a_packaged_one_is_refused(write: Write, tmp_path: Path) -> None:
    write(("minutes = 15", "minutes = 0"), name="mine")
    write(name="timing")
    with pytest.raises(ScenarioError) as refused:
        Library().add_folder(tmp_path)
    assert "minutes = 0" in str(refused.value)
    assert "has the name of a packaged lesson" in str(refused.value)
    with pytest.raises(ScenarioError, match="is not a folder"):
        Library().add_folder(tmp_path / "none")


def test_a_scenario_beside_the_lesson_can_extend_packaged_ones_only(write: Write, tmp_path: Path) -> None:
    change = ('scenario = "influenza"  #', 'scenario = "own.toml"  #')
    (tmp_path / "own.toml").write_text('extends = "influenza"\nparameters.dormancy.awakening = "0.03 /h"\n')
    assert read_lesson(write(change)).arms[1].base.text.startswith("extends")
    (tmp_path / "own.toml").write_text('extends = "other.toml"\n')
    with pytest.raises(ScenarioError, match="names another file"):
        read_lesson(write(change))
    (tmp_path / "own.toml").unlink()
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_lesson(write(change))
