"""How tests call the command `embers`: as a process of its own, as a user does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("--days", "2", "--size", "400um", "--no-figures")


def environment():
    return os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"}


def embers(*arguments, cwd):
    """Run the command in this folder; the time limit leaves room for a first compilation."""
    command = [sys.executable, "-m", "abm", *map(str, arguments)]
    text = {"capture_output": True, "text": True, "encoding": "utf-8"}
    return subprocess.run(command, cwd=cwd, env=environment(), timeout=300, check=False, **text)


def only_folder(path):
    (folder,) = path.iterdir()
    return folder
