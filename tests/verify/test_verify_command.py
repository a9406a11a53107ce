import json

import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from abm.reporting.measured import Measured
from abm.verify import report, suite
from abm.verify.catalog import CATALOG, chosen, find_check
from abm.verify.check import Check, CheckPanel, Curve, Finding, Interval
from abm.verify.suite import CheckResult
from tests.commands import embers

PNG = b"\x89PNG"


def result(value, name="order", low=None, high=None, panels=()):
    measured = (Measured("a number", value, 0.0, 1.0, low, high),)
    found = Finding("A claim.", "a law", "doi:10.1/x; a book", measured, "a reason", panels, note="a note")
    return CheckResult(Check(name, "fields", "A title", ()), found, 1.5)


def test_the_catalog_names_every_check_where_it_stands():
    for name in CATALOG:
        check = find_check(name)
        assert check.name == name
        assert check.title
        assert check.parts or name == "battery"


def test_titles_are_all_different():
    assert len({find_check(name).title for name in CATALOG}) == len(CATALOG)


def test_checks_are_chosen_in_the_order_of_the_catalog():
    assert chosen(None) == list(CATALOG)
    assert chosen("step, diffusion,step") == ["diffusion", "step"]
    with pytest.raises(ValueError, match="nearest: diffusion") as caught:
        chosen("difusion,step,xyzzy")
    assert 'no check "xyzzy"; there are: diffusion' in str(caught.value)


def test_the_command_writes_a_page_numbers_and_figures(tmp_path):
    ended = embers("verify", "--only", "order,decay-length,mass", "--workers", "1", "--out", "out", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "3 checks: 3 passed." in ended.stdout
    told = json.loads((tmp_path / "out" / "verification.json").read_text(encoding="utf-8"))
    assert [check["name"] for check in told["checks"]] == ["order", "mass", "decay-length"]
    assert {check["verdict"] for check in told["checks"]} == {"passed"}
    assert {"command", "time", "source_digest", "versions"} <= set(told)
    page = (tmp_path / "out" / "verification.md").read_text(encoding="utf-8")
    for name in ("order", "mass", "decay-length"):
        assert (tmp_path / "out" / "verification" / f"{name}.png").read_bytes().startswith(PNG)
        assert f"(verification/{name}.png)" in page
    assert "embers verify --only order" in page


@pytest.mark.parametrize(
    ("value", "low", "high", "code", "verdict"),
    [(0.5, None, None, 0, "passed"), (2.0, None, None, 1, "failed"), (0.9, 0.6, 1.2, 0, "inconclusive")],
)
def test_the_exit_code_says_whether_a_check_failed(value, low, high, code, verdict, monkeypatch, tmp_path):
    monkeypatch.setattr(suite, "verify", lambda *_: [result(0.5, "mass"), result(value, "order", low, high)])
    ended = CliRunner().invoke(app, ["verify", "--only", "order,mass", "--out", str(tmp_path / "out")])
    assert ended.exit_code == code, ended.output
    assert f"1 {verdict}" in ended.output or verdict == "passed"
    told = json.loads((tmp_path / "out" / "verification.json").read_text(encoding="utf-8"))
    assert told["checks"][1]["verdict"] == verdict


def test_json_is_printed_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(suite, "verify", lambda *_: [result(0.5)])
    ended = CliRunner().invoke(app, ["verify", "--only", "order", "--json", "--out", str(tmp_path)])
    assert json.loads(ended.stdout)["checks"][0]["measured"][0]["value"] == 0.5


def test_figures_of_an_earlier_verification_go(tmp_path):
    (tmp_path / "verification").mkdir()
    old, mine = tmp_path / "verification" / "step.png", tmp_path / "verification" / "mine.png"
    old.write_bytes(b"old")
    mine.write_bytes(b"mine")
    report.prepare(tmp_path)
    assert not old.exists()
    assert mine.exists()


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("mine")
    ended = embers("verify", "--only", "order", "--out", "out", cwd=tmp_path)
    assert ended.returncode == 1
    assert 'cannot write to the folder "out' in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_page_has_every_number_its_bound_and_its_reason(tmp_path):
    (tmp_path / "verification").mkdir()
    curve = Curve("law", [1.0, 2.0], [1.0, 0.1], "law")
    panels = (
        CheckPanel("curves", "x", "y", (curve,), "xy"),
        CheckPanel("band", "x", "y", (curve,), band=(-1.0, 1.0)),
        CheckPanel("intervals", "x", "", band=(-1.0, 1.0), intervals=(Interval("10 vs 5 min", 0.0, -0.5, 0.5),)),
    )
    report.write(tmp_path, [result(0.9, "order", 0.6, 1.2, panels), result(3.0, "mass")])
    page = (tmp_path / "verification.md").read_text(encoding="utf-8")
    assert "2 checks: 1 failed, 1 inconclusive." in page
    assert "| a number | 0.9 (0.6 to 1.2) | ≤ 1 | *inconclusive* |" in page
    assert "[doi:10.1/x](https://doi.org/10.1/x); a book" in page
    assert all(part in page for part in ("A claim.", "a law", "a reason", "a note", "**FAILED**"))
    assert (tmp_path / "verification" / "order.png").read_bytes().startswith(PNG)
    assert not (tmp_path / "verification" / "mass.png").exists()
    assert "verification/mass.png" not in page
