import pytest
from packaging.requirements import Requirement

from abm.cli import doctor
from abm.installation import package as installation


def test_a_wheel_is_told_to_install_by_name_and_a_checkout_from_its_folder(monkeypatch, tmp_path):
    assert installation.install_command("analysis") == "pip install -c constraints.txt -e '.[analysis]'"
    monkeypatch.setattr(installation, "CHECKOUT", tmp_path)
    assert installation.install_command("analysis") == 'pip install "embers-lung[analysis]"'
    assert installation.install_command() == "pip install embers-lung"


@pytest.mark.parametrize(("bound", "found"), [(">=1", False), (">=1000", True), ("<1", True)])
def test_a_version_outside_the_declared_bounds_is_found(bound, found):
    assert bool(installation.outside_bounds(Requirement(f"numpy{bound}"))) == found


def test_the_doctor_says_what_is_too_old(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "requirements", lambda extra: [] if extra else [Requirement("numba>=1000")])
    found = [finding for finding in doctor.examine(tmp_path) if "Embers needs numba>=1000" in finding.found]
    assert [finding.fault for finding in found] == [2]


def test_every_declared_requirement_has_a_least_version():
    for extra in ("", "analysis", "cluster"):
        assert installation.requirements(extra)
        assert all(">=" in str(needed.specifier) for needed in installation.requirements(extra))
