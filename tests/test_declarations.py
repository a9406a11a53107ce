"""A type of cell and a cytokine, added in a copy of the package by their declarations alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES
from tests.commands import ROOT, environment
from tests.one_more import CELL, CYTOKINE, MAST_CELL, MAST_CELL_COLOR, declared_in, edited

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder with a copy of the package that knows mast cells and IL-17A, which these secrete."""
    return declared_in(tmp_path_factory.mktemp("declared"))


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
    assert named_in(row("a type of mobile cell")) == {CELL.file}
    assert named_in(row("a substance")) == {CYTOKINE.file, CELL.file}  # the latter for its secretion
    assert CELL.text.count("CellType(") == CYTOKINE.text.count("SubstanceType(") == 1


def named_in(line: str) -> set[str]:
    """Files that a row names before it speaks of what does something new."""
    return {word.strip("`:;,") for word in line.partition("; if")[0].split() if word.startswith("`abm/rules/")}


def test_parameters_tables_page_legend_and_curves_follow_from_a_declaration(home):
    code = """
from abm.core.quantity import declared
from abm.dashboard.content.facts import facts
from abm.dashboard.live.worker import MEASURED
from abm.model.measures import MEASURES
from abm.model.quiet.table import QUIET, How
from abm.plots.palette import CELL_COLORS, CELL_NAMES
from abm.plots.tissue_picture import CELL_RADIUS, PALETTE
from abm.rules.cells import CellKind
from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES
from abm.rules.parameters import Parameters
from abm.scenario.read import load_scenario
from abm.scenario.write import write_scenario
from abm.treatments.effects_by_step import no_treatment
from abm.treatments.treatments import DEPLETABLE

mast = CellKind.MAST_CELL
names = {item.name for item in declared(Parameters())}
print(sorted(name for name in names if "mast" in name))
print(sorted(name for name in names if "il17a" in name))
print(MEASURES["mast_cells"].unit, MEASURES["il17a"].unit, "mast_cells" in MEASURED)
print(CELL_COLORS[mast], CELL_NAMES[mast], CELL_RADIUS[mast], (PALETTE == CELL_COLORS[mast]).all(axis=1).sum())
told = facts()
print(told["cells"][mast]["name"], told["overlays"]["il17a"]["name"], mast in told["cellOrder"])
print({passes.how.name for passes in QUIET["mobile"] if mast.name in passes.parts}, QUIET["fields.il17a"][0].how.name)
print(DEPLETABLE["mast cell"] == (mast,))
print(no_treatment(1).influx_left.shape, no_treatment(1).added_loss.shape)
changed = load_scenario("influenza").with_parameters({"cells.mast_cell.speed": "1 um/min"})
print("[parameters.cells.mast_cell]" in write_scenario(changed), changed.parameters.cells.mast_cell.speed)
"""
    assert run(home, code) == [
        "['cells.mast_cell.loss', 'cells.mast_cell.peak_influx', 'cells.mast_cell.resting_density',"
        " 'cells.mast_cell.secretion.il17a.activated', 'cells.mast_cell.secretion.il17a.at_rest',"
        " 'cells.mast_cell.speed']",
        "['cells.mast_cell.secretion.il17a.activated', 'cells.mast_cell.secretion.il17a.at_rest',"
        " 'substances.il17a.diffusion', 'substances.il17a.loss']",
        "cell/mm^2 ng/mL True",
        f"{MAST_CELL_COLOR} mast cell 1.3 1",
        "mast cell IL-17A True",
        "{'STRIDES'} RELAXES",
        "True",
        f"(1, {ALL_KINDS + 1}) (1, {ALL_SUBSTANCES + 1})",
        "True 1.0",
    ]


@pytest.mark.slow
def test_they_live_in_a_run_pass_quiet_time_and_a_saved_state(home):
    code = """
import numpy as np
from pathlib import Path
from abm.model.lung_model import LungModel
from abm.model.quiet.hazards import set_stationary_fields
from abm.rules.cells import CellKind
from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES
from abm.runs.store.checkpoint import load, resumed, save
from abm.scenario.scenario import Scenario
from abm.tissue.state import AMOUNT
from abm.treatments.effects_by_step import no_treatment
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
# What mast cells make at rest over what is lost: molecules a cell and hour, in g, over the volume of the section in mL.
cells = series["mast_cells"].iloc[0] * 0.192
made = 0.05 * 3600 / 6.02214076e23 * 32_000.0 * 1e9 / (0.5 * 48 * 40 * 1e-9)
il17a = series["il17a"] / (cells * made)
print("il17a", bool(0.3 < il17a.iloc[0] < 1.01), bool(il17a.max() > 2.0))
print("mhcii", bool(series["mhcii_share"].between(0.0, 1.0).all()))
mobile = model.tissue.mobile[model.tissue.mobile.alive]
own = mobile[mobile.kind == mast]
print("alarmed", bool((own.activation > 0).any()), bool(own.activated.any()))
shot = model.snapshots[-1]
print("snapshot", "mast_cell" in set(shot.mobile["kind"]), shot.maps["il17a"].shape == shot.il6.shape)

one = lung(small(1, side=400.0), 3, 5)
one.tissue.fields.il17a[AMOUNT] = 1.0
set_stationary_fields(one.tissue, one.contacts.spread, one.p, no_treatment(1)[0])
alive = one.tissue.mobile[one.tissue.mobile.alive]
resting = (alive.kind == mast).sum() * 0.05 * 3600 / 6.02214076e23 * 32_000.0 * 1e9 / (0.5 * 40 * 40 * 1e-9)
print("stationary", bool(abs(one.tissue.fields.il17a[AMOUNT].mean() / resting - 1.0) < 1e-3))

counts, levels = {}, {}
for jump in (True, False):
    found = []
    for seed in range(12):
        one = lung(small(1, side=400.0, spontaneous_awakening=1e-9), seed, 64, jump)
        one.tissue.fields.il17a[AMOUNT] = 1.0
        one._pass(1500) if jump else one._step_to(1500)
        alive = one.tissue.mobile[one.tissue.mobile.alive]
        found.append((int((alive.kind == mast).sum()), float(one.tissue.fields.il17a[AMOUNT].mean())))
    cells, level = np.array(found).T
    counts[jump], levels[jump] = cells.sum(), level.sum() / cells.sum()
print("quiet cells", abs(counts[True] - counts[False]) < 4.0 * np.sqrt(counts[True] + counts[False]), counts[True] > 50)
print("quiet field", bool(0.8 < levels[True] / levels[False] < 1.25))
"""
    assert run(home, code) == [
        "same True", "mast cells True", "il17a True True", "mhcii True", "alarmed True False", "snapshot True True",
        "stationary True", "quiet cells True True", "quiet field True",
    ]  # fmt: skip


def mast_cell(instead: str) -> str:
    """Its declaration with this in place of what alarms it."""
    return MAST_CELL.replace("senses_infection=True", instead)


DECLARATIONS = {
    "secretion of an unknown substance": (
        MAST_CELL.replace("il17a=", "il99="),
        "il99: is not a declared",
    ),
    "behavior of an unknown type": (mast_cell("shares_with=31.0"), "MAST_CELL: shares_with = 31"),
    "an unknown state": (mast_cell("held_on=31.0"), "MAST_CELL: held_on = 31"),
    "nothing activates it": (mast_cell("is_t_cell=False"), "MAST_CELL: secretes il17a when activated"),
    "a field finer than quiet time follows": (
        MAST_CELL.replace("il17a=Secretion(", "interferon=Secretion("),
        "MAST_CELL: secretes interferon at rest",
    ),
    "no loss": (MAST_CELL.replace("loss=0.004,", ""), "loss"),
    "a curve of another": (MAST_CELL.replace('"mast_cells"', '"cd8"'), "measures of the same name: cd8"),
}


@pytest.mark.parametrize("fault", DECLARATIONS)
def test_a_declaration_that_does_not_hold_is_an_error_at_the_start(fault, tmp_path):
    text, message = DECLARATIONS[fault]
    edited(tmp_path, CELL._replace(text=text), CYTOKINE)
    surroundings = environment() | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", "import abm.model.measures"]
    result = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert message in result.stderr.splitlines()[-1]


def test_a_rate_declared_as_zero_that_can_be_set_counts_as_secretion(tmp_path):
    unset = CELL._replace(text=MAST_CELL.replace("param(0.05,", "param(0.0,").replace("param(1.0,", "param(0.0,"))
    code = """
from abm.processes.secretion import AT_REST
from abm.processes.secretion_rates import LOWEST
from abm.rules.cells import CellKind
from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES
from abm.rules.substances import Substance
print(AT_REST[Substance.IL17A], LOWEST[Substance.IL17A, CellKind.MAST_CELL], LOWEST[Substance.IL17A, CellKind.NK])
"""
    assert run(edited(tmp_path, unset, CYTOKINE), code) == ["True -1.0 1.0"]


def test_the_laws_of_the_new_cell_and_substance_follow_from_their_declarations(home):
    code = """
from abm.laws.catalogue import laws_in
from abm.scenario.read import load_scenario

laws = {law.law.name: law.sentence for law in laws_in(load_scenario("influenza")) if law.acts}
print(*sorted(name for name in laws if "mast_cell" in name or "il17a" in name))
print(laws["hops_per_hour.mast_cell"])
"""
    names, sentence = run(home, code, NUMBA_DISABLE_JIT="1")
    assert names.split() == [
        *("hops_per_hour.mast_cell", "influx.mast_cell", "local_loss.il17a", "loss_rate.mast_cell"),
        "secretion_rate.mast_cell.il17a",
    ]
    assert sentence.startswith("A mast cell migrates at ")
