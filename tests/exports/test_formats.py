"""Files of every format, read back by the libraries that other programs read them with."""

import json

import numpy as np
import pytest
import tifffile
import yaozarrs
import zarr

from abm.exports.formats import FORMATS
from abm.exports.image import image_of
from abm.installation.optional_deps import EXTRAS
from abm.plots.palette import CANCER_COLORS, hexadecimal
from abm.rules.states import CancerState, EpithelialState

TITLE = "Influenza, seed 1"


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    """Every format, written once, by name."""
    folder = tmp_path_factory.mktemp("files")
    paths = {name: folder / f"run{one.ending}" for name, one in FORMATS.items()}
    for name, one in FORMATS.items():
        one.write(run.snapshots, paths[name], TITLE)
    return paths


def test_formats_are_folders_and_files_as_declared(written):
    for name, one in FORMATS.items():
        assert written[name].is_dir() == one.is_folder
        assert set(one.modules) <= set(EXTRAS["export"][0])


def test_ome_tiff_has_the_size_of_a_pixel_the_times_and_named_channels(run, written):
    image = image_of(run.snapshots)
    with tifffile.TiffFile(written["ome-tiff"]) as file:
        assert file.is_ome
        assert file.series[0].axes == "TCYX"
        values = file.asarray()
        told = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]
    pixels = told["Pixels"]
    assert told["Name"] == TITLE
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeXUnit"]) == (10.0, "µm")
    names = [one["Name"] for one in pixels["Channel"]]
    assert names[:2] == ["interferon [ng/mL]", "il6 [ng/mL]"]
    assert sorted({float(one["DeltaT"]) for one in pixels["Plane"]}) == [0.0, 72.0, 120.0]
    assert {one["DeltaTUnit"] for one in pixels["Plane"]} == {"h"}
    assert np.array_equal(values[:, : len(image.channels)], image.values)
    assert np.array_equal(values[-1, -1] - 1, run.snapshot(5).epithelium)
    assert names[-1].startswith("epithelium (1 healthy, 2 refractory")


def test_ome_zarr_is_valid_and_has_labels_with_colors_and_words(run, written):
    yaozarrs.validate_zarr_store(str(written["ome-zarr"]))
    group = zarr.open_group(written["ome-zarr"], mode="r")
    told = group.attrs["ome"]
    scale, shift = told["multiscales"][0]["datasets"][0]["coordinateTransformations"]
    assert scale["scale"] == [1.0, 1.0, 10.0, 10.0]
    assert shift["translation"][-2:] == [5.0, 5.0]  # the middle of the first site, as of cells
    assert [axis.get("unit") for axis in told["multiscales"][0]["axes"]][-2:] == ["micrometer", "micrometer"]
    assert group.attrs["embers"]["hours"] == [0.0, 72.0, 120.0]
    shown = [one["label"] for one in told["omero"]["channels"] if one["active"]]
    assert shown == ["il6 [ng/mL]", *(f"{state}_cancer_cells [cell]" for state in
                                      ("dormant", "proliferating", "redormant"))]  # fmt: skip
    assert np.array_equal(group["0"][:], image_of(run.snapshots).values)
    label = group["labels/epithelium"]
    words = {one["label-value"]: one["name"] for one in label.attrs["ome"]["image-label"]["properties"]}
    assert words[EpithelialState.EXPRESSING + 1] == "expressing"
    assert np.array_equal(label["0"][-1] - 1, run.snapshot(5).epithelium)


def test_napari_opens_the_image(written):
    reader = pytest.importorskip("napari_ome_zarr", exc_type=ImportError)
    layers = reader.napari_get_reader(str(written["ome-zarr"]))(str(written["ome-zarr"]))
    assert [kind for _, _, kind in layers] == ["image", "labels", "labels"]
    assert layers[0][1]["scale"][-2:] == [10.0, 10.0]


def test_a_trajectory_has_every_cell_at_its_place(run, written):
    told = json.loads(written["simularium"].read_text(encoding="utf-8"))
    info = told["trajectoryInfo"]
    assert (info["totalSteps"], info["timeUnits"]["name"], info["trajectoryTitle"]) == (3, "d", TITLE)
    um = info["spatialUnits"]["magnitude"]
    assert info["size"]["x"] * um == pytest.approx(480.0)
    assert max(info["size"].values()) <= 64.0  # more is out of sight in the viewer
    types = {one["name"]: int(number) for number, one in info["typeMapping"].items()}
    dormant = types["cancer cell#dormant"]
    assert info["typeMapping"][str(dormant)]["geometry"]["color"] == hexadecimal(CANCER_COLORS[CancerState.DORMANT])
    frame = told["spatialData"]["bundleData"][2]
    cells = np.array(frame["data"]).reshape(-1, 11)
    snapshot = run.snapshot(5)
    table = snapshot.cells()
    there = table[(table["population"] != "epithelium") | (table["state"] != "healthy")]
    assert (frame["time"], len(cells)) == (5.0, len(there))
    assert len({*cells[:, 1]}) == len(cells)
    of_dormant = cells[cells[:, 2] == dormant]
    dormant_cells = there[there["label"] == "dormant cancer cell"]
    assert np.allclose(of_dormant[:, 3] * um + 240.0, dormant_cells["x_um"])
    assert np.allclose(160.0 - of_dormant[:, 4] * um, dormant_cells["y_um"])
