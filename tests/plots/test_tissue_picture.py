import numpy as np
import pytest

from abm.model.lung_model import LungModel
from abm.plots.palette import CANCER_COLORS, CELL_COLORS, RIM_COLORS, SITE_COLORS, site_color
from abm.plots.tissue_picture import CANCER_RADIUS, LAYERS, PALETTE, tissue_codes, tissue_picture
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState, SiteKind
from abm.scenario.scenario import Scenario

NOBODY = np.array([], dtype=np.int32)


def tissue(rows=40, columns=60, **changes):
    arrays = {
        "epithelium": np.zeros((rows, columns), dtype=np.uint8),
        "mobile_x": NOBODY,
        "mobile_y": NOBODY,
        "mobile_kind": NOBODY.astype(np.uint8),
        "cancer_x": NOBODY,
        "cancer_y": NOBODY,
        "cancer_state": NOBODY.astype(np.uint8),
    }
    return arrays | {key: np.asarray(value) for key, value in changes.items()}


def septum(rows=40, columns=60):
    return np.full((rows, columns), SiteKind.SEPTUM, dtype=np.uint8)


def at(picture, y, x, scale=4):
    """The color in the middle of a site."""
    return tuple(int(part) for part in picture[y * scale + scale // 2, x * scale + scale // 2])


@pytest.mark.parametrize("scale", [1, 3, 4])
def test_picture_has_scale_times_the_sites(scale):
    picture = tissue_picture(tissue(), septum(), scale=scale)
    assert picture.shape == (40 * scale, 60 * scale, 3)
    assert picture.dtype == np.uint8


def test_healthy_tissue_shows_the_kinds_of_its_sites():
    kind = septum()
    for column, site in enumerate(SiteKind):
        kind[5, column] = site
    picture = tissue_picture(tissue(), kind)
    assert [at(picture, 5, column) for column in range(len(SiteKind))] == [SITE_COLORS[site] for site in SiteKind]


@pytest.mark.parametrize("site", [SiteKind.SEPTUM, SiteKind.INTERSTITIUM, SiteKind.BRONCHIOLE])
def test_every_state_of_the_epithelium_has_its_color(site):
    kind = np.full((40, 60), site, dtype=np.uint8)
    epithelium = np.zeros((40, 60), dtype=np.uint8)
    epithelium[7, : len(EpithelialState)] = list(EpithelialState)
    picture = tissue_picture(tissue(epithelium=epithelium), kind)
    found = [at(picture, 7, column) for column in range(len(EpithelialState))]
    assert found == [site_color(site, state) for state in EpithelialState]
    assert len(set(found)) == len(found)


def test_a_site_without_a_cell_shows_its_kind():
    kind = np.full((40, 60), SiteKind.VESSEL, dtype=np.uint8)
    picture = tissue_picture(tissue(epithelium=np.full((40, 60), 255, dtype=np.uint8)), kind)
    assert at(picture, 3, 3) == SITE_COLORS[SiteKind.VESSEL]


@pytest.mark.parametrize("kind", list(CellKind))
def test_a_mobile_cell_is_a_dot_of_its_color(kind):
    picture = tissue_picture(tissue(mobile_x=[30], mobile_y=[12], mobile_kind=[kind]), septum())
    assert at(picture, 12, 30) == CELL_COLORS[kind]
    assert at(picture, 16, 30) == SITE_COLORS[SiteKind.SEPTUM]


@pytest.mark.parametrize("state", list(CANCER_COLORS))
def test_a_cancer_cell_is_a_larger_dot_with_a_rim(state):
    picture = tissue_picture(tissue(cancer_x=[30], cancer_y=[12], cancer_state=[state]), septum(), scale=10)
    assert at(picture, 12, 30, 10) == CANCER_COLORS[state]
    edge = 30 * 10 + 5 + round((CANCER_RADIUS + 0.4) * 10)
    assert tuple(picture[12 * 10 + 5, edge]) == RIM_COLORS[state]


@pytest.mark.parametrize("kind", list(CellKind))
def test_cancer_cells_lie_on_top_of_all_but_lymphocytes(kind):
    cancer = {"cancer_x": [9], "cancer_y": [9], "cancer_state": [CancerState.DORMANT]}
    arrays = tissue(**cancer, mobile_x=[9], mobile_y=[9], mobile_kind=[kind])
    seen = (
        CELL_COLORS[kind] if kind in (CellKind.CD4, CellKind.CD8, CellKind.NK) else CANCER_COLORS[CancerState.DORMANT]
    )
    assert at(tissue_picture(arrays, septum()), 9, 9) == seen


def test_layers_left_out_are_not_drawn():
    arrays = tissue(
        cancer_x=[9], cancer_y=[9], cancer_state=[CancerState.DORMANT],
        mobile_x=[20, 30], mobile_y=[9, 9], mobile_kind=[CellKind.CD8, CellKind.FIBROBLAST],
        epithelium=np.full((40, 60), EpithelialState.DEAD, dtype=np.uint8),
    )  # fmt: skip
    assert (tissue_picture(arrays, septum(), layers=()) == SITE_COLORS[SiteKind.SEPTUM]).all()
    seen = tissue_picture(arrays, septum(), layers=("immune",))
    assert at(seen, 9, 20) == CELL_COLORS[CellKind.CD8]
    assert at(seen, 9, 30) == at(seen, 9, 9) == SITE_COLORS[SiteKind.SEPTUM]


def test_an_unknown_layer_is_refused_by_name():
    with pytest.raises(ValueError, match=r"'clouds'.*epithelium"):
        tissue_picture(tissue(), septum(), layers=("clouds",))


def test_cells_on_the_edge_are_cut_off_and_do_not_wrap_round():
    corners = {"cancer_x": [0, 59], "cancer_y": [0, 39], "cancer_state": [CancerState.DORMANT] * 2}
    codes = tissue_codes(tissue(**corners), septum())
    assert codes[0, 0] == codes[-1, -1] != 0
    assert (codes[:20, 100:] == 0).all()
    assert (codes[100:, :20] == 0).all()


def test_a_crowd_of_cells_needs_little_memory_and_looks_like_its_sites():
    where = np.arange(200_000) % 2400
    awake = np.full(where.size, CancerState.PROLIFERATING)
    crowd = tissue(cancer_x=where % 60, cancer_y=where // 60, cancer_state=awake)
    assert (tissue_picture(crowd, septum()) == CANCER_COLORS[CancerState.PROLIFERATING]).all()


def test_what_is_given_stays_as_it_was():
    kind, arrays = septum(), tissue(cancer_x=[9], cancer_y=[9], cancer_state=[0])
    tissue_picture(arrays, kind)
    assert (kind == SiteKind.SEPTUM).all()
    assert (arrays["epithelium"] == 0).all()


def test_a_snapshot_of_the_model_shows_its_cells():
    model = LungModel(Scenario(width=400.0, height=400.0, duration=1.0, snapshots=(0.0,)), seed=1)
    snapshot, kind = model.snapshots[0], model.tissue.kind
    model.close()
    arrays = {"epithelium": snapshot.epithelium}
    arrays |= {f"cancer_{name}": snapshot.cancer[name].to_numpy() for name in "xy"}
    arrays["cancer_state"] = snapshot.cancer["state"].cat.codes.to_numpy()
    picture = tissue_picture(arrays, kind, layers=("epithelium", "cancer"))
    for x, y in zip(arrays["cancer_x"], arrays["cancer_y"], strict=True):
        assert at(picture, y, x) == CANCER_COLORS[CancerState.DORMANT]


def test_every_code_has_a_color():
    crowd = tissue(
        epithelium=np.resize(np.array(EpithelialState), (40, 60)).astype(np.uint8),
        mobile_x=np.arange(len(CellKind)), mobile_y=np.full(len(CellKind), 20), mobile_kind=list(CellKind),
        cancer_x=[40, 45, 50], cancer_y=[20] * 3, cancer_state=list(CANCER_COLORS),
    )  # fmt: skip
    codes = tissue_codes(crowd, np.resize(np.array(SiteKind), (40, 60)).astype(np.uint8), LAYERS)
    assert codes.max() < len(PALETTE)
