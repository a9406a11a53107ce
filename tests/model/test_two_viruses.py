"""Runs with two viruses."""

from dataclasses import replace

import numpy as np
import pytest

from abm.cohort.lung import Lung
from abm.model.lung_model import LungModel
from abm.model.planned import effects_of_scenario
from abm.runs.store.checkpoint import PastDiffersError, load, resumed, save
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection

SMALL = Scenario(name="small", width=480.0, height=480.0, duration=360.0, record_every=6.0, snapshots=())
FLOOD = 100.0  # fold dose, so that every section carries the infection
LATER = 96.0  # h
INFLUENZA, SARS = "influenza", "SARS-CoV-2"
SEEDS = range(1, 9)  # where chance must not decide


def both(virus, *infections):
    return replace(SMALL, virus=virus, parameters=None, infections=tuple(infections))


AFTER = both(INFLUENZA, Infection(0.0, FLOOD), Infection(LATER, FLOOD, SARS))
ALONE = both(INFLUENZA, Infection(LATER, FLOOD, SARS))


def series(scenario, seed=1):
    model = LungModel(scenario, seed=seed)
    return model.run().series


def test_two_viruses_that_change_places_give_the_same_run():
    together = (Infection(0.0, FLOOD), Infection(6.0, 5 * FLOOD, SARS))
    changed = (Infection(0.0, FLOOD, INFLUENZA), Infection(6.0, 5 * FLOOD))
    one, other = series(both(INFLUENZA, *together)), series(both(SARS, *changed))
    same = [name for name in one if not name.endswith("_second") and name != "antibody"]
    np.testing.assert_array_equal(one[same].to_numpy(), other[same].to_numpy())
    for name in ("virions", "viral_rna", "infected_share"):
        assert one[f"{name}_second"].max() > 0.0
        np.testing.assert_allclose(one[name] - one[f"{name}_second"], other[f"{name}_second"], atol=1e-9, rtol=1e-9)
    np.testing.assert_array_equal(one["antibody"], other["antibody_second"])


def test_the_first_virus_protects_from_the_second_for_days():
    seeds = range(1, 4)
    after = [series(AFTER, seed)["infected_share_second"].max() for seed in seeds]
    alone = [series(ALONE, seed)["infected_share_second"].max() for seed in seeds]
    assert np.mean(after) < 0.5 * np.mean(alone)


def test_t_cells_against_the_first_virus_clear_the_second_only_where_they_cross():
    late = both(INFLUENZA, Infection(0.0, FLOOD), Infection(240.0, FLOOD, SARS))
    model = LungModel(replace(late, duration=240.0, infections=late.infections[:1]), seed=2)
    model.run()
    sent = model.tissue.mobile[model.tissue.mobile.alive & (model.tissue.mobile.recognizes == 0b01)]
    assert sent.size > 5
    crossing = LungModel(
        replace(late, duration=240.0, infections=late.infections[:1]).with_parameters({"adaptive.cross_reaction": 1.0}),
        seed=2,
    )
    crossing.run()
    alive = crossing.tissue.mobile[crossing.tissue.mobile.alive]
    assert (alive.recognizes == 0b11).all()


def test_a_run_that_is_amended_by_a_second_virus_is_that_of_the_whole_scenario():
    alone = replace(AFTER, infections=AFTER.infections[:1])
    model = LungModel(alone, seed=3)
    model.go_to(400)
    model.amend(AFTER)
    whole = LungModel(AFTER, seed=3)
    for each in (model, whole):
        each.go_to(900)
    assert model.digest() == whole.digest()
    with pytest.raises(ValueError, match="differs from what has happened"):
        model.amend(alone)


def test_a_saved_state_goes_on_with_a_second_virus_as_the_whole_scenario(tmp_path):
    alone = replace(AFTER, infections=AFTER.infections[:1])
    model = LungModel(alone, seed=3)
    model.go_to(400)
    save(model, tmp_path / "one.state")
    forked, whole = resumed(load(tmp_path / "one.state"), AFTER), LungModel(AFTER, seed=3)
    for each in (forked, whole):
        each.go_to(900)
    assert forked.digest() == whole.digest()
    save(whole, tmp_path / "two.state")
    with pytest.raises(PastDiffersError):
        resumed(load(tmp_path / "two.state"), alone)


def test_a_second_virus_spreads_after_quiet_time():
    """A year of rest passes in long strides."""
    year = 365.0 * 24.0
    scenario = replace(
        AFTER, duration=year + 360.0, infections=(Infection(0.0, FLOOD), Infection(year, FLOOD, SARS))
    ).with_parameters({"dormancy.founders": 0.0})
    course = effects_of_scenario(scenario, round(scenario.duration / scenario.step))
    lung = Lung(scenario, 1, course, eventful=((0, 48), (round(year), round(year) + 48)))
    lung.run(round(year))
    assert not lung.tissue.viruses.present.any()
    assert lung.tissue.node[0].memory > 0.5
    assert lung.tissue.node[1].memory == 0.0
    lung.run(round(year) + 72)
    assert lung.tissue.viruses[1].infected > 0
    assert lung.tissue.viruses[0].infected == 0


def test_two_viruses_give_nearly_the_same_at_half_the_step():
    found = [
        np.mean([series(replace(AFTER, step=step, duration=192.0), seed)["viral_rna_second"].max() for seed in SEEDS])
        for step in (1 / 6, 1 / 12)
    ]
    assert found[1] == pytest.approx(found[0], rel=0.3)
