import numpy as np
import pytest
import xarray as xr

from abm.core.lattice import BLOCK
from abm.exchange.to_xarray import to_xarray
from abm.rules.states import EpithelialState, SiteKind


@pytest.fixture(scope="module")
def maps(run):
    return run.to_xarray()


def test_maps_are_those_of_the_snapshots_on_one_grid(run, maps):
    assert maps["time"].values.tolist() == [one.hour for one in run.snapshots] == [0.0, 72.0, 120.0]
    assert maps["il6"].dims == maps["virus"].dims == ("time", "y", "x")
    last = run.snapshot(5)
    assert np.array_equal(maps["il6"].isel(time=-1)[::BLOCK, ::BLOCK], last.il6)
    assert np.array_equal(maps["virus"].isel(time=-1), last.virus)
    assert maps["il6"].attrs == {"long_name": "IL-6", "units": "ng/mL", "grid_spacing": 40.0}
    assert maps["interferon"].attrs["grid_spacing"] == 20.0
    assert (float(maps["x"][0]), float(maps["y"][-1])) == (5.0, 315.0)
    counted = sum(int(maps[f"{kind}_cells"].isel(time=-1).sum()) for kind in last.mobile["kind"].cat.categories)
    assert counted == len(last.mobile)


def test_codes_carry_their_words(maps):
    told = maps["epithelium"].attrs
    words = dict(zip(told["flag_values"].tolist(), told["flag_meanings"].split(), strict=True))
    assert words == {int(state): state.name.lower() for state in EpithelialState} | {255: "no_cell"}
    assert maps["site_kind"].attrs["flag_meanings"].split() == [kind.name.lower() for kind in SiteKind]


@pytest.mark.parametrize("store", ["netcdf", "zarr"])
def test_it_is_saved_and_read_back(maps, store, tmp_path):
    path = tmp_path / "maps"
    if store == "netcdf":
        maps.to_netcdf(path, engine="h5netcdf")
    else:
        maps.to_zarr(path, consolidated=False)
    options = {"engine": "h5netcdf"} if store == "netcdf" else {"engine": "zarr", "consolidated": False}
    with xr.open_dataset(path, **options) as back:
        xr.testing.assert_equal(back.load(), maps)
        assert back["il6"].attrs["units"] == "ng/mL"
        assert back.attrs["scenario"] == "influenza"


def test_nothing_is_no_map():
    with pytest.raises(ValueError, match="no snapshot"):
        to_xarray([])
