import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from abm.core.quantity import replaced
from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES
from abm.model.section import section_of
from abm.rules.cells import CellKind
from abm.rules.states import CancerState
from abm.runs import failures
from abm.runs.identity import as_used, calculation, run_id, run_ids, source_digest
from abm.runs.job import Outcome, RunJob, drop_damaged
from abm.runs.run_one import simulate
from abm.runs.store.files import StorageError, storage, study_folder, write_text
from abm.runs.store.folder import opened
from abm.runs.store.run_file import pack
from abm.runs.store.snapshot_file import read_section, read_snapshot
from abm.runs.store.tables import read_series, units_in
from abm.runs.worker import do_and_land
from abm.scenario.read import load_scenario, read_scenario, with_overrides
from abm.studies.compare_tables import gather
from abm.studies.readme import folder_readme
from abm.tissue import capacity as room
from abm.treatments.treatments import Transfer

SMALL = with_overrides(load_scenario("influenza"), days=2, size="600um")


@pytest.fixture(scope="module")
def frames():
    return simulate(SMALL, seed=5)


def job_in(folder, seed=5, replicate=1):
    (folder / "runs").mkdir(exist_ok=True)
    path = folder / "runs" / f"{run_id(SMALL, seed)}.zip"
    return RunJob(SMALL, seed, replicate, path, calculation(), f"influenza, seed {seed}")


@pytest.fixture
def written(tmp_path, frames):
    done, missing, failed = (job_in(tmp_path, seed, replicate=seed - 4) for seed in (5, 6, 7))
    done.path.write_bytes(pack(frames, 1.5))
    failures.note(tmp_path, failed, Outcome("failed", 1.0, "Traceback\nValueError: bad luck"))
    gather(tmp_path, [done, missing, failed])
    return tmp_path


def test_a_run_gives_what_the_model_gives(frames):
    run = LungModel(SMALL, seed=5).run()
    assert list(frames.series) == ["hour", *MEASURES]
    pd.testing.assert_frame_equal(frames.series, run.series)
    pd.testing.assert_frame_equal(frames.events, run.events)


def test_the_series_has_one_row_per_run_and_time_and_a_column_per_measure(written, frames):
    series = pd.read_parquet(written / "series.parquet")
    assert list(series) == ["arm", "replicate", "seed", "hour", *MEASURES]
    assert isinstance(series["arm"].dtype, pd.CategoricalDtype)
    pd.testing.assert_frame_equal(series[["hour", *MEASURES]], frames.series, check_dtype=False)
    assert set(series["seed"]) == {5}


def test_every_column_of_every_table_tells_its_meaning_and_those_of_numbers_their_unit(written):
    schema = pq.read_schema(written / "series.parquet")
    assert units_in(schema)["il6"] == {"unit": "ng/mL", "meaning": MEASURES["il6"].meaning}
    assert schema.metadata[b"embers"]
    for name in ("series", "events", "runs", "failures"):
        told = units_in(pq.read_schema(written / f"{name}.parquet"))
        assert all(one["meaning"] for one in told.values()), name
        assert told.get("hour", {"unit": "h"})["unit"] == "h"


def test_curves_as_older_versions_wrote_them_are_read_alike(written, tmp_path):
    series = read_series(written / "series.parquet")
    long = series.melt(["arm", "replicate", "seed", "hour"], var_name="measure")
    long.to_parquet(tmp_path / "long.parquet")
    old = read_series(tmp_path / "long.parquet", ["virions", "il6"])
    pd.testing.assert_frame_equal(old, series[list(old)], check_dtype=False)
    assert set(old) == {"arm", "replicate", "seed", "hour", "virions", "il6"}


def test_tables_are_dictionary_encoded_and_packed_with_zstd(written):
    for name in ("series", "runs"):
        file = pq.ParquetFile(written / f"{name}.parquet")
        column = file.metadata.row_group(0).column(0)
        assert column.compression == "ZSTD"
        assert any("DICTIONARY" in encoding for encoding in column.encodings)
        assert str(file.schema_arrow.field("arm").type).startswith("dictionary")


def test_the_table_of_runs_says_what_is_done_failed_and_missing(written, frames):
    runs = pd.read_parquet(written / "runs.parquet").set_index("seed")
    assert runs["status"].to_dict() == {5: "done", 6: "missing", 7: "failed"}
    assert runs.loc[5, "digest"] == frames.digest
    assert runs.loc[5, "seeded"] == frames.seeded > 0


def test_a_failure_is_a_row_with_seed_and_traceback_until_it_is_made_good(written, frames):
    table = pd.read_parquet(written / "failures.parquet")
    assert table[["arm", "seed"]].to_numpy().tolist() == [["influenza", 7]]
    assert table.loc[0, "traceback"].endswith("bad luck")
    again = job_in(written, 7)
    again.path.write_bytes(pack(frames, 1.0))
    failures.note(written, again, Outcome("done", 1.0))
    gather(written, [again])
    assert not (written / "failures.parquet").exists()


def test_snapshots_hold_the_tissue_as_the_model_shows_it(written, frames):
    place = written / "snapshots" / "influenza"
    assert sorted(path.name for path in (place / "5").iterdir()) == ["day_00.npz", "day_02.npz"]
    snapshot = frames.snapshots[-1]
    with np.load(place / "5" / "day_02.npz") as day:
        assert day["hour"] == 48.0
        assert day["epithelium"].dtype == np.uint8
        assert day["epithelium"].shape == day["virus"].shape == (60, 60)
        assert day["il6"].shape == (15, 15)
        assert np.array_equal(day["il6"], snapshot.il6)
        assert day["cancer_state"].dtype == day["mobile_kind"].dtype == np.uint8
        names = [CancerState(code).name.lower() for code in day["cancer_state"]]
        assert names == snapshot.cancer["state"].tolist()
        assert [CellKind(code).name.lower() for code in day["mobile_kind"]] == snapshot.mobile["kind"].tolist()
        assert day["mobile_x"].tolist() == snapshot.mobile["x"].tolist()
    with np.load(place / "section.npz") as section:
        assert np.array_equal(section["kind"], section_of(SMALL).kind)
        assert np.array_equal(section["epithelium_cell_type"], section_of(SMALL).cell_type)


def test_a_snapshot_is_read_back_as_it_was(written, frames):
    place = written / "snapshots" / "influenza"
    section = read_section((place / "section.npz").read_bytes())
    read = read_snapshot((place / "5" / "day_02.npz").read_bytes(), section)
    snapshot = frames.snapshots[-1]
    for name in ("cancer", "mobile"):
        pd.testing.assert_frame_equal(getattr(read, name), getattr(snapshot, name))
    assert read.maps.keys() == snapshot.maps.keys()
    assert all(np.array_equal(read.maps[name], array) for name, array in snapshot.maps.items())
    assert all(map(np.array_equal, read.section, snapshot.section))


def test_gathering_again_gives_the_same_bytes(written):
    names = ("series.parquet", "events.parquet", "runs.parquet")
    before = [(written / name).read_bytes() for name in names]
    gather(written, [job_in(written, seed, replicate=seed - 4) for seed in (5, 6, 7)])
    assert [(written / name).read_bytes() for name in names] == before


def test_a_run_that_was_cut_short_while_it_was_written_is_not_there(tmp_path, frames):
    job = job_in(tmp_path)
    (tmp_path / "runs" / f".{job.path.name}-4194305.part").write_bytes(b"half")
    assert not job.is_done
    with opened(tmp_path):
        job.path.write_bytes(pack(frames, 1.0))
    assert job.is_done
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [job.path.name]


def test_a_damaged_file_of_a_run_is_removed_so_that_it_is_run_again(tmp_path, frames):
    whole, cut, changed, missing = (job_in(tmp_path, seed) for seed in (5, 6, 7, 8))
    content = pack(frames, 1.0)
    whole.path.write_bytes(content)
    cut.path.write_bytes(content[:-30])
    changed.path.write_bytes(content[:5000] + bytes([content[5000] ^ 255]) + content[5001:])
    assert drop_damaged([whole, cut, changed, missing]) == 2
    assert [job.is_done for job in (whole, cut, changed, missing)] == [True, False, False, False]


def test_a_run_that_cannot_be_written_says_so_and_is_not_a_failure(tmp_path):
    outcome = do_and_land(replace(job_in(tmp_path), path=tmp_path / "gone" / "one.zip"))
    assert outcome.status == "storage"
    assert "No such file" in outcome.detail


def test_a_run_that_fails_tells_its_traceback(tmp_path):
    broken = replace(SMALL, layout=str(tmp_path / "no_mask.png"))
    outcome = do_and_land(replace(job_in(tmp_path), scenario=broken))
    assert outcome.status == "failed"
    assert outcome.detail.startswith("Traceback")


def test_the_address_of_a_run_changes_with_all_that_matters():
    parameters = replaced(SMALL.parameters, "dormancy.ki67_at_rest", 0.021)
    variants = [SMALL, replace(SMALL, parameters=parameters), replace(SMALL, step=1 / 12), replace(SMALL, host="human")]
    addresses = {run_id(variant, seed) for variant in variants for seed in (1, 2)}
    assert len(addresses) == 8
    assert run_ids(SMALL, [1, 2]) == [run_id(SMALL, 1), run_id(SMALL, 2)]


def test_the_scenario_as_used_is_a_scenario_file_that_gives_the_same_address(tmp_path):
    path = tmp_path / "influenza.toml"
    path.write_text(as_used(SMALL), encoding="utf-8")
    assert run_id(read_scenario(path), 3) == run_id(SMALL, 3)


def test_the_digest_of_the_source_is_a_sha256():
    assert len(source_digest()) == 64


def test_the_readme_of_a_folder_tells_of_every_file_and_measure(written):
    text = folder_readme()
    for path in written.iterdir():
        assert path.name in text
    assert all(name in text for name in MEASURES)


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "table"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new, and half a character \ud800")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["table"]


def test_a_fresh_study_never_takes_a_folder_that_is_there(tmp_path):
    assert study_folder(tmp_path, "a", fresh=True) == tmp_path / "a"
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").mkdir()
    assert study_folder(tmp_path, "a", fresh=False) == tmp_path / "a"
    assert study_folder(tmp_path, "a", fresh=True) == tmp_path / "a-3"


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file.*[Nn]ot a directory[\s\S]*--out"), storage(tmp_path / "file"):
        (tmp_path / "file" / "below").mkdir()


def test_a_run_with_too_many_cells_ends_with_a_sentence_and_keeps_what_it_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "MOST_CELLS", 40)
    crowded = replace(SMALL, treatments=(Transfer("NK", 24.0, 500.0),) * 20)
    job = replace(job_in(tmp_path), scenario=crowded)
    outcome = do_and_land(job)
    assert outcome.status == "failed"
    assert re.search(r"stopped on day [\d.]+: \d+ mobile cells on 0.36 mm2.*a run holds 40 at most", outcome.detail)
    failures.note(tmp_path, job, outcome)
    kept = pd.read_csv(tmp_path / "failed" / f"{job.id}.csv")
    assert list(kept) == ["hour", *MEASURES]
    gather(tmp_path, [job])
    assert "stopped on day" in pd.read_parquet(tmp_path / "failures.parquet")["traceback"][0]
