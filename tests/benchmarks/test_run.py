import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import Aim, Line, rows

RUN = Path(__file__).resolve().parents[2] / "benchmarks" / "run.py"


def cells_of(row):
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.slow
def test_the_benchmark_prints_its_table_and_writes_it_down(tmp_path):
    file = tmp_path / "table.md"
    command = [sys.executable, str(RUN), "--quick", "--only", "processes", "--markdown", str(file)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told.strip() in file.read_text(encoding="utf-8")
    rows_told = [cells_of(row) for row in told.splitlines() if row.startswith("| share of")]
    assert "share of spread_virions" in [row[0] for row in rows_told]
    assert sum(float(row[1]) for row in rows_told) == pytest.approx(1.0, abs=0.02)


def test_a_part_that_does_not_exist_is_refused_with_those_that_do():
    told = subprocess.run([sys.executable, str(RUN), "--only", "speed"], check=False, capture_output=True, text=True)
    assert told.returncode != 0
    assert "speed" in told.stderr
    assert "fields" in told.stderr


@pytest.mark.parametrize(
    ("measured", "aim", "met"),
    [
        (1.0, Aim(1.0), "yes"),
        (1.1, Aim(1.0), "no"),
        (8.0, Aim(3.0, of="ratio"), "no"),
        (6.0, Aim(3.0, of="ratio"), "yes"),
        (6.0, Aim(3.5, of="ratio", at_least=True), "no"),
        (8.0, Aim(3.5, of="ratio", at_least=True), "yes"),
        (8.0, None, ""),
    ],
)
def test_a_line_says_whether_its_aim_is_met(measured, aim, met):
    line = Line("walk", measured, "s", 2.0, "crawl", aim)
    row = cells_of(list(rows([line]))[-1])
    assert row[:2] == ["walk", f"{measured / 2.0:.3g}"]
    assert row[-1] == met
