"""`embers section`: every kind of file gives the same section, cells keep their places, what is wrong is refused."""

import json
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from typer.testing import CliRunner

from abm.cli.main import app
from abm.core.lattice import SPACING
from abm.model.lung_model import LungModel
from abm.rules.states import SiteKind
from abm.scenario.read import load_scenario
from abm.studies.simulation import simulate
from abm.tissue.section import lung_section
from abm.tissue.section_mask import FOUNDER_COLORS, masked_section

PIXEL = 2.0  # um
COLORS = {SiteKind.SEPTUM: "#ffffff", SiteKind.BRONCHIOLE: "#00ff00", SiteKind.VESSEL: "#ffff00",
          SiteKind.INTERSTITIUM: "#0000ff", SiteKind.AIRWAY: "#ffffff"}  # fmt: skip
TABLE = "label,site\n#0000FF,interstitium\n00ff00,bronchiole\n#ffff00,vessel\n#ffffff,airspace\n"


@pytest.fixture(scope="module")
def kinds():
    """A lung of 1 mm x 0.8 mm with airways and vessels."""
    found = lung_section(80, 100, 3).kind
    assert set(np.unique(found)) == set(SiteKind)
    return found


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(TABLE)
    return path


def pixels(kinds):
    """Five pixels a site."""
    return np.kron(kinds, np.ones((5, 5), dtype=np.uint8))


def colored(kinds):
    palette = np.array([list(bytes.fromhex(COLORS[kind][1:])) for kind in SiteKind], dtype=np.uint8)
    return Image.fromarray(palette[pixels(kinds)])


def section(*arguments, out):
    return CliRunner().invoke(app, ["section", *map(str, arguments), "--out", str(out)])


def made(out, name="mine"):
    return masked_section(out / name / f"{name}.png", seed=1)


def numbers(kinds):
    """Labels that are whole numbers: those of a map, from one on."""
    return pixels(kinds).astype(np.uint16) + 1


def numbered_table(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text("label;site\n" + "".join(f"{kind + 1};{kind.name.lower()}\n" for kind in SiteKind))
    return path


def qupath(kinds):
    """One polygon a run of sites of a kind, in pixels of the image; septum is what nobody drew."""
    features = []
    for row, line in enumerate(kinds):
        edges = np.flatnonzero(np.diff(np.r_[-1, line.astype(int), -1]))
        for left, right in pairwise(edges):
            kind = SiteKind(int(line[left]))
            corners = [(5 * x, 5 * y) for x, y in ((left, row), (right, row), (right, row + 1), (left, row + 1))]
            geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
            named = {"objectType": "annotation", "classification": {"name": kind.name.capitalize()}}
            features.append({"type": "Feature", "geometry": json.loads(json.dumps(geometry, default=int)),
                             "properties": named})  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def test_a_colored_image_with_a_table_becomes_the_section_that_was_painted(kinds, labels, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    ended = section(
        tmp_path / "mine.png", "--labels", labels, "--pixel-size", "2 um", "--wall-weight", "1", out=tmp_path
    )
    assert ended.exit_code == 0, ended.output
    np.testing.assert_array_equal(made(tmp_path).kind, kinds)
    assert "1000 um x 800 um of image became 100 x 80 sites" in ended.output
    folder = tmp_path / "mine"
    assert sorted(path.name for path in folder.iterdir()) == [
        "mine.png", "mine.toml", "mine.txt", "mine_beside_its_image.png",
    ]  # fmt: skip
    with Image.open(folder / "mine_beside_its_image.png") as picture:
        assert picture.size[0] > 1000
    scenario = load_scenario(str(folder / "mine.toml"))
    assert (scenario.width, scenario.height, scenario.parameters.dormancy.founders) == (1000.0, 800.0, 4)


@pytest.mark.parametrize("mode", ["L", "I;16", "tiff", "ome", "imagej"])
def test_images_of_whole_numbers_give_the_same_and_a_tiff_may_say_its_pixel_size(kinds, mode, tmp_path):
    values, told = numbers(kinds), TiffImagePlugin.ImageFileDirectory_v2()
    image = Image.fromarray(values.astype(np.uint8) if mode == "L" else values)
    path = tmp_path / ("mine.png" if mode in ("L", "I;16") else "mine.tif")
    if mode == "tiff":
        image.save(path, resolution=1e4 / PIXEL, resolution_unit=3)
    elif mode in ("ome", "imagej"):
        told[270] = f'<OME><Pixels PhysicalSizeX="{PIXEL}"/></OME>' if mode == "ome" else "ImageJ=1.53\nunit=micron\n"
        told[282] = 1.0 / PIXEL
        image.save(path, tiffinfo=told)
    else:
        image.save(path)
    size = ["--pixel-size", "2um"] if path.suffix == ".png" else []
    ended = section(path, "--labels", numbered_table(tmp_path), "--wall-weight", "1", *size, out=tmp_path)
    assert ended.exit_code == 0, ended.output
    np.testing.assert_array_equal(made(tmp_path).kind, kinds)


def test_annotations_of_qupath_give_the_same_with_classes_called_as_the_sites_are(kinds, tmp_path):
    (tmp_path / "mine.geojson").write_text(json.dumps(qupath(kinds)))
    ended = section(tmp_path / "mine.geojson", "--pixel-size", "2 um", "--wall-weight", "1", out=tmp_path)
    assert ended.exit_code == 0, ended.output
    np.testing.assert_array_equal(made(tmp_path).kind, kinds)


def test_holes_of_polygons_and_small_ones_above_large_ones_are_seen(tmp_path):
    outer, hole, small = ([[a, a], [b, a], [b, b], [a, b], [a, a]] for a, b in ((0, 100), (20, 60), (70, 90)))
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [small]},
         "properties": {"classification": "Vessel"}},
        {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[outer, hole]]},
         "properties": {"classification": {"name": "interstitium"}}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 1]}, "properties": {}},
    ]  # fmt: skip
    (tmp_path / "mine.geojson").write_text(json.dumps(features))
    ended = section(tmp_path / "mine.geojson", "--pixel-size", "4 um", out=tmp_path)
    assert ended.exit_code == 0, ended.output
    kind = made(tmp_path).kind
    assert (kind.shape, kind[0, 0], kind[16, 16], kind[32, 32]) == (
        (40, 40), SiteKind.INTERSTITIUM, SiteKind.SEPTUM, SiteKind.VESSEL,
    )  # fmt: skip
    assert "1 features without an area" in ended.output


def test_smoothed_edges_are_refused_with_their_share_and_taken_with_nearest(kinds, labels, tmp_path):
    image = colored(kinds)
    image.resize((1000, 800), Image.Resampling.BILINEAR).save(tmp_path / "mine.png")
    refused = section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "1 um", out=tmp_path / "out")
    assert refused.exit_code == 2
    assert "--nearest" in refused.output
    assert not (tmp_path / "out").exists()
    ended = section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "1 um", "--nearest", out=tmp_path)
    assert ended.exit_code == 0, ended.output
    assert (made(tmp_path).kind == kinds).mean() > 0.8  # walls count twice, so they grow


def test_cells_stand_where_the_table_says_and_a_run_begins_with_them(kinds, labels, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    free = np.argwhere(np.isin(kinds, list(FOUNDER_COLORS)))[::300]
    lines = [f"{SPACING * x + 5.0},{SPACING * y + 5.0},Cancer cell" for y, x in free] + ["1,1,CD8 T cell"]
    (tmp_path / "cells.csv").write_text("x,y,type\n" + "\n".join(lines) + "\n")
    ended = section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "2um", "--cells", tmp_path / "cells.csv",
                    "--wall-weight", "1", out=tmp_path)  # fmt: skip
    assert ended.exit_code == 0, ended.output
    assert f"{len(free)} cancer cells placed, 0 of them" in ended.output
    model = LungModel(str(tmp_path / "mine" / "mine.toml"), seed=5)
    cancer = model.tissue.cancer[: len(free)]
    assert {(int(cell.y), int(cell.x)) for cell in cancer} == {tuple(map(int, place)) for place in free}
    other = LungModel(str(tmp_path / "mine" / "mine.toml"), seed=6)
    assert [(cell.y, cell.x) for cell in other.tissue.cancer[: len(free)]] == [(cell.y, cell.x) for cell in cancer]


def test_an_exported_run_seeds_a_section_with_its_cancer_cells_alone(kinds, labels, tmp_path):
    pytest.importorskip("anndata")
    colored(kinds).save(tmp_path / "mine.png")
    args = ("--labels", labels, "--pixel-size", "2 um", "--wall-weight", "1")
    section(tmp_path / "mine.png", *args, out=tmp_path)
    run = simulate(str(tmp_path / "mine" / "mine.toml"), seed=1, days=1)
    cells = run.snapshot(0).to_anndata()
    count = int((cells.obs["cell_type"] == "cancer cell").sum())
    assert 0 < count < len(cells)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    ended = section(tmp_path / "mine.png", *args, "--cells", tmp_path / "cells.h5ad", out=tmp_path / "again")
    assert ended.exit_code == 0, ended.output
    seeded = run.model.tissue.cancer[:count]
    places = sorted(int(cell.y) * kinds.shape[1] + int(cell.x) for cell in seeded)
    assert made(tmp_path / "again").founders.tolist() == places


def test_pixels_neighbors_and_mirrors_of_cells_are_told(kinds, labels, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    place = np.argwhere(kinds == SiteKind.INTERSTITIUM)[5]
    row = ",".join(str(5 * side + 2) for side in place[::-1])
    (tmp_path / "cells.csv").write_text(f"x,y\n{row}\n{row}\n")
    ended = section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "2um", "--cells", tmp_path / "cells.csv",
                    "--cells-unit", "px", "--wall-weight", "1", "--mirror", "2", out=tmp_path)  # fmt: skip
    assert ended.exit_code == 0, ended.output
    assert "2 cancer cells placed, 1 of them" in ended.output
    found = made(tmp_path)
    assert found.kind.shape == (160, 200)
    assert found.founders.size == 8
    assert 'founders = "8 cell"' in (tmp_path / "mine" / "mine.toml").read_text()


def test_a_map_with_cells_and_another_number_of_founders_is_refused(kinds, labels, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    (tmp_path / "cells.csv").write_text("x,y\n500,400\n200,200\n")
    section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "2 um", "--cells", tmp_path / "cells.csv",
            out=tmp_path)  # fmt: skip
    path = tmp_path / "mine" / "mine.toml"
    path.write_text(path.read_text().replace('"2 cell"', '"3 cell"'))
    with pytest.raises(ValueError, match=r"founders = .3 cell.: is not the number of cancer cells on the map .*2 cell"):
        load_scenario(str(path))


def test_the_new_scenario_may_extend_a_file_of_ones_own(kinds, labels, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    (tmp_path / "slow.toml").write_text('extends = "sars_cov_2"\ntitle = "Slow"\nduration = "30 d"\n')
    ended = section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "2 um", "--scenario",
                    tmp_path / "slow.toml", out=tmp_path)  # fmt: skip
    assert ended.exit_code == 0, ended.output
    scenario = load_scenario(str(tmp_path / "mine" / "mine.toml"))
    assert (scenario.virus, scenario.duration, scenario.title) == ("SARS-CoV-2", 720.0, "slow in the section mine")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("label,kind\n1,septum\n", 'line 1: has no column "site"'),
        ("label,site\n#ffffff,air\n", "line 2: site = air: is no kind of site"),
        ("label,site\n#ffffff,airway\n#FFFFFF,septum\n", "line 3: label = #ffffff: stands in two rows"),
        ("label,site\n#123456,airway\n", "#0000ff"),
        ("", "is empty"),
    ],
)
def test_a_wrong_table_of_labels_is_refused_by_line(kinds, table, said, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    (tmp_path / "labels.csv").write_text(table)
    ended = section(
        tmp_path / "mine.png", "--labels", tmp_path / "labels.csv", "--pixel-size", "2 um", out=tmp_path / "out"
    )
    assert ended.exit_code == 2
    assert said in ended.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cells", "options", "said"),
    [
        ("x,z\n1,2\n", (), 'line 1: has no column "y"'),
        ("x,y\n1,two\n", (), "line 2: y = two: is not a number"),
        ("x,y\n1,2\n5000,3\n", (), "line 3: x, y = 5000 um, 3 um: is outside the image"),
        ("x,y,type\n1,2,tumour\n", (), "is the type of no cell; allowed: tumour"),
        ("x,y\n1,2\n", ("--cells-unit", "mm"), "--cells-unit = mm: is no unit"),
    ],
)
def test_a_wrong_table_of_cells_is_refused_by_line(kinds, labels, cells, options, said, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    (tmp_path / "cells.csv").write_text(cells)
    ended = section(tmp_path / "mine.png", "--labels", labels, "--pixel-size", "2um", "--cells", tmp_path / "cells.csv",
                    *options, out=tmp_path / "out")  # fmt: skip
    assert ended.exit_code == 2
    assert said in ended.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--pixel-size: is missing"),
        (("--pixel-size", "2"), "has no unit"),
        (("--pixel-size", "2 mm"), "is out of range"),
        (("--pixel-size", "0.05 um"), "is too small for a section"),
        (("--pixel-size", "40 um", "--mirror", "9"), "would be more than 4000 sites a side"),
        (("--pixel-size", "2 um", "--scenario", "influensa"), "influenza"),
    ],
)
def test_what_cannot_be_a_section_is_refused(kinds, labels, options, said, tmp_path):
    colored(kinds).save(tmp_path / "mine.png")
    ended = section(tmp_path / "mine.png", "--labels", labels, *options, out=tmp_path / "out")
    assert ended.exit_code == 2
    assert said in ended.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.png", b""), ("mine.png", b"no image"), ("mine.geojson", b"{"), ("mine.geojson", b"3"),
        ("mine.geojson", b'{"type": "FeatureCollection", "features": []}'),
        ("mine.geojson", b'[{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[["a", 1]]]}}]'),
        ("mine.geojson", b"[" * 100_000),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_by_name(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    ended = section(tmp_path / name, "--pixel-size", "2 um", out=tmp_path / "out")
    assert ended.exit_code == 2
    assert name in ended.output
    assert not (tmp_path / "out").exists()
    assert section(tmp_path / "none.png", out=tmp_path / "out").exit_code == 2


def test_a_stack_is_refused(tmp_path):
    page = Image.new("L", (100, 100))
    page.save(tmp_path / "mine.tif", save_all=True, append_images=[page])
    assert "2 pages: is a stack" in section(tmp_path / "mine.tif", "--pixel-size", "2um", out=tmp_path / "out").output
