"""The page as a Solara component: it holds the place in which the script of the page builds everything."""

from __future__ import annotations

import solara
from solara.server import settings

from abm.dashboard.server.serving import PREFIX

TITLE = "Embers"


@solara.component
def Page() -> None:
    """The views, their controls and their curves."""
    solara.Title(TITLE)
    Place(script=f"{settings.main.root_path or ''}{PREFIX}/static/main.js")


@solara.component_vue("place.vue")
def Place(script: str) -> None:
    """An empty place; the script is loaded once and fills it."""
