"""The page under the path of a proxy, in a real browser: all it asks for lies below that path."""

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

from tests.commands import environment
from tests.dashboard.conftest import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow
ROOT = "/user/a.b/proxy"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "abm", "serve", "--no-browser", "--port", str(port), "--root-path", ROOT]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    # the first request of all must not choose the root path of all that follow
                    asked = urllib.request.Request(
                        f"http://localhost:{port}/", headers={"X-Script-Name": "//evil.example"}
                    )
                    with urllib.request.urlopen(asked, timeout=30) as answer:
                        assert b"evil.example" not in answer.read()
                    break
                except urllib.error.URLError:
                    assert time.monotonic() < deadline
                    time.sleep(0.2)
            yield f"http://localhost:{port}{ROOT}/"
        finally:
            server.terminate()
            server.wait(20)


def test_it_opens_plays_and_hands_out_files(browser: "Browser", address: str, tmp_path: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda line: asked.append(line.url))
    visitor = Visitor(page, address).open("?arms=no_virus&side=400&days=2")
    visitor.press("Step 1 h")
    visitor.at_hour(1)
    visitor.press("Download")
    with page.expect_download() as download:
        page.get_by_text("Curves (CSV)").click()
    download.value.save_as(tmp_path / "curves.csv")
    assert (tmp_path / "curves.csv").read_text().startswith("view,title,scenario,seed,hour,")
    assert urlsplit(page.url).path == f"{ROOT}/"
    beside = {urlsplit(url).path for url in asked if url.startswith(("http", "ws"))}
    assert sorted(path for path in beside if not path.startswith(ROOT)) == []
    context.close()
