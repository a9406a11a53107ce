"""Views are called by what was done to them, no two the same, on the page and in every file."""

from pathlib import Path

import pytest

from abm.dashboard.content.describing import describe
from abm.dashboard.content.downloads import curves, scenario_text
from abm.dashboard.content.naming import LONGEST_NAME, LONGEST_TITLE, plain_title
from abm.dashboard.content.recipe import Recipe, RecipeArm, recipe_of, scenario_for, scenarios_for
from abm.dashboard.live.stage import Stage
from abm.scenario.read import load_arms, load_scenario
from abm.scenario.toml.source import name_problem


def given(**entry: object) -> dict:
    return {"op": "add", "list": "treatment", "entry": entry}


def antibody(**entry: object) -> dict:
    return given(type="anti-IL-6", drug="MP5-20F3", **entry)


def put(name: str, key: str, value: object) -> dict:
    return {"op": "put", "list": name, "at": 0, "key": key, "value": value}


def arms(*edits: tuple[dict, ...]) -> Recipe:
    return Recipe(tuple(RecipeArm("influenza", edits=each) for each in edits))


LESSON = arms((), (antibody(start="1 d"),), (antibody(start="3 d", stop="12 d"),), (antibody(start="9 d"),))


def test_the_lesson_on_timing_has_four_names() -> None:
    found = scenarios_for(LESSON)
    assert [one.title for one in found] == [
        "Influenza", "Influenza + anti-IL-6, from day 1", "Influenza + anti-IL-6, days 3-12",
        "Influenza + anti-IL-6, from day 9",
    ]  # fmt: skip
    assert [one.name for one in found] == [
        "influenza", "influenza_anti_il6_d1", "influenza_anti_il6_d3_12", "influenza_anti_il6_d9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "edits", "title"),
    [
        ("influenza_blockade", [put("treatment", "stop", "12 d")],
         "Influenza, IL-6 blocked with anti-IL-6, days 1-12"),
        ("influenza_blockade", [{"op": "drop", "list": "treatment", "at": 0}],
         "Influenza, IL-6 blocked without anti-IL-6"),
        ("influenza", [put("infection", "dose", 3.0)], "Influenza + dose × 3"),
        ("influenza", [{"op": "drop", "list": "infection", "at": 0}], "Influenza without infection"),
        ("influenza", [{"op": "add", "list": "infection", "entry": {"time": "150 h", "dose": 2.0}}],
         "Influenza + influenza on day 6.25, dose × 2"),
        ("influenza", [{"op": "set", "key": "virus", "value": "SARS-CoV-2"}],
         "Influenza with SARS-CoV-2 instead of influenza"),
        ("influenza", [{"op": "set", "key": "parameters.dormancy.awakening", "value": "0.05 /h"}],
         "Influenza + dormancy.awakening 0.05 /h"),
        ("influenza", [{"op": "add", "list": "change", "entry":
         {"parameter": "dormancy.awakening", "value": "0.05 /h", "time": "60 h"}}],
         "Influenza + dormancy.awakening 0.05 /h from day 2.5"),
        ("influenza", [given(type="depletion", cells="CD8", start="4 d")], "Influenza + CD8 depletion, from day 4"),
        ("influenza", [given(type="vaccination")], "Influenza + vaccination 28 days before"),
        ("il17a", [put("rule", "on", False)], "IL-17A of CD4 T cells with changed rules"),
        ("influenza", [antibody(start="2 d"), given(type="vaccination"), put("infection", "dose", 3.0),
         given(type="depletion", cells="CD8")], "Influenza + dose × 3 + anti-IL-6, from day 2 + 2 more changes"),
    ],
)  # fmt: skip
def test_a_title_says_what_was_done(base: str, edits: list[dict], title: str) -> None:
    assert scenario_for(Recipe((RecipeArm(base, edits=tuple(edits)),)), 0).title == title


def test_story_and_expectation_are_those_of_what_is_run() -> None:
    plain, *_, late = scenarios_for(LESSON)
    assert "dormant breast cancer cells" in plain.story
    assert "100 to 1,000 times" in plain.expect
    assert plain.expect
    assert late.story == "Changed from Influenza: anti-IL-6, from day 9."
    assert late.expect == ""
    slower = scenario_for(arms(({"op": "set", "key": "parameters.dormancy.awakening", "value": "0.05 /h"},)), 0)
    assert slower.expect == "A prediction."


def test_equal_views_and_equal_chosen_titles_are_numbered() -> None:
    twice = scenarios_for(arms((), (), (antibody(start="1 d"),), (antibody(start="1 d"),)))
    assert len({one.title for one in twice}) == len({one.name for one in twice}) == 4
    named = Recipe(tuple(RecipeArm("influenza", title=title) for title in ("Mine", "Mine", "Mine (2)", "")))
    assert len({one.title for one in scenarios_for(named)}) == 4


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  My\n\tlung ", "My lung"),
        ("=cmd|' /C calc'!A0", "cmd|' /C calc'!A0"),
        ("+1", "1"),
        ("@SUM(1)", "SUM(1)"),
        ("\u202eevil", "evil"),
        ("x" * 150, "x" * LONGEST_TITLE),
        ("<img src=x>", "<img src=x>"),  # the page shows titles as text
    ],
)
def test_a_title_is_one_line_that_no_spreadsheet_runs(typed: str, kept: str) -> None:
    assert plain_title(typed) == kept
    assert recipe_of({"arms": [{"base": "influenza", "title": typed}]}).arms[0].title == kept


def test_a_title_of_an_uploaded_file_runs_in_no_spreadsheet_either() -> None:
    text = 'extends = "influenza"\ntitle = "=1+1"\n'
    assert scenario_for(Recipe((RecipeArm("mine.toml", text),)), 0).title == "1+1"


@pytest.mark.parametrize("title", ["../../etc/passwd", "CON", "a/b\\c:d*e?", "肺", "x" * 80, "...", "NUL.txt", '"; rm'])
def test_a_chosen_title_gives_a_name_that_every_system_takes(title: str) -> None:
    name = scenario_for(Recipe((RecipeArm("influenza", title=title),)), 0).name
    assert not name_problem(name)
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
    assert len(name) <= LONGEST_NAME


def test_the_names_go_into_description_table_and_file_which_embers_compares(tmp_path: Path) -> None:
    stage = Stage(Recipe(LESSON.arms[::3], side=400, days=10))
    said = describe(stage, [])["arms"]
    assert [(one["letter"], one["title"], one["base"]) for one in said] == [
        ("A", "Influenza", "influenza"), ("B", "Influenza + anti-IL-6, from day 9", "influenza"),
    ]  # fmt: skip
    assert list(zip(*(curves(stage)[name] for name in ("view", "title", "scenario")), strict=True))[-1] == (
        "B", "Influenza + anti-IL-6, from day 9", "influenza_anti_il6_d9",
    )  # fmt: skip
    name = stage.scenarios[1].name
    file = tmp_path / f"{name}.toml"
    file.write_text(scenario_text(stage, 1), encoding="utf-8")
    assert load_scenario(file).title == "Influenza + anti-IL-6, from day 9"
    assert f"embers run {name}.toml --seed" in file.read_text(encoding="utf-8")
    assert [one.name for one in load_arms(["influenza", str(file)])] == ["influenza", name]
