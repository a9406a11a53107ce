"""Rules, substances and cells of a scenario's own on the page: read, switched, edited, pasted, saved, in Chromium."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from abm import LungModel
from abm.dashboard.content.recipe import Recipe, RecipeArm, scenario_for
from abm.plots.palette import OWN_CELL_COLORS
from abm.scenario.read import load_scenario
from abm.studies.rules import rules_of
from tests.dashboard.conftest import Visitor, expect

pytestmark = pytest.mark.slow
Visit = Callable[..., Visitor]
TWO = "?arms=influenza,il17a&side=600&days=6&seed=1"
TEXT = "Substances, cells and rules, as in a scenario file"
MAST = """[cell."mast cell"]
like = "fibroblast"
density = "150 cell/mm^2"

[[rule]]
name = "slowed"
cell = "mast cell"
signal = "IL-6"
lowers = "speed"
to = "10 %"
half = "0.1 ng/mL"
"""


def go(visitor: Visitor, day: float) -> None:
    visitor.of(f"embers.act.ask({{do: 'step', day: {day}}})")
    visitor.at_hour(day * 24)


SENTENCES = ".sentences > li > p:first-child"


def test_a_hypothesis_is_chosen_and_its_rules_are_read_in_the_words_of_the_command(visit: Visit) -> None:
    visitor = visit("?arms=influenza,no_virus&side=600&days=6&seed=1")
    assert visitor.page.get_by_role("button", name=re.compile("rules of")).count() == 0
    visitor.page.get_by_label("Scenario of view B").select_option("il6_trans_signalling")
    visitor.wait("embers.arms.list[1]?.info?.name === 'il6_trans_signalling' && embers.arms.scenes === 2")
    assert visitor.of("embers.views.views[1].menu.selectedOptions[0].text") == "IL-6 trans-signalling"
    visitor.press("3 rules of B IL-6 trans-signalling")
    laws = rules_of(scenario_for(Recipe((RecipeArm("il6_trans_signalling"),)), 0)).laws
    own = {law.law.name: law.sentence for law in laws if law.law.name.startswith("rules.")}
    told = [own[f"rules.{name}"] for name in ("shedding", "trans_signalling", "sgp130fc")]
    expect(visitor.page.locator(SENTENCES)).to_have_text(told)
    expect(visitor.page.get_by_text("no treatment gives the drug sgp130Fc")).to_be_visible()
    doi = visitor.page.get_by_role("link", name="doi:10.7150/ijbs.4989").first
    expect(doi).to_have_attribute("href", "https://doi.org/10.7150/ijbs.4989")
    visitor.page.locator(".which input").nth(0).uncheck()
    visitor.page.get_by_label("Treatment", exact=True).select_option("drug")
    visitor.press("Give it")
    visitor.wait("embers.arms.list[1].info.treatments.some((one) => one.drug === 'sgp130Fc')")
    expect(visitor.page.get_by_text("no treatment gives the drug")).to_have_count(0)


def test_a_wrong_number_is_explained_beside_its_field_and_a_right_one_changes_the_run(
    visit: Visit, tmp_path: Path
) -> None:
    visitor = visit(TWO)
    go(visitor, 2)
    visitor.press("2 rules of B IL-17A of CD4 T cells")
    visitor.page.get_by_text("Numbers of awakening_by_il17a").click()
    row = visitor.page.locator(".rules .parameters > li").filter(has=visitor.page.get_by_label("to", exact=True)).last
    row.get_by_label("to", exact=True).fill("7")
    visitor.press("Set rules.awakening_by_il17a.to on reset")
    alert = row.get_by_role("alert")
    alert.wait_for()
    expect(alert).to_have_text('il17a: rule 2: to = "7 /h": is out of range (awakening); allowed: 0 to 1 /h')
    expect(row.get_by_label("to", exact=True)).to_have_value("7")
    expect(visitor.page.locator(".refusal")).to_be_hidden()
    visitor.shot("rules-refused")
    row.get_by_label("to", exact=True).fill("0.9")
    visitor.press("Set rules.awakening_by_il17a.to now")
    visitor.wait("embers.arms.list[1].info.changes.length === 1")
    alert.wait_for(state="hidden")
    assert visitor.of("embers.arms.list[1].info.changes[0]") == {
        "parameter": "rules.awakening_by_il17a.to", "value": 0.9, "time": 48,
    }  # fmt: skip
    expect(visitor.page.get_by_text("From 2 d on: The awakening of a dormant cancer cell")).to_be_visible()
    assert visitor.of("embers.arms.list[0].info.changes") == []
    go(visitor, 6)
    visitor.page.get_by_text("Edit as text, add, save").click()
    with visitor.page.expect_download() as taken:
        visitor.page.locator(".rules").get_by_role("link", name="IL-17A of CD4 T cells").click()
    taken.value.save_as(tmp_path / taken.value.suggested_filename)
    again = LungModel(load_scenario(tmp_path / taken.value.suggested_filename), seed=1)
    again.run()
    assert again.measure("il_17a") == visitor.of(
        "embers.arms.values([embers.arms.list[1].points.at(-1)], 'il_17a', embers.arms.list[1])[0]"
    )


def test_a_substance_of_a_hypothesis_is_an_overlay_which_a_link_keeps(visit: Visit) -> None:
    visitor = visit("?arms=influenza,il17a&side=1000&days=10&seed=1")
    go(visitor, 8)
    visitor.page.select_option("#embers-overlay", "il_17a")
    visitor.wait("embers.arms.list[1].field !== null && embers.arms.list[0].field === null")
    assert visitor.of("Math.max(...embers.arms.list[1].field.data)") > 0
    expect(visitor.page.locator(".ramp span")).to_have_text(["0.01", "100 ng/mL, log"])
    visitor.page.get_by_label("Substances", exact=True).select_option("il_17a")
    visitor.shot("rules-overlay")
    other = visit(visitor.of("location.search"))
    other.wait("embers.arms.list[1].field !== null")
    assert other.of("document.querySelector('#embers-overlay').value") == "il_17a"


def test_a_rule_is_switched_off_by_keyboard_now_or_on_reset_and_a_link_keeps_it(visit: Visit) -> None:
    visitor = visit(TWO)
    visitor.press("2 rules of B IL-17A of CD4 T cells")
    visitor.page.get_by_role("button", name="Switch off il17a_of_cd4").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("button", name="Switch on il17a_of_cd4")).to_be_focused()
    visitor.obeyed()
    assert visitor.of("embers.arms.pending.length") == 0
    go(visitor, 1)
    visitor.press("Switch off awakening_by_il17a (on reset)")
    visitor.page.get_by_text("On reset: rule 2 off (B IL-17A of CD4 T cells with changed rules)").wait_for()
    visitor.press("Reset now")
    visitor.wait("embers.arms.hour === 0 && embers.arms.pending.length === 0")
    visitor.press("Share")
    link = visitor.page.get_by_label("Link").input_value()
    other = visit("?" + link.partition("?")[2])
    assert other.of("embers.arms.list[1].info.declared.rules.map((rule) => rule.on)") == [False, False]


def test_rules_are_pasted_checked_by_line_and_their_cells_are_in_legend_curves_and_tissue(visit: Visit) -> None:
    visitor = visit("?arms=influenza&side=600&days=6&seed=1")
    visitor.press("Steer")
    visitor.page.get_by_text("Rules", exact=True).click()
    visitor.page.get_by_text("Add rules as text").click()
    area = visitor.page.get_by_label(TEXT)
    wrong = MAST.replace('"mast cell"\nsignal', '"mast cel"\nsignal')
    area.fill(wrong)
    visitor.press("Apply")
    alert = visitor.page.locator(".rules").get_by_role("alert")
    visitor.page.get_by_text('rules, line 7: rule 1: cell = "mast cel": is not known').wait_for()
    expect(alert.last).to_contain_text('did you mean "mast cell"?')
    expect(area).to_have_value(wrong)
    visitor.shot("rules-text-refused")
    area.fill(MAST)
    visitor.press("Apply")
    visitor.wait("embers.arms.list[0].info.declared.rules.length === 1 && embers.arms.scenes === 2")
    expect(visitor.page.locator(SENTENCES)).to_have_count(1)
    expect(area).to_have_value(re.compile(re.escape('density = "150.0 cell/mm^2"')))  # what was typed, as it was taken
    disk = visitor.page.locator(".chips li").filter(has_text="mast cell").locator("circle")
    expect(disk).to_have_attribute("fill", "rgb({}, {}, {})".format(*OWN_CELL_COLORS[0]))
    color = sum(part << shift for part, shift in zip((*OWN_CELL_COLORS[0], 255), (0, 8, 16, 24), strict=True))
    visitor.settled()
    assert visitor.of(f"embers.views.views[0].pixels.includes({color})")
    go(visitor, 1)
    visitor.page.get_by_label("Mobile cells", exact=True).select_option("mast_cell")
    label = re.compile("^mast cell per mm², day 1.0. A Influenza [+] own rules: 1")
    expect(visitor.page.locator("[data-measure=mast_cell] svg")).to_have_attribute("aria-label", label)
    visitor.press("Apply (on reset)")
    visitor.obeyed()
    assert visitor.of("embers.arms.pending.length") == 0  # it says what is there already


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_in_the_rules(visit: Visit, width: int, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor = visit("?arms=influenza,il6_trans_signalling&side=600&days=6&seed=1", width=width, color_scheme=theme)
    visitor.press("3 rules of B IL-6 trans-signalling")
    visitor.of("document.querySelectorAll('.rules details').forEach((part) => { part.open = true; })")
    visitor.page.get_by_label("half", exact=True).first.fill("none")
    visitor.press("Set rules.shedding.half now")
    visitor.page.get_by_text("is not a number").or_(visitor.page.get_by_text("where a pure number")).first.wait_for()
    visitor.shot(f"rules-{theme}-{width}")
    found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    told = [(rule["id"], [node["html"][:160] for node in rule["nodes"][:4]]) for rule in found.response["violations"]]
    assert told == []
    assert visitor.of("document.documentElement.scrollWidth <= innerWidth")
