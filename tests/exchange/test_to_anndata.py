import anndata
import numpy as np
import pytest

from abm.exchange.cell_table import VIRUS
from abm.installation import optional_deps


@pytest.fixture(scope="module")
def cells(run):
    return run.snapshot().to_anndata()


def test_cells_are_words_positions_and_levels(run, cells):
    table = run.snapshot().cells()
    assert cells.obs_names.tolist() == table.index.tolist()
    assert cells.obs["cell_type"].tolist() == table["cell_type"].tolist()
    assert np.array_equal(cells.obsm["spatial"], table[["x_um", "y_um"]])
    assert cells.var_names.tolist() == [*run.snapshot().substances, VIRUS]
    assert cells.var.loc["il6", "unit"] == "ng/mL"
    assert np.array_equal(cells[:, "il6"].X.ravel(), table["il6"])
    told = cells.uns["embers"]
    assert (told["scenario"], told["seed"], told["day"]) == ("influenza", 1, 5.0)
    assert told["units"]["awakened_at"] == "h"


@pytest.mark.parametrize("store", ["h5ad", "zarr"])
def test_it_is_written_and_read_back(cells, store, tmp_path):
    path = tmp_path / f"cells.{store}"
    getattr(cells, f"write_{store}")(path)
    back = getattr(anndata, f"read_{store}")(path)
    assert np.array_equal(back.X, cells.X)
    assert np.array_equal(back.obsm["spatial"], cells.obsm["spatial"])
    for name in cells.obs:
        assert back.obs[name].astype(str).tolist() == cells.obs[name].astype(str).tolist(), name
    assert back.uns["embers"]["scenario"] == "influenza"


def test_without_anndata_it_says_what_to_install(run, monkeypatch):
    monkeypatch.setattr(optional_deps, "find_spec", lambda _: None)
    with pytest.raises(optional_deps.MissingLibraryError, match=r"anndata.*\[export\]"):
        run.snapshot().to_anndata()
    with pytest.raises(optional_deps.MissingLibraryError, match=r"xarray.*\[export\]"):
        run.to_xarray()


@pytest.mark.filterwarnings("default")
def test_squidpy_finds_who_is_whose_neighbor(cells):
    sq = pytest.importorskip("squidpy", exc_type=ImportError)
    adata = cells.copy()
    adata.obs["label"] = adata.obs["label"].cat.remove_unused_categories()
    for how in ({"n_neighs": 6}, {"delaunay": True}):  # which lose cells that stand on the same point
        sq.gr.spatial_neighbors(adata, coord_type="generic", **how)
        degree = np.asarray(adata.obsp["spatial_connectivities"].sum(axis=1)).ravel()
        assert (degree > 0).all(), how
    sq.gr.spatial_neighbors(adata, coord_type="generic", radius=30.0)
    sq.gr.nhood_enrichment(adata, cluster_key="label", seed=0, n_perms=50, show_progress_bar=False)
    names = adata.obs["label"].cat.categories.tolist()
    z = adata.uns["label_nhood_enrichment"]["zscore"]
    assert z.shape == (len(names), len(names))
    assert adata.uns["label_nhood_enrichment"]["count"].sum() == adata.obsp["spatial_connectivities"].nnz
    common = adata.obs["label"].value_counts().loc[names].to_numpy() >= 10
    assert np.isfinite(z[common][:, common]).all()
