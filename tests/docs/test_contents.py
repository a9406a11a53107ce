"""The table of contents of the site; the site itself is built outside the tests, which takes minutes."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)


def entries(page: Path) -> set[str]:
    """Pages that the tables of contents of a page name, as paths without suffix from the top of the docs."""
    lines = [line.strip() for table in TABLE.findall(page.read_text()) for line in table.splitlines()]
    named = {line for line in lines if line and not line.startswith((":", "---")) and "://" not in line}
    return {(page.parent / name).resolve().relative_to(DOCS).as_posix() for name in named}


def test_every_page_is_in_a_table_of_contents_and_every_entry_is_a_page():
    pages = {page.relative_to(DOCS).with_suffix("").as_posix(): page for page in DOCS.rglob("*.md")}
    named = set[str]().union(*(entries(page) for page in pages.values()))
    assert pages.keys() - named == {"index"}
    assert named <= pages.keys()
