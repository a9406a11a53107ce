import pyarrow.parquet as pq

from abm.cohort.tables import COLUMNS, write_tables
from abm.cohort.worker import rows
from tests.cohort.patients import BLOCKADE, small


def test_a_patient_has_every_column_that_is_declared_and_no_other(tmp_path):
    patient = rows(small(BLOCKADE), 1)
    made = {"patients": [patient["person"]], "arms": patient["arms"], "courses": patient["courses"]}
    for name, columns in COLUMNS.items():
        for row in made[name]:
            assert list(row) == [column for column, *_ in columns], name
    assert write_tables(tmp_path, [patient]) == 1
    for name, columns in COLUMNS.items():
        table = pq.read_table(tmp_path / f"{name}.parquet")
        assert table.num_rows == len(made[name])
        for column, _, unit, meaning in columns:
            told = table.schema.field(column).metadata
            assert (told[b"unit"].decode(), told[b"meaning"].decode()) == (unit, meaning)
