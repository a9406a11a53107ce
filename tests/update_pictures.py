"""Pictures of the page and of a replay in docs/images: `python -m tests.update_pictures`; it needs Chromium."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from abm.dashboard.content.recipe import FOUR_ARMS
from tests.dashboard.conftest import FLAGS, TOP, Server, Visitor, found_chromium

IMAGES = TOP / "docs" / "images"
WHY = "no_virus,influenza,no_virus_blockade,influenza_blockade"  # in the picture of one awakening
PICKED = 1  # view of that cell: influenza
DAY = 6
SCRUB = "(one) => { one.value = %d; one.dispatchEvent(new Event('input')); }"
FIRST_AWAKE = """(view) => {
  const { cx, cy, cs } = embers.arms.list[view];
  const at = cs.indexOf(1);
  embers.act.pick(view, { x: cx[at], y: cy[at] });
}"""


def visitor(browser: Browser, server: Server, query: str, day: float) -> Visitor:
    """The page with these arms on this day."""
    found = Visitor(browser.new_page(viewport={"width": 1440, "height": 900}), server.address).open(query)
    found.of(f"embers.act.ask({{do: 'step', day: {day}}})")
    found.at_hour(24 * day)
    return found


def page(browser: Browser, server: Server) -> None:
    """The page as it opens, on one day."""
    visitor(browser, server, "", DAY).page.screenshot(path=IMAGES / "page.png")


def mechanism(browser: Browser, server: Server) -> None:
    """Why one cell awakened."""
    seen = visitor(browser, server, f"?arms={WHY}", DAY + 1)
    seen.of(FIRST_AWAKE, PICKED)
    seen.press("Why did it awaken?")
    seen.wait("embers.mechanism.record.traces?.length === 4")
    seen.settled()
    record = seen.page.locator("section", has=seen.page.get_by_text("Why a cell of clone"))
    record.last.screenshot(path=IMAGES / "mechanism.png")


def replay(browser: Browser) -> None:
    """A replay of the four arms on that day, every six hours."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "four.html"
        ask = [sys.executable, "-m", "abm", "render", *FOUR_ARMS, "--every", "6 h", "--out", str(file)]
        subprocess.run(ask, check=True)
        opened = browser.new_page(viewport={"width": 1440, "height": 1010})
        opened.goto(file.as_uri())
        opened.locator("#embers-scrubber").evaluate(SCRUB % (DAY * 4))
        opened.wait_for_timeout(500)
        opened.screenshot(path=IMAGES / "replay.png")


def main() -> None:
    """All of them."""
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found_chromium(), args=FLAGS)
            page(browser, server)
            mechanism(browser, server)
            replay(browser)
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
