import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from abm.rules.states import EpithelialType, SiteKind
from abm.tissue.cancer_index import stands_on
from abm.tissue.section import (
    Section,
    SectionError,
    alveolar_sheet,
    lung_section,
    section_of_kinds,
)
from abm.tissue.section_mask import FOUNDER_COLORS, MASK_COLORS, masked_section, section_image, write_mask

SMALL = [(8, 8), (8, 40), (12, 16), (20, 20), (48, 60), (60, 60)]
EVERYWHERE = np.ones((3, 3))


def assert_whole(section: Section) -> None:
    """Every site is covered as its kind demands, and the lists of sites say the same as the mosaic."""
    bare = (section.kind == SiteKind.VESSEL) | (section.kind == SiteKind.AIRWAY)
    np.testing.assert_array_equal(section.cell_of_site < 0, bare)
    assert section.cell_of_site[bare].min(initial=-1) == -1
    cells = len(section.cell_type)
    assert section.size.min() >= 1
    np.testing.assert_array_equal(np.bincount(section.cell_of_site[~bare], minlength=cells), section.size)
    np.testing.assert_array_equal(np.diff(section.site_start), section.size)
    assert section.site_start[0] == 0
    assert section.site_start[-1] == len(section.sites)
    np.testing.assert_array_equal(section.cell_of_site.flat[section.sites], np.repeat(np.arange(cells), section.size))
    bronchiolar = section.cell_of_site[section.kind == SiteKind.BRONCHIOLE]
    assert (section.cell_type[bronchiolar] == EpithelialType.BRONCHIOLAR).all()
    assert (section.cell_type == EpithelialType.BRONCHIOLAR).sum() == len(bronchiolar)
    assert (section.size[section.cell_type != EpithelialType.AT1] == 1).all()
    assert len(section.entry) > 0
    assert len(np.unique(section.entry)) == len(section.entry)
    assert (section.kind.flat[section.entry] != SiteKind.AIRWAY).all()
    types = {"kind": "uint8", "cell_of_site": "int32", "cell_type": "uint8", "size": "int32", "site_start": "int32"}
    types |= {"sites": "int32", "entry": "int32", "founders": "int32"}
    assert {name: str(array.dtype) for name, array in section._asdict().items()} == types


def assert_same(one: Section, other: Section) -> None:
    for name in Section._fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def pieces(mask: np.ndarray) -> int:
    return int(ndimage.label(mask, structure=EVERYWHERE)[1])


@pytest.mark.parametrize("layout", [lung_section, alveolar_sheet])
@pytest.mark.parametrize(("rows", "columns"), [*SMALL, (1, 1), (5, 5), (200, 200), (120, 260)])
def test_every_section_is_covered_by_cells_without_gap_or_overlap(layout, rows, columns):
    section = layout(rows, columns, 7)
    assert section.kind.shape == (rows, columns)
    assert_whole(section)


@pytest.mark.parametrize("layout", [lung_section, alveolar_sheet])
def test_alveolar_cells_have_the_measured_size_and_share_of_at2(layout):
    section = layout(200, 200, 5)
    alveolar = section.cell_type != EpithelialType.BRONCHIOLAR
    assert section.size[alveolar].mean() == pytest.approx(20.8, rel=0.02)
    assert (section.cell_type[alveolar] == EpithelialType.AT2).mean() == pytest.approx(0.6, abs=0.005)
    assert section.size[section.cell_type == EpithelialType.AT1].mean() == pytest.approx(50, rel=0.05)


def test_an_at1_cell_is_one_patch():
    section = lung_section(200, 200, 2)
    boxes = ndimage.find_objects(section.cell_of_site + 1)
    at1 = np.flatnonzero(section.cell_type == EpithelialType.AT1)
    whole = [pieces(section.cell_of_site[boxes[cell]] == cell) == 1 for cell in at1]
    assert np.mean(whole) > 0.97


def test_at2_cells_sit_in_the_corners_of_alveoli():
    section = lung_section(200, 200, 3)
    spaces = np.pad(ndimage.label(section.kind == SiteKind.SEPTUM)[0], 1)
    windows = np.lib.stride_tricks.sliding_window_view(spaces, (3, 3)).reshape(200, 200, 9)
    corner = np.array([[len(set(window) - {0}) >= 3 for window in line] for line in windows.tolist()])
    corner &= section.kind == SiteKind.INTERSTITIUM
    at2 = section.sites[section.site_start[:-1]][section.cell_type == EpithelialType.AT2]
    assert corner.flat[at2].mean() > 0.5
    assert corner.mean() < 0.06


def test_alveoli_have_the_measured_area():
    # The median, because ducts join some airspaces into large ones; each airspace shares the walls round it.
    section = lung_section(400, 400, 11)
    spaces, number = ndimage.label(section.kind == SiteKind.SEPTUM)
    assert number > 1_500
    share_of_walls = 0.29  # of a tissue of closed alveoli, walls one site thick
    assert np.median(np.bincount(spaces.ravel())[1:]) / (1 - share_of_walls) == pytest.approx(43, rel=0.15)


def test_walls_between_alveoli_are_one_site_thick():
    section = lung_section(200, 200, 11)
    bundles = ndimage.binary_dilation(section.kind == SiteKind.VESSEL, EVERYWHERE, iterations=4)
    bundles |= ndimage.binary_dilation(section.kind == SiteKind.BRONCHIOLE, EVERYWHERE, iterations=4)
    walls = (section.kind == SiteKind.INTERSTITIUM) & ~bundles
    blocks = ndimage.binary_erosion(walls, EVERYWHERE)
    assert blocks.sum() == 0
    assert walls.sum() / (~bundles).sum() == pytest.approx(0.24, abs=0.05)


@pytest.mark.parametrize("seed", range(12))
def test_a_section_of_2_mm_has_bronchioles_each_with_an_artery_and_veins_that_stand_alone(seed):
    kind = lung_section(200, 200, seed).kind
    lumina, number = ndimage.label(kind == SiteKind.AIRWAY)
    assert 1 <= number <= 4
    vessels, vessel_number = ndimage.label(kind == SiteKind.VESSEL, structure=EVERYWHERE)
    area = np.bincount(vessels.ravel())
    apart = ndimage.distance_transform_edt(kind != SiteKind.BRONCHIOLE)
    gap = ndimage.minimum(apart, vessels, index=np.arange(1, vessel_number + 1))
    for lumen in range(1, number + 1):
        bronchiole = lumina == lumen
        radius = np.sqrt(bronchiole.sum() / np.pi)
        assert 5.0 < radius < 13.0
        beside = np.unique(vessels[ndimage.binary_dilation(bronchiole, EVERYWHERE, iterations=8)])
        largest = max(area[vessel] for vessel in beside if vessel > 0)
        assert 0.4 < np.sqrt(largest / np.pi) / radius < 0.95
    assert ((gap > 8) & (area[1:] > 30)).any()


@pytest.mark.parametrize("seed", range(12))
def test_air_in_a_bronchiole_touches_nothing_but_its_epithelium(seed):
    kind = lung_section(200, 200, seed).kind
    rim = ndimage.binary_dilation(kind == SiteKind.AIRWAY) & (kind != SiteKind.AIRWAY)
    assert rim.any()
    assert (kind[rim] == SiteKind.BRONCHIOLE).all()


@pytest.mark.parametrize("seed", range(6))
def test_vessels_lie_in_a_sleeve_of_interstitium(seed):
    kind = lung_section(200, 200, seed).kind
    rim = ndimage.binary_dilation(kind == SiteKind.VESSEL) & (kind != SiteKind.VESSEL)
    assert np.isin(kind[rim], (SiteKind.INTERSTITIUM, SiteKind.BRONCHIOLE)).all()
    assert (kind[rim] == SiteKind.INTERSTITIUM).mean() > 0.97


@pytest.mark.parametrize("layout", [lung_section, alveolar_sheet])
def test_the_same_seed_gives_the_same_bits_and_another_seed_another_section(layout):
    assert_same(layout(100, 80, 4), layout(100, 80, 4))
    assert not np.array_equal(layout(100, 80, 4).cell_of_site, layout(100, 80, 5).cell_of_site)


def test_another_seed_moves_the_bronchioles():
    assert not np.array_equal(lung_section(100, 100, 4).kind, lung_section(100, 100, 5).kind)


def test_leukocytes_come_in_through_every_vessel_site_and_a_quarter_of_the_walls():
    section = lung_section(200, 200, 1)
    kind = section.kind.flat[section.entry]
    assert (kind == SiteKind.VESSEL).sum() == (section.kind == SiteKind.VESSEL).sum()
    walls = (section.kind == SiteKind.INTERSTITIUM).sum()
    assert (kind == SiteKind.INTERSTITIUM).sum() == -(-walls // 4)


def test_leukocytes_come_in_anywhere_where_there_is_neither_vessel_nor_wall():
    sheet = alveolar_sheet(20, 24, 1)
    np.testing.assert_array_equal(sheet.entry, np.arange(480))
    assert (sheet.kind == SiteKind.SEPTUM).all()
    kind = np.full((8, 8), SiteKind.SEPTUM, dtype=np.uint8)
    kind[0, :2] = SiteKind.AIRWAY
    np.testing.assert_array_equal(section_of_kinds(kind, 0).entry, np.arange(2, 64))


@pytest.mark.parametrize(("rows", "columns"), [(0, 8), (8, -4), (4_004, 8)])
@pytest.mark.parametrize("layout", [lung_section, alveolar_sheet])
def test_a_size_out_of_range_is_refused_with_the_range(layout, rows, columns):
    with pytest.raises(SectionError, match=rf"{rows} rows x {columns} columns.* 1 to 4000"):
        layout(rows, columns, 1)


@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (60, 100), (200, 200)])
def test_a_written_mask_is_read_back_as_the_same_section(tmp_path, rows, columns):
    section = lung_section(rows, columns, 6)
    write_mask(section, tmp_path / "mask.png")
    assert_same(masked_section(tmp_path / "mask.png", rows, columns, seed=6), section)


def test_a_map_keeps_the_sites_of_cancer_cells_with_the_kind_of_site_below_them(tmp_path):
    kind = lung_section(100, 100, 6).kind
    stands = np.flatnonzero(np.isin(kind, list(FOUNDER_COLORS)))
    founders = stands[:: len(stands) // 50].astype(np.int32)
    assert {SiteKind(code) for code in kind.ravel()[founders]} >= {SiteKind.SEPTUM, SiteKind.INTERSTITIUM}
    section = section_of_kinds(kind, 6, founders)
    write_mask(section, tmp_path / "mask.png")
    assert_same(masked_section(tmp_path / "mask.png", seed=6), section)


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_a_mask_may_be_indexed_or_have_an_opacity(tmp_path, mode):
    section = lung_section(40, 40, 6)
    image = Image.fromarray(section_image(section))
    image = image.convert("RGBA") if mode == "RGBA" else image.quantize(8)
    image.save(tmp_path / "mask.png")
    assert image.mode == mode
    np.testing.assert_array_equal(masked_section(tmp_path / "mask.png", seed=0).kind, section.kind)


def test_a_mask_of_bronchiole_alone_is_covered(tmp_path):
    Image.new("RGB", (8, 4), MASK_COLORS[SiteKind.BRONCHIOLE]).save(tmp_path / "mask.png")
    section = masked_section(tmp_path / "mask.png", seed=0)
    assert_whole(section)
    assert len(section.cell_type) == 32


def test_every_kind_has_a_color_of_its_own():
    assert set(MASK_COLORS) == set(SiteKind)
    assert len({*MASK_COLORS.values(), *FOUNDER_COLORS.values()}) == len(SiteKind) + len(FOUNDER_COLORS)
    assert set(FOUNDER_COLORS) == {kind for kind in SiteKind if stands_on(kind)}


def test_a_wrong_color_is_refused_with_the_first_pixel_and_the_allowed_colors(tmp_path):
    image = section_image(alveolar_sheet(8, 12, 0))
    image[5, 3] = image[6, 1] = (1, 2, 3)
    Image.fromarray(image).save(tmp_path / "mask.png")
    with pytest.raises(SectionError) as refused:
        masked_section(tmp_path / "mask.png", seed=0)
    said = str(refused.value)
    assert str(tmp_path / "mask.png") in said
    assert "row 5, column 3" in said
    assert "(1, 2, 3)" in said
    assert "2 such pixels" in said
    assert all(f"{kind.name.lower()} {color}" in said for kind, color in MASK_COLORS.items())


def test_a_transparent_pixel_is_refused(tmp_path):
    Image.new("RGBA", (8, 8), (*MASK_COLORS[SiteKind.SEPTUM], 0)).save(tmp_path / "mask.png")
    with pytest.raises(SectionError, match=r"row 0, column 0 .*opacity 0 of 255"):
        masked_section(tmp_path / "mask.png", seed=0)


def test_a_size_other_than_asked_for_is_refused_naming_both(tmp_path):
    write_mask(alveolar_sheet(8, 12, 0), tmp_path / "mask.png")
    with pytest.raises(SectionError, match=r"mask.png: 8 rows x 12 columns.*needed are 12 x 8"):
        masked_section(tmp_path / "mask.png", 12, 8, seed=0)
    with pytest.raises(SectionError, match=r"8 rows x 12 columns.*needed are any x 8"):
        masked_section(tmp_path / "mask.png", columns=8, seed=0)


@pytest.mark.parametrize(("rows", "columns"), [(8, 10), (9, 8), (3, 3)])
def test_a_size_that_is_no_multiple_of_the_il6_block_is_refused(tmp_path, rows, columns):
    write_mask(alveolar_sheet(rows, columns, 0), tmp_path / "mask.png")
    with pytest.raises(SectionError, match=rf"{rows} rows x {columns} columns.*multiples of 4 sites"):
        masked_section(tmp_path / "mask.png", seed=0)


@pytest.mark.parametrize("kind", [SiteKind.AIRWAY, SiteKind.VESSEL])
def test_a_mask_without_epithelium_is_refused(tmp_path, kind):
    Image.new("RGB", (8, 8), MASK_COLORS[kind]).save(tmp_path / "mask.png")
    with pytest.raises(SectionError, match="no epithelium"):
        masked_section(tmp_path / "mask.png", seed=0)


@pytest.mark.parametrize("content", [b"", b"tissue", b"\xff\xd8\xff\xe0 a JPEG"])
def test_a_file_that_is_no_png_is_refused(tmp_path, content):
    (tmp_path / "mask.png").write_bytes(content)
    with pytest.raises(SectionError, match=r"mask.png: not a PNG image"):
        masked_section(tmp_path / "mask.png", seed=0)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(SectionError, match="no such file"):
            masked_section(path, seed=0)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_truncated_png_is_refused(tmp_path, share):
    write_mask(lung_section(100, 100, 0), tmp_path / "mask.png")
    content = (tmp_path / "mask.png").read_bytes()
    (tmp_path / "mask.png").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SectionError, match=r"mask.png: damaged or truncated PNG image"):
        masked_section(tmp_path / "mask.png", seed=0)


def test_damaged_bytes_never_raise_anything_but_a_section_error(tmp_path):
    write_mask(lung_section(40, 40, 0), tmp_path / "mask.png")
    content = np.frombuffer((tmp_path / "mask.png").read_bytes(), dtype=np.uint8)
    refused = 0
    for place in range(8, len(content), max(1, len(content) // 150)):
        damaged = content.copy()
        damaged[place] ^= 0x5A
        (tmp_path / "damaged.png").write_bytes(damaged.tobytes())
        try:
            masked_section(tmp_path / "damaged.png", seed=0)
        except SectionError:
            refused += 1
    assert refused > 100


def test_a_giant_is_refused_before_its_pixels_are_decoded(tmp_path):
    head = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 80_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    with pytest.raises(SectionError, match=r"bomb.png: 80000 rows x 100000 columns.*at most 4000"):
        masked_section(tmp_path / "bomb.png", seed=0)
