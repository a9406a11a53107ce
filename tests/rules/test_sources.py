import re

import pytest

from abm.cohort.death import Death
from abm.cohort.disease import Disease
from abm.cohort.host import Host
from abm.core.quantity import quantities
from abm.rules.infection import Virus
from abm.rules.parameters import Parameters
from abm.rules.sources import SOURCES, Source, bracketed, cited, definitions, references
from abm.scenario.describe import drugs
from abm.scenario.scenario import Change, Scenario
from abm.treatments.treatments import TREATMENTS, Infection
from tests.update_sources import PAGE, page

GROUPS = [*map(type, Parameters()), Virus, Disease, Death, Host, Scenario, Change, Infection, *TREATMENTS.values()]
TEXTS = [quantity.source for group in GROUPS for quantity in quantities(group).values()]
TEXTS += [text for entry in drugs() for text in entry.sources]
USED = {key for text in TEXTS for key in bracketed(text)}


def test_every_key_that_a_parameter_cites_is_in_the_bibliography():
    assert USED - set(SOURCES) == set()


def test_every_source_of_the_bibliography_is_cited_by_a_parameter_or_a_drug():
    assert set(SOURCES) - USED == set()


def test_no_parameter_or_drug_names_a_source_outside_of_brackets_or_a_doi():
    for text in TEXTS:
        rest = re.sub(r"\[[^][]+\]", "", text)
        assert "doi" not in rest.lower(), text
        assert not re.search(r"[A-Z][a-z]+ (19|20)\d\d\b", rest), text
        assert not [key for key in SOURCES if key in rest], text
        assert not {"[", "]"} & set(rest), text


@pytest.mark.parametrize("key", SOURCES)
def test_every_source_has_a_doi_or_says_why_not(key):
    source = SOURCES[key]
    assert source.citation == source.citation.strip() != ""
    assert bool(source.doi) != bool(source.no_doi)
    if source.doi:
        assert re.fullmatch(r"10\.\d{4,9}/[^\s;,]*[A-Za-z0-9]", source.doi)
        assert source.link == f"https://doi.org/{source.doi}"


def test_no_doi_stands_twice_and_keys_are_in_order():
    dois = [source.doi for source in SOURCES.values() if source.doi]
    assert len(set(dois)) == len(dois)
    assert list(SOURCES) == sorted(SOURCES)


def test_a_key_of_author_and_year_is_that_of_its_citation():
    for key, source in SOURCES.items():
        if match := re.fullmatch(r"([A-Z][a-z]+) (\d{4})", key):
            assert source.citation.startswith(match[1]), key
            assert match[2] in source.citation, key


def test_references_and_definitions_name_each_source_once():
    texts = ["fitted to mice [Jhutty 2022]; [Flynn 1998]", "[Jhutty 2022] again, [nobody 1900]", "assumed"]
    assert list(cited(texts)) == ["Flynn 1998", "Jhutty 2022"]
    assert [line.split("]")[0] for line in references(texts)] == ["[Flynn 1998", "[Jhutty 2022"]
    assert references(texts)[0].endswith("no DOI (not recorded when the number was read)")
    assert definitions(texts) == ["[Jhutty 2022]: https://doi.org/10.1101/2022.02.23.481638"]
    assert definitions(["assumed"]) == references(["assumed"]) == []


def test_the_page_of_the_docs_is_that_of_the_bibliography():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.update_sources"


def test_a_source_without_a_doi_has_no_link():
    assert Source("A book", no_doi="a book").link == ""
