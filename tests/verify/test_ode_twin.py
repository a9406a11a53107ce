"""The ODE twin keeps what it must, meets its analytical limits, and the comparison finds an equation that is wrong."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from abm.core.quantity import replaced
from abm.model.section import section_of
from abm.rules.cells import CellKind
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Depletion, Infection
from abm.verify import ode_comparison
from abm.verify.figure import draw
from abm.verify.ode_comparison import (
    ARMS,
    DEFAULT,
    MEASURED,
    MIXED,
    NO_INTERFERON,
    NO_MOBILE_CELLS,
    VIRUS,
    TwinNumber,
    compared,
    conclude,
    section_course,
    twin_course,
    value_of,
)
from abm.verify.ode_twin import OdeTwin, twin_of
from abm.verify.ode_walkers import CLEAN, SITES, size_classes
from abm.verify.suite import CheckResult

SECTION = Scenario(width=1000.0, height=1000.0, infections=(Infection(),), snapshots=())


def changed(scenario, changes):
    parameters = scenario.parameters
    for name, value in changes.items():
        parameters = replaced(parameters, name, value)
    return replace(scenario, parameters=parameters)


def twin_with(scenario=SECTION, changes=None):
    scenario = changed(scenario, changes or {})
    return OdeTwin(scenario, size_classes(section_of(scenario)))


def growth_of(p, sites):
    """Root of the characteristic equation of virus alone; sites: epithelial sites over all sites."""
    virus = p.virus
    eclipse, living = int(virus.eclipse_shape), int(virus.expressing_shape)

    def excess(r):
        through = (1.0 + r * virus.eclipse_time / eclipse) ** -eclipse
        producing = (1.0 - (1.0 + r * virus.expressing_time / living) ** -living) / r
        return virus.infectivity * sites * virus.release * through * producing / (virus.clearance + r) - 1.0

    return brentq(excess, 1e-3, 5.0)


@pytest.mark.parametrize("infectivity", [0.0012, 0.0121])
def test_early_growth_is_the_root_of_the_characteristic_equation(infectivity):
    changes = NO_MOBILE_CELLS | NO_INTERFERON | {"virus.infectivity": infectivity, "virus.arrival_time": 1.0}
    twin = twin_with(replace(SECTION, infections=(Infection(dose=1e-2),)), changes)
    hours = np.array([0.0, 24.0, 30.0])
    virions = twin.solve(hours)["virions"]
    sites = float(twin.classes.number @ twin.classes.size) / SITES
    assert np.log(virions[2] / virions[1]) / 6.0 == pytest.approx(growth_of(twin.p, sites), rel=0.02)


def test_without_virus_nothing_changes():
    twin = twin_with(replace(SECTION, infections=()))
    found = twin.solve(np.array([0.0, 72.0]))
    for name in ("il6", *(kind.type.curve for kind in CellKind)):
        assert found[name][1] == pytest.approx(found[name][0], rel=1e-3, abs=1e-5), name
    for kind in CellKind:
        assert found[kind.type.curve][0] == pytest.approx(twin.p.cells[kind].resting_density)
    assert found["il6"][0] > 0.0
    assert found["infected_share"].max() == found["virions"].max() == 0.0


def test_epithelial_cells_are_conserved_through_an_infection():
    found = twin_with().solve(np.arange(0.0, 97.0, 24.0))
    assert found["lost_share"].max() > 0.1
    assert found["epithelium"] == pytest.approx(np.ones(5), abs=1e-9)


def test_mobile_cells_are_conserved_where_the_epithelium_changes_under_them():
    cells = twin_with().cells
    chance = np.random.default_rng(1)
    walkers, classes = chance.random((cells.of.size, cells.places)), cells.classes.size.size
    stops, clears = chance.random((2, cells.count, classes))
    change = cells.carried(walkers, chance.random(classes), stops, chance.random(classes), clears)
    assert change.sum(axis=1) == pytest.approx(np.zeros(cells.of.size), abs=1e-12)


def test_walking_leaves_cells_where_they_are_slow():
    """The stationary density is inverse to the speed: ten times as many on a target that holds them."""
    cells = twin_with().cells
    area = np.random.default_rng(1).random(cells.places)
    area[CLEAN] = 5.0
    area /= area.sum()
    walkers = np.zeros((cells.of.size, cells.places))
    walkers[: cells.count] = np.where(cells.mhcii, 0.0, 1.0)[:, None] * area / cells.pace
    lost = cells.losses(walkers, np.zeros((cells.count, cells.places)), 0.0) * walkers[: cells.count]
    change = cells.rates(walkers, np.zeros(cells.count), area, 0.0, 0.0)[: cells.count]
    assert change + lost == pytest.approx(np.zeros_like(change), abs=1e-12)
    (cd8,) = np.flatnonzero(cells.rows[CellKind.CD8] & ~cells.memory)
    held = walkers[cd8, cells.producing] / area[cells.producing]
    assert held == pytest.approx(walkers[cd8, CLEAN] / area[CLEAN] / cells.p.motility.confinement)


def test_all_activation_is_reached_on_debris_and_falls_to_that_of_the_virions():
    cells = twin_with().cells
    full = np.ones((cells.of.size - cells.count, cells.places))
    on_debris = cells._activation_rates(full, 0.2)
    assert on_debris[:, 1:] == pytest.approx(np.zeros_like(on_debris[:, 1:]))
    at_ambient = 0.2 ** cells.power[cells.count :] * full
    assert cells._activation_rates(at_ambient, 0.2)[:, CLEAN] == pytest.approx(np.zeros(full.shape[0]), abs=1e-12)


def test_what_the_twin_leaves_out_is_refused():
    with pytest.raises(ValueError, match="one infection"):
        twin_with(replace(SECTION, treatments=(Depletion("CD8"),)))


# ---- the comparison --------------------------------------------------------------------------------------------------


def failed(sections, twin):
    return [one.name for one in (compared(number, "x", sections, twin) for number in VIRUS) if one.verdict == "failed"]


def test_sections_agree_with_the_twin_and_a_halved_clearance_is_found(monkeypatch):
    some = [section_course("virus", seed) for seed in ARMS["virus"].seeds]
    sections = {name: np.mean([one[name] for one in some], axis=0) for name in some[0]}
    assert failed(sections, twin_course("virus")) == []
    right = OdeTwin._virion_loss
    monkeypatch.setattr(OdeTwin, "_virion_loss", lambda twin, *given: 0.5 * right(twin, *given))
    assert any("virions" in name for name in failed(sections, twin_course("virus")))


@pytest.mark.parametrize(("kind", "level", "value"), [
    ("peak", 0.0, 3.0), ("peak_hour", 0.0, 2.0), ("sum", 0.0, 6.0), ("last", 0.0, 0.5), ("at", 1.5, 2.0),
    ("rise", 0.0, 1.25), ("fall", 1.0, 4.0),
])  # fmt: skip
def test_numbers_of_a_time_course(kind, level, value):
    course = {"hour": np.arange(5.0), "virions": np.array([0.0, 1.0, 3.0, 1.5, 0.5])}
    assert value_of(TwinNumber("x", "virions", kind, 0.1, level), course) == pytest.approx(value)


def made_up(**factors):
    """Courses of all parts, sections as the twins but for some factors by arm."""
    given = []
    for name, arm in ARMS.items():
        hours = np.arange(24.0 * arm.days + 1)
        bump = 1e-6 + np.exp(-(((hours / hours[-1] - 0.4) / 0.1) ** 2))
        twin = {"hour": hours} | dict.fromkeys(MEASURED, bump)
        sections = {"hour": hours} | {one: factors.get(name, 1.0) * bump for one in MEASURED}
        given += [twin, *[sections] * len(arm.seeds)]
    return given


def test_the_comparison_passes_what_agrees_and_fails_what_does_not(tmp_path):
    assert conclude(made_up()).verdict == "passed"
    assert conclude(made_up(**{DEFAULT: 3.0})).verdict == "passed"  # there, space may matter
    found = conclude(made_up(interferon=1.2))
    assert found.verdict == "failed"
    assert all("with interferon" in one.name for one in found.measured if one.verdict == "failed")
    path = tmp_path / "ode.png"
    assert draw(CheckResult(ode_comparison.CHECKS[0], found, 1.0), path)
    assert path.stat().st_size > 20_000


def test_a_twin_of_the_well_mixed_section_has_its_measures():
    scenario = changed(replace(SECTION, layout="sheet"), MIXED)
    found = twin_of(scenario, section_of(scenario), np.array([0.0, 6.0, 12.0]))
    assert all(found[name].shape == (3,) and np.isfinite(found[name]).all() for name in MEASURED)
