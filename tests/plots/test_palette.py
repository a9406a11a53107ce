import itertools

import numpy as np
import pytest

from abm.plots import palette
from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState, SiteKind
from abm.scenario.catalog import scenario_names

VISION = {  # linear RGB as seen with full color blindness of each kind, Machado 2009, doi:10.1109/TVCG.2009.113
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# What lies below the cells; airways (air) are told by their walls.
BELOW = [
    *palette.EPITHELIUM_COLORS.values(),
    *(color for site, color in palette.SITE_COLORS.items() if site != SiteKind.AIRWAY),
]
ARMS = palette.arm_styles([f"own_{letter}" for letter in "abcdefgh"])


def lab(colors, vision):
    """CIELAB coordinates of colors as someone sees them; 1 apart is about what an eye can tell."""
    share = np.asarray(colors, dtype=float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(VISION[vision]).T, 0, 1)
    xyz = seen @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    ("colors", "least"),
    [
        ([style.color for style in ARMS.values()], 18),
        (list(palette.CELL_COLORS.values()), 18),
        (list(palette.CANCER_COLORS.values()), 25),
        (BELOW, 10),
    ],
    ids=["arms", "mobile cells", "cancer cells", "section"],
)
def test_colors_that_stand_together_can_be_told_apart_by_the_color_blind(colors, least, vision):
    seen = zip(colors, lab(colors, vision), strict=True)
    pairs = itertools.combinations(seen, 2)
    assert not [(one, other) for (one, this), (other, that) in pairs if np.linalg.norm(this - that) <= least]


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("state", [CancerState.PROLIFERATING, CancerState.REDORMANT])
def test_awakened_cells_stand_out_from_all_that_a_section_shows(state, vision):
    others = [*BELOW, *palette.CELL_COLORS.values(), palette.SITE_COLORS[SiteKind.AIRWAY]]
    others += [color for other, color in palette.CANCER_COLORS.items() if other != state]
    own = lab([palette.CANCER_COLORS[state]], vision)
    assert np.linalg.norm(lab(others, vision) - own, axis=1).min() > 20


@pytest.mark.parametrize("vision", VISION)
def test_a_haze_is_seen_and_leaves_the_states_of_the_epithelium_apart(vision):
    below = [palette.SITE_COLORS[SiteKind.SEPTUM], *palette.EPITHELIUM_COLORS.values()]
    hazy = [mixed(color, palette.HAZE_COLOR, palette.HAZE_MOST) for color in below]
    pairs = itertools.combinations(lab(hazy, vision), 2)
    assert min(np.linalg.norm(one - other) for one, other in pairs) > 7
    assert np.linalg.norm(np.diff(lab([below[0], hazy[0]], vision), axis=0)) > 12


def mixed(one, other, share):
    return tuple((1 - share) * np.array(one) + share * np.array(other))


def test_everything_that_can_be_drawn_has_a_color_and_a_name():
    assert set(palette.SITE_COLORS) == set(palette.SITE_NAMES) == set(SiteKind)
    assert set(palette.CELL_COLORS) == set(palette.CELL_NAMES) == set(CellKind)
    drawn = set(EpithelialState) - {EpithelialState.HEALTHY}
    assert set(palette.EPITHELIUM_COLORS) == set(palette.EPITHELIUM_NAMES) == drawn
    living = set(CancerState) - {CancerState.DEAD}
    assert set(palette.CANCER_COLORS) == set(palette.CANCER_NAMES) == set(palette.RIM_COLORS) == living


def test_every_packaged_scenario_has_a_color_of_its_own_role():
    assert set(palette.ARM_COLORS) <= set(scenario_names())


def test_an_arm_keeps_its_color_whatever_stands_beside_it():
    for others in (["no_virus"], ["sars_cov_2", "my_own"], ["my_own", "another", "no_virus_blockade"]):
        styles = palette.arm_styles([*others, "influenza"])
        assert styles["influenza"].color == palette.ARM_COLORS["influenza"]


def test_eight_arms_have_eight_colors_also_where_two_want_the_same():
    arms = ["influenza", "human_influenza", "il6_knockout", "vaccinated", "mine", "yours", "no_virus", "sars_cov_2"]
    assert len({style.color for style in palette.arm_styles(arms).values()}) == 8


def test_more_arms_than_colors_still_have_a_style():
    assert len(palette.arm_styles(scenario_names())) == len(scenario_names())


def test_an_arm_that_varies_another_is_dashed():
    styles = palette.arm_styles(["influenza", "influenza_blockade", "no_virus"])
    assert [style.dashed for style in styles.values()] == [False, True, False]


def test_colors_of_a_field_darken_from_little_to_much():
    colors = palette.field_colors()
    assert colors.shape == (256, 3)
    for vision in VISION:
        assert (np.diff(lab(colors, vision)[:, 0]) < 0.6).all()
        assert lab(colors, vision)[0, 0] - lab(colors, vision)[-1, 0] > 70
