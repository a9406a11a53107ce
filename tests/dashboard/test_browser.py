"""The page in a real browser, served as a user would, with nothing but this machine to ask."""

import os
import re
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

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOP = Path(__file__).resolve().parents[2]
LONG = 120_000  # ms: the first section may have to compile the model
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OLD_WARNING = "Failed to evaluate Vue script"  # ipyvue about a component of Solara

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install -y chromium"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "solara", "run", "server.py", "--no-open", "--no-check-version"]
    command += ["--host", "localhost", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(TOP)}
    with subprocess.Popen(command, cwd=TOP, env=environment) as server:
        try:
            wait_for(f"http://localhost:{port}/readyz", server)
            yield f"http://localhost:{port}/"
        finally:
            server.terminate()


def wait_for(url: str, server: subprocess.Popen, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server does not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    api = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: "Browser", address: str) -> Iterator[Callable[[], "Page"]]:
    """Opens the page for one more visitor; in the end none may have asked elsewhere or met an error."""
    contexts, elsewhere, faults = [], [], []

    def one_more() -> "Page":
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}))
        page = contexts[-1].new_page()
        page.on("request", lambda asked: elsewhere.append(asked.url) if not local(asked.url, address) else None)
        page.on("websocket", lambda asked: elsewhere.append(asked.url) if not local(asked.url, address) else None)
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        page.wait_for_selector(".embers-tissue img", timeout=LONG)
        page.get_by_text("Day 0.0").wait_for(timeout=LONG)
        return page

    yield one_more
    for context in contexts:
        context.close()
    assert not elsewhere
    assert not [fault for fault in faults if OLD_WARNING not in fault]


def local(url: str, address: str) -> bool:
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def hour(page: "Page") -> int:
    return int(re.search(r"hour (\d+)", page.inner_text(".below")).group(1))


def wait_until(page: "Page", condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        page.wait_for_timeout(50)


def press(page: "Page", name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def picture(page: "Page") -> str:
    return page.get_attribute(".embers-tissue img", "src")


def test_play_moves_picture_words_and_curves_until_pause(visit: Callable[[], "Page"]) -> None:
    page = visit()
    assert page.get_by_text("not medical advice").is_visible()
    assert page.locator(".chart svg").count() == 4
    first, curve = picture(page), page.get_attribute(".chart polyline >> nth=1", "points")
    press(page, "Play")
    wait_until(page, lambda: hour(page) > 12)
    press(page, "Pause")
    page.get_by_role("button", name="Play").wait_for()
    page.wait_for_timeout(800)
    stopped = hour(page)
    page.wait_for_timeout(500)
    assert hour(page) == stopped
    assert picture(page) != first
    assert page.get_attribute(".chart polyline >> nth=1", "points") != curve


def test_step_is_an_hour_and_reset_the_same_section_again_and_again(visit: Callable[[], "Page"]) -> None:
    page = visit()
    first = picture(page)
    for _ in range(2):
        press(page, "Step 1 h")
        wait_until(page, lambda: hour(page) == 1)
        assert picture(page) != first
        press(page, "Reset")
        wait_until(page, lambda: hour(page) == 0)
        assert picture(page) == first


def test_the_picture_is_drawn_at_its_full_size(visit: Callable[[], "Page"]) -> None:
    page = visit()
    size = page.evaluate("(({naturalWidth, clientWidth}) => [naturalWidth, clientWidth])"
                         "(document.querySelector('.embers-tissue img'))")  # fmt: skip
    assert size[0] == 800
    assert size[1] > 500


def test_a_scenario_is_chosen_from_the_menu_and_tells_its_story(visit: Callable[[], "Page"]) -> None:
    page = visit()
    page.locator(".v-select__slot").click()
    page.get_by_role("option", name="Influenza, IL-6 blocked", exact=True).click()
    page.get_by_text("no experiment has tested this").wait_for()
    page.get_by_text("Day 0.0").wait_for(timeout=LONG)
    press(page, "Step 1 h")
    wait_until(page, lambda: hour(page) == 1)


def test_what_is_no_seed_is_refused_in_place(visit: Callable[[], "Page"]) -> None:
    page = visit()
    first = picture(page)
    seed = page.get_by_role("textbox", name="Seed")
    seed.fill("abc")
    seed.press("Enter")
    page.get_by_text("must be a whole number").wait_for()
    assert picture(page) == first
    seed.fill("7")
    seed.press("Enter")
    wait_until(page, lambda: picture(page) != first)
    assert not page.get_by_text("must be a whole number").is_visible()


def test_il6_is_shown_with_its_scale(visit: Callable[[], "Page"]) -> None:
    page = visit()
    first = picture(page)
    page.get_by_text("Show IL-6").click()
    page.get_by_text("ng/mL").wait_for()
    wait_until(page, lambda: picture(page) != first)


def test_two_visitors_do_not_disturb_each_other(visit: Callable[[], "Page"]) -> None:
    one, other = visit(), visit()
    press(one, "Play")
    wait_until(one, lambda: hour(one) > 6)
    assert hour(other) == 0
    press(other, "1 mm")
    press(other, "Step 1 h")
    wait_until(other, lambda: hour(other) == 1)
    wait_until(one, lambda: hour(one) > 12)


def test_a_reload_in_the_middle_starts_afresh(visit: Callable[[], "Page"]) -> None:
    page = visit()
    press(page, "Play")
    wait_until(page, lambda: hour(page) > 3)
    page.reload()
    page.get_by_text("Day 0.0").wait_for(timeout=LONG)
    assert hour(page) == 0


def test_a_phone_needs_no_scrolling_sideways(visit: Callable[[], "Page"]) -> None:
    page = visit()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('.embers').scrollWidth") <= 390
    assert page.locator(".embers-tissue img").bounding_box()["width"] > 300
