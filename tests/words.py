"""Words that Embers avoids, and where they stand: in prose, help texts, docstrings; class names that are used twice."""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KNOWN = ROOT / "tests/data/words.json"

# What to say instead stands behind each. Whole words, any case.
INSTEAD = {
    "asleep|sleeps?|sleeping|slept|falls? asleep": "dormant",
    "awake|wakes?|waking|wakes? up|woken|woke": "proliferating, awaken, awakened",
    "alarm|alarmed": "activation, activated",
    "brakes?|curbs?|curbing": "suppression, suppress",
    "crawls?|crawling|roams?|roaming": "migrate, migration",
    "roster|ledger|tally|mucosa|mosaic": "the plain noun: list, state, counts, epithelium, cell map",
    "(held|holds?|holding) [^.|]{0,80}\\bagainst": "compared with",
    "(took|takes?|taking) (no )?hold": "established, failed to establish",
    "(tells?|told|telling) (of|how|what|whether|in|where|apart|arm)": "report, show, measure",
    "beaten path": "common practice",
    "resting IL-6": "baseline IL-6",
    "virus-making": "virus-producing",
    "grown burden": "expanded burden",
    "in spreads|spreads between mice": "in SDs between mice",
    "(look|looks|looked|looking) around": "sample",
    "mended": "corrected",
    "anew": "again",
    "unbroken": "uninterrupted",
    "so many (?!are)|what is (done|left|there|missing) (is|are|stays)": "the noun",
    "goes on from there|goes on with": "continues, run the same command again",
    "(rows?|figures?|files?|folders?|sections|replicates|lines?|columns?|cells|sites|entry) an? "
    "(run|arm|study|clone|cell|point|patient|measure|target|check|site|step|second|day|month|hour|number|dose)": "per",
}  # fmt: skip
FORBIDDEN = re.compile("|".join(rf"\b(?:{words})\b" for words in INSTEAD), re.IGNORECASE)
CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`|\]\([^)]*\)", re.DOTALL)


def pages() -> list[Path]:
    """Every page of prose."""
    return [
        *sorted((ROOT / "docs").rglob("*.md")),
        *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING")),
    ]


def faults(text: str) -> Iterator[str]:
    """Forbidden words of a text, each with its line; code is left out, also where it spans lines."""
    prose = CODE.sub(lambda code: "\n" * code.group().count("\n"), text)
    for found in FORBIDDEN.finditer(prose):
        yield f"line {prose.count(chr(10), 0, found.start()) + 1}: {' '.join(found.group().split())}"


def docstrings(path: Path) -> str:
    """All docstrings of a module."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, holders))
    return "\n".join(ast.get_docstring(node) or "" for node in nodes)


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted((ROOT / "abm").rglob("*.py"))


def unclean_modules() -> list[str]:
    """Modules with forbidden words in docstrings, by path."""
    return [path.relative_to(ROOT).as_posix() for path in modules() if any(faults(docstrings(path)))]


def doubled_classes() -> dict[str, int]:
    """Names that several classes of the package share, with their number."""
    count: defaultdict[str, int] = defaultdict(int)
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                count[node.name] += 1
    return {name: number for name, number in sorted(count.items()) if number > 1}


def known() -> dict[str, object]:
    """What is still to be rewritten: modules, pages, doubled class names."""
    found: dict[str, object] = json.loads(KNOWN.read_text(encoding="utf-8"))
    return found


def unclean_pages() -> list[str]:
    """Pages with forbidden words, by path."""
    return [path.relative_to(ROOT).as_posix() for path in pages() if any(faults(path.read_text(encoding="utf-8")))]


if __name__ == "__main__":  # python -m tests.words: write what is left after a rewrite
    left = {"pages": unclean_pages(), "modules": unclean_modules(), "doubled classes": doubled_classes()}
    KNOWN.write_text(json.dumps(left, indent=1) + "\n", encoding="utf-8")
