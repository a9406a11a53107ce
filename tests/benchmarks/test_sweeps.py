import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.sweep_study import spent

SWEEPS = Path(__file__).resolve().parents[2] / "benchmarks" / "sweeps.py"
WORKS_ON = """
import os, time
if os.fork() == 0:
    while time.process_time() < 0.5:
        pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is not counted")
def test_what_a_command_leaves_behind_is_counted_too(tmp_path):
    assert spent(sys.executable, "-c", WORKS_ON, cwd=tmp_path).cpu >= 0.5


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path):
    with pytest.raises(RuntimeError, match="not today"):
        spent(sys.executable, "-c", "raise SystemExit('not today')", cwd=tmp_path)


@pytest.mark.parametrize("faulty", [("--only", "speed"), ("--runs", "15")])
def test_parts_and_numbers_that_do_not_go_are_refused(faulty):
    told = subprocess.run([sys.executable, str(SWEEPS), *faulty], check=False, capture_output=True, text=True)
    assert told.returncode == 2
    assert "no such part: speed" in told.stderr or "a multiple of 10" in told.stderr
