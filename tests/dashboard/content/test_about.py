"""What the opening screen, "About" and the terms say agrees with the study, the glossary and the first views."""

import re
from pathlib import Path

import pytest

from abm.dashboard.content.about import IS_NOT, LIMITS, MODEL, QUESTION, SENTENCES, about
from abm.dashboard.content.recipe import FOUR_ARMS
from abm.dashboard.content.terms import TERMS
from abm.scenario.catalog import packaged_path
from abm.scenario.read import load_scenario

ROOT = Path(__file__).resolve().parents[3]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TERMS)
def test_a_term_is_explained_in_the_words_of_the_glossary(name: str) -> None:
    entries = dict(re.findall(r"^- \*\*(.+?)\*\*(?: \(.*?\))?: (.*)$", GLOSSARY, re.MULTILINE))
    assert TERMS[name] == entries[name]


def test_the_opening_is_one_question_and_three_sentences() -> None:
    assert QUESTION.endswith("?")
    assert len(SENTENCES) == 3
    assert all(re.fullmatch(r"[A-Z][^.?!]*\.", one) for one in SENTENCES)


def test_the_study_is_named_as_the_citation_file_names_it() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    study = about()["study"]
    assert f"doi: {study['doi']}\n" in citation
    assert study["doi"] in about()["cite"]
    assert re.search(r'references:.*?title: "(.*?)"', citation, re.DOTALL)[1] in study["text"]


def test_the_last_sentence_describes_the_first_views() -> None:
    arms = [load_scenario(packaged_path(name)) for name in FOUR_ARMS]
    assert [bool(arm.infections) for arm in arms] == [False, True, True, True]
    assert [bool(arm.treatments) for arm in arms] == [False, False, True, True]
    early, late = (arm.treatments[0].start for arm in arms[2:])
    assert early <= 24 < late
    assert (arms[0].width, arms[0].duration, arms[0].host) == (2000.0, 28 * 24.0, "mouse")


def test_limits_and_what_it_is_not_are_said() -> None:
    assert "not medical advice" in " ".join(IS_NOT)
    assert any("prediction" in one for one in LIMITS)
    assert "28 days" in MODEL[0]
