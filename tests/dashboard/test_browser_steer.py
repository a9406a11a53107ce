"""Steering, comparing, sharing, taking home: in a real browser."""

import io
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from abm import LungModel
from abm.scenario.read import load_scenario
from abm.tissue.section import lung_section
from abm.tissue.section_mask import write_mask
from tests.dashboard.conftest import Visitor, expect

pytestmark = pytest.mark.slow
TWO = "?arms=no_virus,influenza&side=1000&seed=1"
Visit = Callable[..., Visitor]


def go(visitor: Visitor, day: float) -> None:
    visitor.of(f"embers.act.ask({{do: 'step', day: {day}}})")
    visitor.at_hour(day * 24)


def only(visitor: Visitor, *titles: str) -> None:
    """Choose which views are changed."""
    for box in visitor.page.locator(".which label").all():
        box.locator("input").set_checked(re.sub(r"^[A-D]\s*", "", box.inner_text().strip()) in titles)


def test_blockade_in_mid_run_acts_is_written_on_the_axis_and_saved_as_a_scenario_that_replays_it(
    visit: Visit, tmp_path: Path
) -> None:
    visitor = visit("?arms=influenza,influenza&side=1000&days=14&seed=1")
    go(visitor, 3)
    visitor.press("Steer")
    box = visitor.page.locator(".which input")
    box.nth(1).uncheck()
    visitor.press("Give it")
    visitor.wait("embers.arms.list[0].info.treatments.length === 1")
    assert visitor.of("embers.arms.list[0].info.treatments[0].start") == 72
    assert visitor.of("embers.arms.pending.length") == 0
    marks = visitor.of("[...document.querySelectorAll('.marks i')].map((mark) => mark.title)")
    assert any("Day 3.0: anti-IL-6 (MP5-20F3) starts" in mark for mark in marks)
    go(visitor, 14)
    assert visitor.of("embers.arms.list[0].points.at(-1)[0] < 0.5 * embers.arms.list[1].points.at(-1)[0]")
    visitor.shot("steer-blockade-in-mid-run")
    visitor.page.get_by_text("What was changed, save").click()
    with visitor.page.expect_download() as taken:
        visitor.page.locator(".steer a.button").first.click()
    assert taken.value.suggested_filename == "influenza_anti_il6_d3.toml"
    file = tmp_path / taken.value.suggested_filename
    taken.value.save_as(file)
    again = LungModel(load_scenario(file), seed=1)
    again.run()
    assert again.measure("cells_per_seeded") == visitor.of("embers.arms.list[0].points.at(-1)[0]")


def test_what_cannot_act_now_waits_for_a_reset(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 1)
    visitor.press("Steer")
    only(visitor, "Influenza")
    visitor.page.get_by_label("Treatment", exact=True).select_option("vaccination")
    visitor.press("Give it (on reset)")
    visitor.page.get_by_text("On reset: vaccination (B Influenza)").wait_for()
    assert visitor.hour == 24
    visitor.press("Reset now")
    visitor.wait("embers.arms.list[1].info.treatments.length === 1 && embers.arms.hour === 0")
    assert visitor.of("embers.arms.pending.length") == 0
    assert visitor.of("embers.arms.list.map((arm) => arm.info.title)") == [
        "No virus", "Influenza + vaccination 28 days before",
    ]  # fmt: skip


def test_a_dose_that_is_no_number_is_refused_and_a_decimal_comma_understood(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.press("Steer")
    only(visitor, "Influenza")
    dose = visitor.page.get_by_label("Dose ×")
    refusal = visitor.page.locator(".refusal")
    for wrong in ("abc", "", "1,500"):
        dose.fill(wrong)
        visitor.press("Infect now")
        expect(refusal).to_contain_text("infection 2: dose")
        assert visitor.of("embers.arms.list[1].info.infections.length") == 1
    dose.fill("1,5")
    visitor.press("Infect now")
    visitor.wait("embers.arms.list[1].info.infections.length === 2")
    assert visitor.of("embers.arms.list[1].info.infections[1].dose") == 1.5
    expect(refusal).to_be_hidden()


def test_any_parameter_is_found_explained_and_changed_now(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 2)
    visitor.press("Steer")
    visitor.page.get_by_text("Any parameter").click()
    visitor.page.get_by_role("searchbox", name="Search parameters").fill("dormancy.awakening")
    expect(visitor.page.get_by_text("0.005 to 1 /h").first).to_be_visible()
    source = visitor.page.get_by_role("link", name="[Chia 2025]").first
    assert source.get_attribute("href") == "https://doi.org/10.1038/s41586-025-09332-0"
    field = visitor.page.get_by_label("dormancy.awakening", exact=True)
    field.fill("0.01")
    go_on = visitor.hold_line()
    visitor.press("Set dormancy.awakening now")
    field.fill("7")  # while the server has not answered yet
    go_on()
    visitor.wait("embers.arms.list[1].info.changes.length === 1")
    assert visitor.of("embers.arms.list[1].info.changes[0]") == {
        "parameter": "dormancy.awakening", "value": 0.01, "time": 48,
    }  # fmt: skip
    visitor.obeyed()
    expect(field).to_have_value("7")
    visitor.press("Set dormancy.awakening now")
    visitor.page.get_by_text("is out of range").wait_for()
    visitor.shot("steer-parameter-refused")


def test_another_scenario_is_chosen_in_the_head_of_a_view(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 2)
    visitor.page.get_by_label("Scenario of view B").select_option("sars_cov_2")
    visitor.wait("embers.arms.list[1]?.info?.name === 'sars_cov_2' && embers.arms.scenes === 2")
    visitor.at_hour(48)  # the day stays
    assert "arms=no_virus,sars_cov_2" in visitor.of("location.search")


def test_a_link_brings_back_views_changes_day_and_looks(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 2)
    visitor.press("Steer")
    only(visitor, "Influenza")
    visitor.press("Give it")
    visitor.wait("embers.arms.list[1].info.treatments.length === 1")
    go(visitor, 4)
    visitor.page.select_option("#embers-overlay", "il6")
    visitor.page.get_by_label("Immune cells", exact=True).uncheck()
    visitor.wait("embers.arms.list[1].field !== null")
    visitor.press("Close")  # so that the views have the size that they have in the other window
    visitor.press("Share")
    link = visitor.page.get_by_label("Link").input_value()
    assert parse_qs(urlsplit(link).query)["day"] == ["4"]
    other = visit("?" + urlsplit(link).query)
    other.at_hour(96)
    other.wait("embers.arms.list[1].field !== null")
    assert other.of("embers.arms.list[1].info.treatments") == visitor.of("embers.arms.list[1].info.treatments")
    assert other.picture(1) == visitor.picture(1)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?arms=influenca", "there is no scenario of this name"),
        ("?seed=abc", "must be a whole number"),
        ("?side=99999", "from 400 to 5000"),
        ("?arms=influenza&edits=[[0,{}]]", "does not fit"),
        ("?arms=influenza&edits=nonsense", "does not understand"),
    ],
)
def test_a_wrong_link_gives_the_usual_views_and_a_friendly_reason(visit: Visit, query: str, told: str) -> None:
    visitor = visit(query)
    visitor.page.get_by_text(told).wait_for()
    assert visitor.of("embers.arms.list.length") == 4
    visitor.press("Step 1 h")
    visitor.at_hour(1)


def test_files_of_ones_own_are_shown_and_broken_ones_refused_while_the_view_stays(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.press("Steer")
    only(visitor, "Influenza")
    visitor.page.get_by_text("Views, size, length, own files").click()
    scenario = visitor.page.get_by_label("Your scenario (.toml)")
    scenario.set_input_files(
        {"name": "bad.toml", "mimeType": "text/plain", "buffer": b'extends = "influenza"\nstep = 3\n'}
    )
    visitor.page.get_by_text("has no unit").wait_for()
    assert visitor.of("embers.arms.list.length") == 2
    large = {"name": "large.toml", "mimeType": "text/plain", "buffer": b"#" * 1_000_001}
    scenario.set_input_files(large)
    visitor.page.get_by_text("larger than 100,000 bytes").wait_for()
    good = b'extends = "influenza"\ntitle = "Mine"\n[parameters.dormancy]\nfounders = "40 cell"\n'
    scenario.set_input_files({"name": "mine.toml", "mimeType": "text/plain", "buffer": good})
    visitor.wait("embers.arms.list[1]?.info?.title === 'Mine' && embers.arms.list[1].awoke.length === 40")
    for _ in range(2):  # the name was lost at every second time
        visitor.of("embers.views.relabel()")
        assert visitor.of("embers.views.views[1].menu.selectedOptions[0].text") == "Mine (uploaded)"
    mask = visitor.page.get_by_label("Your map of the section (.png)")
    mask.set_input_files({"name": "map.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(visitor.page.locator(".refusal")).to_contain_text("the map: not a PNG image")
    assert visitor.of("embers.arms.list[1].info.title") == "Mine"
    visitor.press("Share")
    visitor.page.get_by_text("A link cannot hold an uploaded scenario").wait_for()


def test_a_map_of_ones_own_is_shown_and_goes_home_with_the_scenario(visit: Visit, tmp_path: Path) -> None:
    section = lung_section(100, 100, 9)
    write_mask(section, tmp_path / "map.png")
    visitor = visit(TWO)
    visitor.press("Steer")
    visitor.page.get_by_text("Views, size, length, own files").click()
    visitor.page.get_by_label("Your map of the section (.png)").set_input_files(tmp_path / "map.png")
    visitor.wait("embers.arms.masked && embers.arms.scenes === 2")
    assert visitor.of("[...embers.arms.list[0].kind]") == section.kind.ravel().tolist()
    go(visitor, 1)
    visitor.press("Close")
    visitor.press("Download")
    for name in ("B Influenza (TOML)", "Map for B Influenza (PNG)"):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_text(name, exact=True).click()
        download.value.save_as(tmp_path / download.value.suggested_filename)
    again = LungModel(load_scenario(tmp_path / "influenza.toml"), seed=1)
    again.run_until(144)
    assert again.measure("il6") == visitor.of("embers.arms.values([embers.arms.list[1].points[24]], 'il6')[0]")


def test_pictures_and_curves_are_taken_home(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(TWO)
    go(visitor, 2)
    visitor.press("Download")
    taken = {}
    for name in ("Picture (PNG)", "Curves (CSV)", "Curves (Parquet)", "B Influenza (TOML)"):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_text(name, exact=True).click()
        taken[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(taken[name])
    picture = Image.open(io.BytesIO(taken["Picture (PNG)"].read_bytes()))
    assert picture.width > 600
    table = pd.read_csv(taken["Curves (CSV)"])
    assert len(table) == 2 * 49
    assert np.allclose(table.cells_per_seeded, pd.read_parquet(taken["Curves (Parquet)"]).cells_per_seeded)
    assert tomllib.loads(taken["B Influenza (TOML)"].read_text())["title"] == "Influenza"


def test_quiet_replicates_grow_bands_and_a_sentence_that_do_not_give_the_ending_away(visit: Visit) -> None:
    visitor = visit("?arms=no_virus,influenza&side=600&days=16&seed=1")
    go(visitor, 4)
    visitor.wait("embers.curves.bands?.count >= 3")
    visitor.page.get_by_text("How the views differ on day 15 is said on that day.").wait_for()
    visitor.wait("document.querySelectorAll('[data-measure=il6] .band').length === 2")
    visitor.settled()
    edges = "[...document.querySelectorAll('.band')].flatMap((band) => [...band.points].map((point) => point.x))"
    now = visitor.of("Number(document.querySelector('.chart .now').getAttribute('x1'))")
    assert max(visitor.of(edges)) <= now + 0.1
    expect(visitor.page.locator(".typical")).to_contain_text("This run, now: A ")
    go(visitor, 15)
    visitor.page.get_by_text("B “Influenza”").first.wait_for()
    visitor.wait("document.querySelectorAll('[data-measure=il6] .band').length === 2")
    visitor.shot("bands")


def test_the_lesson_on_timing_has_four_names_everywhere(visit: Visit, tmp_path: Path) -> None:
    """Influenza: never blocked, from day 1, on days 3 to 12, from day 9."""
    edits = [
        [arm, {"op": "add", "list": "treatment", "entry": {"type": "anti-IL-6", "drug": "MP5-20F3", **when}}]
        for arm, when in ((1, {"start": "1 d"}), (2, {"start": "3 d", "stop": "12 d"}), (3, {"start": "9 d"}))
    ]
    visitor = visit("?" + urlencode({"arms": ",".join(["influenza"] * 4), "edits": json.dumps(edits), "days": 10}))
    titles = ["Influenza", "Influenza + anti-IL-6, from day 1", "Influenza + anti-IL-6, days 3-12",
              "Influenza + anti-IL-6, from day 9"]  # fmt: skip
    expect(visitor.page.locator(".view h2")).to_have_text(titles)
    go(visitor, 10)
    for title in titles:
        expect(visitor.page.locator(".news").get_by_text(title).first).to_be_attached()
    visitor.page.get_by_role("button", name="Rename view D").click()
    field = visitor.page.get_by_label("Title of view D")
    field.fill("  Too late <b>? ")
    field.press("Enter")
    visitor.wait("embers.arms.list[3].info.title === 'Too late <b>?'")
    assert visitor.hour == 240
    expect(visitor.page.locator(".view h2").nth(3)).to_have_text("Too late <b>?")
    expect(visitor.page.locator(".view").nth(3).get_by_text("changed", exact=True)).to_be_visible()
    visitor.press("Download")
    taken = []
    for name in (
        "Curves (CSV)",
        "C Influenza + anti-IL-6, days 3-12 (TOML)",
        "D Too late <b>? (TOML)",
        "Picture (PNG)",
    ):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_text(name, exact=True).click()
        taken.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(taken[-1])
    assert [file.name for file in taken] == [
        "embers_seed_41.csv", "influenza_anti_il6_d3_12.toml", "influenza_too_late_b.toml",
        "embers_4_views_seed_41_day_10.0.png",
    ]  # fmt: skip
    assert list(pd.read_csv(taken[0]).title.unique()) == [*titles[:3], "Too late <b>?"]
    assert load_scenario(taken[2]).story == "Changed from Influenza: anti-IL-6, from day 9."
    again = visit(visitor.of("location.search"))
    expect(again.page.locator(".view h2")).to_have_text([*titles[:3], "Too late <b>?"])


def test_what_was_typed_stays_when_another_view_is_ticked_and_the_focus_too(visit: Visit) -> None:
    visitor = visit()
    visitor.press("Steer")
    ticked = "[...document.querySelectorAll('.which input')].map((box) => box.checked)"
    assert visitor.of(ticked) == [False, True, True, True]  # those that are infected
    assert visitor.of("document.activeElement.dataset.key") == "which 0"
    visitor.page.get_by_label("Dose (mg)").fill("0.25")
    visitor.page.locator(".which input").nth(2).focus()
    visitor.page.keyboard.press("Space")
    assert visitor.of("document.activeElement.dataset.key") == "which 2"
    expect(visitor.page.get_by_label("Dose (mg)")).to_have_value("0.25")


def test_parameters_are_found_however_they_are_written(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.press("Steer")
    visitor.page.get_by_text("Any parameter").click()
    search = visitor.page.get_by_role("searchbox", name="Search parameters")
    for text in ("il6", "IL-6", "IL-6 secretion", "il 6 release", "awaken", "macrophage death"):
        search.fill(text)
        assert visitor.page.locator(".parameters > li").count() > 0, text


@pytest.mark.parametrize("overlay", ["constructor", "toString", "__proto__", "hasOwnProperty"])
def test_a_link_with_an_overlay_that_is_none_shows_the_views(visit: Visit, overlay: str) -> None:
    visitor = visit(f"{TWO}&overlay={overlay}")
    visitor.settled()
    box = visitor.page.locator("canvas").first.bounding_box()
    visitor.page.mouse.move(box["x"] + 30, box["y"] + 30)
    visitor.page.locator(".tip").wait_for()
    visitor.press("Step 1 h")
    visitor.at_hour(1)


def test_the_address_forgets_a_link_when_a_file_is_shown(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.press("Steer")
    visitor.page.get_by_text("Views, size, length, own files").click()
    file = {"name": "mine.toml", "mimeType": "text/plain", "buffer": b'extends = "influenza"\ntitle = "Mine"\n'}
    visitor.page.get_by_label("Your scenario (.toml)").set_input_files(file)
    visitor.wait("embers.arms.list.some((arm) => arm.info?.title === 'Mine')")
    assert visitor.of("location.search") == ""
