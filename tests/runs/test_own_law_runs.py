"""A user's function in the place of a law, in comparisons: workers, addresses, provenance, what a folder says."""

import json
from dataclasses import replace

import pytest

import abm
from abm.core.compiled import interpreted
from abm.core.kernels.replaced import ReplacedError
from abm.runs.identity import as_used
from abm.runs.run_one import simulate
from tests.commands import embers
from tests.own_laws import INFECTED, NEVER, never

SHORT = replace(INFECTED, duration=48.0)

pytestmark = pytest.mark.skipif(interpreted(), reason="a user's law acts in compiled code only")


@pytest.fixture(scope="module")
def mine():
    return SHORT.with_law(NEVER, never).with_name("mine")


@pytest.fixture(scope="module")
def folders(mine, tmp_path_factory):
    """The same comparison, by one worker and by two."""
    out = tmp_path_factory.mktemp("out")
    return [
        abm.compare(mine, SHORT, replicates=2, seed=5, out=out / str(workers), workers=workers, figures=False)
        for workers in (1, 2)
    ]


def test_workers_give_the_bits_of_this_process(folders, mine):
    one, two = folders
    assert one.series().equals(two.series())
    for scenario in (mine, SHORT):
        here = simulate(scenario, 6).series
        cells = one.series().query(f"arm == '{scenario.name}' and seed == 6")["virions"]
        assert cells.tolist() == here["virions"].tolist()
    digests = {run["digest"] for run in one.runs().to_dict("records")}
    assert len(digests) == 4


def test_the_provenance_has_the_text_of_the_function(folders):
    told = json.loads((folders[0].folder / "provenance.json").read_text())
    (law,) = told["own_laws"]["mine"].values()
    assert law["function"] == "never"
    assert "    return 0.0" in law["text"]
    assert "infected" not in told["own_laws"]


def test_the_folder_opens_and_shows_the_law_which_does_not_run_from_there(folders, mine):
    opened = abm.open_study(folders[0].folder)
    assert opened.scenarios == (mine, SHORT)
    assert "never" in abm.rules_of(opened.scenarios[0]).law(NEVER).sentence
    with pytest.raises(ReplacedError, match="pass the function again"):
        simulate(opened.scenarios[0], 1)


def test_the_command_refuses_the_record_in_words(folders, tmp_path):
    path = folders[0].folder / "scenarios" / "mine.toml"
    assert path.read_text() == as_used(opened_as(folders[0], "mine"))
    ended = embers("run", path, "--days", "1", cwd=tmp_path)
    assert ended.returncode != 0
    assert "is a function in the place of a law, which a file cannot hold" in ended.stderr


def opened_as(comparison, name):
    return next(scenario for scenario in comparison.scenarios if scenario.name == name)
