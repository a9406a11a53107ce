"""Pages that quote numbers say which version of the results they are of, and whether it is the one of today."""

import re
from pathlib import Path

import pytest

from abm.model.results_version import RESULTS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "README.md",
    *(f"docs/{name}.md" for name in ("assumptions", "cohorts", "defaults", "numerics", "scoreboard", "verification")),
]
LATER = "The results have changed since."


def versions_of(text: str) -> set[int]:
    """Every version of the results that a page states."""
    return {int(found) for found in re.findall(r"\bresults (\d+)\b", text)}


def test_the_version_counts_the_changes_of_results_in_the_changelog():
    rows = [line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert sum(row.rsplit("|", 3)[1].strip().startswith("yes") for row in rows) == RESULTS


@pytest.mark.parametrize("page", PAGES)
def test_a_page_quotes_numbers_of_the_version_that_it_states(page):
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())  # a line may end within a sentence
    versions = versions_of(text)
    assert len(versions) == 1, f"{page} states {sorted(versions) or 'no version'}; `results {RESULTS}` is that of today"
    assert max(versions) <= RESULTS
    assert (LATER in text) == (versions != {RESULTS}), f"{page}: {LATER}"
