"""A type of cell and a cytokine, added in a copy of the package by their declarations alone."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from abm.core.kernels.kernel_cache import PACKAGE
from tests.commands import ROOT, environment

CELLS, SUBSTANCES = "rules/cells.py", "rules/substances.py"
BEFORE = "    @property\n    def type(self)"  # what follows the last member of a table
END_OF_CD4 = "            is_lymphocyte=True, is_t_cell=True,\n        ),\n    )  # fmt: skip\n    FIBROBLAST"
MAST_CELL = """    MAST_CELL = CellType(
        "mast cell", "mast_cells", "mast cells", color=(214, 20, 160), radius=1.3,
        numbers=CellNumbers(
            resting_density=param(60.0, "cell/mm^2", 0.0, 200.0).assumed("density in resting lung"),
            peak_influx=0.0, loss=0.004, speed=param(0.5, "um/min", 0.0, 5.0).assumed("speed of a mast cell"),
            is_alarmed=True,
        ),
    )

"""
IL17A = """    IL17A = SubstanceType(
        "IL-17A",
        SubstanceNumbers(
            molar_mass=31_000.0,
            diffusion=param(32000.0, "um^2/h", 1000.0, 200000.0).assumed("diffusion coefficient"),
            loss=param(0.4, "1/h", 0.1, 2.0).assumed("all local loss"),
        ),
    )

"""
OF_CD4_CELLS = """            secretion=secretes(
                il17a=Secretion(
                    at_rest=param(0.5, "molecules/cell/s", 0.0, 10.0).assumed("secretion of a CD4 cell")
                )
            ),
"""


class Edit(NamedTuple):
    """Text put into a file of the package, before the last place where `before` stands."""

    file: str
    before: str
    text: str


ADDED_CELL = (Edit(CELLS, BEFORE, MAST_CELL),)
ADDED_CYTOKINE = (
    Edit(SUBSTANCES, BEFORE, IL17A),
    Edit(
        CELLS,
        "            is_lymphocyte=True, is_t_cell=True,\n        ),\n    )  # fmt: skip\n    FIBROBLAST",
        OF_CD4_CELLS,
    ),
)
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a copy of the package that knows mast cells and IL-17A, which its CD4 cells secrete at rest."""
    home = tmp_path_factory.mktemp("declared")
    for part in ("abm", "scenarios"):
        shutil.copytree(PACKAGE.parent / part, home / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file, before, text in (*ADDED_CELL, *ADDED_CYTOKINE):
        path = home / "abm" / file
        first, found, last = path.read_text().rpartition(before)
        assert found, before
        path.write_text(first + text + before + last)
    return home


def run(home: Path, code: str, **more: str) -> list[str]:
    """Lines that this code prints in a fresh Python with the copied package."""
    surroundings = environment() | {"PYTHONPATH": f"{home}:{ROOT}", "EMBERS_CACHE_DIR": str(home / "cache")} | more
    guarded = f"import abm; assert abm.__file__.startswith({str(home)!r}), abm.__file__\n{code}"
    path = home / "code.py"
    path.write_text(guarded)
    result = subprocess.run(
        [sys.executable, str(path)], cwd=home, env=surroundings, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def row(name: str) -> str:
    """The row of CONTRIBUTING's table that tells what to edit."""
    return next(line for line in CONTRIBUTING.splitlines() if line.startswith(f"| {name}"))


def test_contributing_names_the_places_that_an_addition_touches_and_no_other():
    assert {f"abm/{edit.file}" for edit in ADDED_CELL} == named_in(row("a type of mobile cell"))
    assert {f"abm/{edit.file}" for edit in ADDED_CYTOKINE} == named_in(row("a substance"))
    assert len(ADDED_CELL) == 1
    assert len(ADDED_CYTOKINE) == 2  # and the law where it acts


def named_in(line: str) -> set[str]:
    """Files that a row names before it speaks of what does something new."""
    return {word.strip("`:;,") for word in line.partition("; if")[0].split() if word.startswith("`abm/rules/")}


def test_parameters_tables_page_legend_and_curves_follow_from_a_declaration(home):
    code = """
from abm.core.quantity import declared
from abm.dashboard.content.facts import facts
from abm.dashboard.live.replicates import MEASURED
from abm.model.measures import MEASURES
from abm.model.quiet_table import QUIET, How
from abm.plots.palette import CELL_COLORS, CELL_NAMES
from abm.plots.tissue_picture import CELL_RADIUS, PALETTE
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.scenario.read import load_scenario
from abm.scenario.write import write_scenario
from abm.treatments.effects_by_step import no_treatment

mast = CellKind.MAST_CELL
names = {item.name for item in declared(Parameters())}
print(sorted(name for name in names if "mast" in name))
print(sorted(name for name in names if "il17a" in name))
print(MEASURES["mast_cells"].unit, MEASURES["il17a"].unit, "mast_cells" in MEASURED)
print(CELL_COLORS[mast], CELL_NAMES[mast], CELL_RADIUS[mast], (PALETTE == CELL_COLORS[mast]).all(axis=1).sum())
told = facts()
print(told["cells"][mast]["name"], told["overlays"]["il17a"]["name"], mast in told["cellOrder"])
print({passes.how.name for passes in QUIET["mobile"] if mast.name in passes.parts}, QUIET["fields.il17a"][0].how.name)
print(no_treatment(1).influx_left.shape, no_treatment(1).added_loss.shape)
changed = load_scenario("influenza").with_parameters({"cells.mast_cell.speed": "1 um/min"})
print("[parameters.cells.mast_cell]" in write_scenario(changed), changed.parameters.cells.mast_cell.speed)
"""
    assert run(home, code) == [
        "['cells.mast_cell.loss', 'cells.mast_cell.peak_influx', 'cells.mast_cell.resting_density',"
        " 'cells.mast_cell.speed']",
        "['cells.cd4.secretion.il17a.at_rest', 'substances.il17a.diffusion', 'substances.il17a.loss']",
        "cell/mm^2 ng/mL True",
        "(214, 20, 160) mast cell 1.3 1",
        "mast cell IL-17A True",
        "{'REDRAWN'} RELAXES",
        "(1, 8) (1, 3)",
        "True 1.0",
    ]


@pytest.mark.slow
def test_they_live_in_a_run_pass_quiet_time_and_a_saved_state(home):
    code = """
import numpy as np
from pathlib import Path
from abm.model.lung_model import LungModel
from abm.rules.cells import CellKind
from abm.runs.checkpoint import load, resumed, save
from abm.scenario.scenario import Scenario
from abm.tissue.state import AMOUNT
from abm.treatments.treatments import Infection
from tests.cohort.lungs import lung, small

mast = CellKind.MAST_CELL
scenario = Scenario(
    name="two_more", width=480.0, height=400.0, duration=144.0, record_every=24.0, snapshots=(0.0, 144.0),
    infections=(Infection(0.0, dose=200.0),),
)
model = LungModel(scenario, 3)
model.run(days=3)
save(model, Path("half.state"))
model.run()
other = resumed(load(Path("half.state")), scenario)
other.run()
print("same", other.digest() == model.digest())

series = model.result().series
print("mast cells", series["mast_cells"].between(20, 120).all())
# What CD4 cells make over what is lost: molecules a cell and hour, in g, over the volume of the section in mL.
cd4 = model.reading().census["kinds"][0, CellKind.CD4]
made = 0.5 * 3600 / 6.02214076e23 * 31_000.0 * 1e9 / (0.4 * 48 * 40 * 1e-9)
print("il17a", bool(0.3 < series["il17a"].iloc[-1] / (cd4 * made) < 3.0))
print("mhcii", bool(series["mhcii_share"].between(0.0, 1.0).all()))
mobile = model.tissue.mobile[model.tissue.mobile.alive]
own = mobile[mobile.kind == mast]
print("alarmed", bool((own.activation > 0).any()), bool(own.activated.any()))
shot = model.snapshots[-1]
print("snapshot", "mast_cell" in set(shot.mobile["kind"]), shot.maps["il17a"].shape == shot.il6.shape)

counts, levels = {}, {}
for jump in (True, False):
    found = []
    for seed in range(12):
        one = lung(small(1, side=400.0, spontaneous_awakening=1e-9), seed, 64, jump)
        one.tissue.fields.il17a[AMOUNT] = 1.0
        one._pass(1500) if jump else one._step_to(1500)
        alive = one.tissue.mobile[one.tissue.mobile.alive]
        found.append((int((alive.kind == mast).sum()), int((alive.kind == CellKind.CD4).sum()),
                      float(one.tissue.fields.il17a[AMOUNT].mean())))
    cells, cd4, level = np.array(found).T
    counts[jump], levels[jump] = cells.sum(), level.sum() / cd4.sum()
print("quiet cells", abs(counts[True] - counts[False]) < 4.0 * np.sqrt(counts[True] + counts[False]), counts[True] > 50)
print("quiet field", bool(0.8 < levels[True] / levels[False] < 1.25))
"""
    assert run(home, code) == [
        "same True", "mast cells True", "il17a True", "mhcii True", "alarmed True False", "snapshot True True",
        "quiet cells True True", "quiet field True",
    ]  # fmt: skip


def mast_cell(instead: str) -> str:
    """Its declaration with this in place of what alarms it."""
    return MAST_CELL.replace("is_alarmed=True", instead)


DECLARATIONS = {
    "secretion of an unknown substance": (
        mast_cell("secretion=secretes(il99=Secretion(1.0))"),
        "il99: is not a declared",
    ),
    "behavior of an unknown type": (mast_cell("behaves_as=31.0"), "MAST_CELL: behaves_as = 31"),
    "an unknown state": (mast_cell("held_on=31.0"), "MAST_CELL: held_on = 31"),
    "no loss": (MAST_CELL.replace("loss=0.004,", ""), "loss"),
    "a curve of another": (MAST_CELL.replace('"mast_cells"', '"cd8"'), "measures of the same name: cd8"),
}


@pytest.mark.parametrize("fault", DECLARATIONS)
def test_a_declaration_that_does_not_hold_is_an_error_at_the_start(fault, tmp_path):
    text, message = DECLARATIONS[fault]
    shutil.copytree(PACKAGE, tmp_path / "abm", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "abm" / CELLS
    first, _, last = path.read_text().rpartition(BEFORE)
    path.write_text(first + text + BEFORE + last)
    surroundings = environment() | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", "import abm.model.measures"]
    result = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert message in result.stderr.splitlines()[-1]
