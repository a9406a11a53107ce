"""The page in a real browser, served as a user would, with nothing but this machine to ask."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.lines import ask, dial, port  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, LocatorAssertions, Page

TOP = Path(__file__).resolve().parents[2]
LONG = 120_000  # ms: the first section may have to compile the model
SOON = 30_000  # ms, of a slow machine: the server has nothing to compute for it
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
NEEDED = "EMBERS_BROWSER_TESTS"  # set to "required", tests of the page fail where there is no browser
INSTALL = "apt-get install -y chromium && pip install -c constraints.txt -e '.[browser]'"
OLD_WARNING = "Failed to evaluate Vue script"  # ipyvue about a component of Solara
SHOTS = Path(os.environ.get("EMBERS_SCREENSHOTS", TOP / "outputs" / "page"))


class Server:
    """`solara run server.py` on a free port, with the package in this folder."""

    def __init__(self, folder: Path = TOP) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://localhost:{self.port}/"
        self.start()

    def command(self) -> list[str]:
        command = [sys.executable, "-m", "solara", "run", "server.py", "--no-open", "--no-check-version"]
        return [*command, "--host", "localhost", "--port", str(self.port)]

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command(), cwd=self.folder, env=os.environ | {"PYTHONPATH": str(self.folder)}
        )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, "the server has ended"
            try:
                with urllib.request.urlopen(f"{self.address}readyz", timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        pytest.fail("the server does not answer")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


def found_chromium() -> str | None:
    """The program of a browser on this machine, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    chromium = found_chromium()
    try:
        import axe_playwright_python  # noqa: F401
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        (pytest.fail if os.environ.get(NEEDED) == "required" else pytest.skip)(f"no browser to test with: {INSTALL}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


def expect(what: "Locator") -> "LocatorAssertions":
    """Playwright's assertions, which wait until they hold; fetched here, since Playwright may be absent."""
    from playwright.sync_api import expect as waiting

    waiting.set_options(timeout=SOON)
    return waiting(what)


class Visitor:
    """A browser window of its own with the page, and what a test does with it."""

    def __init__(self, page: "Page", address: str) -> None:
        self.page, self.address = page, address
        self.allowed: list[str] = []  # faults that a test provokes

    def open(self, query: str = "", opening: bool = False) -> "Visitor":
        """Opens the page; `opening`: stays on the opening screen, which who comes without a link sees first."""
        self.page.goto(self.address + query)
        self.wait("window.embers && embers.arms.frames > 0 && embers.arms.list.every((arm) => arm.info)")
        if not opening:
            self.of("embers.opening?.close()")  # the page of a follower has none
        return self

    def wait(self, condition: str, milliseconds: int = LONG) -> None:
        self.page.wait_for_function(condition, timeout=milliseconds)

    def of(self, expression: str, argument: object = None) -> object:
        return self.page.evaluate(expression, argument)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def hour(self) -> float:
        return self.of("embers.arms.hour")

    def at_hour(self, hour: float) -> None:
        self.wait(f"embers.arms.hour === {hour} && !embers.arms.playing")
        self.settled()

    def settled(self) -> None:
        """Everything drawn that is known, also what the page draws a few times a second only."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.wait("embers.drawn")

    def obeyed(self) -> None:
        """Every order that was given is done, or refused."""
        self.wait("!embers.notices.queue.orders.length")

    def hold_line(self, after: str = "") -> Callable[[], None]:
        """From now on, or from the message of this kind on, the page hears nothing until what is given back is called.

        So an order waits for its answer on a fast machine, too.
        """
        self.of(
            """(after) => {
                const { line } = embers, held = [], take = line.take.bind(line);
                let holding = !after;
                line.take = (data) => {
                    if (holding) { held.push(data); return; }
                    take(data);
                    holding = typeof data === "string" && JSON.parse(data).say === after;
                };
                window.goOn = () => { line.take = take; held.forEach(take); };
            }""",
            after,
        )
        return lambda: self.of("goOn()")

    def picture(self, view: int = 0) -> str:
        self.settled()
        return self.of(f"embers.views.views[{view}].canvas.toDataURL()")

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(350)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.fixture
def visit(browser: "Browser", server: Server) -> Iterator[Callable[..., Visitor]]:
    """Opens the page for one more visitor; in the end none may have asked elsewhere or met an error."""
    contexts, elsewhere, faults, visitors = [], [], [], []

    def one_more(
        query: str = "", width: int = 1440, height: int = 900, opening: bool = False, **context: object
    ) -> Visitor:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.on("request", lambda asked: elsewhere.append(asked.url) if not local(asked.url, server.address) else None)
        page.on(
            "websocket", lambda asked: elsewhere.append(asked.url) if not local(asked.url, server.address) else None
        )
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        visitors.append(Visitor(page, server.address))
        return visitors[-1].open(query, opening)

    yield one_more
    for context in contexts:
        context.close()
    allowed = [OLD_WARNING, *(text for visitor in visitors for text in visitor.allowed)]
    assert not elsewhere
    assert not [fault for fault in faults if not any(text in fault for text in allowed)]


def local(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
