import json
import random
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from mesa.datacollection import DataCollector

from abm.core.compiled import interpreted
from abm.core.quantity import replaced
from abm.model.lung_model import LungModel
from abm.model.results_version import RESULTS
from abm.runs.run_one import Fork, simulate
from abm.runs.store.checkpoint import PastDiffersError, load, resumed, save
from abm.scenario.change import Change
from abm.scenario.read import load_scenario, with_overrides
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Depletion, Infection
from tests.commands import embers, only_folder
from tests.runs.store.keep_state import KEPT

DAYS = 6 if not interpreted() else 2
SHORT = with_overrides(load_scenario("influenza"), days=DAYS, size="600um")
INFECTED = replace(SHORT, infections=(Infection(dose=50.0),))
FORK = 72.0 if not interpreted() else 24.0
ARMS = {
    "the same": INFECTED,
    "blocked": replace(INFECTED, treatments=(AntiIL6("MP5-20F3", start=FORK),)),
    "depleted": replace(INFECTED, treatments=(Depletion("CD8", start=FORK + 12.0),)),
    "infected again": replace(INFECTED, infections=(Infection(dose=50.0), Infection(FORK + 6.0, 50.0))),
    "another parameter from then on": replace(INFECTED, changes=(Change("dormancy.awakening", 0.1, FORK + 6.0),)),
    "longer": replace(INFECTED, duration=INFECTED.duration + 24.0),
}


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    path = tmp_path_factory.mktemp("states") / "influenza.state"
    simulate(INFECTED, 7, fork=Fork(save=path, hour=FORK))
    return path


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_that_goes_on_from_a_saved_state_is_the_unbroken_run_bit_for_bit(state, name):
    whole, forked = simulate(ARMS[name], 7), simulate(ARMS[name], 7, fork=Fork(begin=state))
    assert forked.digest == whole.digest
    pd.testing.assert_frame_equal(forked.series, whole.series, check_exact=True)
    pd.testing.assert_frame_equal(forked.events, whole.events, check_exact=True)
    assert len(forked.snapshots) == len(whole.snapshots) > 1
    for one, other in zip(forked.snapshots, whole.snapshots, strict=True):
        assert one.hour == other.hour
        for mine, theirs in zip(one.maps.values(), other.maps.values(), strict=True):
            assert mine.dtype == theirs.dtype
            assert np.array_equal(mine, theirs)
        pd.testing.assert_frame_equal(one.cancer, other.cancer, check_exact=True)
        pd.testing.assert_frame_equal(one.mobile, other.mobile, check_exact=True)


@pytest.mark.skipif(not hasattr(DataCollector(), "_collection_steps"), reason="Mesa before 3.4 keeps no such list")
def test_the_collector_of_a_model_that_goes_on_has_a_step_for_every_row(state):
    model = resumed(load(state), INFECTED)
    model.run(days=1)
    series = model.result().series
    assert model.datacollector._collection_steps == (series["hour"] / INFECTED.step).round().tolist()
    assert len(series) > 1 + FORK / INFECTED.record_every


def test_what_is_saved_between_two_recordings_is_exact_too(tmp_path):
    path = tmp_path / "odd.state"
    hour = 100 * INFECTED.step
    assert hour % INFECTED.record_every
    saved_run = simulate(INFECTED, 3, fork=Fork(save=path, hour=hour))
    assert load(path).tick == 100
    assert simulate(INFECTED, 3, fork=Fork(begin=path)).digest == saved_run.digest == simulate(INFECTED, 3).digest


def test_a_state_that_is_saved_twice_over_is_the_same_state(state, tmp_path):
    model = resumed(load(state), INFECTED)
    save(model, tmp_path / "again.state")
    assert resumed(load(tmp_path / "again.state"), INFECTED).digest() == model.digest()


OTHER = {
    "dormancy.awakening": replace(INFECTED, parameters=replaced(INFECTED.parameters, "dormancy.awakening", 0.05)),
    "added_loss": replace(INFECTED, treatments=(AntiIL6("MP5-20F3", start=24.0, stop=48.0),)),
    "inoculum": replace(INFECTED, infections=(Infection(dose=49.0),)),
    "parameters were changed": replace(INFECTED, changes=(Change("dormancy.awakening", 0.1, FORK / 2),)),
    "width": replace(INFECTED, width=640.0),
    "section": replace(INFECTED, layout="sheet"),
    "record_every": replace(INFECTED, record_every=12.0),
    "no snapshot was taken at hour 12": replace(INFECTED, snapshots=(0.0, 12.0)),
}


@pytest.mark.parametrize("difference", OTHER)
def test_a_scenario_with_another_past_is_refused_with_what_differs(state, difference):
    with pytest.raises(PastDiffersError, match=difference):
        resumed(load(state), OTHER[difference])


def changed(state, target, told=None, without=()):
    """A saved state with other facts, or without some of its entries."""
    with zipfile.ZipFile(state) as file, zipfile.ZipFile(target, "w") as written:
        for name in file.namelist():
            if name == "state.json":
                written.writestr(name, json.dumps(json.loads(file.read(name)) | (told or {})))
            elif name not in without:
                written.writestr(name, file.read(name))
    return target


@pytest.mark.parametrize(("results", "said"), [(1, "results version 1"), (None, "before results were counted")])
def test_a_state_of_another_version_of_the_results_is_refused_with_both_versions(results, said, state, tmp_path):
    other = changed(state, tmp_path / "other.state", {"results": results})
    with pytest.raises(PastDiffersError, match=rf"{said}.*this is results version {RESULTS}.*CHANGELOG"):
        load(other)


def test_a_state_of_another_source_with_the_same_results_goes_on(state, tmp_path):
    other = changed(state, tmp_path / "other.state", {"computed_with": "1 abc 3.10 0.5 2.0"})
    assert resumed(load(other), INFECTED).digest() == resumed(load(state), INFECTED).digest()


def test_a_state_without_an_array_or_with_one_in_another_form_is_refused_by_its_name(state, tmp_path):
    with pytest.raises(PastDiffersError, match=r"holds no blocks"):
        load(changed(state, tmp_path / "other.state", without=("tissue/blocks.npy",)))
    saved = load(state)
    other = saved._replace(tissue=saved.tissue._replace(epithelial_counts=saved.tissue.epithelial_counts.astype("f4")))
    with pytest.raises(PastDiffersError, match="epithelial_counts in another form"):
        resumed(other, INFECTED)


@pytest.mark.parametrize("kept", sorted(KEPT.glob("*.state")), ids=lambda path: path.stem)
def test_a_state_that_an_older_version_saved_goes_on_to_the_same_bits_or_says_why_not(kept):
    version = int(kept.stem.rpartition("_")[2])
    if version != RESULTS:
        with pytest.raises(PastDiffersError, match=f"results version {version}.*results version {RESULTS}"):
            load(kept)
        return
    saved = load(kept)
    model, whole = resumed(saved, saved.scenario), LungModel(saved.scenario, seed=saved.seed)
    for each in (model, whole):
        each.run_until(each.ticks)
    assert model.digest() == whole.digest()


def test_there_is_a_kept_state_of_this_version():
    assert (KEPT / f"results_{RESULTS}.state").is_file(), "python -m tests.runs.store.keep_state"


def test_a_damaged_state_is_refused(state, tmp_path):
    cut = tmp_path / "cut.state"
    cut.write_bytes(state.read_bytes()[:-50])
    with pytest.raises(PastDiffersError, match="not a whole one"):
        load(cut)


# ---- the commands ----------------------------------------------------------------------------------------------------

LATE = 'extends = "influenza"\n[[treatment]]\ntype = "anti-IL-6"\ndrug = "MP5-20F3"\nstart = "2 d"\n'


def digest_of(folder):
    (digest,) = pd.read_parquet(folder / "runs.parquet")["digest"]
    return digest


@pytest.mark.parametrize("seed", range(60))
def test_a_state_that_was_cut_or_altered_anywhere_is_refused_or_the_same(state, tmp_path, seed):
    chance, whole = random.Random(seed), state.read_bytes()
    altered, at = bytearray(whole), chance.randrange(len(whole))
    if seed % 4 == 0:
        altered = altered[:at]
    elif seed % 4 == 1:
        altered[at] ^= 1 << chance.randrange(8)
    elif seed % 4 == 2:
        del altered[at : at + chance.randrange(1, 200)]
    else:
        altered[at:at] = chance.randbytes(chance.randrange(1, 100))
    damaged = tmp_path / state.name
    damaged.write_bytes(bytes(altered))
    try:
        told = resumed(load(damaged), INFECTED).digest()
    except PastDiffersError:
        return
    assert told == resumed(load(state), INFECTED).digest()


@pytest.mark.slow
def test_a_run_is_saved_and_continued_on_the_command_line(tmp_path):
    (tmp_path / "late.toml").write_text(LATE)
    size = ("--size", "400um", "--days", 4, "--no-figures")
    first = embers("run", "influenza", *size, "--save-at", "2d", "--out", "first", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    folder = only_folder(tmp_path / "first")
    forked = embers("continue", folder, "--with", "late.toml", "--no-figures", "--out", "forked", cwd=tmp_path)
    assert forked.returncode == 0, forked.stderr
    whole = embers("run", "late.toml", *size, "--out", "whole", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    forked_folder, whole_folder = only_folder(tmp_path / "forked"), only_folder(tmp_path / "whole")
    assert forked_folder.name == whole_folder.name
    assert digest_of(forked_folder) == digest_of(whole_folder) != digest_of(folder)
    for table in ("series.parquet", "events.parquet"):
        assert (forked_folder / table).read_bytes() == (whole_folder / table).read_bytes()


@pytest.mark.slow
def test_a_run_that_is_complete_is_run_again_for_its_state(tmp_path):
    size = ("--size", "400um", "--days", 1, "--no-figures", "--out", "out")
    assert embers("run", "no_virus", *size, cwd=tmp_path).returncode == 0
    again = embers("run", "no_virus", *size, "--save-at", "12 h", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert len(list(only_folder(tmp_path / "out").glob("states/*.state"))) == 1


@pytest.mark.parametrize(("save_at", "told"), [("9", "has no unit"), ("9 d", "out of range"), ("soon", "not a number")])
def test_a_time_of_saving_that_is_none_is_refused(tmp_path, save_at, told):
    refused = embers("run", "no_virus", "--days", 1, "--save-at", save_at, cwd=tmp_path)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "--save-at" in refused.stderr


def test_a_folder_without_a_state_is_refused(tmp_path):
    refused = embers("continue", ".", "--with", "influenza", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--save-at" in refused.stderr
