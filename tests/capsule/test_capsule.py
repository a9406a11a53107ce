"""A capsule describes itself, a public validator accepts it, and it runs again to the same bits or says why not."""

import json
import shutil
import zipfile

import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.capsule.contents import VERSIONS
from abm.capsule.crate import PROFILE
from abm.cli.main import app

SMALL = ("--days", "2", "--size", "400um", "--no-figures")
METADATA = "ro-crate-metadata.json"


def embers(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of a comparison of two arms with two seeds."""
    out = tmp_path_factory.mktemp("results")
    ended = embers(
        "compare", "influenza", "influenza_blockade", *SMALL, "--replicates", "2", "--workers", "1", "--out", out
    )
    assert ended.exit_code == 0, ended.output
    (folder,) = out.iterdir()
    return folder


@pytest.fixture(scope="module")
def capsule(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("capsules")
    ended = embers("capsule", results, "--author", "Ada Lovelace", "--out", out)
    assert ended.exit_code == 0, ended.output
    (path,) = out.iterdir()
    return path


def entities(capsule):
    with zipfile.ZipFile(capsule) as file:
        return {one["@id"]: one for one in json.loads(file.read(METADATA))["@graph"]}


def test_the_metadata_name_command_software_inputs_and_results(capsule, results):
    known = entities(capsule)
    root = known["./"]
    assert root["conformsTo"] == {"@id": PROFILE}
    assert "Predictions" in root["description"]
    action = known[root["mentions"]["@id"]]
    told = json.loads((results / "provenance.json").read_text())
    assert (action["name"], action["endTime"]) == (told["command"], told["finished"])
    assert known[action["instrument"]["@id"]]["version"] == told["versions"]["embers"]
    assert {"scenarios/influenza.toml", VERSIONS} <= {one["@id"] for one in action["object"]}
    assert {"series.parquet", "provenance.json"} <= {one["@id"] for one in action["result"]}
    assert known[root["creator"]["@id"]]["name"] == "Ada Lovelace"


def test_every_file_of_the_results_is_in_it_and_named_but_not_what_only_runs_need(capsule):
    with zipfile.ZipFile(capsule) as file:
        names = set(file.namelist())
    assert {"series.parquet", "runs.parquet", "scenarios/influenza_blockade.toml", VERSIONS, METADATA} <= names
    assert not any(name.startswith(("runs/", "study.lock", "progress.json")) for name in names)
    assert names - {METADATA, "ro-crate-preview.html"} <= set(entities(capsule))


def test_a_public_validator_accepts_it(capsule):
    validator = pytest.importorskip("rocrate_validator.services")
    from rocrate_validator.models import Severity, ValidationSettings

    found = validator.validate(
        ValidationSettings(
            rocrate_uri=str(capsule), profile_identifier="process-run-crate-0.5", requirement_severity=Severity.REQUIRED
        )
    )
    assert [issue.message for issue in found.get_issues()] == []


def test_it_runs_again_to_the_same_bits(capsule, tmp_path):
    ended = embers("rerun", capsule, "--workers", "1", "--out", tmp_path)
    assert ended.exit_code == 0, ended.output
    assert "4 of 4 runs ended in the same state" in ended.output


def test_a_folder_of_results_runs_again_as_well_and_a_part_of_it_is_enough(results, tmp_path):
    ended = embers("rerun", results, "--replicates", "1", "--workers", "1", "--out", tmp_path)
    assert ended.exit_code == 0, ended.output
    assert "2 of 2 runs" in ended.output


def test_another_digest_is_told_by_run_with_what_is_different(results, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(results, other)
    runs = pd.read_parquet(other / "runs.parquet")
    runs.loc[0, "digest"] = "0" * 64
    runs.to_parquet(other / "runs.parquet")
    told = json.loads((other / "provenance.json").read_text())
    told["results"] -= 1
    told["versions"]["numba"] = "0.1"
    (other / "provenance.json").write_text(json.dumps(told))
    ended = embers("rerun", other, "--replicates", "1", "--workers", "1", "--out", tmp_path / "again")
    assert ended.exit_code == 1
    assert "1 of 2 runs" in ended.output
    assert "influenza, seed 1: 0000000000000000 then" in ended.output
    assert f"Results version {told['results']} then, {told['results'] + 1} now" in ended.output
    assert "numba 0.1 then" in ended.output


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"own_laws": {"influenza": {"awakening": {}}}}, "functions in the place of laws (awakening)"),
        ({"begin": "day_9.state"}, "went on from a saved state (day_9.state)"),
        ({"status": "running"}, "is not complete"),
        ({"replaced_in_memory": ["abm.rules.dormancy.awakening"]}, "replaced in memory"),
    ],
)
def test_what_a_capsule_cannot_run_is_refused_with_the_reason(facts, said, results, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(results, other)
    told = json.loads((other / "provenance.json").read_text()) | facts
    (other / "provenance.json").write_text(json.dumps(told))
    ended = embers("rerun", other, "--out", tmp_path / "again")
    assert ended.exit_code == 2
    assert said in ended.output
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("content", [None, b"", b"no zip"])
def test_what_is_no_capsule_is_refused(content, tmp_path):
    path = tmp_path / "mine.crate.zip"
    if content is not None:
        path.write_bytes(content)
    assert embers("rerun", path, "--out", tmp_path / "again").exit_code == 2
    assert embers("capsule", tmp_path, "--out", tmp_path / "out").exit_code == 2
    assert not (tmp_path / "out").exists()
