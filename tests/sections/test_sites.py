"""Pixels become sites: thin walls remain, air is sorted into alveoli and lumens, mirrored copies have no edge."""

import numpy as np
import pytest

from abm.rules.states import SiteKind
from abm.sections.labels import AIRSPACE
from abm.sections.sites import mirrored, sorted_air, to_sites

SEPTUM, BRONCHIOLE, VESSEL, INTERSTITIUM, AIRWAY = SiteKind


def ring(wall, size=120, radius=20, width=4, gap=0.0):
    """Air with a ring of wall in the middle, of which a share is missing."""
    y, x = np.mgrid[:size, :size] - size // 2
    distance, angle = np.hypot(y, x), (np.arctan2(y, x) + np.pi) / (2 * np.pi)
    codes = np.full((size, size), AIRSPACE, dtype=np.uint8)
    codes[(abs(distance - radius) <= width / 2) & (angle >= gap)] = wall
    return codes


@pytest.mark.parametrize(("wall", "lumen"), [(BRONCHIOLE, AIRWAY), (VESSEL, VESSEL), (INTERSTITIUM, SEPTUM)])
def test_air_within_a_ring_is_the_lumen_of_its_wall_and_air_around_it_is_alveolar(wall, lumen):
    kinds, lumens = sorted_air(ring(wall), 5.0)
    assert kinds[60, 60] == lumen
    assert kinds[0, 0] == SEPTUM
    assert kinds[60, 40] == wall
    assert sum(lumens.values()) == (wall != INTERSTITIUM)


def test_a_ring_that_is_open_to_alveoli_has_no_lumen():
    kinds, lumens = sorted_air(ring(BRONCHIOLE, gap=0.2), 5.0)
    assert kinds[60, 60] == SEPTUM
    assert sum(lumens.values()) == 0


def test_a_lumen_cut_by_the_edge_of_the_image_is_one():
    kinds, _ = sorted_air(ring(BRONCHIOLE)[60:], 5.0)
    assert kinds[0, 60] == AIRWAY


def test_specks_of_air_within_a_wall_become_lumen_but_are_not_counted():
    codes = np.full((40, 40), BRONCHIOLE, dtype=np.uint8)
    codes[::4, ::4] = AIRSPACE
    kinds, lumens = sorted_air(codes, 1.0)
    assert (kinds[::4, ::4] == AIRWAY).all()
    assert lumens[BRONCHIOLE] == 0


@pytest.mark.parametrize("pixel", [0.5, 0.65, 1.0, 2.5, 5.0])
def test_each_site_is_of_the_kind_that_fills_most_of_it(pixel):
    side = round(800.0 / pixel)
    middle = (np.arange(side) + 0.5) * pixel
    codes = np.full((side, side), SEPTUM, dtype=np.uint8)
    codes[:, middle > 400.0] = VESSEL
    codes[middle > 600.0] = AIRWAY
    kinds = to_sites(codes, pixel)
    assert kinds.shape == (80, 80)
    assert (kinds[:60, :40] == SEPTUM).all()
    assert (kinds[:60, 40:] == VESSEL).all()
    assert (kinds[60:] == AIRWAY).all()


def test_a_wall_of_four_micrometers_remains_with_weight_two_and_is_lost_by_area_alone():
    codes = np.full((400, 400), SEPTUM, dtype=np.uint8)
    codes[:, 203:207] = INTERSTITIUM  # pixels of 1 um, within the 21st column of sites
    assert not (to_sites(codes, 1.0, wall_weight=1.0) == INTERSTITIUM).any()
    found = to_sites(codes, 1.0, wall_weight=2.0) == INTERSTITIUM
    assert found[:, 20].all()
    assert found.sum() == 40


def test_pixels_larger_than_a_site_are_repeated():
    codes = np.array([[SEPTUM, VESSEL], [AIRWAY, INTERSTITIUM]], dtype=np.uint8)
    kinds = to_sites(codes, 40.0)
    assert kinds.shape == (8, 8)
    np.testing.assert_array_equal(kinds, np.kron(codes, np.ones((4, 4), dtype=np.uint8)))


def test_what_is_not_a_whole_block_is_cut_off():
    assert to_sites(np.zeros((119, 130), dtype=np.uint8), 1.0).shape == (8, 12)


def test_mirrored_copies_meet_without_an_edge():
    kinds = np.random.default_rng(1).integers(0, 5, (8, 12)).astype(np.uint8)
    copies = mirrored(kinds, 3)
    assert copies.shape == (24, 36)
    np.testing.assert_array_equal(copies[:8, :12], kinds)
    np.testing.assert_array_equal(copies[7], copies[8])
    np.testing.assert_array_equal(copies[:, 11], copies[:, 12])
    np.testing.assert_array_equal(copies[16:, 24:], kinds)
