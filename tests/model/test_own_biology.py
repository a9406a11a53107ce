"""Substances, cells, drugs and rules of a scenario in whole runs: what each does, and that twins stay twins."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from abm.core.compiled import interpreted
from abm.core.record import as_record
from abm.model.lung_model import LungModel
from abm.rules.cells import KINDS
from abm.rules.substances import SUBSTANCES
from abm.runs.store.checkpoint import PastDiffersError, load, resumed, save
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection
from tests.model.test_lung_model import ROOT, elsewhere
from tests.scenario.hypothesis.made import TINY, made

SHEET = Scenario(
    name="sheet",
    width=400.0,
    height=400.0,
    layout="sheet",
    duration=96.0,
    snapshots=(),
    infections=(Infection(dose=50.0),),
)
SCENARIOS = 60  # made at random, for what is compared bit by bit
INTERPRETED = 24  # of them, as plain Python takes its time
QUIET = replace(SHEET, infections=(), duration=48.0)
ALWAYS = {"from_": "1 molecules/cell/s", "to": "2 molecules/cell/s", "half": "0.01 ng/mL"}


def run(scenario, seed=1):
    model = LungModel(scenario, seed)
    model.run()
    return model


def last(model, name):
    return float(model.result().series[name].iloc[-1])


def secreting(scenario, cell="fibroblast", name="X"):
    """The scenario with a substance that a type of cell secretes all the time."""
    return scenario.with_substance(name, molar_mass="20 kDa").with_rule(
        cell, "IL-6", raises=f"secretion of {name}", **ALWAYS
    )


def test_a_substance_is_secreted_spreads_and_is_measured():
    model = run(secreting(QUIET))
    series = model.result().series
    assert series["x"].iloc[0] > 0.0  # at rest already, as IL-6 is
    assert series["x"].iloc[-1] == pytest.approx(float(model.tissue.fields[SUBSTANCES][0].mean()))
    assert model.measure("x") == series["x"].iloc[-1]
    assert model.snapshot().maps["x"].shape == model.tissue.niche.shape[1:]


def test_its_mean_is_that_of_secretion_over_loss():
    scenario = Scenario(**{**QUIET.__dict__, "name": "steady"}).with_substance("X", molar_mass="20 kDa", loss="1 /h")
    scenario = scenario.with_rule("fibroblast", "own age", raises="secretion of X", from_=1.0, to=1.001, half=1.0)
    model = run(scenario)
    fibroblasts = last(model, "fibroblasts") * model.reading().area
    per_hour = fibroblasts * 3600.0 / 6.02214076e23 * 20_000 * 1e9  # ng
    volume = model.tissue.kind.size * 1e-9  # mL
    assert last(model, "x") == pytest.approx(per_hour / volume, rel=0.02)


def test_a_cell_of_the_user_rests_walks_and_is_measured():
    scenario = QUIET.with_cell("mast cell", like="fibroblast", density="100 cell/mm^2", speed="2 um/min")
    model = run(scenario, 3)
    own = model.tissue.mobile[model.tissue.mobile.alive & (model.tissue.mobile.kind == KINDS)]
    assert own.size > 3
    assert last(model, "mast_cell") == pytest.approx(own.size / model.reading().area)
    assert (own.hops > 0).all()
    assert (model.snapshot().mobile["kind"] == "mast_cell").sum() == own.size


def test_cells_of_the_user_arrive_and_leave_at_the_rates_declared():
    scenario = replace(QUIET, duration=480.0, width=1000.0, height=1000.0).with_cell(
        "visitor", like="CD4 T cell", density="60 cell/mm^2", loss="0.05 /h"
    )
    found = run(scenario, 2).result().series["visitor"].iloc[8:]
    assert found.mean() == pytest.approx(60.0, rel=0.15)


def test_a_drug_of_the_user_takes_a_substance_away():
    scenario = secreting(QUIET).with_rule("tissue", "drug antibody", raises="loss of X", to="20 /h", half=0.001)
    plain = run(scenario)
    treated = run(scenario.with_treatment("drug", drug="antibody", start="12 h", stop="24 h", half_life="1 h"))
    both = [model.result().series.set_index("hour")["x"] for model in (plain, treated)]
    assert both[0][:12.0].equals(both[1][:12.0])
    assert both[1][24.0] < 0.2 * both[0][24.0]
    assert both[1][48.0] > 0.5 * both[0][48.0]


def test_histamine_of_mast_cells_opens_vessels():
    start = replace(SHEET, duration=72.0).with_cell("mast cell", like="fibroblast", density="60 cell/mm^2")
    start = start.with_substance("histamine", molar_mass="0.111 kDa")
    start = start.with_rule("mast cell", "own activation", raises="secretion of histamine", to=50.0, half=0.3)
    opened = start.with_rule("neutrophil", "histamine", raises="arrival", to="5-fold", half="0.001 ng/mL")
    plain, more = run(start), run(opened)
    assert last(more, "neutrophils") > 2.0 * last(plain, "neutrophils")


def test_nets_cleave_the_niche():
    rule = {"raises": "degradation of the niche", "to": "5 /h", "half": 0.001}
    plain, cut = run(SHEET), run(SHEET.with_rule("tissue", "NETs", **rule))
    assert last(cut, "niche_hold") < last(plain, "niche_hold")


def test_a_hold_keeps_cells_dormant():
    held = SHEET.with_rule("dormant cancer cell", "TGF-beta2", lowers="awakening", to="0 %", half="1e-5 ng/mL")
    assert (run(held).events()["kind"] == "awakening").sum() < (run(SHEET).events()["kind"] == "awakening").sum() / 2


def test_a_rule_that_takes_the_place_of_a_law_awakens_instead():
    scenario = SHEET.with_rule(
        "dormant cancer cell",
        "virions",
        raises="awakening",
        to="0.5 /h",
        half="1e-6 virion",
        replaces="il6_awakening_rate",
    )
    causes = run(scenario).events().query("kind == 'awakening'")["cause"].value_counts()
    assert causes["rule"] > 0
    assert causes["il6"] == 0


def test_a_rule_knows_the_distance_to_infected_epithelium():
    near = {"lowers": "awakening", "from_": "0.5 /h", "to": "0 /h", "half": "60 um", "form": "linear"}
    scenario = replace(SHEET, width=1200.0, height=1200.0, infections=(Infection(dose=20.0),), duration=48.0).with_rule(
        "dormant cancer cell", "distance to infected epithelium", replaces="il6_awakening_rate", **near
    )
    model = run(scenario, 2)
    far = run(replace(scenario, infections=()), 2)
    assert (far.events()["cause"] == "rule").sum() == 0  # endlessly far: the rule has led to 0
    assert (model.events()["cause"] == "rule").sum() > 0


def test_il6_from_macrophages_only_is_a_scenario_of_parameters():
    none = {"substances.il6.epithelial_secretion": 0.0, "cells.fibroblast.secretion.il6.activated": 0.0}
    scenario = SHEET.with_parameters(none | {"cells.resident_macrophage.secretion.il6.activated": 8.0})
    assert last(run(scenario), "il6") > 0.0


def test_trans_signalling_needs_both_and_its_drug_stops_it():
    start = replace(SHEET, duration=120.0).with_substance("sIL-6R", molar_mass="55 kDa")
    both = start.with_rule(
        "dormant cancer cell", "IL-6", and_="sIL-6R", and_half="0.05 ng/mL", raises="awakening", to="0.2 /h",
        half="0.3 ng/mL", replaces="il6_awakening_rate",
    )  # fmt: skip
    shed = both.with_rule("neutrophil", "own activation", raises="secretion of sIL-6R", to=50.0, half=0.2)
    block = {"lowers": "awakening", "to": "0 %", "half": 0.5, "form": "threshold"}
    drug = shed.with_rule("dormant cancer cell", "drug sgp130Fc", **block)
    drug = drug.with_treatment("drug", drug="sgp130Fc")
    by_rule = [int((run(one).events()["cause"] == "rule").sum()) for one in (both, shed, drug)]
    assert by_rule[0] == 0
    assert by_rule[1] > 0
    assert by_rule[2] == 0


def test_twins_stay_equal_until_a_rule_acts():
    late = secreting(SHEET).with_rule("dormant cancer cell", "time since infection", form="threshold", half="48 h",
                                      raises="awakening", to="0.5 /h")  # fmt: skip
    one, other = run(secreting(SHEET)), run(late)
    columns = ["hour", "cells_per_seeded", "awake_per_seeded", "il6", "virions", "cd8"]
    both = [model.result().series[columns].set_index("hour") for model in (one, other)]
    assert both[0][:48.0].equals(both[1][:48.0])
    assert not both[0].equals(both[1])


def test_a_rule_without_a_signal_changes_no_bit_but_its_own():
    idle = SHEET.with_rule("dormant cancer cell", "drug nobody", raises="awakening", to="1 /h", half=0.5)
    one, other = run(SHEET), run(idle)
    assert one.result().series.equals(other.result().series)


@pytest.mark.parametrize("first", range(0, SCENARIOS, 20))
def test_a_run_in_pieces_and_a_saved_one_are_the_same_run(tmp_path, first):
    for seed in range(first, first + 20):
        scenario = made(seed)
        whole, pieces = run(scenario, seed), LungModel(scenario, seed)
        pieces.run(0.25)
        save(pieces, tmp_path / f"{seed}.state")
        assert pieces.measure("il6") >= 0.0
        again = resumed(load(tmp_path / f"{seed}.state"), scenario)
        for model in (pieces, again):
            model.run()
        assert whole.digest() == pieces.digest() == again.digest()
        assert np.isfinite(whole.result().series.to_numpy()).all()


def by_cell(scenario):
    """The scenario with rules that tell the cancer cells of a block apart, and change their phenotype."""
    awake, dormant = "proliferating cancer cell", "dormant cancer cell"
    scenario = scenario.with_rule(dormant, "contact with CD4 T cell", raises="awakening", from_=0.2, to=0.9, half=1.0)
    scenario = scenario.with_rule(awake, "IL-6", raises="transition to epithelial", from_=0.2, to=1.0, half=0.1)
    scenario = scenario.with_rule(awake, "own phenotype", lowers="division", to="50 %", half=0.5)
    scenario = scenario.with_rule(awake, "contact with CD8 T cell", raises="return to dormancy", from_=0.1, to=1.0,
                                  half=1.0)  # fmt: skip
    scenario = scenario.with_rule(dormant, "own phenotype", raises="transition to mesenchymal", to=0.5, half=0.5)
    return scenario.with_rule(awake, "own phenotype", raises="secretion of IL-6", to=50.0, half=0.5)


def test_a_run_with_rules_of_single_cells_goes_on_from_a_saved_state_as_it_was(tmp_path):
    scenario = by_cell(SHEET)
    whole, pieces = run(scenario), LungModel(scenario, 1)
    pieces.run(1.5)
    save(pieces, tmp_path / "one.state")
    again = resumed(load(tmp_path / "one.state"), scenario)
    again.run()
    assert whole.digest() == again.digest()
    shares = whole.result().series[["mesenchymal_share", "epcam_share"]].to_numpy()
    assert ((shares[:, 0] > 0.05) & (shares[:, 0] < 0.95)).any()
    assert (np.diff(shares[:, 0]) < 0.0).any()


CURVES = """
from tests.model.test_own_biology import curves
import json
print(json.dumps(curves()))
"""


def curves():
    """Digests and recorded hours of short runs."""
    short = replace(TINY, duration=4.0, record_every=1.0)
    scenarios = [by_cell(short), *(made(seed, short) for seed in range(INTERPRETED))]
    models = [run(scenario, seed) for seed, scenario in enumerate(scenarios)]
    return [(model.digest(), model.result().series.to_csv()) for model in models]


@pytest.mark.interpreted
@pytest.mark.slow
def test_compiled_and_interpreted_scenarios_with_rules_give_the_same_bits():
    assert json.loads(elsewhere(CURVES, NUMBA_DISABLE_JIT="0" if interpreted() else "1")) == [
        list(pair) for pair in curves()
    ]


def test_a_saved_run_does_not_go_on_with_other_rules(tmp_path):
    model = LungModel(SHEET.with_rule("dormant cancer cell", "IL-10", raises="death", to=0.1, half=1.0), 1)
    model.run(0.5)
    save(model, tmp_path / "one.state")
    with pytest.raises(PastDiffersError, match="rules"):
        resumed(load(tmp_path / "one.state"), SHEET)


@pytest.mark.slow
def test_workers_give_the_same_numbers(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'extends = "influenza"\n[[rule]]\ncell = "dormant cancer cell"\nsignal = "TNF-alpha"\nraises = "awakening"\n'
        'to = "0.01 /h"\nhalf = "0.1 ng/mL"\n',
        encoding="utf-8",
    )
    tables = []
    for workers in ("1", "2", "4"):
        command = [sys.executable, "-m", "abm", "compare", str(tmp_path / "mine.toml"), "influenza", "--days", "3"]
        command += ["--size", "400um", "--replicates", "4", "--workers", workers, "--no-figures"]
        subprocess.run([*command, "--out", str(tmp_path / workers)], cwd=ROOT, check=True, capture_output=True)
        tables.append(pd.read_parquet(next((tmp_path / workers).glob("*/series.parquet"))))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


def test_there_is_room_for_as_many_as_the_slots_hold():
    scenario = QUIET
    for number in range(4):
        scenario = scenario.with_substance(f"S{number}", molar_mass=10.0).with_cell(f"C{number}", like="fibroblast")
    for number in range(24):
        scenario = scenario.with_rule(f"C{number % 4}", f"S{number // 6}", raises=RATES[number // 4], to=0.01, half=1.0)
    p = as_record(scenario.parameters)
    assert (p.present.substances, p.present.kinds, p.present.rules) == (4, 4, 24)
    run(replace(scenario, duration=2.0, record_every=1.0))


RATES = ("secretion of S0", "arrival", "speed", "loss", "activation", "phagocytosis")


def test_a_model_with_rules_can_be_infected_in_mid_run_as_if_planned():
    start = replace(secreting(SHEET), infections=())
    planned = replace(start, infections=(Infection(time=24.0, dose=50.0),))
    model, whole = LungModel(start, 1), LungModel(planned, 1)
    model.run(days=0.5)
    model.amend(planned)
    model.run()
    whole.run()
    assert model.digest() == whole.digest()
    timed = start.with_rule("fibroblast", "time since infection", raises="speed", to="2-fold", half="10 h")
    model = LungModel(timed, 1)
    model.run(days=0.5)
    with pytest.raises(ValueError, match="differs from what has happened"):
        model.amend(replace(timed, infections=planned.infections))
