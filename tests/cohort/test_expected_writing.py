import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from abm.cohort.death import hours_to_other_death
from abm.cohort.disease import MONTH, cells_of
from abm.cohort.expected.inputs import UnfinishedCohortError, read_expected
from abm.cohort.expected.outlook import CAUSES, UnknownFactors
from abm.cohort.expected.writing import constants_of, prepare_expected, summed_other_death
from abm.cohort.fate import fate_of
from abm.cohort.incidence import escape_hazard
from abm.cohort.lesions import SectionCourse, lesions_of
from abm.cohort.patient import care_of, scans_of
from abm.cohort.person import draw
from abm.cohort.run import design
from abm.model.quiet.resting_contacts import resting_contacts
from abm.runs.store.folder import StudyChangedError, agree
from abm.runs.store.sealed import sealed
from tests.cohort.finished_cohort import finished
from tests.cohort.patients import small
from tests.cohort.synthetic_cohort import section


def tables_of(cohort, folder, count=4):
    """Tables of a finished cohort whose sections are made up."""
    contacts = resting_contacts(cohort.scenario)
    patients, courses = [], []
    for number in range(1, count + 1):
        person = draw(cohort, number, contacts)
        first = person.infections[0] / MONTH if person.infections else None
        patients.append({
            "number": number, "burden": person.burden, "since_diagnosis": person.since_diagnosis / 8766.0,
            "reach": 0.2, "growth": person.growth * MONTH, "loss": person.loss * MONTH,
            "infections": len(person.infections), "first_infection": first,
        })  # fmt: skip
        for arm in ("no infection", "infection", *(policy.name for policy in cohort.policies)):
            ill = arm != "no infection" and first is not None
            courses.append({
                "number": number, "arm": arm, "infected": ill, "reach": 0.2 * ill, "infection_death": 0.1 * ill,
                **section(first if ill else math.nan, 0.2 * ill, person.loss * MONTH),
            })  # fmt: skip
    for name, rows in (("patients", patients), ("courses", courses)):
        with sealed(folder / f"{name}.parquet") as path:
            pd.DataFrame(rows).to_parquet(path, index=False)


def test_what_the_closed_form_needs_follows_from_the_cohort(tmp_path):
    cohort = small()
    tables_of(cohort, tmp_path)
    prepare_expected(cohort, tmp_path)
    made = read_expected(tmp_path)
    assert made.names == ["no infection", "infection", "scan"]
    assert made.lethal.shape == (4, 5)
    usual, more = (made.scans[arm][0] for arm in ("infection", "scan"))
    assert np.isfinite(more).sum() == np.isfinite(usual).sum() + 2
    assert made.mortality["infection"].infection.max() == pytest.approx(0.1)
    assert not made.mortality["no infection"].infection.any()
    found = {arm: made.outlook(arm, UnknownFactors()).found_by for arm in made.names}
    assert 0.0 < found["infection"][-1] < 1.0
    assert (found["scan"] >= found["infection"] - 1e-12).all()


def test_what_the_closed_form_needs_is_written_once(tmp_path):
    cohort = small()
    tables_of(cohort, tmp_path)
    prepare_expected(cohort, tmp_path)
    before = (tmp_path / "expected.parquet").stat().st_mtime_ns
    prepare_expected(cohort, tmp_path)
    assert (tmp_path / "expected.parquet").stat().st_mtime_ns == before
    tables_of(cohort, tmp_path, 5)
    prepare_expected(cohort, tmp_path)
    assert read_expected(tmp_path).numbers.size == 5


def test_constants_are_those_of_the_disease_in_months_and_cells():
    cohort = small()
    told = constants_of(cohort)
    assert told.months == pytest.approx(8.0, abs=0.01)
    assert told.visible == cells_of(cohort.scan_sees, cohort.disease.packing)
    assert told.elsewhere == pytest.approx(cohort.death.elsewhere * MONTH)
    assert told.scans_before == pytest.approx(3.0)
    assert told.still_seen


def test_the_hazard_of_other_death_is_that_by_which_patients_die():
    cohort = small()
    person = draw(cohort, 1, resting_contacts(cohort.scenario))
    summed = summed_other_death(cohort, person)
    assert summed[0] == 0.0
    assert (np.diff(summed) > 0.0).all()
    at = hours_to_other_death(float(summed[6]), person.age, person.female, person.comorbidity, cohort.death)
    assert at == pytest.approx(6.0 * MONTH, rel=0.01)


def test_without_tables_it_says_what_to_run(tmp_path):
    with pytest.raises(UnfinishedCohortError, match="Run `embers cohort"):
        prepare_expected(small(), tmp_path)


def test_the_closed_form_agrees_with_the_fates_of_the_package(tmp_path):
    usual = small()
    cohort = replace(usual, disease=usual.disease._replace(incidence=5e-5))
    tables_of(cohort, tmp_path)
    prepare_expected(cohort, tmp_path)
    made, turns = read_expected(tmp_path), 600
    made.escape = lambda _: escape_hazard(cohort) * MONTH
    # As in `_fates`, where nobody dies of the infection.
    made.mortality = {arm: risks._replace(infection=np.zeros(4)) for arm, risks in made.mortality.items()}
    rows = pd.read_parquet(tmp_path / "courses.parquet").set_index(["arm", "number"])
    for arm in ("no infection", "infection"):
        fates = [fate for number in made.numbers for fate in _fates(cohort, rows, arm, int(number), turns)]
        outlook, error = made.outlook(arm, UnknownFactors()), 4.0 * math.sqrt(0.25 / len(fates))
        for month in (3, 5, 8):
            found = np.mean([fate.found <= min(month * MONTH + 1.0, cohort.hours) for fate in fates])
            assert outlook.found_by[month] == pytest.approx(found, abs=error)
            for cause in CAUSES:
                died = np.mean([fate.cause == cause and fate.died <= month * MONTH for fate in fates])
                assert outlook.died_by(cause)[month] == pytest.approx(died, abs=error)
        assert outlook.found_by[-1] > 3.0 * error


def _fates(cohort, rows, arm, number, turns):
    """What becomes of a patient with a made-up section, turn by turn."""
    care, person = care_of(cohort)[arm], draw(cohort, number, resting_contacts(cohort.scenario))
    who = person if arm == "infection" else person._replace(infections=())
    own, rest = (_as_course(rows.loc[name, number]) for name in (arm, "no infection"))
    scans, reach = scans_of(cohort, care, who), float(rows.loc[(arm, number), "reach"])
    for turn in range(turns):
        lesions = lesions_of(cohort, who, own, rest, reach, turn)
        yield fate_of(cohort, who, care, lesions, scans, False, turn)


def _as_course(row):
    hours = np.asarray(row["section_hours"], dtype=float)
    none = np.zeros_like(hours)
    return SectionCourse(hours, none, none, np.asarray(row["section_awake_hours"]), np.asarray(row["section_clones"]),
                         none, none, np.asarray(row["section_gained"]), row["section_killing"])  # fmt: skip


def test_the_folder_of_another_cohort_is_refused(tmp_path):
    cohort = small()
    (tmp_path / "finished").mkdir()
    (tmp_path / "finished" / "0000001.json").write_text("{}")
    agree(tmp_path, design(cohort))
    finished(tmp_path)
    with pytest.raises(StudyChangedError, match="then"):
        prepare_expected(replace(cohort, sensitivity=0.5), tmp_path)
