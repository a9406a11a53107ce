"""What a client of `embers mcp` gets, over a real session: over standard input and output, or within this process."""

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

mcp = pytest.importorskip("mcp")

import anyio  # noqa: E402

import abm  # noqa: E402
from abm.mcp.jobs import Limits  # noqa: E402
from abm.mcp.server import server_for  # noqa: E402
from abm.scenario.catalog import scenario_names  # noqa: E402
from abm.scenario.read import with_overrides  # noqa: E402
from abm.studies.compare import plan  # noqa: E402
from tests.commands import ROOT, environment  # noqa: E402

BLOCKED = {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "1 d"}
ARMS = [{"scenario": "influenza"}, {"scenario": "influenza", "name": "blocked", "treatments": [BLOCKED]}]
SMALL = {"days": 4, "replicates": 2, "size": "400 um", "wait_seconds": 300}
WITH_NUMBERS = {
    "list_scenarios": {},
    "describe_scenario": {"name": "influenza_blockade"},
    "describe_parameters": {"text": "awakening"},
    "list_rules": {"scenario": "influenza", "text": "awakening"},
}


def session(work: Callable, connected: Callable):
    """What `work` gives within a session with a server."""

    async def main():
        async with mcp.Client(connected()) as client:
            return await work(client)

    return anyio.run(main)


def within(outputs: Path, minutes: float = 10.0) -> Callable:
    """A server in this process."""
    return partial(server_for, outputs, Limits(minutes, 2))


def over_stdio(outputs: Path) -> Callable:
    """A server in a process of its own, as a program starts it."""
    arguments = ["-m", "abm", "mcp", "--out", str(outputs), "--most-minutes", "5"]
    server = mcp.StdioServerParameters(command=sys.executable, args=arguments, env=environment(), cwd=ROOT)
    return partial(mcp.stdio_client, server)


def called(connected: Callable, tool: str, **arguments):
    """Call one tool; gives its answer, or the text of its error."""

    async def work(client):
        answer = await client.call_tool(tool, arguments)
        return answer.content[0].text if answer.is_error else answer.structured_content

    return session(work, connected)


def assert_has_evidence(answer) -> None:
    evidence = answer["evidence"]
    assert evidence["confidence"] in ("measured", "fitted", "peer", "assumed")
    assert sum(evidence["numbers"].values()) > 0
    assert any(source["doi"].startswith("10.") for source in evidence["sources"])
    assert isinstance(evidence["prediction"], bool)
    assert "not medical advice" in evidence["caution"]


@pytest.mark.parametrize(("tool", "arguments"), WITH_NUMBERS.items())
def test_an_answer_with_numbers_has_its_sources_and_says_whether_it_predicts(tool, arguments, tmp_path):
    assert_has_evidence(called(within(tmp_path), tool, **arguments))


def test_it_lists_every_packaged_scenario_and_says_which_are_predictions(tmp_path):
    listed = called(within(tmp_path), "list_scenarios")["scenarios"]
    assert [one["name"] for one in listed] == scenario_names()
    assert {one["name"]: one["prediction"] for one in listed}["influenza_blockade"] is True
    assert {one["name"]: one["prediction"] for one in listed}["influenza"] is False


def test_the_sources_are_those_of_the_model(tmp_path):
    (source,) = called(within(tmp_path), "list_sources", text="awaken metastatic")["sources"]
    assert (source["key"], source["doi"]) == ("Chia 2025", "10.1038/s41586-025-09332-0")


def test_two_scenarios_are_compared_law_by_law(tmp_path):
    differing = called(within(tmp_path), "list_rules", scenario="influenza", compared_with="il6_knockout")
    assert "il6_awakening_rate" in [law["name"] for law in differing["differences"]]


def test_a_wrong_arm_is_refused_in_the_words_of_a_scenario_file(tmp_path):
    wrong = {"dormancy.awakening": "9 /h", "dormancy.awakning": "0.02 /h"}
    arm = {"scenario": "influenza", "name": "wrong", "parameters": wrong}
    told = called(within(tmp_path), "run_twins", arms=[arm, {"scenario": "influenzo"}])
    with pytest.raises(abm.ScenarioError) as refused:
        abm.load_scenario("influenza").with_parameters(wrong)
    assert all(str(fault) in told for fault in refused.value.faults)
    assert '"influenzo": there is no scenario of this name' in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arms", "more", "words"),
    [
        ([{"scenario": "influenza", "virus": "SARS-CoV-2"}], {}, '"": is missing'),
        ([{"scenario": "influenza", "name": "no_virus", "without_infections": True}], {}, "of a packaged scenario"),
        ([{"scenario": "influenza"}] * 2, {}, "stands there twice"),
        ([{"scenario": "influenza", "layout": "/etc/passwd"}], {}, "layout"),
        ([{"scenario": "influenza"}], {"days": -1}, "--days"),
        ([{"scenario": "influenza"}], {"seed": -1}, "seed = -1"),
        ([{"scenario": "influenza"}], {"replicates": 101}, "replicates"),
        ([], {}, "arms"),
        ([{"scenario": "influenza"}], {"days": 2000, "replicates": 100}, "may take up to .*--most-minutes"),
    ],
)
def test_what_cannot_be_run_or_takes_too_long_is_refused_before_anything_runs(arms, more, words, tmp_path):
    told = called(within(tmp_path), "run_twins", arms=arms, **more)
    assert isinstance(told, str)
    assert re.search(words, told), told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("describe_scenario", {"name": "{outside}/secret.toml"}),
        ("describe_parameters", {"text": "awakening", "scenario": "{outside}/secret.toml"}),
        ("list_rules", {"scenario": "../secret.toml"}),
        ("run_twins", {"arms": [{"scenario": "{outside}/secret.toml"}]}),
        ("read_results", {"name": "../outside"}),
        ("read_results", {"name": "{outside}"}),
        ("read_results", {"name": "link"}),
        ("read_time_course", {"name": "../outside", "measure": "virions", "arms": []}),
        ("run_status", {"study": "../outside"}),
    ],
)
def test_no_file_elsewhere_is_read(tool, arguments, tmp_path):
    outputs, outside = tmp_path / "outputs", tmp_path / "outside"
    outputs.mkdir()
    outside.mkdir()
    (outside / "secret.toml").write_text('title = "SECRET"\nduration = "SECRET"\n')
    (outside / "provenance.json").write_text('{"seeds": [1], "arms": ["SECRET"]}')
    (outside / "summary.json").write_text("[]")
    (outputs / "link").symlink_to(outside)
    filled = {key: _filled(value, str(outside)) for key, value in arguments.items()}
    told = called(within(outputs), tool, **filled)
    assert isinstance(told, str)
    assert "SECRET" not in told


def _filled(value, outside):
    if isinstance(value, str):
        return value.replace("{outside}", outside)
    return [{key: _filled(one, outside) for key, one in arm.items()} for arm in value] if value else value


def test_a_program_runs_twins_over_stdio_and_reads_what_they_give(tmp_path):
    heard = []

    async def note(done, total, message):
        heard.append((done, total, message))

    async def work(client):
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"run_twins", *WITH_NUMBERS}
        answer = await client.call_tool("run_twins", {"arms": ARMS, **SMALL}, progress_callback=note)
        study = answer.structured_content
        again = await client.call_tool("run_twins", {"arms": ARMS, **SMALL})
        read = await client.call_tool("read_results", {"name": study["study"]})
        course = {"name": study["study"], "measure": "virions", "arms": ["blocked"], "every_days": 2}
        curve = await client.call_tool("read_time_course", course)
        listed = await client.call_tool("list_results", {})
        return study, again.structured_content, read.structured_content, curve.structured_content, listed

    study, again, read, curve, listed = session(work, over_stdio(tmp_path))
    assert (study["status"], study["done"], study["total"]) == ("complete", 4, 4), study["message"]
    assert heard[-1][:2] == (4.0, 4.0)
    assert study["study"] == plan(with_options(), [1, 2]).name  # made of the addresses of its runs
    assert again["rows"] == study["rows"] == read["rows"]
    assert [one["name"] for one in listed.structured_content["results"]] == [study["study"]]
    for answer in (study, read, curve):
        assert_has_evidence(answer)
        assert answer["evidence"]["prediction"] is True  # an antibody was not tested in these mice
    assert {(row["arm"], row["prediction"]) for row in study["rows"]} == {("influenza", False), ("blocked", True)}
    assert [point["day"] for point in curve["points"]] == [0.0, 2.0, 4.0]


def with_options():
    """The arms as they are made in Python."""
    influenza = abm.load_scenario("influenza")
    blocked = influenza.with_treatment("anti-IL-6", drug="MP5-20F3", start="1 d").with_name("blocked")
    return tuple(with_overrides(arm, SMALL["days"], SMALL["size"]) for arm in (influenza, blocked))


def test_a_study_can_be_stopped_and_only_one_runs_at_a_time(tmp_path):
    async def work(client):
        long = {"arms": [{"scenario": "influenza"}], "days": 60, "replicates": 3, "wait_seconds": 0}
        begun = (await client.call_tool("run_twins", long)).structured_content
        other = await client.call_tool("run_twins", {"arms": [{"scenario": "no_virus"}], "wait_seconds": 0})
        ended = await client.call_tool("stop_run", {"study": begun["study"]})
        later = await client.call_tool("run_status", {"study": begun["study"]})
        return begun, other, ended.structured_content, later.structured_content

    begun, other, ended, later = session(work, within(tmp_path))
    assert begun["status"] == "running"
    assert other.is_error
    assert "is running: wait for it" in other.content[0].text
    assert ended["status"] == later["status"] == "stopped"
    assert "the same run_twins continues it" in ended["message"]


def test_a_study_that_takes_longer_than_allowed_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("abm.mcp.jobs.seconds_at_most", lambda _: 0.0)
    long = {"arms": [{"scenario": "influenza"}], "days": 60, "replicates": 20, "wait_seconds": 60}
    ended = called(within(tmp_path, minutes=0.02), "run_twins", **long)
    assert ended["status"] == "stopped"
    assert "longer than this server allows" in ended["message"]
