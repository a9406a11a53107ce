"""`embers verify`: its checks pass on the model, and fail on one that is wrong."""

import json

import numpy as np
import pytest

from abm.core import field
from abm.reporting.measured import Measured
from abm.verify import fields, pharmacokinetics
from abm.verify.catalog import CATALOG, chosen, find_check
from tests.commands import embers

QUICK = ("order", "mass", "decay-length", "antibodies", "small-molecules")


def finding_of(name):
    found = find_check(name)
    return found.conclude([part() for part in found.parts])


@pytest.mark.parametrize("name", CATALOG)
def test_every_check_is_where_the_catalog_says(name):
    assert find_check(name).name == name
    assert find_check(name).parts or name == "battery"  # has none where neither battery is installed


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_check_passes_on_the_model(name):
    finding = finding_of(name)
    assert finding.verdict == "passed"
    assert finding.measured


def test_a_drug_that_leaves_too_fast_is_found_out(monkeypatch):
    right = pharmacokinetics.antibody_concentration

    def leaky(antibody, *arguments):
        return right(antibody._replace(clearance=1.01 * antibody.clearance), *arguments)

    monkeypatch.setattr(pharmacokinetics, "antibody_concentration", leaky)
    assert finding_of("antibodies").verdict == "failed"


def test_a_field_that_loses_mass_is_found_out(monkeypatch):
    def leaking(layers, hop_rate, loss, step):
        field.diffuse(layers, hop_rate, 1.001 * loss, step)

    monkeypatch.setattr(fields, "diffuse", leaking)
    assert finding_of("mass").verdict == "failed"


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(-0.1, 0.1, "passed"), (0.2, 0.5, "inconclusive"), (0.4, 0.5, "failed")]
)
def test_an_interval_passes_only_whole(low, high, verdict):
    assert Measured("shift", (low + high) / 2, -0.3, 0.3, low, high).verdict == verdict


def test_a_number_on_the_wrong_side_of_its_bound_fails():
    assert Measured("error", 0.2, most=0.1).verdict == "failed"
    assert Measured("error", np.nan, most=0.1).verdict == "failed"


def test_an_unknown_check_names_the_nearest():
    with pytest.raises(ValueError, match="small-molecules"):
        chosen("small-molecule")


def test_the_command_writes_a_page_numbers_and_a_figure_a_check(tmp_path):
    done = embers("verify", "--only", "small-molecules,antibodies", "--out", "checked", "--workers", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 passed" in done.stdout
    page = (tmp_path / "checked" / "verification.md").read_text(encoding="utf-8")
    numbers = json.loads((tmp_path / "checked" / "verification.json").read_text(encoding="utf-8"))
    assert "antibodies" in page
    assert "small-molecules" in json.dumps(numbers)
    figures = list((tmp_path / "checked").rglob("*.png"))
    assert len(figures) == 2
    assert all(figure.stat().st_size > 5000 for figure in figures)


def test_the_command_refuses_a_check_that_is_not_there(tmp_path):
    done = embers("verify", "--only", "difusion", cwd=tmp_path)
    assert done.returncode == 2
    assert "diffusion" in done.stderr
    assert not list(tmp_path.iterdir())
