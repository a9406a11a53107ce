import json
import shutil

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle
from PIL import Image

from abm.plots.curves import GROUPS, curves_figure
from abm.plots.data import read_study
from abm.plots.figures import draw_all
from abm.plots.maps import Maps, tissue_figure
from abm.plots.palette import EPITHELIUM_COLORS, OWN_CELL_COLORS, hexadecimal
from abm.plots.ratios import comparisons
from abm.rules.cells import KINDS, CellKind
from abm.rules.states import EpithelialState, SiteKind
from abm.rules.substances import Substance
from abm.runs import provenance
from abm.runs.store.tables import measures_of
from abm.runs.worker import do_and_land
from abm.scenario.read import load_arms
from abm.studies.compare import plan
from abm.studies.compare_tables import gather

NAMES = ("curves", "tissue", *(substance.key for substance in Substance), "twin_ratio")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The folder of a small study: two arms, two twins, two days."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "runs").mkdir()
    arms = load_arms(["no_virus", "influenza"], days=2.0, size="320 um")
    jobs = plan(arms, [1, 2]).jobs(folder)
    for job in jobs:
        assert do_and_land(job).status == "done"
    gather(folder, jobs)
    titles = {arm.name: arm.title for arm in arms}
    facts = {"arms": [arm.name for arm in arms], "titles": titles, "predictions": ["influenza"]}
    provenance.start(folder, facts, 1)
    return folder


@pytest.fixture
def folder(study, tmp_path):
    """A copy to change."""
    return shutil.copytree(study, tmp_path / "study")


def change(path, edit):
    """Change a table."""
    edit(pd.read_parquet(path)).to_parquet(path)


def with_all(table, value):
    """The table with this value in every measure."""
    return table.assign(**dict.fromkeys(measures_of(table), value))


def change_snapshots(folder, **arrays):
    for path in folder.glob("snapshots/*/*/day_*.npz"):
        with np.load(path) as file:
            changed = dict(file)
        for name, array in arrays.items():
            changed[name] = array(changed[name])
        path.unlink()  # it may be a second name of the file of the run
        np.savez(path, **changed)


def forget_interferon(folder, arms):
    """Make the snapshots of these arms such as older versions wrote."""
    for path in folder.glob(f"snapshots/{arms}/*/day_*.npz"):
        with np.load(path) as file:
            older = {name: array for name, array in file.items() if name != "interferon"}
        path.unlink()
        np.savez(path, **older)


def drawn(folder):
    """Names of the figures drawn, all of which must be pictures of some size that are not blank."""
    paths = draw_all(folder)
    for path in paths:
        with Image.open(path) as image:
            assert 1200 < image.width < 4000
            assert 400 < image.height < 6000
            assert len(image.convert("L").getcolors(256)) > 10
    return tuple(path.stem for path in paths)


def test_all_figures_are_drawn_into_the_folder_and_nothing_else(folder):
    assert drawn(folder) == NAMES
    assert sorted(path.name for path in (folder / "figures").iterdir()) == sorted(f"{name}.png" for name in NAMES)


def test_figures_are_light_and_the_same_each_time(folder):
    before = {path.name: path.read_bytes() for path in draw_all(folder)}
    assert all(len(content) < 2_000_000 for content in before.values())
    assert before == {path.name: path.read_bytes() for path in draw_all(folder)}


def test_one_replicate_is_enough(folder):
    for name in ("series", "runs"):
        change(folder / f"{name}.parquet", lambda table: table[table["seed"] == 1])
    assert drawn(folder) == NAMES


def test_one_arm_has_no_ratio(folder):
    for name in ("series", "runs"):
        change(folder / f"{name}.parquet", lambda table: table[table["arm"] == "influenza"])
    assert drawn(folder) == NAMES[:-1]


def test_one_snapshot_is_enough(folder):
    for path in folder.glob("snapshots/*/*/day_*.npz"):
        if path.parts[-3:] != ("influenza", "1", "day_02.npz"):
            path.unlink()
    assert drawn(folder) == NAMES


def test_without_snapshots_there_are_no_maps(folder):
    shutil.rmtree(folder / "snapshots")
    assert drawn(folder) == ("curves", "twin_ratio")


def test_a_lung_without_a_cancer_cell_or_il6_is_drawn(folder):
    nobody = {f"cancer_{name}": lambda array: array[:0] for name in ("x", "y", "state")}
    change_snapshots(folder, il6=np.zeros_like, **nobody)
    assert drawn(folder) == NAMES


def test_a_substance_that_an_older_study_did_not_keep_has_no_map(folder):
    forget_interferon(folder, "*")
    assert drawn(folder) == tuple(name for name in NAMES if name != "interferon")


def test_a_substance_that_only_some_snapshots_hold_is_mapped_there(folder):
    forget_interferon(folder, "no_virus")
    assert drawn(folder) == NAMES


def test_measures_that_an_older_study_did_not_have_are_left_out_of_the_curves(folder):
    change(folder / "series.parquet", lambda table: table.drop(columns=["fibroblasts", "interferon"]))
    assert drawn(folder) == NAMES
    titles = [ax.get_title() for ax in curves_figure(read_study(folder)).axes]
    assert "CD4 T cells" in titles
    assert not {"Fibroblasts", "Type I interferon"} & {*titles}


def test_every_type_of_cell_and_every_substance_has_a_curve():
    shown = {name for panels in GROUPS.values() for panel in panels for name in panel.measures}
    assert {kind.type.curve for kind in CellKind} <= shown
    assert all({substance.key, f"{substance.key}_lavage"} & shown for substance in Substance)


def test_maps_stand_in_their_panels_and_the_right_way_up(folder):
    def dead_corner(epithelium):
        epithelium[:] = EpithelialState.DENUDED
        epithelium[:8, :16] = EpithelialState.DEAD
        return epithelium

    nobody = {f"{cell}_x": lambda array: array[:0] for cell in ("cancer", "mobile")}
    nobody |= {f"{cell}_y": lambda array: array[:0] for cell in ("cancer", "mobile")}
    nobody |= {name: lambda array: array[:0] for name in ("cancer_state", "mobile_kind")}
    change_snapshots(folder, epithelium=dead_corner, **nobody)
    for path in folder.glob("snapshots/*/section.npz"):
        path.unlink()
        np.savez(path, kind=np.full((32, 32), SiteKind.SEPTUM, dtype=np.uint8))
    figure = tissue_figure(read_study(folder))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = np.asarray(canvas.buffer_rgba())[..., :3]
    (maps,) = (artist for artist in figure.artists if isinstance(artist, Maps))
    assert len(maps.pictures) == 4
    for (left, top), picture in maps.pictures.items():
        side = picture.shape[0]
        seen = page[top : top + side, left : left + side]
        assert tuple(seen[side // 8, side // 4]) == EPITHELIUM_COLORS[EpithelialState.DEAD]
        assert tuple(seen[side // 8, 3 * side // 4]) == EPITHELIUM_COLORS[EpithelialState.DENUDED]
        assert tuple(seen[side // 2, side // 4]) == EPITHELIUM_COLORS[EpithelialState.DENUDED]


def test_curves_that_are_all_zero_are_drawn(folder):
    change(folder / "series.parquet", lambda table: with_all(table, 0.0))
    assert drawn(folder) == tuple(name for name in NAMES if "ratio" not in name)  # nothing has no ratio


def test_curves_over_many_decades_are_drawn(folder):
    change(folder / "series.parquet", lambda table: with_all(table, 10.0 ** (table["hour"] / 6.0)))
    assert drawn(folder) == NAMES


def test_an_arm_whose_runs_all_failed_is_left_out(folder):
    told = json.loads((folder / "provenance.json").read_text())
    (folder / "provenance.json").write_text(json.dumps(told | {"arms": [*told["arms"], "lost"]}))
    assert drawn(folder) == NAMES
    assert read_study(folder).arms == ("no_virus", "influenza")


def test_a_folder_without_provenance_is_drawn_too(folder):
    (folder / "provenance.json").unlink()
    assert drawn(folder) == NAMES
    assert read_study(folder).titles["no_virus"] == "no virus"


def test_predictions_are_marked(study):
    assert [read_study(study).label(arm) for arm in ("no_virus", "influenza")] == ["No virus", "Influenza (prediction)"]


def test_what_was_run_is_told(study):
    assert read_study(study).what_was_run() == (
        "2 twin replicates per arm (seeds 1 to 2), section of 0.32 mm x 0.32 mm, 2 days."
    )


def test_bands_hold_every_replicate_of_a_few(study):
    data = read_study(study)
    band = data.band("influenza", ("virions",))
    runs = data.series[data.series["arm"] == "influenza"]
    assert band.days[0] == 0
    assert band.days[-1] == 2
    assert band.high.max() == runs["virions"].max()
    assert (band.low <= band.middle).all()
    assert (band.middle <= band.high).all()


def test_ratios_are_those_of_twins(folder):
    at_end = {("no_virus", 1): 2.0, ("no_virus", 2): 4.0, ("influenza", 1): 8.0, ("influenza", 2): 64.0}
    cells = lambda row: at_end[row["arm"], row["seed"]]  # noqa: E731
    change(folder / "series.parquet", lambda table: with_all(table, table.apply(cells, axis=1)))
    (one,) = comparisons(read_study(folder))
    assert (one.arm, one.against, one.hour) == ("influenza", "no_virus", 48.0)
    assert one.ratios.tolist() == [4.0, 16.0]
    assert one.established.all()
    assert one.estimate.value == pytest.approx(12.0)  # 36 over 3: of the means


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        draw_all(tmp_path)


def test_cells_that_scenarios_declare_have_an_entry_in_the_legend_with_the_color_in_which_they_are_drawn(folder):
    first, second = OWN_CELL_COLORS[:2]
    facts = provenance.read(folder)
    provenance.start(
        folder, facts | {"own_cells": {"no_virus": ["mast cell", "basophil"], "influenza": ["mast cell"]}}, 1
    )

    def lone_cells(codes):
        return np.arange(codes.size, dtype=codes.dtype) % 2 + KINDS

    change_snapshots(folder, mobile_kind=lone_cells)
    figure = tissue_figure(read_study(folder))
    legend = figure.axes[-1]
    entries = {text.get_text(): text.get_position() for text in legend.texts}
    assert legend.texts[-1].get_position()[1] < legend.get_ylim()[0]
    disks = {disk.center[1]: disk.get_facecolor() for disk in legend.patches if isinstance(disk, Circle)}
    assert disks[entries["mast cell"][1]] == to_rgba(hexadecimal(first))
    assert disks[entries["basophil"][1]] == to_rgba(hexadecimal(second))
    (maps,) = (artist for artist in figure.artists if isinstance(artist, Maps))
    drawn_colors = {tuple(pixel) for picture in maps.pictures.values() for pixel in picture.reshape(-1, 4)[:, :3]}
    assert {first, second} <= drawn_colors
