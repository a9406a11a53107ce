"""What the page does on this machine: `python benchmarks/page.py` (needs the extra `browser` and Chromium).

Server and headless Chromium share the cores; every number is that of a real page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

try:
    from benchmarks.followers import Crowd
except ImportError:  # run as a script
    from followers import Crowd

TOP = Path(__file__).resolve().parents[1]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
READY = "window.embers && embers.arms.frames > 0 && embers.arms.list.every((arm) => arm.info)"
NORMAL, FULL = "1", "4"
FOLLOWERS = (40, 60)
LONG = 180_000  # ms


@contextmanager
def server() -> Iterator[tuple[str, psutil.Process]]:
    """The page on a free port: its address and the process."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "abm", "serve", "--no-browser", "--port", str(port)]
    with subprocess.Popen(command, cwd=TOP, env=os.environ | {"PYTHONPATH": str(TOP)}) as process:
        address = f"http://localhost:{port}/"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}readyz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(3)  # it warms up
        try:
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address)
    page.wait_for_function(READY, timeout=LONG)
    return page


def play(page: Page, speed: str) -> None:
    page.select_option("#embers-speed", speed)
    page.get_by_role("button", name="Play", exact=True).click()


def frames_a_second(pages: list[Page], seconds: float) -> list[float]:
    before = [page.evaluate("[embers.arms.frames, performance.now()]") for page in pages]
    pages[0].wait_for_timeout(1000 * seconds)
    after = [page.evaluate("[embers.arms.frames, performance.now()]") for page in pages]
    return [1000 * (now[0] - then[0]) / (now[1] - then[1]) for then, now in zip(before, after, strict=True)]


def click_latency(page: Page, times: int = 10) -> list[float]:
    """Milliseconds from a click on Pause (or Play) to the page that shows it, while the model runs."""
    return page.evaluate(
        """async (times) => {
          const button = embers.bar.play, found = [];
          for (let at = 0; at < times; at += 1) {
            const before = button.textContent, begin = performance.now();
            button.click();
            while (button.textContent === before) await new Promise((done) => requestAnimationFrame(done));
            found.push(performance.now() - begin);
            await new Promise((done) => setTimeout(done, 150));
          }
          return found;
        }""",
        times,
    )


def memory(process: psutil.Process) -> float:
    return process.memory_info().rss / 1e6


def measure(minutes: float) -> Iterator[tuple[str, str, str]]:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with server() as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            page = opened(browser, address)
            times.append(time.perf_counter() - begin)
            page.context.close()
        yield "opening, first and third visitor", "3 s", f"{times[0]:.1f} s, {times[-1]:.1f} s"
        for arms, wanted in (("influenza", "30"), ("no_virus,influenza,no_virus_blockade,influenza_blockade", "12")):
            page = opened(browser, f"{address}?arms={arms}&days=120")
            views = arms.count(",") + 1
            play(page, NORMAL)
            page.wait_for_timeout(1500)
            yield f"frames a second, {views} view(s), 8 h/s", wanted, f"{frames_a_second([page], 8)[0]:.0f}"
            page.select_option("#embers-speed", FULL)
            page.wait_for_timeout(200)
            yield f"frames a second, {views} view(s), full speed", wanted, f"{frames_a_second([page], 3)[0]:.0f}"
            page.context.close()
        yield from whole_run(browser, address)
        yield from many(browser, address)
        yield from followed(browser, address, process)
        yield from long_play(browser, address, process, minutes)
        browser.close()


def whole_run(browser: Browser, address: str) -> Iterator[tuple[str, str, str]]:
    page = opened(browser, f"{address}?days=120")
    play(page, FULL)
    page.wait_for_function("embers.arms.hour > 48", timeout=LONG)
    found = sorted(click_latency(page))
    yield (
        "click to change, model at full speed: middle, worst of 10",
        "200 ms",
        f"{found[5]:.0f} ms, {found[-1]:.0f} ms",
    )
    page.context.close()
    page = opened(browser, address)
    begin = time.perf_counter()
    play(page, FULL)
    page.wait_for_function("embers.arms.ended", timeout=LONG)
    yield "28 days of four views at full speed", "60 s", f"{time.perf_counter() - begin:.0f} s"
    page.context.close()


def many(browser: Browser, address: str) -> Iterator[tuple[str, str, str]]:
    pages = [opened(browser, address) for _ in range(5)]
    for page in pages:
        play(page, NORMAL)
    rates = frames_a_second(pages, 15)
    yield "five visitors at once, four views each: slowest", "5", f"{min(rates):.0f} frames a second"
    for page in pages:
        page.context.close()


def followed(browser: Browser, address: str, process: psutil.Process) -> Iterator[tuple[str, str, str]]:
    """One run of four views, alone and with a class that follows it over web sockets."""
    page = opened(browser, f"{address}?days=120")
    page.evaluate("embers.classroom.begin()")
    page.wait_for_function("embers.classroom.lecture")
    token = page.evaluate("embers.classroom.lecture.token")
    alone, cores_alone = from_day_five(page, process)
    for count in FOLLOWERS:
        crowd = Crowd(address, token, count)
        crowd.start()
        crowd.wait()
        connected, before, then = crowd.seated, (list(crowd.frames), crowd.size), time.perf_counter()
        own, cores = from_day_five(page, process)
        seconds = time.perf_counter() - then
        frames = [now - early for now, early in zip(crowd.frames, before[0], strict=True)]
        size, rates = crowd.size - before[1], sorted(each / seconds for each in frames)
        yield (
            f"{count} followers of four views, frames a second: slowest, median",
            "5",
            f"{rates[0]:.1f}, {rates[len(rates) // 2]:.1f}",
        )
        yield (
            f"the one they follow, without and with {count}: frames a second; cores that the server uses",
            "12",
            f"{alone:.0f}, {own:.0f}; {cores_alone:.2f}, {cores:.2f}",
        )
        yield (
            f"{count} followers: until all have a first frame; a frame; to all of them; memory of the server",
            "",
            f"{connected:.1f} s; {size / sum(frames) / 1000:.0f} kB; {8 * size / seconds / 1e6:.0f} Mbit/s; "
            f"{memory(process):.0f} MB",
        )
        crowd.leave()
    page.context.close()


def from_day_five(page: Page, process: psutil.Process, seconds: float = 12) -> tuple[float, float]:
    """A page plays from day 5 on: its frames a second, and cores that the server uses (without background runs)."""
    page.evaluate("embers.act.ask({do: 'step', day: 5})")
    page.wait_for_function("embers.arms.hour === 120 && !embers.arms.playing", timeout=LONG)
    play(page, NORMAL)
    begin, before = time.perf_counter(), sum(process.cpu_times()[:2])
    rate = frames_a_second([page], seconds)[0]
    cores = (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - begin)
    page.get_by_role("button", name="Pause", exact=True).click()
    return rate, cores


def long_play(
    browser: Browser, address: str, process: psutil.Process, minutes: float
) -> Iterator[tuple[str, str, str]]:
    """Runs played to their end and reset, again and again."""
    page = opened(browser, address)
    rows, end = [], time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        play(page, FULL)
        page.wait_for_function("embers.arms.ended", timeout=LONG)
        heap: Any = page.evaluate("performance.memory.usedJSHeapSize")
        rows.append((memory(process), heap / 1e6))
        page.get_by_role("button", name="Reset", exact=True).click()
        page.wait_for_function("embers.arms.hour === 0 && !embers.arms.ended", timeout=LONG)
    first, last = rows[min(2, len(rows) - 1)], rows[-1]
    told = f"server {first[0]:.0f} to {last[0]:.0f} MB, script {first[1]:.0f} to {last[1]:.0f} MB"
    yield f"memory from the 3rd to the {len(rows)}th whole run ({minutes:g} min)", "flat", told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long memory is watched")
    print("| what | wanted | measured |\n|---|---|---|")
    for row in measure(parser.parse_args().minutes):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
