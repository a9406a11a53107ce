"""How the page is served: from this machine alone, and for as long as somebody looks at it."""

from __future__ import annotations

import os

FORGET_AFTER = "15m"  # a page that was lost without saying so (a closed laptop) lets go of its model
SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",  # the usual one advertises
    "SOLARA_THEME_TITLE": "Embers",
    "SOLARA_KERNEL_CULL_TIMEOUT": FORGET_AFTER,
    "SOLARA_MODE": "production",  # else the first page that is opened calls Solara's makers
}


def settle() -> None:
    """Turn off what would call out or advertise.

    The environment serves who imports Solara later; the command `solara run` has imported it already, and read its
    options, so what it holds is set as well. It does so before the server opens.
    """
    os.environ.update(SETTINGS)
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.theme.show_banner = False
    settings.theme.loader = SETTINGS["SOLARA_THEME_LOADER"]
    settings.theme.title = SETTINGS["SOLARA_THEME_TITLE"]
    settings.kernel.cull_timeout = FORGET_AFTER
    settings.main.mode = SETTINGS["SOLARA_MODE"]
