"""A copy of the package in which a mast cell and IL-17A are declared, each in its table and nowhere else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
MAST_CELL_COLOR = (150, 215, 60)
AFTER_CELLS, AFTER_SUBSTANCES = (
    "    @property\n    def shares_with",
    "\n\nSubstances: Any",
)  # what follows the last of a table
MAST_CELL = f"""    MAST_CELL = CellType(
        "mast cell", "mast_cells", "mast cells", color={MAST_CELL_COLOR}, radius=1.3, treated_as="mast cell",
        numbers=CellNumbers(
            resting_density=param(60.0, "cell/mm^2", 0.0, 200.0).assumed("density in resting lung"),
            peak_influx=0.3, loss=0.004,
            speed=param(0.5, "um/min", 0.0, 2.0).assumed("speed of a mast cell"),
            secretion=secretes(
                il17a=Secretion(
                    at_rest=param(0.05, "molecules/cell/s", 0.0, 1.0).assumed("secretion of a mast cell"),
                    activated=param(1.0, "molecules/cell/s", 0.0, 10.0).assumed("secretion of an activated mast cell"),
                )
            ),
            senses_infection=True,
        ),
    )

"""
IL17A = """    IL17A = SubstanceType(
        "IL-17A",
        SubstanceNumbers(
            molar_mass=32_000.0,
            diffusion=param(30000.0, "um^2/h", 18000.0, 216000.0).assumed("diffusion coefficient"),
            loss=param(0.5, "1/h", 0.2, 2.0).assumed("total local loss"),
        ),
    )

"""


class Edit(NamedTuple):
    """Text put into a file of the package, before the place where `before` stands."""

    file: str
    before: str
    text: str


CELL = Edit("abm/rules/cells.py", AFTER_CELLS, MAST_CELL)
CYTOKINE = Edit("abm/rules/substances.py", AFTER_SUBSTANCES, IL17A)


def edited(folder: Path, *edits: Edit) -> Path:
    """Make a copy of the package with these edits in a folder; gives the folder, from which it can be imported."""
    shutil.copytree(ROOT / "abm", folder / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    shutil.copy(ROOT / "server.py", folder)
    for file, before, text in edits:
        path = folder / file
        first, found, last = path.read_text(encoding="utf-8").partition(before)
        assert found, before
        path.write_text(f"{first}{text}{before}{last}", encoding="utf-8")
    return folder


def declared_in(folder: Path) -> Path:
    """Make a copy in which both are declared."""
    return edited(folder, CELL, CYTOKINE)


def python(folder: Path, program: str) -> str:
    """What a program prints that imports the copy.

    Raises:
        CalledProcessError: it failed.
    """
    command, environment = [sys.executable, "-c", program], os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
