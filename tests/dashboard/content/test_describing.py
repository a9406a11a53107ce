from abm.dashboard.content.describing import parameters
from abm.rules.sources import SOURCES, bracketed


def test_every_source_with_a_doi_that_a_parameter_cites_comes_with_its_link():
    for told in parameters():
        keys = [key for key in bracketed(told["source"]) if SOURCES[key].doi]
        assert set(told["links"]) == set(keys), told["name"]
        assert all(told["links"][key] == f"https://doi.org/{SOURCES[key].doi}" for key in keys)


def test_an_assumed_parameter_has_no_links():
    (told,) = [told for told in parameters() if told["name"] == "dormancy.signal_memory"]
    assert told["links"] == {}
