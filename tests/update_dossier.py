"""The credibility dossier as a page of the docs: `python -m tests.update_dossier` writes docs/credibility.md.

Sentences and grades stand in `tests/dossier/dossier.toml`; the numbers in them are read from declarations, from the
scoreboard and from the list of checks, so that the page cannot stay as it was while they change.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path

from abm.core.quantity import declared
from abm.model.results_version import RESULTS
from abm.rules.parameters import Parameters
from abm.verify.catalog import CATALOG

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "credibility.md"
TEXT = Path(__file__).with_name("dossier") / "dossier.toml"
SCOREBOARD = ROOT / "docs" / "scoreboard.md"
GRADES = ("insufficient", "partial", "adequate", "extensive", "comprehensive")
INTRO = """\
# Credibility

How far can a result of Embers be trusted, and for what? This page answers for one context of use, after three lists of
the field: the ten rules for credible practice of modeling in healthcare
([doi:10.1186/s12967-020-02540-4](https://doi.org/10.1186/s12967-020-02540-4)), the eight classes of evidence in the
guidance of the FDA on computational models (November 2023), and CURE
([arXiv:2502.15597](https://arxiv.org/abs/2502.15597)). The grades are our own. Embers is a research and teaching model,
not medical advice, and no part of this page is a submission to an authority."""


def facts() -> dict[str, int]:
    """The numbers that sentences of the dossier name."""
    levels = Counter(item.quantity.confidence for item in declared(Parameters()))
    found = {name: levels[name] for name in ("measured", "fitted", "peer", "assumed")}
    told = re.search(r"\*\*(\d+) targets: ([^(]*)\(", SCOREBOARD.read_text(encoding="utf-8"))
    counts = {name: int(number) for number, name in re.findall(r"(\d+) ([a-z]+)", told[2])}
    scored = {f"scored_{name}": counts.get(name, 0) for name in ("fitted", "reproduced", "failed", "inconclusive")}
    return found | scored | {
        "parameters": sum(levels.values()), "targets": int(told[1]), "checks": len(CATALOG), "results": RESULTS,
    }  # fmt: skip


def page() -> str:
    """The page as it should be."""
    told = tomllib.loads(TEXT.read_text(encoding="utf-8"))
    known, context = facts(), told["context"]
    lines = [INTRO, "", "## Context of use", ""]
    lines += [f"- **{name.capitalize()}**: {context[key]}" for name, key in (
        ("question", "question"), ("use", "use"), ("influence on the decision", "influence"),
        ("consequence of a wrong decision", "consequence"), ("model risk", "risk"),
    )]  # fmt: skip
    lines += ["", "## Ten rules", "", "| | rule | grade | why | evidence |", "|---|---|---|---|---|"]
    lines += [
        f"| {number} | {one['title']} | {one['grade']} {GRADES[one['grade']]} "
        f"| {one['why'].format(**known)} | {_links(one)} |"
        for number, one in enumerate(told["rule"], start=1)
    ]
    total = sum(one["grade"] for one in told["rule"])
    lines += [
        "",
        f"Together {total} of {4 * len(told['rule'])}. Grades: {', '.join(f'{n} {g}' for n, g in enumerate(GRADES))}.",
    ]
    for title, key in (("Eight classes of evidence", "class"), ("CURE", "cure")):
        lines += ["", f"## {title}", "", "| | state | evidence |", "|---|---|---|"]
        lines += [f"| {one['title']} | {one['state'].format(**known)} | {_links(one)} |" for one in told[key]]
    lines += [
        "",
        f"Written by `python -m tests.update_dossier` from declarations and the scoreboard (results {RESULTS}).",
    ]
    return "\n".join(lines) + "\n"


def _links(one: dict) -> str:
    """Links to pages and files, relative to docs/."""
    names = [Path(name) for name in one["evidence"]]
    return ", ".join(
        f"[{name.name}]({name.name if name.parts[0] == 'docs' else f'../{name}'})" for name in names
    ) or "none"  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
