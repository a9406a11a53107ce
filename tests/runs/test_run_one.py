from dataclasses import replace

from abm.runs.run_one import simulate
from abm.treatments.drugs import AntiIL6
from abm.treatments.treatments import Transfer


def test_a_treatment_that_would_begin_after_the_end_of_a_shortened_study_never_acts(healthy):
    late = replace(healthy, treatments=(AntiIL6("MP5-20F3", start=100.0), Transfer("CD8", start=100.0)))
    with_it, without = simulate(late, 1), simulate(healthy, 1)
    assert with_it.series.equals(without.series)
    assert with_it.digest == without.digest
