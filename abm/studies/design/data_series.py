"""Whether rows of a table of data are of one series, as its columns are called and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from abm.studies.design.data_table import ABSENT

Rows = list[dict[str, str]]
SUBJECTS = ("mouse", "animal", "subject", "patient", "id", "replicate", "sample", "n")
# Columns that tell series apart although what stands in them could be a number or a flag.
GROUPS = (
    *("group", "arm", "treatment", "treated", "dose", "condition", "cohort", "experiment", "strain", "genotype"),
    *("infected", "infection", "virus", "vaccinated", "sex", "tissue", "compartment"),
)
FLAGS = {"true", "false", "yes", "no", *ABSENT}
SHOWN = 12  # words of a column in a message


def several_series(rows: Rows, names: Sequence[str]) -> tuple[str, list[str]] | None:
    """The first of these columns by which rows belong to several series, and what stands in it; None: they are of one.

    A column tells series apart if it is called so, or holds several words that are no flags.
    """
    for name in names:
        words = list(dict.fromkeys(row[name] for row in rows))
        if len(words) > 1 and _tells_series(rows, name):
            return name, words[:SHOWN]
    return None


def _tells_series(rows: Rows, name: str) -> bool:
    if plain_name(name) in GROUPS:
        return True
    is_flag = {row[name].lower() for row in rows} <= FLAGS
    return not is_flag and plain_name(name) not in SUBJECTS and not is_numeric(rows, name)


def is_numeric(rows: Rows, name: str) -> bool:
    """Whether any cell of a column is a number, and none a word (limits of detection such as "<10" are numbers)."""
    cells = [row[name] for row in rows if row[name].lower() not in ABSENT]
    return bool(cells) and all(re.match(r"[<>≤≥]?\s*[+-]?[.\d]", cell) for cell in cells)


def name_and_unit(name: str) -> tuple[str, str]:
    """The name of a column without its unit, and the unit: "IL-6 (pg/mL)"."""
    found = re.fullmatch(r"(.*?)\s*[(\[]\s*([^)\]]*?)\s*[)\]]\s*", name)
    return (found[1], found[2]) if found else (name, "")


def plain_name(name: str) -> str:
    """A name without its unit, in small letters, without blanks and marks."""
    text = name_and_unit(name)[0].lower()
    for written, plain in (("₁₀", "10"), ("α", "alpha"), ("β", "beta")):
        text = text.replace(written, plain)
    return re.sub(r"[^a-z0-9+]", "", text).replace("log10", "").removesuffix("+")
