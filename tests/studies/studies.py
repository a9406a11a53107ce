"""A small study that several tests run, and how they run it: in this process, or as a user does."""

import io
import signal
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from abm.runs.engine import RunOptions
from abm.runs.progress import Show
from abm.studies.design.study_file import read_study
from abm.studies.sweep.sweep import perform
from tests.commands import environment

SMALL = """
title = "Small"
arms = ["influenza", "influenza_blockade"]
duration = "2 d"
replicates = {replicates}
seed = 3
measures = ["cells_per_seeded", "il6", "virions"]
events = true

[section]
width = "400 um"
height = "400 um"

[[axis]]
vary = "treatment (anti-IL-6).start"
values = ["0 d", "1 d"]

[[axis]]
vary = "infection.dose"
name = "virus_dose"
values = [1.0, 50.0]
"""
POINTS = 6  # 2 doses alone, 2 x 2 with the treatment
TABLES = ("design.parquet", "runs/*.parquet", "series/*/*.parquet", "events/*/*.parquet")


def small(replicates=2, text=SMALL, name="small"):
    return read_study(Path(f"{name}.toml"), text.format(replicates=replicates))


def run(study, out, show=None, **how):
    return perform(study, out, RunOptions(**{"workers": 2} | how), show or silent())


def silent():
    return Show(Console(file=io.StringIO(), width=200))


def told(show):
    return show.console.file.getvalue()


def tables(folder):
    """Every final table, by name, as bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for glob in TABLES for path in sorted(folder.glob(glob))}


def write(folder, text=SMALL, replicates=2, name="small"):
    path = folder / f"{name}.toml"
    path.write_text(text.format(replicates=replicates))
    return path


def start(*arguments, cwd, patch=""):
    """The command as a process in a group of its own; `patch`: Python that runs in it first."""
    program = f"import sys\n{patch}\nfrom abm.__main__ import main\nif __name__ == '__main__':\n    main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], cwd=cwd, env=environment(), start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (no threads here)
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip


def wait_until(condition, seconds=240.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
