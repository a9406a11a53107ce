"""A type of cell and a substance that are declared in their tables, and nowhere else, are drawn and offered."""

import json
from pathlib import Path

import pytest

from abm.plots.curves import GROUPS
from abm.plots.legend import HEIGHT
from tests.one_more import MAST_CELL_COLOR, declared_in, python

PROGRAM = """
import json
from pathlib import Path
import numpy as np
import pandas as pd
from abm.dashboard.content.facts import facts
from abm.dashboard.live.worker import MEASURED
from abm.model.measures import MEASURES
from abm.plots.data import Drawn
from abm.plots.figures import draw_all
from abm.plots import curves, legend
from abm.plots.tissue_picture import tissue_picture
from abm.rules.cells import CellKind
from abm.rules.substances import Substance

labels = {"arm": "one", "replicate": 1, "seed": 1, "hour": [0.0, 6.0]}
series = pd.DataFrame(labels | dict.fromkeys(MEASURES, 1.0))
figure = curves.curves_figure(Drawn(Path(), ("one",), {"one": "One"}, frozenset(), series))

cells = {f"mobile_{axis}": np.array([6]) for axis in "xy"} | {"mobile_kind": np.array([CellKind.MAST_CELL])}
nobody = {f"cancer_{name}": np.array([], dtype=int) for name in ("x", "y", "state")}
septum = np.zeros((12, 12), dtype=np.uint8)
picture = tissue_picture(cells | nobody | {"epithelium": septum}, septum)

folder = Path("study")
(folder / "snapshots/one/1").mkdir(parents=True)
series.to_parquet(folder / "series.parquet")
np.savez(folder / "snapshots/one/section.npz", kind=septum)
fields = {each.key: np.full((2, 2), 0.1) for each in Substance}
np.savez(folder / "snapshots/one/1/day_00.npz", epithelium=septum, **cells, **nobody, **fields)

print(json.dumps({
    "panels": [ax.get_title() for ax in figure.axes],
    "days": [ax.get_title() for ax in figure.axes if ax.get_xlabel() == "day"],
    "color": picture[26, 26].tolist(),
    "height": legend.HEIGHT,
    "figures": [path.stem for path in draw_all(folder)],
    "bands": MEASURED,
    "facts": {name: facts()[name] for name in ("cells", "charts", "overlays", "cellOrder")},
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What figures and page know of them."""
    folder: Path = declared_in(tmp_path_factory.mktemp("declared"))
    return json.loads(python(folder, PROGRAM))


def test_they_have_curves_in_figures(seen: dict) -> None:
    assert {"Mast cells", "IL-17A"} <= set(seen["panels"])
    assert len(seen["panels"]) == sum(map(len, GROUPS.values())) + 2


def test_the_lowest_panel_of_each_column_names_the_days(seen: dict) -> None:
    above = ["Neutrophils", "NK cells", "CD8 T cells", "CD4 T cells", "Fibroblasts"]
    assert sorted(seen["days"]) == sorted([*above, "Mast cells"])


def test_the_cell_has_its_color_in_pictures_and_its_line_in_the_legend(seen: dict) -> None:
    assert tuple(seen["color"]) == MAST_CELL_COLOR
    assert seen["height"] > HEIGHT


def test_the_substance_has_its_map(seen: dict) -> None:
    assert "il17a" in seen["figures"]


def test_the_page_offers_them_with_bands_of_replicates(seen: dict) -> None:
    cell = [each for each in seen["facts"]["cells"] if "own" not in each][-1]
    assert (cell["name"], tuple(cell["color"]), cell["layer"]) == ("mast cell", MAST_CELL_COLOR, "immune")
    assert len(seen["facts"]["cellOrder"]) == len(seen["facts"]["cells"])
    assert seen["facts"]["overlays"]["il17a"]["name"] == "IL-17A"
    choices = {name: title for chart in seen["facts"]["charts"] for name, title in chart["choices"].items()}
    assert (choices["mast_cells"], choices["il17a"]) == ("mast cells", "IL-17A")
    assert {"mast_cells", "il17a"} <= set(seen["bands"])
