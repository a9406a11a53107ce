import pickle

import pytest

from abm.rules.infection import INFLUENZA_HUMAN
from abm.scenario.read import (
    ScenarioError,
    load_scenario,
    read_scenario,
    with_overrides,
    write_scenario,
)
from abm.scenario.scenario import Scenario
from abm.tissue.section import lung_section
from abm.tissue.section_mask import write_mask
from abm.treatments.drugs import JakInhibitor


def faults_of(text, path="mine.toml"):
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path, text)
    return caught.value.faults


def the_fault(text, path="mine.toml"):
    (fault,) = faults_of(text, path)
    return fault


MANY = """\
titel = "a"
story = 3
host = "rat"
duration = 28
step = "0.1 s"
record_every = "6 kg"
snapshots = ["0 d", "5", "2 d"]
foo = { bar = 1 }

[section]
layout = "lungs"
layout_seed = 1.5
width = "2.01 mm"
height = "41 mm"

[parameters]
half_ifn_gamma = "1 ng/mL"
interferon.power = "2"
matrix = 3
[parameters.dormancy]
awakening = "9 /h"
awakenin = "0.02 /h"
half_response = "1e400 ng/mL"
cycle_shape = nan
return_rate = inf
lesion_size = true
[parameters.recruitment.cd8]
loss = "1 h"

[[infection]]
doses = 1
[[infection]]
dose = -1
[[treatment]]
dose = "1 mg"
type = "anti-IL-6"
[[treatment]]
type = "anti IL6"
[[treatment]]
type = "depletion"
cells = "CD9"
start = "5 d"
stop = "5 d"
[[treatment]]
type = "vaccination"
[[treatment]]
type = "vaccination"
dose = "1 mg"
[[treatment]]
"""
DORMANCY = "parameters.dormancy"
PLANTED = {  # line: key, problem, allowed, hint
    1: ("titel", "not a known key", "", '"title"'),
    2: ("story", "not text", "text in quotes", ""),
    3: ("host", "not known", "mouse, human", ""),
    4: ("duration", "no unit", "1 to 87600 h", '"28 h"'),
    5: ("step", "out of range", "0.0166667 to 0.5 h", ""),
    6: ("record_every", 'unit "kg"', "0.0166667 to 240 h", ""),
    7: ("snapshots 2", "no unit", "0 to 87600 h", '"5 h"'),
    8: ("foo", "not a known key", "", "known here: extends"),
    11: ("section.layout", "not known", "lung, sheet", ""),
    12: ("section.layout_seed", "not a whole number", "0 to", ""),
    13: ("section.width", "not a whole number of 40 um", "multiples of 40 um", '"2000 um" and "2040 um"'),
    14: ("section.height", "out of range", "80 to 40000 um", ""),
    17: ("parameters.half_ifn_gamma", "not a known key", "", '"recruitment.half_ifn_gamma"'),
    18: ("parameters.interferon.power", "is text", "1 to 4", "no quotes"),
    19: ("parameters.matrix", "not a table", "[parameters.matrix]", ""),
    21: (f"{DORMANCY}.awakening", "out of range", "0.005 to 1 /h", ""),
    22: (f"{DORMANCY}.awakenin", "not a known key", "", '"awakening"'),
    23: (f"{DORMANCY}.half_response", "not a finite number", "0.2 to 20 ng/mL", ""),
    24: (f"{DORMANCY}.cycle_shape", "not a finite number", "1 to 60", ""),
    25: (f"{DORMANCY}.return_rate", "not a finite number", "0.005 to 0.1 /h", ""),
    26: (f"{DORMANCY}.lesion_size", "not a number", "2 to 1000 cell", ""),
    28: ("parameters.cells.cd8.loss", 'unit "h"', "/h", ""),
    31: ("infection 1: doses", "not a known key", "", '"dose"'),
    33: ("infection 2: dose", "out of range", "0 to 1000", ""),
    34: ("treatment 1: drug", "missing", "MP5-20F3, siltuximab", ""),
    38: ("treatment 2: type", "not known", "anti-IL-6, anti-IL-6R", '"anti-IL-6"'),
    41: ("treatment 3: cells", "not known", "macrophage, neutrophil, NK, CD8, CD4", '"CD8"'),
    43: ("treatment 3: stop", "ends before or when it starts", "120 h", ""),
    47: ("treatment 5: type", "second time", "one vaccination", ""),
    48: ("treatment 5: dose", "not a known key", "", "before"),
    49: ("treatment 6: type", "missing", "vaccination", ""),
}
LINES = MANY.splitlines()


def test_all_faults_of_a_file_are_found_at_once_each_on_its_line():
    faults = {fault.line: fault for fault in faults_of(MANY)}
    assert list(faults) == list(PLANTED)
    for line, (key, problem, allowed, hint) in PLANTED.items():
        fault = faults[line]
        assert (fault.file, fault.key) == ("mine.toml", key)
        assert problem in fault.problem
        assert allowed in fault.allowed
        assert hint in fault.hint
        assert f"mine.toml, line {line}: {key}" in str(fault)
        assert fault.value in (*LINES[line - 1].split(" = "), "") or fault.line in (7, 8, 24, 25)


def test_the_message_counts_and_lists_the_faults_and_survives_a_worker():
    with pytest.raises(ScenarioError) as caught:
        read_scenario("mine.toml", MANY)
    assert str(caught.value).startswith(f"{len(PLANTED)} faults:\n")
    assert pickle.loads(pickle.dumps(caught.value)).faults == caught.value.faults


def test_a_drug_of_another_type_is_told_its_own():
    fault = the_fault('[[treatment]]\ntype = "anti-IL-6"\ndrug = "tocilizumab"')
    assert fault.key == "treatment 1: drug"
    assert fault.hint == 'it is of the type "anti-IL-6R", for a human host'


def test_a_drug_where_a_type_belongs_is_told_both():
    fault = the_fault('[[treatment]]\ntype = "tocilizumab"')
    assert fault.key == "treatment 1: type"
    assert fault.hint == 'it is a drug: type = "anti-IL-6R" and drug = "tocilizumab"'


CONFLICTS = {
    'step = "7 min"': ("record_every", "not a whole number of steps", "multiples of the step"),
    'duration = "10 d"\nsnapshots = ["0 d", "11 d"]': ("snapshots 2", "after the end", "0 to 240 h"),
    'snapshots = ["5 d", "5 d"]': ("snapshots 2", "not later", "rising"),
    '[[infection]]\ntime = "28 d"': ("infection 1: time", "after the end of the run", "less than 672 h"),
    '[[treatment]]\ntype = "depletion"\ncells = "NK"\nstart = "28 d"': (
        *("treatment 1: start", "starts after the end of the run", "less than 672 h"),
    ),
    '[[treatment]]\ntype = "anti-IL-6"\ndrug = "MP5-20F3"\nstop = "1 d"': (
        *("treatment 1: stop", "ends before or when it starts", "more than its start, 24 h"),
    ),
    '[[treatment]]\ntype = "depletion"\ncells = "NK"\n' * 2: (
        *("treatment 2: type", "repeats exactly treatment 1", "each treatment once"),
    ),
    '[[treatment]]\ntype = "anti-IL-6"\ndrug = "siltuximab"': (
        *("treatment 1: drug", "does not bind the host, mouse", "MP5-20F3"),
    ),
    'host = "human"\n[[treatment]]\ntype = "JAK inhibitor"\ndrug = "ruxolitinib (mouse)"': (
        *("treatment 1: drug", "does not bind the host, human", "ruxolitinib"),
    ),
    '[[treatment]]\ntype = "antiviral"\ndrug = "nirmatrelvir (mouse)"': (
        *("treatment 1: drug", "does not act on influenza", "oseltamivir (mouse)"),
    ),
    '[section]\nheight = "100 um"': ("section.height", "whole number of 40 um", "multiples of 40 um"),
    '[section]\nlayout = "no such.png"': ("section.layout", "no such file", "200 rows x 200 columns"),
}


@pytest.mark.parametrize("text", CONFLICTS)
def test_values_that_do_not_go_together_are_refused(text):
    key, problem, allowed = CONFLICTS[text]
    fault = the_fault(text)
    assert fault.key == key
    assert problem in fault.problem
    assert allowed in fault.allowed


def test_a_conflict_with_a_faulty_value_is_not_a_second_fault():
    text = 'host = "rat"\n[[treatment]]\ntype = "anti-IL-6"\ndrug = "siltuximab"'
    assert the_fault(text).key == "host"


def test_a_treatment_after_one_of_unknown_type_keeps_its_line():
    late = '[[treatment]]\ntype = "depletion"\ncells = "NK"\nstart = "9 d"\nstop = "8 d"'
    faults = faults_of(f'[[treatment]]\ntype = "x"\n{late}')
    assert [(fault.line, fault.key) for fault in faults] == [
        (2, "treatment 1: type"),
        (7, "treatment 2: stop"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('title = "a"\nhost = mouse\n', 2, "not valid TOML"),
        ('title = "a"\ntitle = "b"\n', 2, "not valid TOML"),
        ('title = "a"\n\nstory = """never closed\n\n', 3, "not valid TOML"),
        ("[section\n", 1, "not valid TOML"),
        ("a = " + "[" * 100_000, 1, "nested too deeply"),
        ('title = "x"\n' + "a." * 120_000 + "b = 1", 2, "nested too deeply"),
        ("[" + 'a . "b" . ' * 5 + "c]", 1, "nested too deeply"),
        ('a = "' + "[.{" * 100 + '" # ' + "a." * 100 + "\nb = = 2", 2, "not valid TOML"),
        ("a = " + "1" * 10_000, 0, "not valid TOML"),
    ],
)
def test_broken_toml_is_refused_with_its_line(text, line, problem):
    fault = the_fault(text)
    assert problem in fault.problem
    assert fault.line == line


@pytest.mark.parametrize("value", ["1", '"x"', "[1]", "[{}, 1]", "1979-05-27", "true"])
@pytest.mark.parametrize("key", ["section", "infection", "treatment", "parameters", "parameters.dormancy"])
def test_something_else_where_a_table_is_needed_is_refused(key, value):
    fault = the_fault(f"\n{key} = {value}")
    assert (fault.line, fault.key) == (2, key)


@pytest.mark.parametrize(
    "key", ["title", "host", "duration", "snapshots", "section.layout", "parameters.dormancy.power"]
)
def test_a_table_where_a_value_is_needed_is_refused(key):
    assert the_fault(f"\n[{key}]\na = 1").line == 2


def test_files_that_cannot_be_read_are_refused(tmp_path):
    files = {"latin.toml": b'title = "a"\nstory = "\xe9"', "huge.toml": b"#" * 1_000_001, "zero.toml": b"\0"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.toml").mkdir()
    problems = {}
    for name in (*files, "folder.toml", "missing.toml"):
        with pytest.raises(ScenarioError) as caught:
            load_scenario(tmp_path / name)
        problems[name] = caught.value.faults[0]
    assert "UTF-8" in problems["latin.toml"].problem
    assert problems["latin.toml"].line == 2
    assert "larger" in problems["huge.toml"].problem
    assert "not valid TOML" in problems["zero.toml"].problem
    assert "not a file" in problems["folder.toml"].problem
    assert "no such file" in problems["missing.toml"].problem


def test_files_of_windows_editors_are_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b'\xef\xbb\xbftitle = "a"\r\nstory = """b\r\nc"""\r\nfoo = 1\r\n')
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [(4, "foo")]


@pytest.mark.parametrize("name", ["influenca", "Influenza", "sars-cov-2"])
def test_an_unknown_name_names_the_nearest_and_how_to_see_all(name):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(name)
    hint = caught.value.faults[0].hint
    assert {"influenca": "influenza", "Influenza": "influenza", "sars-cov-2": "sars_cov_2"}[name] in hint
    assert "embers list" in hint


def test_an_empty_file_is_the_default_scenario():
    assert read_scenario("unnamed.toml", "") == Scenario()


def test_virus_and_host_pick_the_parameters_of_the_virus():
    assert read_scenario("a.toml", 'host = "human"').parameters.virus == INFLUENZA_HUMAN


def test_without_snapshots_the_usual_days_in_the_run_and_its_end_are_taken():
    assert read_scenario("a.toml", 'duration = "10 d"').snapshots == (0.0, 72.0, 120.0, 216.0, 240.0)


def test_a_drug_without_a_dose_has_its_usual_one():
    text = '[[treatment]]\ntype = "JAK inhibitor"\ndrug = "ruxolitinib (mouse)"'
    assert read_scenario("a.toml", text).treatments == (JakInhibitor("ruxolitinib (mouse)", dose=1.2, every=12.0),)


def test_a_mask_beside_the_file_is_checked_when_it_is_read(tmp_path):
    write_mask(lung_section(60, 80, seed=1), tmp_path / "tissue.png")
    text = '[section]\nlayout = "tissue.png"\nwidth = "800 um"\nheight = "600 um"'
    scenario = read_scenario(tmp_path / "mine.toml", text)
    assert scenario.layout == str((tmp_path / "tissue.png").resolve())
    assert read_scenario("mine.toml", write_scenario(scenario)) == scenario
    fault = the_fault(text.replace("600", "640"), tmp_path / "mine.toml")
    assert (fault.line, fault.key) == (2, "section.layout")
    assert "60 rows x 80 columns" in fault.problem
    with pytest.raises(ScenarioError, match="60 rows x 80 columns"):
        with_overrides(scenario, size="1 mm")


def test_more_founders_than_the_section_holds_are_refused(tmp_path):
    text = '[section]\nwidth = "80 um"\nheight = "80 um"\n[parameters.dormancy]\nfounders = "100 cell"'
    with pytest.raises(ScenarioError, match=r"line 5: parameters\.dormancy\.founders = .*allowed: 0 to 32 cell"):
        read_scenario(tmp_path / "a.toml", text)
