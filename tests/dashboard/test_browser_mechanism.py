"""The mechanism panel, charts in the large, the figure for print and the archive, in Chromium."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from abm import LungModel
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenario_for
from abm.dashboard.mechanism.secretion import secretion_by_source, sources
from abm.rules.substances import Substance
from tests.dashboard.conftest import Visitor, expect

pytestmark = pytest.mark.slow
Visit = Callable[..., Visitor]
TWO = "?arms=influenza,influenza_blockade&side=600&days=6&seed=6"
RECIPE = Recipe((RecipeArm("influenza"), RecipeArm("influenza_blockade")), seed=6, side=600, days=6)
PICK = """() => {
  const { cx, cy, cs, cc } = embers.arms.list[0];
  const at = cs.findIndex((state, at) => state === 1 && cc[at] === 2);
  embers.act.pick(0, { x: cx[at], y: cy[at] });
}"""


def go(visitor: Visitor, day: float) -> None:
    visitor.of(f"embers.act.ask({{do: 'step', day: {day}}})")
    visitor.at_hour(day * 24)


def test_the_map_of_sources_has_the_color_of_the_largest_and_the_line_of_the_level(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 2.5)
    visitor.page.get_by_label("Overlay", exact=True).select_option(label="IL-6 secretion, by cell type")
    visitor.wait("embers.arms.list[0].source !== null")
    for layer in ("Fibroblasts", "Immune cells", "Cancer cells"):
        visitor.page.get_by_role("checkbox", name=layer, exact=True).uncheck()
    before = visitor.picture()
    model = LungModel(scenario_for(RECIPE, 0), seed=6)
    model.go_to(60 * 6)
    parts = secretion_by_source(model, int(Substance.IL6))
    assert visitor.of("[...embers.arms.list[0].source.data]") == parts.argmax(axis=0).ravel().tolist()
    own = sources()[int(parts.sum(axis=(1, 2)).argmax())].title
    expect(visitor.page.locator(".chips").get_by_text(f"{own}: most IL-6 here", exact=True)).to_have_count(1)
    visitor.page.keyboard.press("l")
    visitor.wait("embers.arms.list[0].level?.length > 4")
    assert visitor.picture() != before
    visitor.shot("sources")


def test_the_panel_shows_sources_a_record_a_ratio_and_a_distribution(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 5)
    visitor.page.keyboard.press("m")
    panel = visitor.page.get_by_role("region", name="Mechanism and numbers")
    panel.get_by_text("Infected epithelium", exact=True).wait_for()
    assert visitor.of("embers.arms.list[0].secreted.length") == 5 * 4 + 1
    expect(panel.locator(".stacked").nth(1)).to_be_attached()
    visitor.page.evaluate(PICK)
    visitor.page.get_by_role("button", name="Why did it awaken?", exact=True).click()
    visitor.wait("embers.mechanism.record.traces.length === 2")
    expect(panel.get_by_text("A second draw")).to_be_visible()
    awoke = visitor.of("embers.mechanism.record.traces[0].awakening.hour")
    expect(panel).to_contain_text(f"A Influenza: awakened on day {awoke / 24:.1f}")
    expect(panel).to_contain_text("B Influenza, IL-6 blocked: did not awaken")
    visitor.wait("embers.mechanism.ratio.found?.count >= 2")
    panel.get_by_label("On day", exact=True).fill("5")
    panel.get_by_text("Day 5.00: B has").wait_for()
    expect(panel.locator(".result")).to_contain_text("95 % interval")
    panel.get_by_label("Number", exact=True).select_option("clone")
    visitor.wait("embers.mechanism.distribution.found?.name === 'clone'")
    found = visitor.of("embers.mechanism.distribution.found.arms[0]")
    assert sum(found["counts"]) == found["total"] > 0
    visitor.shot("mechanism")


def test_a_blockade_is_run_beside_the_views_and_what_cannot_be_is_said_there(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.press("Mechanism")
    card = visitor.page.get_by_role("region", name="When a blockade still helps")
    card.get_by_label("Begins on days").fill("1, soon")
    card.get_by_role("button", name="Run").click()
    card.get_by_text("“soon” is not a day before the count").wait_for()
    card.get_by_label("Begins on days").fill("1 4.5")
    card.get_by_label("Cells counted on day").fill("6")
    card.get_by_label("Replicates").select_option("1")
    card.get_by_role("button", name="Run").click()
    visitor.wait("embers.mechanism.timing.found && embers.mechanism.timing.bar.hidden")
    early, late = visitor.of("embers.mechanism.timing.found.points.map((one) => one.value)")
    assert early > late
    card.get_by_text("As a table").click()
    expect(card.get_by_role("row")).to_have_count(3)
    visitor.shot("timing")


def test_every_measure_is_in_the_menus_and_charts_are_read_in_the_large_by_keyboard(visit: Visit) -> None:
    visitor = visit(TWO)
    go(visitor, 2)
    menu = visitor.page.get_by_label("Ki67+ cells", exact=True)
    expect(menu.locator("option")).to_have_count(visitor.of("embers.facts.measures.length"))
    menu.select_option("niche_hold")
    expect(visitor.page.locator("[data-measure=niche_hold] .line")).to_have_count(2)
    visitor.wait("document.querySelectorAll('[data-measure=niche_hold] .band').length === 2")
    visitor.page.get_by_role("button", name="Enlarge: Ki67+ cells").focus()
    visitor.page.keyboard.press("Enter")
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_text("Mean integrity of the dormancy niche").wait_for()
    slider = dialog.get_by_role("slider")
    slider.focus()
    visitor.page.keyboard.press("Home")
    expect(dialog.locator("output")).to_contain_text("Day 0.0: A 1.0, B 1.0")
    visitor.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(visitor.page.get_by_role("button", name="Enlarge: Ki67+ cells")).to_be_focused()


def test_figure_and_archive_are_saved_and_a_size_that_cannot_be_is_refused(visit: Visit, tmp_path: Path) -> None:
    visitor = visit(TWO + "&level=1&overlay=il6")
    go(visitor, 3.5)
    visitor.press("Download")
    visitor.page.get_by_label("Format").select_option("png")
    visitor.page.get_by_label("Width").fill("4")
    visitor.page.get_by_label("Unit").select_option("in")
    visitor.page.get_by_label("Resolution (dpi)").fill("150")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Save figure").click()
    assert download.value.suggested_filename == "embers_seed_6_day_3.5.png"
    download.value.save_as(tmp_path / "figure.png")
    assert Image.open(io.BytesIO((tmp_path / "figure.png").read_bytes())).width == 600
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Take all (ZIP)").click()
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = [name.split("/", 1)[1] for name in archive.namelist()]
        picture = Image.open(io.BytesIO(archive.read(f"{Path(download.value.suggested_filename).stem}/figure.png")))
    assert {"curves.csv", "events.csv", "figure.pdf", "scenarios/influenza.toml"} <= set(names)
    assert np.asarray(picture).std() > 10
    visitor.page.get_by_label("Width").fill("90")
    visitor.allowed.append("400 (Bad Request)")
    visitor.page.get_by_role("link", name="Save figure").click()
    visitor.page.get_by_text("width: 90 must be from 2.4 to 23.6 in").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_panel_and_its_dialogs(visit: Visit, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = visit(TWO, color_scheme=theme)
    go(visitor, 5)
    visitor.press("Mechanism")
    visitor.page.evaluate(PICK)
    visitor.page.get_by_role("button", name="Why did it awaken?", exact=True).click()
    visitor.wait("embers.mechanism.record.traces.length === 2 && embers.mechanism.distribution.found")
    visitor.of("document.querySelectorAll('.mechanism details').forEach((part) => { part.open = true; })")
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
    told = []
    for name in ("", "Enlarge: IL-6 at the cell", "Download"):
        if name:
            visitor.press(name)
        visitor.shot(f"mechanism-{theme}-{name.split(':')[0].lower() or 'panel'}")
        found = Axe().run(visitor.page, options=rules)
        told += [
            (rule["id"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in found.response["violations"]
        ]
        visitor.page.keyboard.press("Escape")
    assert not told
