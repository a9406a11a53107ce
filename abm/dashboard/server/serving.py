"""How the page is served: by Solara, from this machine alone, with a line of its own to each browser."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path

from abm.dashboard.live import warm
from abm.dashboard.server import sessions
from abm.dashboard.server.sessions import Places

FORGET_AFTER = "15m"  # what Solara keeps of a page that was lost without saying so (a closed laptop)
SETTINGS = {
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_THEME_LOADER": "plain",  # the usual one advertises
    "SOLARA_THEME_TITLE": "Embers",
    "SOLARA_KERNEL_CULL_TIMEOUT": FORGET_AFTER,
    "SOLARA_MODE": "production",  # else the first page that is opened calls Solara's makers
}
LARGEST_MESSAGE = 4_000_000  # bytes of a message: an order of the page, with its letters in UTF-8
PREFIX = "/embers"
ASSETS = Path(__file__).parent / "assets"  # what Solara puts into its page: the start of our script, style, icon
EVERYWHERE = ("0.0.0.0", "::")  # hosts that mean all addresses of this machine
OPENED_AFTER = 1.5  # s until the server answers
ROOT = re.compile(r"(/(?!\.+(/|$))[\w.~@-]+)*", re.ASCII)
log = logging.getLogger(__name__)


def settle(trusted: Iterable[str] = (), root_path: str = "") -> None:
    """Turn off what would call out or advertise, and add what the page needs to Solara's server.

    The environment serves who imports Solara later; the command `solara run` has imported it already, and read its
    options, so what it holds is set as well. It does so before the server opens.

    Args:
        trusted: names that this server is called by, beside those of this machine.
        root_path: under which a proxy serves the page; by default that of the environment (SOLARA_ROOT_PATH) or none.

    Raises:
        ValueError: the root path is none.
    """
    os.environ.update(SETTINGS)
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.theme.show_banner = False
    settings.theme.loader = SETTINGS["SOLARA_THEME_LOADER"]
    settings.theme.title = SETTINGS["SOLARA_THEME_TITLE"]
    settings.kernel.cull_timeout = FORGET_AFTER
    settings.main.mode = SETTINGS["SOLARA_MODE"]
    settings.assets.fontawesome_enabled = False
    settings.assets.extra_locations = [str(ASSETS)]
    # never None: Solara would take it from a header of the first request, whoever sends that
    settings.main.root_path = _root_of(root_path or settings.main.root_path or "")
    _add_routes(trusted, settings.main.root_path)
    warm.ready.clear()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def serve(
    host: str,
    port: int,
    browse: bool,
    places: Places | None = None,
    trusted: Iterable[str] = (),
    root_path: str = "",
) -> None:
    """Serve the page until Ctrl-C, to a limited number of visitors, under these names and that of the host.

    Raises:
        OSError: somebody else serves at this port. ValueError: the root path is none.
    """
    import socket
    import webbrowser

    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host if host != "0.0.0.0" else "localhost", port)) == 0:
            raise OSError(f"somebody answers at port {port} already")
    os.environ.update(SETTINGS, SOLARA_APP="abm.dashboard.server.page")
    sessions.places = places or sessions.places
    settle([host, *trusted], root_path)
    import uvicorn

    everywhere = host in EVERYWHERE
    address = f"http://{'localhost' if everywhere else host}:{port}{_root_of(root_path)}"
    print(f"Embers is at {address} (Ctrl-C ends it)", flush=True)
    if everywhere:  # the port does not answer yet
        threading.Timer(OPENED_AFTER, _print_addresses, (port, _root_of(root_path))).start()
    if browse:
        threading.Timer(OPENED_AFTER, webbrowser.open, (address,)).start()
    uvicorn.run("solara.server.starlette:app", host=host, port=port, log_level="error", ws_max_size=LARGEST_MESSAGE)


def _print_addresses(port: int, root: str) -> None:
    """Print where other machines find the page."""
    from abm.dashboard.server.addresses import reachable

    for address in reachable(port, root):
        print(f"Other machines find it at {address}", flush=True)


def _root_of(text: str) -> str:
    """A root path with a slash before it and none behind it; "" for none."""
    root = "/" + text.strip("/") if text.strip("/") else ""
    if not ROOT.fullmatch(root):
        raise ValueError(
            f'root path "{text}": must be a path of letters, digits, ".", "_", "~", "@" and "-", like /lung'
        )
    return root


def _add_routes(trusted: Iterable[str], root: str) -> None:
    """Put our routes before those of Solara, whose last one takes every address, and the guard before all; once."""
    from solara.server.starlette import app
    from starlette.routing import Mount

    from abm.dashboard.server.guard import Guard
    from abm.dashboard.server.routes import routes

    if not any(getattr(route, "path", "") == PREFIX for route in app.router.routes):
        app.router.routes.insert(0, Mount(PREFIX, routes=routes()))
        app.router.middleware_stack = Guard(app.router.middleware_stack, trusted, root)


def _warm_up() -> None:
    """Compile, or load what is compiled, before the first visitor needs it."""
    from abm.dashboard.mechanism.secretion import total_by_source
    from abm.model.lung_model import LungModel
    from abm.rules.substances import Substance
    from abm.runs.compile_ahead import warm_up
    from abm.scenario.scenario import Scenario

    try:
        warm_up()
        total_by_source(LungModel(Scenario(width=400.0, height=400.0), seed=1), Substance.IL6.value)
    except Exception:  # it is tried again, and told, when a section is laid out
        log.exception("could not warm up")
    finally:
        warm.ready.set()
