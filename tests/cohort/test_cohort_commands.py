import pytest

from tests.cohort.patients import SCANS, TEXT
from tests.commands import embers


def test_without_a_name_the_cohorts_are_listed(tmp_path):
    done = embers("cohort", cwd=tmp_path)
    assert done.returncode == 2
    assert "covid_19_before_vaccines" in done.stderr


def test_a_faulty_cohort_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "bad.toml").write_text("patients = 3\n[patient]\nimmunity = -1.0\n", encoding="utf-8")
    for command in (("cohort", "bad.toml"), ("patient", "bad.toml", "1")):
        done = embers(*command, cwd=tmp_path)
        assert done.returncode == 2
        assert "bad.toml, line 3: patient.immunity = -1.0" in done.stderr
        assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


@pytest.mark.slow
def test_a_cohort_and_one_of_its_patients_are_told_and_drawn(tmp_path):
    (tmp_path / "small.toml").write_text(TEXT + SCANS, encoding="utf-8")
    done = embers("cohort", "small.toml", "--patients", "2", "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not medical advice" in done.stdout
    assert (tmp_path / "outputs" / "small" / "report.html").stat().st_size > 50_000
    assert "done             2   100.0 %" in embers("status", "small.toml", cwd=tmp_path).stdout
    done = embers("patient", "small.toml", "2", "--plot", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "not medical advice" in done.stdout
    assert (tmp_path / "outputs" / "small" / "patients" / "patient-2.png").exists()
