import pytest

from abm.core.lattice import BLOCK, PATCH, SPACING, area_of, inside


def test_a_square_millimeter_is_ten_thousand_sites():
    assert SPACING == 10.0
    assert area_of(100 * 100) == pytest.approx(1.0)
    assert area_of(200 * 50) == pytest.approx(1.0)


def test_patches_of_20_um_fit_into_blocks_of_40_um():
    assert (SPACING * PATCH, SPACING * BLOCK) == (20.0, 40.0)
    assert BLOCK % PATCH == 0


@pytest.mark.interpreted
def test_the_lattice_ends_at_its_edges():
    sites = {(y, x) for y in range(-2, 6) for x in range(-2, 6) if inside(y, x, 3, 4)}
    assert sites == {(y, x) for y in range(3) for x in range(4)}
