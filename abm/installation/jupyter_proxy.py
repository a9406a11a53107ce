"""The page within Jupyter: what jupyter-server-proxy needs to know to start it and to show it in the launcher."""

from __future__ import annotations

import sys
from typing import Any


def page() -> dict[str, Any]:
    """The server of the page, under the path `embers` of the Jupyter server.

    jupyter-server-proxy fills in the port and the base path, starts the command at the first request, and asks it for
    pages under the full path, which `--root-path` names. The page refuses server names and origins that it does not
    know, and cannot know those of a JupyterHub: requests come under its own, once Jupyter has checked user and origin.
    """
    command = [sys.executable, "-m", "abm", "serve", "--no-browser", "--port", "{port}"]
    return {
        "command": [*command, "--host", "127.0.0.1", "--root-path", "{base_url}embers"],
        "absolute_url": True,
        "request_headers_override": {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"},
        "timeout": 180,  # s; it imports much, and the machine of a hub may be busy
        "launcher_entry": {"title": "Embers"},
    }
