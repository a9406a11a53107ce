import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abm.core.lattice import BLOCK, SPACING
from abm.exchange.cell_table import spread_within_sites
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialState, EpithelialType


def test_every_cell_is_a_row_with_its_type_and_state_in_words(run):
    snapshot = run.snapshot(5)
    table = snapshot.cells()
    counts = table["population"].value_counts().to_dict()
    covered = ~np.isin(snapshot.epithelium[snapshot.section.y, snapshot.section.x], [EpithelialState.DENUDED, 255])
    assert counts == {"cancer": len(snapshot.cancer), "mobile": len(snapshot.mobile), "epithelium": covered.sum()}
    assert table.index.is_unique
    cancer = table[table["population"] == "cancer"]
    assert cancer["state"].tolist() == snapshot.cancer["state"].tolist()
    assert cancer["label"].tolist() == [f"{state} cancer cell" for state in snapshot.cancer["state"]]
    titles = [CellKind[kind.upper()].type.title for kind in snapshot.mobile["kind"]]
    assert table[table["population"] == "mobile"]["cell_type"].tolist() == titles


def test_epithelial_cells_are_those_of_the_model(run):
    tissue, table = run.model.tissue, run.snapshot().cells()
    cells = table[table["population"] == "epithelium"].set_index("uid")
    words = {EpithelialType.AT1: "AT1 cell", EpithelialType.AT2: "AT2 cell"}
    for index in range(0, tissue.epithelium.size, 7):
        state = EpithelialState(tissue.states[index])
        assert (index in cells.index) == (state != EpithelialState.DENUDED)
        if index in cells.index:
            assert cells.loc[index, "cell_type"] == words[tissue.epithelium.cell_type[index]]
            assert cells.loc[index, "state"] == state.name.lower()
    assert {"infected epithelial cell", "dying epithelial cell"} & set(cells["label"])


def test_local_levels_are_those_of_the_square_and_the_site(run):
    snapshot = run.snapshot(5)
    table = snapshot.cells(epithelium=False)
    y, x = (np.concatenate([snapshot.cancer[axis], snapshot.mobile[axis]]) for axis in ("y", "x"))
    assert np.array_equal(table["il6"], snapshot.il6[y // BLOCK, x // BLOCK])
    assert np.array_equal(table["virus"], snapshot.virus[y, x])
    assert table["il6"].max() > 0
    assert np.array_equal(table["y_um"] // SPACING, y)
    assert np.array_equal(table["x_um"] // SPACING, x)


def test_no_two_cells_stand_on_the_same_point(run):
    snapshot = run.snapshot(5)
    table = snapshot.cells()
    assert snapshot.mobile.duplicated(["x", "y"]).any()
    assert not table.duplicated(["x_um", "y_um"]).any()
    without = snapshot.cells(epithelium=False)
    pd.testing.assert_frame_equal(without[["x_um", "y_um"]], table.loc[without.index, ["x_um", "y_um"]])


@given(arrays(np.int64, st.tuples(st.integers(0, 60), st.just(2)), elements=st.integers(0, 3)))
def test_cells_stay_on_their_site_whoever_shares_it(sites):
    at = spread_within_sites(sites[:, 0], sites[:, 1])
    assert at.shape == sites.shape
    assert np.array_equal(np.floor(at / SPACING), sites[:, ::-1])
    assert len({*map(tuple, at)}) == len(sites)
    first = pd.DataFrame(sites).drop_duplicates().index
    assert np.array_equal(at[first], (sites[first][:, ::-1] + 0.5) * SPACING)


def test_a_cell_that_never_awoke_has_no_time_and_a_founder_no_parent(run):
    cancer = run.snapshot(5).cells().query("population == 'cancer'")
    assert (cancer["awakened_at"].isna() == (cancer["cause"] == "never")).all()
    assert cancer["parent"].isna().any()
    assert set(cancer["parent"].dropna()) <= {*run.events["parent"]}
