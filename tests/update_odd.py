"""The model after the ODD protocol as a page of the docs: `python -m tests.update_odd` writes docs/odd.md."""

from pathlib import Path

import abm

PAGE = Path(__file__).resolve().parents[1] / "docs" / "odd.md"


def page() -> str:
    """The page as it should be."""
    return abm.rules_of("influenza").odd()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
