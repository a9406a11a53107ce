"""What `embers rules` prints and draws."""

import json
import re

import pytest

import abm
from abm.laws.catalogue import laws_in
from abm.reporting.laws import as_data, differences, listed, listed_differences
from abm.rules.parameters import Parameters
from abm.scenario.read import load_scenario
from tests.commands import ROOT, embers
from tests.laws.samples import another, by_name

INFLUENZA = load_scenario("influenza")
BLOCK = re.compile(r"```\n(.*?)```", re.DOTALL)


def test_the_list_shows_every_acting_law_by_cell_type_and_the_others_with_their_reason():
    text = list(listed(INFLUENZA, laws_in(INFLUENZA)))
    assert re.fullmatch(r"influenza \(Influenza.*\): \d+ laws act, \d+ do not\.", text[0])
    at = text.index("  il6_awakening_rate")
    assert (
        text[at + 1]
        .strip()
        .startswith("IL-6 raises the awakening of a dormant cancer cell where the niche is open, up")
    )
    assert text[at + 2].strip().startswith("assumed, [")
    end = text.index("Do not act here")
    assert text.index("Dormant cancer cell") < at < text.index("Proliferating cancer cell") < end
    assert "  capture_rate (drug): no anti-IL-6 is given" in text[end:]
    assert any(line.startswith("  [Chia 2025] ") for line in text[text.index("Sources") :])


@pytest.mark.parametrize(
    "parameter",
    ["dormancy.half_response", "cytotoxicity.cooperation", "recruitment.half_ifn_gamma", "cells.cd8.speed",
     "interferon.power", "cells.resident_macrophage.secretion.il6.activated", "virus.clearance", "matrix.net_loss"],
)  # fmt: skip
def test_two_scenarios_that_differ_in_one_parameter_differ_in_the_laws_that_state_it(parameter):
    before = by_name(INFLUENZA)
    (item,) = {item.name: item for law in before.values() for item in law.own if item.name == parameter}.values()
    other = INFLUENZA.with_parameters({parameter: another(item)})
    expected = {name for name, law in before.items() if law.acts and parameter in law.law.parameters}
    assert expected
    found = differences(list(before.values()), laws_in(other))
    assert {pair.law.name for pair in found} == expected


def test_differences_show_both_versions_in_words():
    knockout = load_scenario("il6_knockout")
    found = differences(laws_in(INFLUENZA), laws_in(knockout))
    lines = list(listed_differences((INFLUENZA, knockout), found, 100))
    at = lines.index("  il6_awakening_rate")
    assert lines[at + 1].split(maxsplit=1)[0] == "influenza"
    assert lines[at + 2].split(maxsplit=1) == ["il6_knockout", "does not act: no cell secretes IL-6 (IL-6 knockout)"]
    assert "  infection_rate" not in lines


def test_a_scenario_does_not_differ_from_itself():
    assert differences(laws_in(INFLUENZA), laws_in(INFLUENZA)) == []


def test_a_drug_of_one_scenario_is_a_difference():
    blockade = load_scenario("influenza_blockade")
    names = {pair.law.name for pair in differences(laws_in(INFLUENZA), laws_in(blockade))}
    assert "capture_rate.MP5-20F3" in names
    assert "infection_rate" not in names


def test_data_have_numbers_units_and_curves():
    laws = [law for law in laws_in(INFLUENZA) if law.law.name in ("occupancy", "dormant_death")]
    told = json.loads(json.dumps(as_data(INFLUENZA, laws)))
    occupancy = next(law for law in told["laws"] if law["name"] == "occupancy")
    assert {"name": "dormancy.power", "value": 3.0, "unit": "", "confidence": "assumed"} in occupancy["parameters"]
    curve = occupancy["curve"]
    assert curve["unit"] == "ng/mL"
    assert len(curve["values"]) == len(curve["responses"][""]) > 10
    assert curve["half"] == INFLUENZA.parameters.dormancy.half_response
    assert next(law for law in told["laws"] if law["name"] == "dormant_death")["curve"] is None


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_command_lists_compares_and_draws(tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "influenza"\nparameters.dormancy.return_rate = "0.05 /h"\n')
    result = embers("rules", "influenza", "--diff", "mine.toml", "--plot", "there", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("influenza and mine differ in 1 law of ")
    assert "  return_rate" in lines
    assert any(line.startswith("      mine ") and "from 0.05 /h" in line for line in lines)
    for ending in ("png", "svg"):
        assert (tmp_path / "there" / f"rules-influenza.{ending}").stat().st_size > 1000
        assert any(line.endswith(f"rules-influenza.{ending}") for line in lines)


def test_the_command_prints_differences_as_json(tmp_path):
    (tmp_path / "mine.toml").write_text('extends = "influenza"\nparameters.dormancy.return_rate = "0.05 /h"\n')
    result = embers("rules", "influenza", "--diff", "mine.toml", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (law,) = json.loads(result.stdout)["laws"]
    assert law["name"] == "return_rate"
    assert law["first"]["curve"]["responses"][""][0] == Parameters().dormancy.return_rate
    assert law["second"]["curve"]["responses"][""][0] == 0.05


def test_an_unknown_scenario_is_refused_with_the_nearest(tmp_path):
    result = embers("rules", "influensa", cwd=tmp_path)
    assert result.returncode == 2
    assert "influenza" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "mine.toml").write_text('extends = "influenza"\nparameters.dormancy.return_rate = "0.05 /h"\n')
    result = embers("rules", "influenza", "--diff", "mine.toml", "--plot", "file/below", cwd=tmp_path)
    assert result.returncode == 1
    assert "cannot write" in result.stderr


# ---- from Python, and the page ---------------------------------------------------------------------------------------


def test_python_has_the_same_laws():
    rules = abm.rules_of("influenza")
    assert rules.law("return_rate").sentence.startswith("The STAT3 signal lowers the return to dormancy")
    assert {law.law.name for law in rules.acting} < {law.law.name for law in rules.laws}
    assert [pair.law.name for pair in rules.diff(INFLUENZA.with_parameters({"dormancy.return_rate": "0.05 /h"}))] == [
        "return_rate"
    ]
    found = rules.diff("influenza_blockade")
    assert repr(found).splitlines()[0] == f"influenza and influenza_blockade differ in {len(found)} laws"
    assert "├── influenza: does not act: it is not given" in repr(found)
    assert found.text().splitlines()[0].endswith(f"differ in {len(found)} laws of {len(rules.laws) + 3}.")
    assert rules.text().startswith("influenza (")
    assert repr(rules).startswith('Laws of scenario "influenza": ')


def test_a_law_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(KeyError, match="il6_awakening_rate"):
        abm.rules_of("influenza").law("il6_awakening")


def test_the_page_shows_lines_that_the_command_prints():
    laws = laws_in(INFLUENZA)
    knockout = load_scenario("il6_knockout")
    pairs = differences(laws, laws_in(knockout))
    total = len(laws)
    printed = {*listed(INFLUENZA, laws), *listed_differences((INFLUENZA, knockout), pairs, total)}
    blocks = BLOCK.findall((ROOT / "docs/rules.md").read_text(encoding="utf-8"))
    shown = [line for block in blocks for line in block.splitlines() if line and line != "..."]
    assert len(shown) > 10
    assert [line for line in shown if line not in printed] == []
