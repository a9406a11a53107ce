"""One run from Python is the run of the model, and shows itself."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import abm
from abm.core.seeds import SeedError
from abm.model.lung_model import LungModel
from abm.plots.curves import GROUPS
from abm.plots.palette import CANCER_COLORS
from abm.rules.states import CancerState
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario, with_overrides

SMALL = load_scenario("influenza").with_section(width=400, height=400).with_duration("3 d")


@pytest.fixture(scope="module")
def run():
    return abm.simulate(SMALL, seed=4)


def test_it_is_bit_for_bit_the_run_of_the_model(run):
    model = LungModel(SMALL, seed=4)
    series, events, snapshots = model.run()
    assert run.digest == model.digest()
    assert run.series.equals(series)
    assert run.events.equals(events)
    assert [one.hour for one in run.snapshots] == [one.hour for one in snapshots] == [0.0, 72.0]


def test_days_are_those_of_the_command_line():
    one = abm.simulate(SMALL, seed=4, days=2)
    other = LungModel(with_overrides(SMALL, days=2), seed=4)
    other.run()
    assert (one.scenario.duration, one.digest) == (48.0, other.digest())


def test_it_takes_a_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "influenza"\nsection.width = "160 um"\nsection.height = "160 um"\n')
    assert abm.simulate(path, seed=1, days=1).scenario.name == "mine"


def test_a_seed_that_is_drawn_is_told():
    drawn = abm.simulate(SMALL, days=0.25)
    assert abm.simulate(SMALL, seed=drawn.seed, days=0.25).digest == drawn.digest


def test_what_it_cannot_run_is_refused_before_it_runs():
    with pytest.raises(ScenarioError, match="nearest: influenza"):
        abm.simulate("influnza", seed=1)
    with pytest.raises(ScenarioError, match='duration = "-3 d": is out of range'):
        abm.simulate("influenza", seed=1, days=-3)
    with pytest.raises(SeedError, match=r"seed = 0\.5"):
        abm.simulate("influenza", seed=0.5)
    with pytest.raises(TypeError, match="a scenario is needed"):
        abm.simulate(["influenza"], seed=1)


def test_it_shows_what_was_run_and_what_came_of_it(run):
    shown = repr(run)
    assert shown.startswith("Simulation of 3 d, seed 4\n")
    for line in (
        'Scenario "influenza": Influenza',
        "at the end: ",
        "events: ",
        "snapshots: days 0, 3",
        run.digest[:16],
    ):
        assert line in shown
    assert run._repr_html_().count("<details open>") == 3


def test_a_snapshot_is_found_by_its_day(run):
    assert run.snapshot(3).hour == 72.0
    with pytest.raises(KeyError, match="there are snapshots of days 0, 3"):
        run.snapshot(2)


def test_its_figure_is_drawn_with_the_curves_of_a_comparison(run):
    figure = run.plot()
    assert len(figure.axes) == sum(len(panels) for panels in GROUPS.values())
    assert [text.get_text() for text in figure.legends[0].texts] == ["Influenza"]
    assert any("Seed 4, section of 0.4 mm x 0.4 mm, 3 days." in text.get_text() for text in figure.texts)
    cells = figure.axes[0].lines[0]
    assert np.array_equal(cells.get_xdata(), run.series["hour"] / 24)
    assert np.array_equal(cells.get_ydata(), run.series["cells_per_seeded"])
    with Image.open(BytesIO(figure._repr_png_())) as picture:
        assert picture.width > 2000


def test_its_tissue_is_drawn_on_the_days_of_its_snapshots(run):
    titles = [[ax.get_title() for ax in figure.axes[:-1]] for figure in (run.plot_tissue(), run.plot_tissue(3))]
    assert titles == [["day 0", "day 3"], ["day 3"]]
    picture = run.plot_tissue(3).axes[0].images[0].get_array()
    assert picture.shape == (320, 320, 3)
    with pytest.raises(KeyError, match="no snapshot of day 2"):
        run.plot_tissue(3, 2)
    with pytest.raises(KeyError, match="no snapshots"):
        abm.simulate(replace(SMALL, snapshots=(), duration=6.0), seed=4).plot_tissue()


def test_its_tissue_has_the_colors_of_its_cells(run):
    snapshot = run.snapshot(0)
    (scale,) = {side // 40 for side in run.plot_tissue(0).axes[0].images[0].get_array().shape[:2]}
    picture = run.plot_tissue(0).axes[0].images[0].get_array()
    for x, y in snapshot.cancer[["x", "y"]].to_numpy():
        assert (
            tuple(picture[int(y * scale + scale / 2), int(x * scale + scale / 2)]) == CANCER_COLORS[CancerState.DORMANT]
        )


def test_a_prediction_is_called_so_in_its_figure():
    blocked = SMALL.with_treatment("anti-IL-6", drug="MP5-20F3").with_duration("2 d")
    legend = abm.simulate(blocked, seed=1).plot().legends[0]
    assert legend.texts[0].get_text() == "Influenza (prediction)"


def test_how_far_it_is_is_shown_only_where_that_is_wanted(monkeypatch, capsys):
    monkeypatch.setattr("abm.studies.simulation.PATIENCE", 0.0)
    abm.simulate(SMALL, seed=4, days=1)
    assert capsys.readouterr().err == ""
    abm.simulate(SMALL, seed=4, days=1, progress=True)
    assert "running influenza: 100 %" in capsys.readouterr().err
