"""The page from within Jupyter, as on JupyterHub and Binder, in a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from abm.installation.jupyter_proxy import page as proxied
from tests.commands import environment
from tests.dashboard.conftest import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
BASE, TOKEN = "/user/a.b", "secret"


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[str]:
    """Address of a Jupyter server such as a hub starts, with a path and a login of its own."""
    pytest.importorskip("jupyter_server_proxy")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.base_url={BASE}/", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}"]
    command = [sys.executable, "-m", "jupyter_server", *options, "--ServerApp.open_browser=False", "--allow-root"]
    env = environment() | {
        name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
    }
    with (
        (tmp_path / "log.txt").open("wb") as log,
        subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log) as server,
    ):
        try:
            deadline = time.monotonic() + 90
            while not _answers(f"http://localhost:{port}{BASE}/api"):
                assert server.poll() is None, (tmp_path / "log.txt").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.3)
            yield f"http://localhost:{port}{BASE}/"
        finally:
            server.terminate()  # Jupyter ends what it has started
            server.wait(30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def test_it_is_declared_to_jupyter() -> None:
    from importlib.metadata import entry_points

    (found,) = entry_points(group="jupyter_serverproxy_servers", name="embers")
    assert found.load() is proxied


def test_it_opens_and_plays_below_the_path_of_the_user(browser: "Browser", jupyter: str) -> None:
    context = browser.new_context()
    view = context.new_page()
    asked: list[str] = []
    view.on("websocket", lambda line: asked.append(line.url))
    view.goto(f"{jupyter}api/status?token={TOKEN}")  # a login, after which the browser has a cookie
    view.on("request", lambda request: asked.append(request.url))
    started = context.request.get(f"{jupyter}embers/", timeout=240_000)  # the first request starts the server
    assert started.status == 200, started.text()
    visitor = Visitor(view, f"{jupyter}embers/").open("?arms=no_virus&side=400&days=2")
    visitor.press("Step 1 h")
    visitor.at_hour(1)
    if shots := os.environ.get("EMBERS_SCREENSHOTS"):
        view.screenshot(path=Path(shots) / "jupyter.png")
    assert urlsplit(view.url).path == f"{BASE}/embers/"
    beside = {urlsplit(url).path for url in asked if url.startswith(("http", "ws"))}
    assert sorted(path for path in beside if not path.startswith(f"{BASE}/embers/")) == []
    context.close()


def test_nobody_gets_to_it_without_the_login(jupyter: str) -> None:
    asked = urllib.request.Request(f"{jupyter}embers/embers/facts")
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert urlsplit(answer.url).path == f"{BASE}/login"
