"""Bronchioles, arteries and veins of a lung section: where they lie and what they look like.

Numbers and sizes are *assumed*, of the order seen in stained sections of rodent lung; what is kept is what a
pathologist looks for: every bronchiole has an artery of somewhat less than its own width at its side in a
common sleeve, veins run alone and far from the bundles, arteries are rounder and thicker-walled than veins.
"""

from typing import NamedTuple

import numpy as np

from abm.rules.states import SiteKind

SITES_PER_BUNDLE = 15_000.0  # one bronchiole with its artery per 1.5 mm2
SITES_PER_VEIN = 12_000.0
SITES_PER_VENULE = 5_000.0
BRONCHIOLE_RADIUS = (6.0, 12.0)  # sites: lumen of 60-120 um
ARTERY_TO_BRONCHIOLE = (0.55, 0.8)  # radius over radius
VEIN_RADIUS = (3.5, 7.0)  # sites
VENULE_RADIUS = (1.3, 2.5)  # sites
EPITHELIUM = (1.4, 2.0)  # sites: 1 to 2 cells, and without a gap
MUSCLE, ADVENTITIA, VEIN_WALL = 1.8, 1.6, 1.4  # sites of interstitium round bronchiole, artery and vein
GAP = 2.0  # sites of parenchyma kept between any two structures
HARMONICS = np.arange(2, 8)  # of an outline: 2 is an ellipse, the higher ones are folds

Circle = tuple[float, float, float]  # row, column, radius


class Tube(NamedTuple):
    """A bronchiole or vessel cut across; lengths in sites."""

    row: float
    column: float
    radius: float  # mean radius of the lumen of a bronchiole, or of a vessel with its wall
    epithelium: float  # 0 in a vessel
    sleeve: float
    wave: np.ndarray  # float64[6], amplitude of each harmonic of the outline over the radius
    phase: np.ndarray  # float64[6]

    def reach(self) -> float:
        """Farthest point of the sleeve from the center."""
        return self.radius * (1.0 + float(self.wave.sum())) + self.epithelium + self.sleeve


def draw_tubes(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Map, uint8[rows, columns], of bronchioles, vessels and their sleeves in a background of septum.

    A section with room for them has at least one bundle and one vein. What would take more than two thirds of
    the shorter side is left out.
    """
    circles: list[Circle] = []
    tubes = _bundles(rows, columns, circles, rng)
    tubes += _alone(rows, columns, circles, VEIN_RADIUS, max(1, round(rows * columns / SITES_PER_VEIN)), rng)
    tubes += _alone(rows, columns, circles, VENULE_RADIUS, round(rows * columns / SITES_PER_VENULE), rng)
    kind = np.full((rows, columns), SiteKind.SEPTUM, dtype=np.uint8)
    # All sleeves first: those of a bundle run into each other and must not cover the walls.
    for tube in tubes:
        _paint(kind, tube, sleeve=True)
    for tube in tubes:
        _paint(kind, tube, sleeve=False)
    return kind


def _bundles(rows: int, columns: int, circles: list[Circle], rng: np.random.Generator) -> list[Tube]:
    tubes: list[Tube] = []
    largest = min(BRONCHIOLE_RADIUS[1], 0.1 * min(rows, columns))
    if largest < BRONCHIOLE_RADIUS[0]:
        return tubes
    for _ in range(max(1, round(rows * columns / SITES_PER_BUNDLE))):
        width = rng.uniform(BRONCHIOLE_RADIUS[0], largest)
        airway = _tube(width, rng, MUSCLE, waves=(0.12, 0.05), airway=True)
        artery = _tube(width * rng.uniform(*ARTERY_TO_BRONCHIOLE), rng, ADVENTITIA, waves=(0.05, 0.008))
        side = rng.uniform(0.0, 2 * np.pi)
        facing = side + np.linspace(-0.8, 0.8, 17)  # the artery must clear the folds beside it too
        apart = _outline(airway, facing).max() + airway.epithelium + MUSCLE + _outline(artery, side + np.pi)
        radius = 0.5 * (airway.reach() + apart + artery.reach())
        place = _free_place(rows, columns, radius, circles, rng)
        if place is None:
            continue
        back = radius - airway.reach()  # the bundle's middle is not the middle of its bronchiole
        row, column = place[0] - back * np.sin(side), place[1] - back * np.cos(side)
        tubes.append(airway._replace(row=row, column=column))
        tubes.append(artery._replace(row=row + apart * np.sin(side), column=column + apart * np.cos(side)))
    return tubes


def _alone(
    rows: int,
    columns: int,
    circles: list[Circle],
    radius: tuple[float, float],
    number: int,
    rng: np.random.Generator,
) -> list[Tube]:
    tubes = []
    for _ in range(number):
        tube = _tube(rng.uniform(*radius), rng, VEIN_WALL, waves=(0.16, 0.04))
        place = _free_place(rows, columns, tube.reach(), circles, rng)
        if place is not None:
            tubes.append(tube._replace(row=place[0], column=place[1]))
    return tubes


def _tube(
    radius: float, rng: np.random.Generator, sleeve: float, waves: tuple[float, float], airway: bool = False
) -> Tube:
    """A tube not yet placed; `waves` are the largest amplitudes of the ellipse and of each fold."""
    wave = rng.uniform(0.3, 1.0, len(HARMONICS)) * np.where(HARMONICS == 2, *waves)
    phase = rng.uniform(0.0, 2 * np.pi, len(HARMONICS))
    return Tube(0.0, 0.0, radius, rng.uniform(*EPITHELIUM) if airway else 0.0, sleeve, wave, phase)


def _free_place(
    rows: int, columns: int, radius: float, circles: list[Circle], rng: np.random.Generator
) -> tuple[float, float] | None:
    """Center for a circle inside the section and clear of all `circles` (it joins them), or None.

    The best of 12 candidates, the one farthest from all others, spreads the structures and keeps veins off
    the bundles.
    """
    if 3 * radius > min(rows, columns):
        return None
    row = rng.uniform(radius, rows - 1 - radius, 12)
    column = rng.uniform(radius, columns - 1 - radius, 12)
    if circles:
        other = np.array(circles)
        apart = np.hypot(row[:, None] - other[:, 0], column[:, None] - other[:, 1])
        free = (apart - other[:, 2]).min(axis=1) - radius
    else:
        free = np.full(12, np.inf)
    best = int(free.argmax())
    if free[best] < GAP:
        return None
    circles.append((float(row[best]), float(column[best]), radius))
    return float(row[best]), float(column[best])


def _outline(tube: Tube, angle: np.ndarray | float) -> np.ndarray:
    """Distance from the center to the lumen's edge at `angle` (any shape), in sites."""
    turns = np.multiply.outer(angle, HARMONICS)
    outline: np.ndarray = tube.radius * (1.0 + (tube.wave * np.cos(turns + tube.phase)).sum(axis=-1))
    return outline


def _paint(kind: np.ndarray, tube: Tube, sleeve: bool) -> None:
    """Write a tube into `kind`: its sleeve, or else its lumen and wall."""
    reach = int(np.ceil(tube.reach())) + 1
    top, left = max(0, int(tube.row) - reach), max(0, int(tube.column) - reach)
    window = kind[top : int(tube.row) + reach + 2, left : int(tube.column) + reach + 2]
    row, column = np.mgrid[: window.shape[0], : window.shape[1]]
    row, column = row + top - tube.row, column + left - tube.column
    beyond = np.hypot(row, column) - _outline(tube, np.arctan2(row, column))
    if sleeve:
        window[beyond < tube.epithelium + tube.sleeve] = SiteKind.INTERSTITIUM
    elif tube.epithelium > 0.0:
        window[beyond < tube.epithelium] = SiteKind.BRONCHIOLE
        window[beyond < 0.0] = SiteKind.AIRWAY
    else:
        window[beyond < 0.0] = SiteKind.VESSEL
