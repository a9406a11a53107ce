import numpy as np
import pandas as pd
import pytest

from abm.cohort.analysis import CANCER, DEATH, FOUND, INFECTED, NONE, RECORDED, Tables, read
from abm.runs.store.sealed import DamagedError, sealed
from tests.cohort.synthetic import made, tables


def test_an_endpoint_ends_at_the_event_at_death_or_at_the_end():
    cohort = tables({INFECTED: [10, None, None], NONE: [None] * 3}, died={INFECTED: [30, 20, None]})
    found = cohort.follow(INFECTED, FOUND)
    assert found.time.ravel().tolist() == [10.0, 20.0, 52.0]
    assert found.event.ravel().tolist() == [True, False, False]
    death = cohort.follow(INFECTED, DEATH)
    assert death.time.ravel().tolist() == [30.0, 20.0, 52.0]
    assert death.event.ravel().tolist() == [True, True, False]


def test_a_death_may_be_recorded_as_from_cancer_that_was_not():
    cohort = made(300, 3, deaths={INFECTED: {"infection": 0.01}})
    recorded, truth = (cohort.follow(INFECTED, end).event for end in (RECORDED, CANCER))
    assert (recorded & ~truth).any()
    assert not (truth & ~recorded).any()


def test_rows_are_put_in_order_so_that_twins_stand_in_the_same_place():
    cohort = made(20, 3)
    mixed = Tables(cohort.patients.sample(frac=1, random_state=1), cohort.arms.sample(frac=1, random_state=2), 52.0)
    assert set(mixed.names) == set(cohort.names)
    for name in cohort.names:
        for one, other in zip(mixed.follow(name, FOUND)[:2], cohort.follow(name, FOUND)[:2], strict=True):
            assert (one == other).all()


def test_a_missing_turn_is_refused():
    cohort = made(5, 3)
    with pytest.raises(ValueError, match="arm 'policy' lacks turns"):
        Tables(cohort.patients, cohort.arms.iloc[:-1], 52.0)


def test_tables_are_read_back_and_damage_is_noticed(tmp_path):
    cohort = made(50, 2, deaths={INFECTED: {"infection": 0.01}})
    for name, table in (("patients", cohort.patients.reset_index()), ("arms", cohort.arms)):
        with sealed(tmp_path / f"{name}.parquet") as path:
            table.to_parquet(path, index=False)
    again = read(tmp_path, 52.0)
    pd.testing.assert_frame_equal(again.patients, cohort.patients, check_names=False)
    assert np.array_equal(again.numbers(INFECTED, "found"), cohort.numbers(INFECTED, "found"), equal_nan=True)
    for end in (RECORDED, CANCER, DEATH):
        assert (again.follow(INFECTED, end).event == cohort.follow(INFECTED, end).event).all()
    (tmp_path / "arms.parquet").write_bytes(b"not what was written")
    with pytest.raises(DamagedError):
        read(tmp_path, 52.0)
