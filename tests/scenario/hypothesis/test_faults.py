"""Faults planted in rules: each is found, with its line, its key and what was meant; all of a file at once."""

import pytest

from abm.scenario.errors import ScenarioError
from abm.scenario.read import read_scenario

VALID = """extends = "influenza"

[substance."IL-17A"]
molar_mass = "31 kDa"
loss = "0.4 /h"

[cell."mast cell"]
like = "fibroblast"
density = "5 cell/mm^2"

[[rule]]
name = "secretion"
cell = "CD4 T cell"
signal = "IL-6"
raises = "secretion of IL-17A"
to = "0.5 molecules/cell/s"
half = "0.5 ng/mL"
power = 2

[[rule]]
name = "awakening"
cell = "dormant cancer cell"
signal = "IL-17A"
and = "IL-6"
raises = "awakening"
to = "0.02 /h"
half = "0.2 ng/mL"
and_half = "1 ng/mL"
replaces = "il6_awakening_rate"

[[rule]]
name = "slower"
cell = "neutrophil"
signal = "mast cell within 50 um"
lowers = "speed"
to = "5 %"
half = "1 cell"
form = "threshold"

[[rule]]
name = "drug"
cell = "tissue"
signal = "drug antibody"
raises = "loss of IL-17A"
to = "10 /h"
half = 0.5

[[treatment]]
type = "drug"
drug = "antibody"
start = "2 d"
"""

ANOTHER = 'molar_mass = "20 kDa"\n\n[substance."IL-17A"]'
AGAIN = """[[rule]]
cell = "CD4 T cell"
signal = "IL-6"
{0} = "secretion of IL-17A"
to = "{1}"
half = "1 ng/mL"

[[rule]]"""

# Line of the valid file, what stands there instead, the key that is named, and words that the message must have.
FAULTS = {
    # 1. a cell that is none
    "misspelled cell": (13, 'cell = "CD4 Tcell"', "rule 1: cell", 'did you mean "CD4 T cell"?'),
    "plural": (33, 'cell = "neutrophils"', "rule 3: cell", 'did you mean "neutrophil"?'),
    "no such cell": (33, 'cell = "zebra"', "rule 3: cell", 'declare it: [cell."zebra"]'),
    "one of several": (22, 'cell = "cancer cell"', "rule 2: cell", '"dormant cancer cell" or "proliferating'),
    # 2. a signal that is none
    "misspelled signal": (14, 'signal = "IL6"', "rule 1: signal", 'did you mean "IL-6"?'),
    "undeclared substance": (23, 'signal = "histamine"', "rule 2: signal", '[substance."histamine"]'),
    "a cell as signal": (34, 'signal = "mast cell"', "rule 3: signal", '"mast cell within 50 um"'),
    "own activation of a cancer cell": (23, 'signal = "own activation"', "rule 2: signal", "is not known"),
    "own phenotype of a mobile cell": (14, 'signal = "own phenotype"', "rule 1: signal", "only cancer cells have one"),
    "phenotype": (23, 'signal = "phenotype"', "rule 2: signal", 'did you mean "own phenotype"?'),
    "contact of a mobile cell": (
        14, 'signal = "contact with NK cell"', "rule 1: signal", '"neutrophil within 50 um"',
    ),
    "contact with none that is known": (23, 'signal = "contact with macrophage"', "rule 2: signal", "contact with"),
    "second signal": (24, 'and = "IL 6"', "rule 2: and", 'did you mean "IL-6"?'),
    # 3. a rate that is none, or of another cell
    "misspelled rate": (25, 'raises = "awakenning"', "rule 2: raises", 'did you mean "awakening"?'),
    "rate of another cell": (15, 'raises = "awakening"', "rule 1: raises", "is no rate of this cell (CD4 T cell)"),
    "a transition of the other cells": (
        25, 'raises = "transition to epithelial"', "rule 2: raises", "is no rate of this cell (dormant cancer cell)",
    ),
    "secretion of what nobody declared": (15, 'raises = "secretion of IL-17"', "rule 1: raises", 'of IL-17A"?'),
    "loss of a cell in tissue": (44, 'raises = "loss"', "rule 4: raises", "loss of IL-17A"),
    # 4. units
    "no unit": (16, 'to = "0.5"', "rule 1: to", "has no unit"),
    "a bare number": (16, "to = 0.5", "rule 1: to", "has no unit"),
    "another unit": (26, 'to = "0.02 ng/mL"', "rule 2: to", "/h"),
    "unit of the signal": (17, 'half = "0.5 /h"', "rule 1: half", "ng/mL"),
    "unit of a share": (46, 'half = "0.5 ng/mL"', "rule 4: half", "pure number"),
    "factor in a rate": (16, 'to = "5 zz"', "rule 1: to", "molecules/cell/s"),
    # 5. ranges
    "too fast": (26, 'to = "5 /h"', "rule 2: to", "0 to 1 /h"),
    "negative": (26, 'to = "-0.1 /h"', "rule 2: to", "out of range"),
    "power": (18, "power = 40", "rule 1: power", "0.5 to 10"),
    "half of a share": (46, "half = 2.0", "rule 4: half", "0.001 to 1"),
    "half out of range": (17, 'half = "1 g/mL"', "rule 1: half", "out of range"),
    "loss of a substance": (5, 'loss = "100 /h"', "substance.IL-17A.loss", "0.01 to 20 /h"),
    "density of a cell": (9, 'density = "5000 cell/mm^2"', "cell.mast cell.density", "0 to 200 cell/mm^2"),
    # 6. missing
    "no half": (17, "", "rule 1: half", "is missing"),
    "no to": (16, "", "rule 1: to", "is missing"),
    "no direction": (15, "", "rule 1: raises", "is missing"),
    "no half of the second signal": (28, "", "rule 2: and_half", "is missing"),
    "no molar mass": (4, "", "substance.IL-17A.molar_mass", "is missing"),
    "like nothing": (8, "", "cell.mast cell.like", "is missing"),
    # 7. direction
    "raises downwards": (35, 'raises = "speed"', "rule 3: to", 'or write lowers = "speed"'),
    "both": (35, 'lowers = "speed"\nraises = "speed"', "rule 3: lowers", "a rule does one of both"),
    # 8. names
    "a name twice": (21, 'name = "secretion"', "rule 2: name", "is the name of rule 1"),
    "a name that is none": (21, 'name = "IL-17A wakes"', "rule 2: name", "lower-case letters"),
    "a built-in substance": (3, f'[substance."IL-6"]\n{ANOTHER}', "substance.IL-6", "is the name of another"),
    # 9. rules among each other
    "the same twice": (20, AGAIN.format("raises", "1 molecules/cell/s"), "rule 2: raises", "says the same as rule 1"),
    "the opposite": (20, AGAIN.format("lowers", "50 %"), "rule 2: lowers", "contradicts rule 1"),
    "a law that cannot be replaced": (29, 'replaces = "il6_awakening"', "rule 2: replaces", "il6_awakening_rate"),
    # 10. everything else that a file may say
    "an unknown key": (18, "powers = 2", "rule 1: powers", 'did you mean "power"?'),
    "an unknown form": (38, 'form = "sigmoid"', "rule 3: form", "hill, linear, threshold"),
    "unknown confidence": (18, 'confidence = "sure"', "rule 1: confidence", "measured, fitted, peer, assumed"),
    "a drug that nothing responds to": (50, 'drug = "antibodies"', "treatment 1: drug", "no rule responds to it"),
    "not a flag": (18, 'on = "yes"', "rule 1: on", "neither true nor false"),
}  # fmt: skip


def with_line(line: int, text: str) -> str:
    """The valid file with another text in a line, counted from 1."""
    lines = VALID.splitlines()
    lines[line - 1] = text
    return "\n".join(lines) + "\n"


def faults_of(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read_scenario("mine.toml", text)
    return [str(fault) for fault in caught.value.faults]


def test_the_file_without_a_fault_is_read():
    scenario = read_scenario("mine.toml", VALID)
    assert [rule.name for rule in scenario.rules] == ["secretion", "awakening", "slower", "drug"]


def test_forty_faults_of_ten_kinds_are_planted():
    assert len(FAULTS) >= 40


@pytest.mark.parametrize("planted", FAULTS)
def test_a_planted_fault_is_found(planted):
    line, text, key, words = FAULTS[planted]
    found = faults_of(with_line(line, text))
    assert len(found) == 1, found
    assert key in found[0], found[0]
    assert words in found[0], found[0]


@pytest.mark.parametrize("planted", [name for name, fault in FAULTS.items() if fault[1] and "\n" not in fault[1]])
def test_a_fault_names_file_and_line(planted):
    line, text, *_ = FAULTS[planted]
    told = 36 if planted == "raises downwards" else line  # its number is to blame, one line below
    assert faults_of(with_line(line, text))[0].startswith(f"mine.toml, line {told}: ")


def test_all_faults_of_a_file_are_told_at_once():
    text = with_line(13, 'cell = "CD4 Tcell"').replace('half = "0.2 ng/mL"', 'half = "0.2"').replace('"5 %"', '"-5 %"')
    assert len(faults_of(text)) == 3
