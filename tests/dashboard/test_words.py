import pytest

from abm.dashboard.player import Frame, Point, Setup
from abm.dashboard.words import MOST_SEED, hour, menu, number, seed_of, story_of, summary
from abm.study.catalog import scenario_names


def frame(day: float, **values: float) -> Frame:
    return Frame(1, Setup(), b"", (Point(day, values),), 28.0)


def test_the_state_of_the_section_is_one_plain_line() -> None:
    shown = frame(9.0, cells_per_seeded=84.2, ki67_share=0.981, il6_lavage=34.4)
    assert summary(shown) == "Day 9.0: 84 cells per seeded cell, 98 % Ki67+, IL-6 34 pg/mL in lavage"


def test_the_hour_is_told_and_the_end() -> None:
    assert hour(frame(2.0)) == "hour 48"
    assert hour(frame(28.0)) == "hour 672, the end of the scenario"


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (0.043, "0.04"), (1.0, "1.0"), (9.96, "10"), (84.2, "84"), (12345.6, "12,346")]
)
def test_a_number_is_said_with_as_many_digits_as_matter(value: float, said: str) -> None:
    assert number(value) == said


def test_the_menu_offers_every_scenario_once_by_its_title() -> None:
    items = menu()
    assert sorted(item["value"] for item in items) == scenario_names()
    assert len({item["text"] for item in items}) == len(items)
    assert {"value": "influenza", "text": "Influenza"} in items


def test_a_story_says_what_to_expect_and_whether_it_is_a_prediction() -> None:
    known, guessed = story_of("influenza"), story_of("influenza_blockade")
    assert known.expect
    assert not known.prediction
    assert guessed.prediction
    assert "prediction" not in guessed.expect.lower()


def test_a_story_that_there_is_not_is_a_fault() -> None:
    assert "influenza" in story_of("influenca").fault


def test_a_seed_is_a_whole_number() -> None:
    assert seed_of(" 42 ") == 42
    assert seed_of(str(MOST_SEED)) == MOST_SEED


@pytest.mark.parametrize("text", ["", "abc", "1.5", "-1", str(MOST_SEED + 1)])
def test_what_is_no_seed_is_refused_with_the_allowed_range(text: str) -> None:
    with pytest.raises(ValueError, match=rf'"{text}": must be a whole number from 0 to {MOST_SEED}'):
        seed_of(text)
