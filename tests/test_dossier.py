"""The credibility dossier is of today: its numbers, its evidence and its grades."""

import tomllib

import pytest

from tests.update_dossier import GRADES, PAGE, ROOT, TEXT, facts, page

TOLD = tomllib.loads(TEXT.read_text(encoding="utf-8"))
ENTRIES = [*TOLD["rule"], *TOLD["class"], *TOLD["cure"]]


def test_the_page_is_what_the_facts_give():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.update_dossier"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["title"])
def test_all_evidence_exists(entry):
    assert [name for name in entry["evidence"] if not (ROOT / name).is_file()] == []


def test_there_are_ten_rules_eight_classes_and_four_letters():
    assert [len(TOLD[key]) for key in ("rule", "class", "cure")] == [10, 8, 4]
    assert all(one["grade"] in range(len(GRADES)) for one in TOLD["rule"])


def test_a_rule_without_failures_shown_would_not_be_graded_comprehensive():
    limitations = next(one for one in TOLD["rule"] if one["title"] == "List limitations explicitly")
    assert limitations["grade"] < 4 or facts()["scored_failed"] > 0
