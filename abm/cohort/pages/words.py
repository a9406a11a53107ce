"""Format numbers and tables of the report as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from abm.cohort.analysis import REGISTRY, Tables
from abm.cohort.plan import USUAL_TITLES, Cohort
from abm.cohort.statistics.ratios import Ratio

PREDICTION = "*prediction*"
REGISTRIES_ARE = "The registries are of SARS-CoV-2 infections. The comparison is one of direction, not a fit."


def titles_of(cohort: Cohort) -> dict[str, str]:
    """Titles of all arms, by name."""
    return USUAL_TITLES | {policy.name: policy.title for policy in cohort.policies}


def people(tables: Tables) -> str:
    """The noun for the patients: women or people."""
    return "women" if bool(tables.patients["female"].all()) else "people"


def per_thousand(share: float, low: float, high: float) -> str:
    """A share of patients, as a number per 1,000 with its interval."""
    return f"{_count(1000 * share)} ({_count(1000 * low)} to {_count(1000 * high)})"


def more_or_fewer(difference: Ratio) -> str:
    """A difference of shares per 1,000 in words: how many fewer or more, and whether the interval excludes 0."""
    value, low, high = (1000.0 * end for end in difference)
    if value == 0.0:
        return f"no difference (at most {_count(max(-low, high))})"
    word, ends = ("fewer", (low, high)) if value > 0.0 else ("more", (-high, -low))
    if low <= 0.0 <= high:
        low_words = f"{_count(-ends[0])} {'more' if word == 'fewer' else 'fewer'}"
        return f"{_count(abs(value))} {word} (from {low_words} to {_count(ends[1])} {word}: not clear)"
    return f"{_count(abs(value))} {word} ({_count(ends[0])} to {_count(ends[1])})"


def ratio_words(ratio: Ratio) -> str:
    """A ratio with its interval; a dash if there is none."""
    return ratio.text if math.isfinite(ratio.value) else "-"


def registry_words(ratio: str) -> str:
    """The ratio that a registry reports, with its interval: HR (Flatiron) or OR (UK Biobank)."""
    value, low, high = REGISTRY[ratio]
    return f"{value:g} ({low:g} to {high:g})"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines)


def _count(number: float) -> str:
    number = 0.0 if abs(number) < 0.005 else number
    return f"{number:,.0f}" if abs(number) >= 9.95 or number == 0.0 else f"{number:.2g}"
