import pytest

from abm.verify import pharmacokinetics, waiting_times
from abm.verify.pharmacokinetics import antibodies, small_molecules
from abm.verify.waiting_times import cancer_times, draws, infection_times

EVERY = [draws, cancer_times, infection_times, antibodies, small_molecules]


@pytest.mark.parametrize("find", EVERY, ids=lambda find: find.__name__)
def test_laws_are_kept(find):
    found = find()
    assert found.verdict == "passed", found.measured


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("waits", lambda right: lambda count: 1.02 * right(count)),
        ("stage_times", lambda right: lambda count, mean, shape: right(count, mean, shape - 1.0)),
        ("arrivals", lambda right: lambda count, mean: right(count, 1.03 * mean)),
    ],
)
def test_draws_of_another_law_fail(name, wrong, monkeypatch):
    monkeypatch.setattr(waiting_times, name, wrong(getattr(waiting_times, name)))
    assert draws().verdict == "failed"


def with_factor(name, factor):
    """What lays out a scenario, with one parameter wrong by a factor."""
    right = waiting_times.still

    def still(changes, scenario):
        default = waiting_times.Parameters()
        for part in name.split("."):
            default = getattr(default, part)
        return right(changes | {name: factor * changes.get(name, default)}, scenario)

    return still


@pytest.mark.slow
@pytest.mark.parametrize(
    ("find", "name", "factor"),
    [
        (cancer_times, "dormancy.spontaneous_awakening", 1.2),
        (cancer_times, "dormancy.cycle_time", 1.1),
        (cancer_times, "dormancy.cycle_shape", 0.5),
        (infection_times, "virus.eclipse_time", 1.05),
        (infection_times, "virus.expressing_time", 1.1),
        (infection_times, "virus.expressing_shape", 3.0),
    ],
)
def test_cells_that_keep_another_time_fail(find, name, factor, monkeypatch):
    monkeypatch.setattr(waiting_times, "still", with_factor(name, factor))
    assert find().verdict == "failed"


def test_a_drug_that_is_a_little_off_fails(monkeypatch):
    right = pharmacokinetics.antibody_concentration, pharmacokinetics.small_molecule_concentration
    monkeypatch.setattr(
        pharmacokinetics,
        "antibody_concentration",
        lambda drug, *rest: right[0](drug._replace(exchange=0.99 * drug.exchange), *rest),
    )
    monkeypatch.setattr(
        pharmacokinetics, "small_molecule_concentration", lambda *given: right[1](*given) * (1.0 + 1e-9)
    )
    assert antibodies().verdict == "failed"
    assert small_molecules().verdict == "failed"
