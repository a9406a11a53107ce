import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm.model.initial_state
from abm.core.compiled import interpreted
from abm.core.population import USED
from abm.model.lung_model import LungModel
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState, EpithelialType
from abm.scenario.scenario import Scenario
from abm.tissue.section import alveolar_sheet
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor
from abm.treatments.treatments import Depletion, IL6Knockout, Infection, Transfer, Vaccination
from tests.processes.tissues import STEP, changed

ROOT = Path(__file__).resolve().parents[2]
DAY = 144  # ticks
TINY = Scenario(
    width=160.0, height=120.0, duration=36.0, layout="sheet", snapshots=(), infections=(Infection(dose=100_000.0),),
    treatments=(Transfer("CD8", 20.0, 300.0), Transfer("CD4", 22.0, 300.0), Transfer("NK", 10.0, 300.0)),
    parameters=changed({"dormancy.spontaneous_awakening": 0.02, "dormancy.cycle_time": 15.0}),
)  # fmt: skip
DIGEST_OF_TINY = """
from abm.model.lung_model import LungModel
from tests.model.test_lung_model import TINY
model = LungModel(TINY, 4, checked=False)
model.run()
print(model.digest())
"""


@pytest.fixture
def small(infected: Scenario) -> Scenario:
    """A small infected section, for three days."""
    return replace(infected, duration=72.0)


def digest_after(scenario: Scenario, seed: int = 1, ticks: int | None = None) -> str:
    model = LungModel(scenario, seed, checked=False)
    model.run_until(model.ticks if ticks is None else ticks)
    return model.digest()


def elsewhere(code: str, **surroundings: str) -> str:
    """What this code prints in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **surroundings}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_the_same_seed_gives_the_same_digest_and_another_seed_another(small):
    assert digest_after(small, 3) == digest_after(small, 3)
    assert digest_after(small, 3) != digest_after(small, 4)


def test_another_process_gives_the_same_digest():
    assert elsewhere(DIGEST_OF_TINY) == digest_after(TINY, 4)


@pytest.mark.interpreted
def test_compiled_and_interpreted_runs_give_the_same_bits():
    model = LungModel(TINY, 4, checked=False)
    model.run()
    tissue = model.tissue
    infected = tissue.states >= EpithelialState.EXPRESSING
    assert set(tissue.epithelium.cell_type[infected]) == {EpithelialType.AT1, EpithelialType.AT2}
    assert (tissue.cancer.phenotype[tissue.cancer.alive] > 0).any()
    assert (tissue.mobile.kind[tissue.mobile.alive] == CellKind.CD8).any()
    assert tissue.fields.interferon[0].max() > 0.0
    assert {"awakening", "birth"} <= set(model.events()["kind"])
    assert elsewhere(DIGEST_OF_TINY, NUMBA_DISABLE_JIT="0" if interpreted() else "1") == model.digest()


def test_step_by_step_is_a_run_is_a_run_in_pieces(small):
    stepped, pieces, whole = (LungModel(small, 2) for _ in range(3))
    for _ in range(DAY):
        stepped.step()
    for days in (0.25, 0.5, 0.25):
        pieces.run(days=days)
    whole.run(days=1.0)
    assert stepped.digest() == pieces.digest() == whole.digest()
    series = [model.result().series.set_index("hour") for model in (stepped, pieces, whole)]
    assert series[1].index.tolist() == [0.0, 6.0, 12.0, 18.0, 24.0]
    assert series[1].equals(series[2])
    assert series[0].loc[series[1].index].equals(series[1])
    assert stepped.steps == pieces.steps == whole.steps == DAY
    assert stepped.day == pytest.approx(1.0)


def test_a_run_goes_on_behind_the_end_of_its_scenario(small):
    treated = replace(
        small, treatments=(AntiIL6("MP5-20F3", start=12.0), JakInhibitor("ruxolitinib (mouse)", start=6.0))
    )
    short, long = replace(treated, duration=12.0), replace(treated, duration=72.0)
    model = LungModel(short, 5, checked=False)
    model.run()
    assert model.hour == 12.0
    model.run(days=1.5)
    for _ in range(3):
        model.step()
    assert model.digest() == digest_after(long, 5, 2 * DAY + 3)


def test_arrays_that_have_to_grow_change_nothing(small, monkeypatch):
    scenario = replace(small, treatments=(Transfer("CD8", 24.0, 300.0),), parameters=TINY.parameters)
    plain = LungModel(scenario, 6, checked=False)
    plain.run()
    monkeypatch.setattr(abm.model.initial_state, "FIRST_CAPACITY", 100)
    tight = LungModel(scenario, 6, checked=False)
    before = tight.tissue.mobile.size
    tight.run()
    assert before < plain.tissue.mobile.size
    assert tight.tissue.mobile.size > before
    assert tight.tissue.log.size > 0
    assert tight.digest() == plain.digest()


NO_EFFECT = [
    AntiIL6("MP5-20F3", start=6.0, dose=0.0),
    AntiIL6Receptor("MR16-1", start=6.0, dose=0.0),
    JakInhibitor("ruxolitinib (mouse)", start=6.0, dose=0.0),
    Antiviral("oseltamivir (mouse)", start=6.0, dose=0.0),
    Vaccination(before=0.0),
    Depletion("neutrophil", efficacy=0.0),
    Depletion("CD8", start=6.0, efficacy=0.0),
    Transfer("CD4", 6.0, 0.0),
    AntiIL6("MP5-20F3", start=1e5),
    Transfer("CD8", 1e5, 100.0),
]


@pytest.mark.parametrize("treatment", NO_EFFECT, ids=lambda treatment: type(treatment).__name__)
def test_an_arm_whose_treatment_has_no_effect_is_the_untreated_arm_to_the_last_bit(small, treatment):
    assert digest_after(replace(small, treatments=(treatment,))) == digest_after(small)


def test_an_infection_without_virus_is_none(healthy):
    assert digest_after(replace(healthy, infections=(Infection(6.0, 0.0),))) == digest_after(healthy)


ACTING = [
    (AntiIL6("MP5-20F3", start=24.0), 36.0),  # given into the belly: half a day on its way
    (AntiIL6Receptor("MR16-1", start=24.0), 36.0),
    (JakInhibitor("ruxolitinib (mouse)", start=24.0), 24.0),
    (Antiviral("oseltamivir (mouse)", start=24.0), 24.0),
    (Depletion("neutrophil", start=24.0), 24.0),
    (Depletion("macrophage", start=24.0), 24.0),
    (Transfer("CD8", 24.0, 200.0), 24.0),
]


@pytest.mark.parametrize(("treatment", "hour"), ACTING, ids=[type(treatment).__name__ for treatment, _ in ACTING])
def test_two_arms_are_identical_until_the_treatment_acts(small, treatment, hour):
    tick = round(hour / STEP)
    treated = replace(small, treatments=(treatment,))
    assert digest_after(treated, ticks=tick) == digest_after(small, ticks=tick)
    assert digest_after(treated, ticks=tick + DAY) != digest_after(small, ticks=tick + DAY)


def test_two_arms_are_identical_until_the_second_infection(small):
    again = replace(small, infections=(*small.infections, Infection(24.0, 10.0)))
    assert digest_after(again, ticks=DAY) == digest_after(small, ticks=DAY)
    assert digest_after(again, ticks=DAY + 1) != digest_after(small, ticks=DAY + 1)


def test_a_knockout_acts_from_birth(healthy):
    knockout = LungModel(replace(healthy, treatments=(IL6Knockout(),)), 1)
    assert not knockout.tissue.fields.il6[0].any()
    assert LungModel(healthy, 1).tissue.fields.il6[0].any()
    knockout.run()
    assert not knockout.tissue.fields.il6[0].any()


def test_a_virus_that_awakens_nobody_leaves_cancer_cells_as_in_the_uninfected_twin(healthy, small):
    names = ("awakening", "spontaneous_awakening", "released_awakening")
    asleep = changed({**{f"dormancy.{name}": 0.0 for name in names}, "cytotoxicity.cd8_dormant_cancer": 0.0})
    arms = [replace(scenario, duration=72.0, parameters=asleep) for scenario in (healthy, small)]
    twins = [LungModel(arm, 2, checked=False) for arm in arms]
    for model in twins:
        model.run()
    assert twins[0].tissue.epithelial_counts[0] > twins[1].tissue.epithelial_counts[0]
    fields = ["uid", "y", "x", "state", "alive", "next_event_at"]
    used = int(twins[0].tissue.cancer_rows[USED])
    np.testing.assert_array_equal(*(model.tissue.cancer[:used][fields] for model in twins))
    # The uninfected twin rests: its clocks ran by the hour, also in the one in which the last cell of a block has died.
    held = twins[0].tissue.blocks.first_dormant >= 0
    np.testing.assert_allclose(*(model.tissue.blocks.dormant_hazard[held] for model in twins), rtol=1e-12)


MEASURED = {"lost_share": 72.0, "refractory_share": 72.0, "il6_lavage": 96.0, "neutrophils": 96.0, "cd8": 192.0,
            "awake_per_seeded": 192.0, "cells_per_seeded": 192.0}  # fmt: skip


def readings(scenario: Scenario, seeds: range) -> np.ndarray:
    """Some measures at their hours, float64[seeds, measures]."""
    section = alveolar_sheet(40, 40, 1)
    rows = []
    for seed in seeds:
        model = LungModel(scenario, seed, section)
        series = model.run().series.set_index("hour")
        rows.append([series[name][hour] for name, hour in MEASURED.items()])
    return np.array(rows)


def test_half_the_step_gives_the_same_means():
    infections = (Infection(dose=100.0),)
    scenario = Scenario(
        width=400.0, height=400.0, duration=192.0, record_every=24.0, snapshots=(), infections=infections
    )
    whole = readings(scenario, range(1, 17))
    half = readings(replace(scenario, step=STEP / 2), range(101, 117))
    assert (whole.mean(axis=0) > 0.0).all()
    error = np.sqrt((whole.var(axis=0, ddof=1) + half.var(axis=0, ddof=1)) / 16)
    far = (half.mean(axis=0) - whole.mean(axis=0)) / error
    assert (np.abs(far) < 3.5).all(), dict(zip(MEASURED, far.round(2).tolist(), strict=True))


@pytest.fixture(scope="module")
def arms() -> dict[str, list[LungModel]]:
    """Four weeks of the 4 mm2 that scenarios have, on which an infection hardly ever dies out by chance: five seeds."""
    quiet = Scenario(record_every=24.0, snapshots=())
    influenza = replace(quiet, infections=(Infection(),))
    scenarios = {"none": quiet, "influenza": influenza, "knockout": replace(influenza, treatments=(IL6Knockout(),))}
    models = {name: [LungModel(scenario, seed) for seed in range(1, 6)] for name, scenario in scenarios.items()}
    for model in [model for arm in models.values() for model in arm]:
        model.run()
    return models


def curve(models: list[LungModel], name: str) -> np.ndarray:
    """Mean of a measure over the seeds by day, float64[29]."""
    return np.mean([model.result().series[name].to_numpy() for model in models], axis=0)


def test_without_virus_no_cell_wakes_in_four_weeks(arms):
    awakenings = pd.concat([model.events() for model in arms["none"]]).query("kind == 'awakening'")
    assert len(awakenings) <= 1  # of 100 cells; the declared spontaneous rate gives one in a hundred in ten weeks
    assert curve(arms["none"], "cells_per_seeded")[28] == pytest.approx(1.0, abs=0.2)


def test_the_virus_rises_and_clears(arms):
    virions = curve(arms["influenza"], "virions")
    peak = int(virions.argmax())
    assert 1 <= peak <= 6
    assert virions[peak] > 20 * Scenario().parameters.virus.inoculum
    last = [np.flatnonzero(curve([model], "virions"))[-1] for model in arms["influenza"]]
    assert 9 <= np.median(last) <= 12
    assert virions[14:].max() < 1e-4 * virions[peak]  # the last focus of one section in twenty goes out so late
    assert max(last) <= 16
    assert curve(arms["influenza"], "antibody")[14] > 0.5


def test_il6_comes_and_goes(arms):
    il6 = curve(arms["influenza"], "il6_lavage")
    assert il6.max() > 20 * il6[0]
    assert 2 <= il6.argmax() <= 8
    assert il6[28] < 3 * il6[0]


def test_with_virus_cells_awaken_by_il6(arms):
    awakenings = pd.concat([model.events() for model in arms["influenza"]]).query("kind == 'awakening'")
    assert len(awakenings) > 0.2 * sum(model.tissue.clones.size for model in arms["influenza"])
    assert (awakenings["cause"] == "il6").mean() > 0.9


def test_in_influenza_cells_expand_more_than_thirtyfold_by_day_15_and_persist(arms):
    cells = curve(arms["influenza"], "cells_per_seeded")
    assert cells[15] > 30.0
    assert cells[28] > 0.5 * cells[15]


def test_with_an_il6_knockout_expansion_falls_by_more_than_four_fifths(arms):
    gained = {name: curve(arms[name], "cells_per_seeded")[15] - 1.0 for name in ("influenza", "knockout")}
    assert gained["influenza"] > 0.0
    assert gained["knockout"] < 0.2 * gained["influenza"]
    assert curve(arms["knockout"], "il6").max() == 0.0


def test_cells_that_came_back_to_rest_were_awake_before(arms):
    for model in arms["influenza"]:
        cells = model.tissue.cancer[model.tissue.cancer.alive]
        assert (cells.awoke[cells.state == CancerState.REDORMANT] >= 0.0).all()
