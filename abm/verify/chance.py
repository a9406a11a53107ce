"""Chance: bits at neighboring addresses are uniform and independent, and no two cells share an identity."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from abm.core.chance import bits, identity_of
from abm.core.compiled import compiled
from abm.reporting.measured import Measured
from abm.rules.cells import CellKind
from abm.verify.check import FAMILY_WISE, FIXED, Check, CheckPanel, Curve, Finding, check, p_value

Draw = Callable[[np.ndarray], np.ndarray]  # int64[n, 4], addresses, to uint64[n]
PARTS = ("seed", "decision", "identity", "tick")
WIDTHS = (32, 6, 63, 32)  # bits of each part of an address that are in use
COUNT = 2**20
BYTES, LAGS, CELLS = 8, 256, 32
SAMPLES = 4096
SPLITMIX, TESTU01 = "doi:10.1145/2660193.2660195", "doi:10.1145/1268776.1268777"
PEARSON, AVALANCHE, PORTMANTEAU = (
    "doi:10.1080/14786440009463897", "doi:10.1007/3-540-39799-X_41", "doi:10.1093/biomet/65.2.297",
)  # fmt: skip
MOBILE_KINDS, FOUNDER = len(CellKind), 3 << 40


@compiled
def drawn(addresses: np.ndarray) -> np.ndarray:
    """The bits at int64[n, 4] addresses: uint64[n]."""
    words = np.empty(addresses.shape[0], dtype=np.uint64)
    for row in range(words.size):
        words[row] = bits(addresses[row, 0], addresses[row, 1], addresses[row, 2], addresses[row, 3])
    return words


@compiled
def identities(parents: np.ndarray, ordinals: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Identities of cells by where they come from: int64[n]."""
    found = np.empty(parents.size, dtype=np.int64)
    for row in range(found.size):
        found[row] = identity_of(parents[row], ordinals[row], ticks[row])
    return found


def along(part: int, count: int = COUNT) -> np.ndarray:
    """Consecutive addresses along one part: int64[count, 4]."""
    addresses = np.tile(np.array([1, 3, 5, 7], dtype=np.int64), (count, 1))
    addresses[:, part] += np.arange(count)
    return addresses


def anywhere(count: int, seed: int) -> np.ndarray:
    """Addresses spread over all that are in use: int64[count, 4]."""
    chance = np.random.default_rng(seed)
    return np.column_stack([chance.integers(0, 2 ** (width - 1), count, dtype=np.int64) for width in WIDTHS])


def _even(counts: np.ndarray) -> float:
    """The p of equal chances (chi-square)."""
    return float(stats.chisquare(counts.ravel()).pvalue)


def uniformity(draw: Draw = drawn) -> Finding:
    """All values of every byte are equally frequent, along each part of the address."""
    panels, measured = [], []
    for part, name in enumerate(PARTS):
        words = draw(along(part))
        counts = [np.bincount((words >> np.uint64(8 * byte)).astype(np.uint8), minlength=256) for byte in range(BYTES)]
        lowest = min(_even(count) for count in counts)
        measured.append(p_value(f"along the {name}, worst of {BYTES} bytes", lowest, len(PARTS) * BYTES))
        scatter = np.sort(((np.array(counts) - COUNT / 256) / math.sqrt(COUNT / 256)).ravel())
        expected = stats.norm.ppf((np.arange(scatter.size) + 0.5) / scatter.size)
        curves = (Curve("bytes", expected, scatter, "dots"), Curve("uniform", expected, expected, "law", 1))
        panels.append(CheckPanel(f"Along the {name}", "deviation expected, sigma", "seen, sigma", curves))
    return Finding(
        claim="Bits are uniform along every part of the address: seed, decision, identity, tick.",
        law="each of 256 values of each byte has probability 1/256 (chi-square, 2^20 draws per part)",
        source=f"{PEARSON}; {SPLITMIX}",
        measured=tuple(measured), why=FIXED, panels=tuple(panels),
    )  # fmt: skip


def lags(draw: Draw = drawn) -> Finding:
    """Draws at consecutive addresses are not correlated at any lag."""
    panels, measured, order = [], [], np.arange(1, LAGS + 1)
    limit = float(stats.norm.isf(FAMILY_WISE / (2 * LAGS * len(PARTS))))
    for part, name in enumerate(PARTS):
        numbers = draw(along(part)).astype(np.float64) * 2.0**-64 - 0.5
        spectrum = np.fft.rfft(numbers, 2 * COUNT)
        sums = np.fft.irfft(spectrum * spectrum.conj())[1 : LAGS + 1]
        scatter = sums / np.sqrt((COUNT - order) / 144.0)  # the product of two such numbers has variance 1 / 144
        measured.append(p_value(f"along the {name}", float(stats.chi2(LAGS).sf((scatter**2).sum())), len(PARTS)))
        curve = Curve("", order, scatter, "dots", part)
        panels.append(CheckPanel(f"Along the {name}", "lag", "correlation, sigma", (curve,), band=(-limit, limit)))
    return Finding(
        claim="Draws of consecutive seeds, decisions, identities and ticks are not correlated.",
        law=f"autocorrelations of independent draws are normal: the sum of {LAGS} squares is chi-square",
        source=PORTMANTEAU,
        measured=tuple(measured), why=FIXED, panels=tuple(panels),
    )  # fmt: skip


def neighbors(draw: Draw = drawn) -> Finding:
    """A draw tells nothing of that at the next address."""
    panels, measured = [], []
    ways: dict[str, tuple[int, ...]] = {name: (part,) for part, name in enumerate(PARTS)}
    ways["identity and tick"] = (2, 3)
    for number, (name, parts) in enumerate(ways.items()):
        here = anywhere(COUNT, 10 + number)
        there = here.copy()
        there[:, parts] += 1
        one, other = draw(here), draw(there)
        pairs = []
        for shift in (59, 0):
            both = [((words >> np.uint64(shift)) % np.uint64(CELLS)).astype(np.int64) for words in (one, other)]
            pairs.append(np.bincount(both[0] * CELLS + both[1], minlength=CELLS**2).reshape(CELLS, CELLS))
        lowest = min(_even(counts) for counts in pairs)
        measured.append(p_value(f"next {name}, worst of first and last bits", lowest, 2 * len(ways)))
        image = (pairs[0] - COUNT / CELLS**2) / math.sqrt(COUNT / CELLS**2)
        panels.append(CheckPanel(
            f"Next {name}", "first 5 bits here", "first 5 bits there", image=image, limits=(-4.0, 4.0),
            extent=(0, CELLS, 0, CELLS),
        ))  # fmt: skip
    return Finding(
        claim="A draw is independent of those at neighboring addresses.",
        law=f"each of {CELLS} x {CELLS} pairs of values is equally likely (chi-square, 2^20 pairs at random addresses)",
        source=f"{PEARSON}; {TESTU01}",
        measured=tuple(measured), why=FIXED, panels=tuple(panels[1:]),
        note="The figure shows the deviation of each pair of values from its mean, in sigma: noise without a pattern.",
    )  # fmt: skip


def flips(part: int, bit: int, draw: Draw) -> np.ndarray:
    """How often each output bit changes when one input bit does: int64[64], of SAMPLES."""
    here = anywhere(SAMPLES, 100 * part + bit)
    there = here.copy()
    there[:, part] ^= np.int64(1) << np.int64(bit)
    changed = draw(here) ^ draw(there)
    return np.asarray(np.unpackbits(changed.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little").sum(axis=0))


def avalanche(draw: Draw = drawn) -> Finding:
    """Each input bit changes each output bit half of the time."""
    panels, measured = [], []
    for part, (name, width) in enumerate(zip(PARTS, WIDTHS, strict=True)):
        share = np.array([flips(part, bit, draw) for bit in range(width)]) / SAMPLES
        scatter = (share - 0.5) * 2.0 * math.sqrt(SAMPLES)
        spread = float(stats.chi2(scatter.size).sf((scatter**2).sum()))
        worst = min(1.0, float(2.0 * stats.norm.sf(np.abs(scatter).max())) * scatter.size)
        measured.append(p_value(f"{name}, all bits", spread, 2 * len(PARTS)))
        measured.append(p_value(f"{name}, worst bit of {scatter.size}", worst, 2 * len(PARTS)))
        panels.append(CheckPanel(
            name.capitalize(), "output bit", "input bit", image=share, limits=(0.4, 0.6), extent=(0, 64, 0, width),
        ))  # fmt: skip
    return Finding(
        claim="A change of any one bit of an address changes every bit of the draw with probability one half.",
        law=f"strict avalanche criterion: {SAMPLES} addresses for each pair of an input and an output bit",
        source=AVALANCHE, measured=tuple(measured), why=FIXED, panels=tuple(panels),
        note="The figure shows the share of changed bits, from 0.4 to 0.6: uniform gray is correct.",
    )  # fmt: skip


Identify = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def everyone(identify: Identify = identities) -> np.ndarray:
    """Identities of millions of cells as the model gives them: arrivals by kind, turn and tick; clones; daughters."""
    kinds, turns, ticks = (part.ravel() for part in np.mgrid[1 : MOBILE_KINDS + 1, 0:16, 0:20_000])
    arrivals = identify(kinds, turns, ticks)
    clones = np.arange(2_000)
    none = np.zeros(clones.size, dtype=np.int64)
    mothers, everybody = identify(FOUNDER + clones, none, none), [arrivals]
    for daughters in (200, 5):
        everybody.append(mothers)
        born = np.tile(np.arange(1, daughters + 1), mothers.size)
        mothers = identify(np.repeat(mothers, daughters), born, np.zeros(born.size, dtype=np.int64))
    return np.concatenate([*everybody, mothers])


def uniqueness(identify: Identify = identities) -> Finding:
    """No two cells share an identity."""
    found = np.sort(everyone(identify))
    gaps = np.diff(found).astype(np.float64) * found.size / 2.0**63
    edges = np.append(-np.log1p(-np.arange(40) / 40), np.inf)  # forty kinds of gaps of equal chance
    counts = np.histogram(gaps, edges)[0]
    middles = np.linspace(0.125, 9.875, 40)
    density = np.histogram(gaps, np.linspace(0.0, 10.0, 41), density=False)[0] / gaps.size / 0.25
    curves = (Curve("identities", middles, density, "dots"), Curve("exp(-x)", middles, np.exp(-middles), "law", 1))
    return Finding(
        claim="Identities are never reused, and are spread like random numbers.",
        law="gaps between n random 63-bit numbers are exponential; n^2 / 2^64 collisions are expected",
        source="doi:10.1145/2063384.2063405",
        measured=(
            Measured(f"collisions among {found.size:,} cells", float((np.diff(found) == 0).sum()), 0.0, 0.0),
            p_value("gaps between identities", _even(counts), 1),
        ),
        why=f"Expected are {found.size**2 / 2.0**64:.1e} collisions, so none may occur. {FIXED}",
        panels=(CheckPanel("Gaps between identities", "gap, in mean gaps", "density", curves, "y"),),
    )


CHECKS: tuple[Check, ...] = (
    check("uniformity", "chance", "Uniform bits", uniformity),
    check("lags", "chance", "No serial correlation", lags),
    check("neighbors", "chance", "Independent neighbors", neighbors),
    check("avalanche", "chance", "Avalanche", avalanche),
    check("identities", "chance", "No identity twice", uniqueness),
)
