"""Chance through a standard battery, where the system has one: PractRand (`RNG_test`) or dieharder.

Each reads a stream of raw bits on its standard input. Neither is needed: the checks of `chance` are always there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from abm.core.chance import bits
from abm.core.compiled import compiled
from abm.reporting.measured import Measured
from abm.verify.check import FIXED, Check, CheckPanel, Curve, Finding, p_value

IDENTITIES, DECISIONS = 4096, 32  # of a tick; then comes the next
PIECE = 2**17  # words handed over at a time
PRACTRAND = "RNG_test"
# Tests of dieharder that take seconds: birthdays, parking lot, spheres, runs, craps, NIST monobit and runs.
DIEHARDER_TESTS = (0, 10, 11, 12, 15, 16, 100, 101)
SECONDS = 60.0  # after which a battery is ended
LINE = re.compile(r"^\s*(\w+)\|\s*(\d+)\|.*\|\s*([\d.]+)\|\s*(\w+)\s*$", re.MULTILINE)
NEITHER = "neither dieharder nor PractRand (RNG_test) is installed; with Debian: apt install dieharder"


class Verdict(NamedTuple):
    """What a battery said of one of its tests; p is not a number where it gives none."""

    name: str
    p: float
    failed: bool


@compiled
def stream(first: int, count: int) -> np.ndarray:
    """Words `first` on of the stream: identities of a decision in turn, decisions of a tick, tick after tick."""
    words = np.empty(count, dtype=np.uint64)
    for number in range(count):
        place = first + number
        identity, rest = place % IDENTITIES, place // IDENTITIES
        words[number] = bits(1, rest % DECISIONS, identity, rest // DECISIONS)
    return words


def told_by(command: Sequence[str], source: Callable[[int, int], np.ndarray] = stream) -> str:
    """What a program says that gets the stream on its standard input until it has had enough."""
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=nowhere) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            first = 0
            while process.poll() is None:
                process.stdin.write(source(first, PIECE).tobytes())
                first += PIECE
        except BrokenPipeError:
            pass
        process.stdin.close()
        return process.stdout.read().decode(errors="replace")


def dieharder(test: int) -> list[Verdict]:
    """One test of dieharder on the stream; -g 200: raw bits from the standard input."""
    command = ["timeout", f"{SECONDS:g}", "dieharder", "-g", "200", "-d", str(test)]
    return read_dieharder(told_by(command if shutil.which("timeout") else command[2:]), test)


def read_dieharder(output: str, test: int) -> list[Verdict]:
    """The lines of results; a test that gives none has not been passed."""
    found = [
        Verdict(f"{name} {tuples}", float(p), verdict == "FAILED") for name, tuples, p, verdict in LINE.findall(output)
    ]
    return found or [Verdict(f"dieharder test {test} (no result)", 0.0, True)]


def practrand() -> list[Verdict]:
    """PractRand on 256 MB of the stream."""
    return read_practrand(told_by([PRACTRAND, "stdin64", "-tlmax", "256MB", "-multithreaded"]))


def read_practrand(output: str) -> list[Verdict]:
    """Its verdict on the longest part: anything it calls FAIL has failed."""
    parts = re.split(r"^length=", output, flags=re.MULTILINE)[1:]
    if not parts:
        return [Verdict("PractRand (no result)", float("nan"), True)]
    failed = [line.split()[0] for line in parts[-1].splitlines() if "FAIL" in line]
    passed = re.search(r"no anomalies in (\d+)|and (\d+) test result", parts[-1])
    count = next((group for group in passed.groups() if group), "0") if passed else "0"
    if failed:
        return [Verdict(f"PractRand {name}", float("nan"), True) for name in failed]
    return [Verdict(f"PractRand, {count} results", float("nan"), False)]


def conclude(given: Sequence[list[Verdict]]) -> Finding:
    """From the verdicts of whichever battery there is."""
    verdicts = [verdict for some in given for verdict in some]
    numbers = [one for one in verdicts if np.isfinite(one.p)]
    # A p near 1 tells as much against chance as one near 0.
    measured = [p_value(one.name, 2.0 * min(one.p, 1.0 - one.p), len(numbers)) for one in numbers]
    measured += [Measured(f"{one.name}: failed", float(one.failed), 0.0, 0.0) for one in verdicts if one not in numbers]
    sorted_p = np.sort([one.p for one in numbers])
    even = (np.arange(sorted_p.size) + 0.5) / max(1, sorted_p.size)
    curves = (Curve("tests", even, sorted_p, "dots"), Curve("uniform", even, even, "law", 1))
    return Finding(
        claim="A standard battery of tests finds nothing wrong with the stream of bits.",
        law="64-bit words over consecutive identities, decisions and ticks, as raw bits",
        source="dieharder (webhome.phy.duke.edu/~rgb/General/dieharder.php); PractRand (pracrand.sourceforge.net)",
        measured=tuple(measured), why=f"{FIXED} PractRand: no test with the verdict FAIL.",
        panels=(CheckPanel("p of each test", "p expected", "p seen", curves),) if numbers else (),
        skipped="" if verdicts else NEITHER,
    )  # fmt: skip


def parts() -> tuple[Callable[[], list[Verdict]], ...]:
    """What to run with what is installed."""
    if shutil.which(PRACTRAND):
        return (practrand,)
    if shutil.which("dieharder"):
        return tuple(partial(dieharder, test) for test in DIEHARDER_TESTS)
    return ()


CHECKS: tuple[Check, ...] = (Check("battery", "chance", "A standard battery", parts(), conclude),)
