"""A copy of the package in which a mast cell and IL-17A are declared, each in its table and nowhere else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAST_CELL_COLOR = (150, 215, 60)
TYPE = "    @property\n    def type(self) -> {}:"  # what follows the last declaration of a table
MAST_CELL = f"""    MAST_CELL = CellType(
        "mast cell", "mast_cells", "mast cells", color={MAST_CELL_COLOR}, radius=1.3,
        numbers=CellNumbers(
            resting_density=6.0, peak_influx=0.3, loss=0.004,
            speed=param(0.5, "um/min", 0.0, 2.0).assumed("speed of a mast cell"),
            secretion=secretes(
                il17a=Secretion(
                    at_rest=param(0.05, "molecules/cell/s", 0.0, 1.0).assumed("secretion of a mast cell"),
                    activated=param(1.0, "molecules/cell/s", 0.0, 10.0).assumed("secretion of an activated mast cell"),
                )
            ),
            is_alarmed=True,
        ),
    )

"""
IL17A = """    IL17A = SubstanceType(
        "IL-17A",
        SubstanceNumbers(
            molar_mass=32_000.0,
            diffusion=param(30000.0, "um^2/h", 18000.0, 216000.0).assumed("diffusion coefficient"),
            loss=param(0.5, "1/h", 0.2, 2.0).assumed("all local loss"),
        ),
    )

"""


def declared_in(folder: Path) -> Path:
    """Make the copy in this folder; gives the folder, from which it can be imported and served."""
    shutil.copytree(ROOT / "abm", folder / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    shutil.copy(ROOT / "server.py", folder)
    for table, declared, declaration in (("cells", "CellType", MAST_CELL), ("substances", "SubstanceType", IL17A)):
        path = folder / "abm" / "rules" / f"{table}.py"
        before, follows, after = path.read_text(encoding="utf-8").partition(TYPE.format(declared))
        assert follows
        path.write_text(f"{before}{declaration}{follows}{after}", encoding="utf-8")
    return folder


def python(folder: Path, program: str) -> str:
    """What a program prints that imports the copy.

    Raises:
        CalledProcessError: it failed.
    """
    command, environment = [sys.executable, "-c", program], os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
