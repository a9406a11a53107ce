import base64
import zlib
from itertools import pairwise

import numpy as np
import pytest

from abm import LungModel
from abm.dashboard.live.frames import OVERLAYS, field_of, shades
from abm.replay.film import RenderError, overlay_named
from abm.replay.packing import CELL_ARRAYS, packed_arm
from abm.replay.recording import record
from abm.replay.stored import read_film
from abm.scenario.read import load_arms
from abm.studies.comparison import compare


def unpacked(listed, data):
    """What the browser makes of the bytes of an arm: by name, one array, or one per frame."""
    raw, at, found = zlib.decompress(base64.b64decode(data)), 0, {}
    for one in listed:
        dtype, lengths = np.dtype(one["type"]), one.get("lengths")
        size = sum(lengths) if lengths else one["length"]
        planes = np.frombuffer(raw, np.uint8, size * dtype.itemsize, at).reshape(dtype.itemsize, size)
        at += size * dtype.itemsize
        values = np.ascontiguousarray(planes.T).view(dtype).ravel()
        if not lengths:
            found[one["name"]] = values
            continue
        frames = [part.copy() for part in np.split(values, np.cumsum(lengths)[:-1])]
        for before, frame in pairwise(frames):
            common = min(before.size, frame.size)
            frame[:common] += before[:common]
        found[one["name"]] = frames
    assert at == len(raw)
    return found


def test_the_browser_gets_back_every_cell_of_every_frame(film):
    for arm in film.arms:
        found = unpacked(*packed_arm(arm))
        for name, own in CELL_ARRAYS.items():
            for frame, back in zip(arm.frames, found[name], strict=True):
                assert np.array_equal(getattr(frame, own), back), name
        assert np.array_equal(np.cumsum(found["mosaic"]), arm.cell_of_site.ravel())
        for name, values in arm.curves.items():
            assert np.allclose(found[f"curve.{name}"], values, rtol=2e-4, atol=1e-30), name


def test_the_last_frame_is_what_an_uninterrupted_run_ends_with(film):
    arm = film.arms[1]
    model = LungModel(arm.scenario, film.seed)
    model.run_until(model.ticks)
    tissue, last = model.tissue, arm.frames[-1]
    cancer = tissue.cancer[tissue.cancer.alive]
    assert np.array_equal(last.states, tissue.states)
    assert np.array_equal(np.sort(last.cancer_x), np.sort(cancer.x))
    assert last.mobile_x.size == tissue.mobile.alive.sum()
    assert np.array_equal(last.fields["il6"], shades(field_of(tissue, "il6"), OVERLAYS["il6"]))
    assert arm.curves["cells_per_seeded"][-1] == model.measure("cells_per_seeded")


def test_frames_and_curves_reach_from_the_start_to_the_end(film):
    assert film.hours.tolist() == list(range(0, 145, 12))
    for arm in film.arms:
        assert len(arm.frames) == len(film.hours)
        assert (arm.curve_hours[0], arm.curve_hours[-1]) == (0.0, 144.0)
    assert [arm.is_prediction for arm in film.arms] == [False, True]


def test_only_the_first_awakening_of_a_clone_is_kept(film):
    for arm in film.arms:
        assert np.unique(arm.awakenings.clone).size == arm.awakenings.clone.size <= arm.clones
        assert (np.diff(arm.awakenings.hour) >= 0).all()


@pytest.mark.parametrize(
    ("names", "days", "said"),
    [
        (["no_virus", "influenza", "rsv", "vaccinated", "il6_knockout"], None, "5 scenarios: a replay shows 1 to 4"),
        (["influenza", "seeding_after_influenza"], None, "28 and 58 days"),
    ],
)
def test_what_cannot_share_a_clock_is_refused(names, days, said):
    with pytest.raises(RenderError, match=said):
        record(load_arms(names, days), 1, 6.0)


@pytest.mark.parametrize("text", ["il6", "IL-6", "Il 6"])
def test_an_overlay_is_found_by_any_spelling(text):
    assert overlay_named(text, []) == "il6"


def test_an_unknown_overlay_is_told_with_those_that_there_are():
    with pytest.raises(RenderError, match=r'"iron".*IL-6.*free virus'):
        overlay_named("iron", [])


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    arms = load_arms(["no_virus", "influenza"], 5, "400um")
    return compare(*arms, replicates=2, seed=3, workers=1, out=tmp_path_factory.mktemp("out"), figures=False).folder


def test_a_comparison_gives_the_days_that_it_has_stored_and_says_what_is_missing(comparison):
    film = read_film(comparison, overlays=("il6", "matrix"))
    assert film.seed == 3
    assert film.hours.tolist() == [0.0, 72.0, 120.0]
    assert "days 0, 3, 5 only" in film.missing
    assert "matrix" in film.missing
    assert f"{comparison}/scenarios/influenza.toml --seed 3" in film.remedy
    again = record([arm.scenario for arm in film.arms], 3, 24.0).arms[1].frames[-1]
    stored = film.arms[1].frames[-1]
    assert np.array_equal(stored.fields["il6"], again.fields["il6"])
    assert np.array_equal(np.sort(stored.mobile_x), np.sort(again.mobile_x))
    assert np.array_equal(np.sort(stored.mobile_kind), np.sort(again.mobile_kind))


def test_a_stored_film_colors_each_site_as_the_run_did(comparison):
    film = read_film(comparison, seed=4)
    again = record([arm.scenario for arm in film.arms], 4, 24.0)
    for own, other in zip(film.arms, again.arms, strict=True):
        shown, expected = (arm.frames[-1].states[arm.cell_of_site] for arm in (own, other))
        covered = own.cell_of_site >= 0
        assert np.array_equal(covered, other.cell_of_site >= 0)
        assert np.array_equal(shown[covered], expected[covered])


def test_a_seed_that_is_not_stored_is_refused_with_those_that_are(comparison):
    with pytest.raises(RenderError, match=r"--seed 9: .* Stored: 3, 4"):
        read_film(comparison, seed=9)
