"""The page as a Solara component; its script, which `assets/theme.js` starts, builds all that is seen."""

from __future__ import annotations

import solara

TITLE = "Embers"


@solara.component
def Page() -> None:
    """The title; the script of the page does the rest."""
    solara.Title(TITLE)
