"""Pages of the docs that are made from the program: `python -m tests.update_docs` writes all of them."""

import re
from collections.abc import Callable
from pathlib import Path

from abm.validate.readme import parameters_by_confidence
from tests import update_odd, update_sources
from tests.docs import columns, dependencies

ROOT = Path(__file__).resolve().parents[1]
PAGES: dict[str, Callable[[], str]] = {
    "docs/sources.md": update_sources.page,
    "docs/odd.md": update_odd.page,
    "docs/reference/columns.md": columns.page,
    "docs/dependencies.md": dependencies.page,
}
COUNTED = re.compile(r"^- \d+ parameters: .*$", re.MULTILINE)


def readme() -> str:
    """The README with the number of parameters of today."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return COUNTED.sub(f"- {parameters_by_confidence()}", text)


if __name__ == "__main__":
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
