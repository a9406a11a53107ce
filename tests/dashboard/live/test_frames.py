import json
import struct
from collections.abc import Iterator

import numpy as np
import pytest

from abm.dashboard.content.recipe import Recipe, RecipeArm
from abm.dashboard.content.story import NOBODY, Pick, pick_at, places_of, story_of
from abm.dashboard.live.frames import ACTIVATED, OVERLAYS, cell_arrays, field_of, message, section_arrays, shades
from abm.dashboard.live.stage import Stage
from abm.rules.states import CancerState


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = Stage(Recipe((RecipeArm("no_virus"), RecipeArm("influenza")), seed=1, side=1200, days=12))
    while made.hour < 150:
        made.advance(made.per_hour)
    yield made
    made.close()


def unpacked(data: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """As the browser reads it."""
    (length,) = struct.unpack("<I", data[:4])
    header, at, arrays = json.loads(data[4 : 4 + length]), 4 + length, {}
    for name, kind, shape in header["arrays"]:
        assert at % 8 == 0
        array = np.frombuffer(data, kind, int(np.prod(shape)), at).reshape(shape)
        arrays[name] = array
        at += -(-array.nbytes // 8) * 8
    assert at == len(data)
    return header, arrays


def test_a_message_reads_back(stage: Stage) -> None:
    run = stage.arms[1]
    sent = section_arrays(run.model.tissue, 1) | cell_arrays(run, 1, "virus")
    header, arrays = unpacked(message({"hour": 150.0}, sent))
    assert header["hour"] == 150.0
    assert arrays.keys() == sent.keys()
    assert all(np.array_equal(arrays[name], sent[name]) and arrays[name].dtype == sent[name].dtype for name in sent)


def test_the_arrays_are_those_of_the_model(stage: Stage) -> None:
    run = stage.arms[1]
    arrays, snapshot = cell_arrays(run, 0, ""), run.model.snapshot()
    assert np.array_equal(arrays["0.cx"], snapshot.cancer.x)
    assert np.array_equal(arrays["0.my"], snapshot.mobile.y)
    assert np.array_equal(arrays["0.mk"] & ~np.uint8(ACTIVATED), snapshot.mobile.kind.cat.codes)
    assert np.array_equal(arrays["0.mk"] & ACTIVATED > 0, snapshot.mobile.activated)
    assert "0.field" not in arrays


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_shade_is_the_place_on_the_scale(stage: Stage, name: str) -> None:
    overlay, field = OVERLAYS[name], field_of(stage.arms[1].model.tissue, name)
    shade = shades(field, overlay).astype(float) / 255
    back = overlay.low * (overlay.high / overlay.low) ** shade if overlay.log else shade
    inside = (field > overlay.low) & (field < overlay.high)
    assert inside.any()
    assert np.allclose(back[inside], field[inside], rtol=0.05, atol=0.01)
    assert np.all(shade[field <= overlay.low] == 0)


def test_virus_is_shown_in_virions_a_square_millimeter(stage: Stage) -> None:
    model = stage.arms[1].model
    assert field_of(model.tissue, "virus").mean() == pytest.approx(model.measure("virions"), rel=1e-3)


def test_a_cell_is_picked_where_it_stands_and_its_twin_is_known(stage: Stage) -> None:
    log = stage.arms[1].model.events()
    woken = log[log.kind == "awakening"].uid
    cells = stage.arms[1].model.tissue.cancer
    cell = cells[np.flatnonzero(cells.alive & np.isin(cells.uid, woken))[0]]
    pick = pick_at(stage, 1, int(cell.x), int(cell.y))
    assert pick.clone == cell.clone
    story = story_of(stage, pick)
    assert any("awakened" in line for line in story["lines"])
    assert story["twins"][0]["arm"] == 0
    assert places_of(stage, pick)[1] is not None


def test_the_story_of_a_woken_founder_names_day_and_il6_and_that_its_twin_slept_on(stage: Stage) -> None:
    log = stage.arms[1].model.events()
    cells = stage.arms[1].model.tissue.cancer
    living = cells[cells.alive & (cells.parent == 0)]
    woken = log[(log.kind == "awakening") & (log.cause == "il6") & np.isin(log.uid, living.uid)].iloc[0]
    cell = living[living.uid == woken.uid][0]
    pick = pick_at(stage, 1, int(cell.x), int(cell.y))._replace(uid=int(woken.uid))
    story = story_of(stage, pick)
    assert f"IL-6 awakened it on day {woken.hour / 24:.1f}; the local IL-6 was {woken.il6:.2g} ng/mL." in story["lines"]
    assert story["twins"] == [{"arm": 0, "text": "its twin did not awaken."}]


def test_where_no_cancer_cell_is_nobody_has_a_story(stage: Stage) -> None:
    assert pick_at(stage, 7, 0, 0) == NOBODY
    assert pick_at(stage, 1, 5000, 5000) == NOBODY
    assert story_of(stage, NOBODY) is None


def test_the_story_of_a_cell_that_sleeps_again_tells_when_it_went_back(stage: Stage) -> None:
    while stage.hour < 288:
        stage.advance(stage.per_hour)
    log = stage.arms[1].model.events()
    cells = stage.arms[1].model.tissue.cancer
    asleep = cells[cells.alive & (cells.state == CancerState.REDORMANT)]
    assert asleep.size
    back = log[(log.kind == "return_to_dormancy") & (log.uid == asleep.uid[0])].iloc[-1]
    story = story_of(stage, Pick(1, int(asleep.uid[0]), int(asleep.clone[0])))
    assert story["lines"][0] == "It is re-dormant."
    assert f"It returned to dormancy on day {back.hour / 24:.1f}." in story["lines"]
