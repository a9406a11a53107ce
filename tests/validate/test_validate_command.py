import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.reporting.measured import Measured
from abm.runs import provenance
from abm.runs.store.lock import held
from abm.scenario.read import load_scenario
from abm.validate import report, suite
from abm.validate.command import Wanted
from abm.validate.curves import ArmCurves, _words
from abm.validate.figure import panels_of
from abm.validate.operations import measure, measures_of
from abm.validate.readme import BEGIN, END, parameters_by_confidence, write_readme
from abm.validate.scoreboard import simulated_text, summed_up, tables
from abm.validate.suite import TargetResult
from abm.validate.target import find_targets, target_ids
from tests.commands import embers
from tests.validate.courses import hills

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG"


def measures_of_target(target):
    """Every measure that a target reads."""
    return {name for value in target.values for name in measures_of(value)}


def validated(*ids):
    """Results of some targets from curves that are made up."""
    targets = find_targets(list(ids))
    merged = {}
    results = []
    for target in targets:
        found = hills(target.arms, measures_of_target(target))
        results.append(TargetResult(target, tuple(measure(value, ArmCurves(found), 6) for value in target.values), 6))
        for arm, runs in found.items():
            old = merged.get(arm, runs)
            merged[arm] = [a.combine_first(b) for a, b in zip(runs, old, strict=True)]
    return results, ArmCurves(merged)


def with_verdict(verdict):
    """A result of F3 with this verdict."""
    bounds = {"passed": (0.0, 4.0), "failed": (9.0, 4.0), "inconclusive": (0.0, 2.0)}
    least, most = bounds[verdict]
    (target,) = find_targets(["F3"])
    return TargetResult(target, (Measured("a number", 2.0, least, most, 1.5, 2.5),), 6)


@pytest.fixture
def without_runs(monkeypatch):
    """Let the command tell what is set here, in place of running anything."""
    told = {}
    monkeypatch.setattr(suite, "validate", lambda ids, *_: told.setdefault("made", validated(*ids)))
    monkeypatch.setattr(suite, "clear_others", lambda *_: None)
    return told


def invoke(*arguments):
    return CliRunner().invoke(app, ["validate", *map(str, arguments)])


@pytest.mark.parametrize(("verdict", "code"), [("passed", 0), ("failed", 1), ("inconclusive", 0)])
def test_the_exit_code_says_whether_a_target_failed(verdict, code, without_runs, tmp_path):
    without_runs["made"] = [with_verdict(verdict)], validated("F3")[1]
    ended = invoke("--only", "F3", "--out", tmp_path)
    assert ended.exit_code == code, ended.output
    outcome = {"passed": "fitted"}.get(verdict, verdict)
    assert f"All: 1 target: 1 {outcome} (1 number: 1 {outcome})." in ended.output


@pytest.mark.usefixtures("without_runs")
def test_the_command_writes_a_page_numbers_and_pictures(tmp_path):
    ended = invoke("--only", "F20,F5,A2,F12", "--out", tmp_path)
    assert ended.exit_code in (0, 1), ended.output
    told = json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))
    assert [target["id"] for target in told["targets"]] == ["A2", "F5", "F12", "F20"]
    assert told["targets"][3]["verdict"] == "prediction"
    assert told["targets"][3]["values"][0]["most"] is None
    assert {"command", "time", "source_digest", "versions", "outcomes", "groups"} <= set(told)
    page = (tmp_path / "validation.md").read_text(encoding="utf-8")
    for name in ("A2", "F5", "F12", "F20"):
        assert (tmp_path / "validation" / f"{name}.png").read_bytes().startswith(PNG)
        assert f"(validation/{name}.png)" in page
    assert "Ki67+ share on day 28 (or)" in page
    assert "doi.org/10.1038/s41586-025-09332-0" in page


@pytest.mark.usefixtures("without_runs")
def test_the_folder_says_what_ran_in_it_and_how_it_ended(tmp_path):
    invoke("--only", "F5", "--out", tmp_path)
    told = provenance.read(tmp_path)
    assert (told["targets"], told["status"]) == (["F5"], "complete")
    assert not suite.is_validation(tmp_path)  # no run was needed, so nobody told how far it is


def test_a_second_validation_in_a_folder_in_which_one_is_under_way_is_refused(without_runs, tmp_path):
    with held(tmp_path):
        ended = invoke("--only", "F5", "--out", tmp_path)
    assert ended.exit_code != 0
    assert "made" not in without_runs


def test_pictures_of_an_earlier_validation_go(tmp_path):
    (tmp_path / "validation").mkdir()
    old, mine = tmp_path / "validation" / "F2.png", tmp_path / "validation" / "mine.png"
    old.write_bytes(b"old")
    mine.write_bytes(b"mine")
    report.prepare(tmp_path)
    assert not old.exists()
    assert mine.exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", [target.id for target in find_targets(target_ids()) if target.can_run])
def test_every_target_that_can_be_run_has_a_picture(name, tmp_path):
    (result,), curves = validated(name)
    report.draw(result, curves, "1.2.3", tmp_path / "it.png")
    assert (tmp_path / "it.png").read_bytes().startswith(PNG)


def test_json_is_printed_alone(without_runs, tmp_path):
    without_runs["made"] = [with_verdict("passed")], validated("F3")[1]
    ended = invoke("--only", "F3", "--json", "--out", tmp_path)
    assert json.loads(ended.stdout)["targets"][0]["values"][0]["value"] == 2.0


def test_what_is_missing_and_what_was_tried_is_told_where_a_target_fails(without_runs, tmp_path):
    for verdict, told in (("failed", True), ("passed", False)):
        result = with_verdict(verdict)
        result = replace(result, target=replace(result.target, missing="a clock.", tried="a sundial."))
        without_runs["made"] = [result], validated("F3")[1]
        ended = invoke("--only", "F3", "--out", tmp_path)
        page = (tmp_path / "validation.md").read_text(encoding="utf-8")
        assert ("Missing: a clock. Tried: a sundial." in ended.output) == told
        assert ("Missing: a clock" in page) == ("Tried: a sundial." in page) == told


@pytest.mark.usefixtures("without_runs")
def test_what_cannot_be_run_is_a_row_that_says_what_it_needs(tmp_path):
    ended = invoke("--only", "F3,G5", "--out", tmp_path)
    page = (tmp_path / "validation.md").read_text(encoding="utf-8")
    assert "needs inflammation that no virus causes" in " ".join(ended.output.split())
    assert "G5.png" not in page
    assert re.search(r"^\| \*\*G5\*\* .* \| needs .* \|  \|  \| \*cannot be run\* \|$", page, re.M)
    told = json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))
    assert told["groups"]["G"]["targets"] == {"cannot be run": 1}
    assert (told["targets"][1]["group"], told["targets"][1]["outcome"]) == ("G", "cannot be run")


def made_up(name, verdict):
    """A result of a target all of whose numbers have this verdict."""
    (target,) = find_targets([name])
    value = {"passed": 2.0, "failed": 4.0}[verdict]
    return TargetResult(target, tuple(Measured(one.name, value, 1.0, 3.0) for one in target.values), 6)


def test_each_group_has_its_table_and_its_counts_and_what_failed_below():
    results = [made_up("A1", "failed"), made_up("F2", "passed"), made_up("F15", "passed"), made_up("G5", "passed"),
               made_up("N7", "passed")]  # fmt: skip
    text = tables(results)
    assert re.findall(r"^\*\*([A-Z])\. [^*]*\.\*\* (.*)\.$", text, re.M) == [
        ("A", "1 target: 1 failed (8 numbers: 8 failed)"),
        ("B", "2 targets: 2 fitted (2 numbers: 2 fitted)"),
        ("G", "1 target: 1 cannot be run"),
        ("N", "1 target: 1 reproduced (2 numbers: 2 reproduced)"),
    ]
    assert text.count("| target | kind |") == 4
    assert re.search(r"^- A1 failed: Time course of the infection .* Missing: ", text, re.M)


def test_events_that_do_not_come_are_told_in_words():
    (target,) = find_targets(["N8"])
    result = TargetResult(target, (Measured("day", float("inf"), most=14.0, low=20.0, high=float("inf")),), 6)
    assert simulated_text(result, 0) == "never"


def test_unknown_targets_are_refused_with_the_nearest(tmp_path):
    ended = embers("validate", "--only", "F7", cwd=tmp_path)
    assert ended.returncode == 2
    assert 'there is no target or group "F7"; nearest: ' in ended.stderr
    assert not list(tmp_path.iterdir())


def test_words_of_every_measure_of_the_targets():
    names = {value.measure for target in find_targets(target_ids()) for value in target.values if value.measure}
    assert all(_words(name) for name in names)


# ---- README --------------------------------------------------------------------------------------------------------


@pytest.fixture
def readme(tmp_path):
    """A README with the page of the scoreboard beside it, both with marks and nothing between them."""
    (tmp_path / "docs").mkdir()
    for path in (tmp_path / "README.md", tmp_path / "docs/scoreboard.md"):
        path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    return tmp_path / "README.md"


def test_the_scoreboard_stands_between_the_marks_of_its_page_and_its_sum_between_those_of_the_readme(readme):
    results = [*validated("F3", "F20", "G5")[0], made_up("F15", "failed")]
    write_readme(readme, results, report.as_json(results))
    board = (readme.parent / "docs/scoreboard.md").read_text(encoding="utf-8")
    text = readme.read_text(encoding="utf-8")
    for page in (text, board):
        assert page.startswith(f"before\n{BEGIN}\nMade with Embers ")
        assert re.search(rf"\n{END}\nafter\n$", page)
        assert "old" not in page
        assert summed_up(results) in page
    first = "blocked from day 1: share of the expansion prevented"
    assert f"| **F20** How late IL-6 can still be blocked | prediction | {first} |" in board
    folded = text.partition("<details>")[2]
    assert f"| **F20** How late IL-6 can still be blocked | {first} |" in folded
    assert len(re.findall(r"^\| \*\*", folded, re.MULTILINE)) == len(results)
    assert re.search(r"^\| \*\*F15\*\* .* \| \*\*FAILED\*\* \|$", folded, re.MULTILINE)
    assert re.search(r"^\| \*\*F3\*\* .* \| passed \(fitted\) \|$", folded, re.MULTILINE)
    assert re.search(r"^\| \*\*G5\*\* .* \| needs .* \|  \|  \| \*cannot be run\* \|$", folded, re.MULTILINE)
    assert "- Failed: **F15** Without CD8 cells alone" in text
    assert "- Cannot be run: **G5** Repeated inflammation" in text
    assert parameters_by_confidence() in text


@pytest.mark.parametrize("lacks", ["README.md", "docs/scoreboard.md"])
def test_a_file_without_marks_is_refused_before_anything_runs(lacks, without_runs, readme):
    path = readme.parent / lacks
    path.write_text("mine", encoding="utf-8")
    ended = invoke("--readme", readme, "--out", readme.parent / "out")
    assert ended.exit_code == 1
    assert "lacks the marks" in ended.output
    assert lacks.rpartition("/")[2] in ended.output
    assert path.read_text(encoding="utf-8") == "mine"
    assert not without_runs


def test_its_page_shows_the_scoreboard_of_this_version():
    text = (ROOT / "docs/scoreboard.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    board = text.partition(BEGIN)[2].partition(END)[0]
    made = rf"^Made with Embers {re.escape(version)} on \d{{4}}-\d\d-\d\d \(source [0-9a-f]{{16}}, results \d+\)"
    assert re.search(made, board, re.M)
    shown = re.findall(r"^\| \*\*([A-Z]\d*)\*\* ", board, re.M)
    assert shown == target_ids()
    groups = len({target.group for target in find_targets(target_ids())})
    rows = sum(max(1, len(target.values)) for target in find_targets(target_ids()))
    assert board.count("\n|") == 2 * groups + rows


def test_the_readme_sums_up_the_scoreboard_and_the_parameters_of_this_version():
    board, text = (
        (ROOT / name).read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
        for name in ("docs/scoreboard.md", "README.md")
    )
    made, total = re.search(r"^(Made with .*?) \*\*(.*)\*\*$", board, re.M).groups()
    assert text.splitlines()[1] == made
    assert f"- {total}" in text.splitlines()
    assert f"- {parameters_by_confidence()}" in text.splitlines(), "update this line of the README by hand"
    failed = set(re.findall(r"^- ([A-Z]\d+) (?:failed|inconclusive):", board, re.M))
    cannot = set(re.findall(r"^\| \*\*([A-Z]\d+)\*\*.*cannot be run", board, re.M))
    shown, folded = text.split("<details>")
    assert set(re.findall(r"\*\*([A-Z]\d+)\*\*", shown)) == failed | cannot
    assert re.findall(r"^\| \*\*([A-Z]\d+)\*\*", folded, re.M) == target_ids()


def test_the_readme_is_short():
    shown = re.sub(r"<details>.*?</details>", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(shown.splitlines()) < 150


def test_what_is_read_from_one_curve_shares_a_panel():
    def kinds(name):
        return [(kind, len(read)) for kind, read in panels_of(validated(name)[0][0])]

    assert kinds("A1") == kinds("A2") == [("mice", 1)] * 8
    assert kinds("F6") == [("compared", 2)]
    assert kinds("F12") == [("compared", 2)]
    assert kinds("F2") == [("arms", 1), ("compared", 1)]
    assert kinds("N2") == [("arms", 1), ("compared", 1)]
    assert kinds("F11") == [("arms", 2), ("compared", 1), ("compared", 1)]


def test_size_and_step_are_those_of_every_arm():
    changed = Wanted(["F2"], size="3mm", step="5 min").changed(load_scenario("influenza"))
    assert (changed.width, changed.height, changed.step) == (3000.0, 3000.0, pytest.approx(1 / 12))
    assert Wanted(["F2"]).changed(load_scenario("influenza")) == load_scenario("influenza")


@pytest.mark.parametrize("options", [["--only", "F2"], ["--size", "3mm"], ["--step", "5 min"], ["--quick"]])
def test_the_readme_takes_the_whole_scoreboard_as_it_is(options):
    result = CliRunner().invoke(app, ["validate", "--readme", "README.md", *options])
    assert result.exit_code == 2
    assert f"leave {options[0]} out" in result.output


def test_assumptions_go_with_no_target():
    result = CliRunner().invoke(app, ["validate", "--assumptions", "--only", "F2"])
    assert result.exit_code == 2
    assert "--out, --workers only: leave --only out" in result.output
