"""The map of a lung section: what each site is, and which epithelial cell covers it.

A section is drawn once, before anything is simulated, from a seed of its own; a sequential generator
private to this file is therefore harmless (no draw of a simulation depends on it).

What is drawn, one site being 10 um wide:

- **alveoli**: relaxed Voronoi cells of 43 sites = 4,290 um2, the alveolar surface of a mouse lung over its
  number of alveoli (doi:10.1111/joa.12773); the walls between them are seen edge-on as rims one site thick;
- **alveolar ducts**: winding channels along which these walls are missing (*assumed*: 8 per mm2, 70 um wide);
- **bronchovascular bundles**: a bronchiole (lumen radius 60-120 um, wall of one or two cells, muscular
  sleeve) with its artery beside it in one common sleeve, one per 1.5 mm2 (*assumed*);
- **veins and venules**: thin-walled, alone, far from the bundles (numbers and radii *assumed*).

The epithelium: alveolar cells cover 2,080 um2 = 20.8 sites on average, 4 in 10 are AT1 and 6 in 10 AT2 (rat
alveolus, doi:10.1165/ajrcmb/6.2.235). A cuboidal AT2 cell takes one site, mostly in the corners where
alveolar walls meet; AT1 cells share out all that remains, about 50 sites each. A bronchiolar cell takes one
site.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from abm.rules.states import EpithelialType, SiteKind
from abm.tissue.section_tubes import draw_tubes

ALVEOLUS_SITES = 43.0  # doi:10.1111/joa.12773, table 1: 171.7 cm2 over 4.0e6 alveoli
ALVEOLAR_CELL_SITES = 20.8  # doi:10.1165/ajrcmb/6.2.235: 20,800 um2 over 10 cells
AT2_SHARE = 0.6  # the same: 6 of 10 cells
CORNER_PREFERENCE = 100.0  # odds of a corner against another site for an AT2 cell, assumed
JITTER = 0.28  # of the distance between alveoli, assumed
DUCT_SPACING = 36.0  # sites, assumed: 8 per mm2
DUCT_LENGTH = (15, 40)  # sites, assumed
DUCT_HALF_WIDTH = 3.5  # sites, assumed
SCRAP_SITES = 6  # a piece of wall smaller than this that hangs on nothing is taken away
CAPILLARY_STRIDE = 4  # assumed: a wall site lets in a quarter of the leukocytes of a vessel site
MAX_SIDE = 4_000  # sites

ANYWHERE = np.zeros(0, dtype=np.int32)  # founders of a map that holds none

_TUBES, _ALVEOLI, _DUCTS, _MOSAIC = range(4)  # one private generator for each


class SectionError(ValueError):
    """A section that cannot be made: size out of range, or a mask file that cannot be read as tissue."""


class Section(NamedTuple):
    """A lung section of `rows` x `columns` sites, 10 um wide each.

    Flat site indices are `row * columns + column`. The sites of cell `c` are
    `sites[site_start[c]:site_start[c + 1]]`, in rising order. `entry` is meant for a uniform draw: it lists
    every vessel site but only some of the walls, so capillaries weigh less.
    """

    kind: np.ndarray  # uint8[rows, columns], SiteKind
    cell_of_site: np.ndarray  # int32[rows, columns], epithelial cell on the site, -1 in vessels and airway lumina
    cell_type: np.ndarray  # uint8[cells], EpithelialType
    size: np.ndarray  # int32[cells], number of sites of the cell, at least 1
    site_start: np.ndarray  # int32[cells + 1]
    sites: np.ndarray  # int32[sites with a cell]
    entry: np.ndarray  # int32[at least 1], flat indices of sites where leukocytes come in
    founders: np.ndarray = ANYWHERE  # int32[any number], flat indices of the sites of the founders, if the map says


def lung_section(rows: int, columns: int, seed: int) -> Section:
    """Draw a lung section of alveoli, ducts, bronchioles with arteries, and veins.

    Size in sites, 1 to 4,000 a side; `seed` is any integer of at least 0. Structures that would fill more
    than two thirds of the shorter side are left out, so a section less than 600 um wide has no bronchiole.
    The same arguments give the same bits. Raises `SectionError` on a size out of range.
    """
    check_size(rows, columns)
    kind = draw_tubes(rows, columns, _generator(seed, _TUBES))
    parenchyma = kind == SiteKind.SEPTUM
    walls = _alveolar_walls(parenchyma, _generator(seed, _ALVEOLI))
    kind[walls & ~_ducts(rows, columns, _generator(seed, _DUCTS))] = SiteKind.INTERSTITIUM
    _clear_scraps(kind)
    return section_of_kinds(kind, seed)


def alveolar_sheet(rows: int, columns: int, seed: int) -> Section:
    """Draw a plain sheet of alveolar epithelium: the cells of `lung_section`, no vessels, airways or walls.

    Leukocytes come in anywhere. Arguments, errors and repeatability as in `lung_section`.
    """
    check_size(rows, columns)
    everywhere = np.ones((rows, columns), dtype=bool)
    walls = _alveolar_walls(everywhere, _generator(seed, _ALVEOLI))
    kind = np.full((rows, columns), SiteKind.SEPTUM, dtype=np.uint8)
    entry = np.arange(kind.size, dtype=np.int32)
    return Section(kind, *_mosaic(kind, _corners(walls, everywhere), _generator(seed, _MOSAIC)), entry)


def section_of_kinds(kind: np.ndarray, seed: int, founders: np.ndarray = ANYWHERE) -> Section:
    """Cover a map of `SiteKind`, uint8[rows, columns], with cells and find where leukocytes come in.

    founders: int32, flat indices of sites with a cancer cell on them; empty where chance is to scatter these.
    """
    corners = _corners(kind == SiteKind.INTERSTITIUM, kind == SiteKind.SEPTUM)
    return Section(kind, *_mosaic(kind, corners, _generator(seed, _MOSAIC)), _entry(kind), founders)


def check_size(rows: int, columns: int) -> None:
    """Raise `SectionError` unless both sides are 1 to 4,000 sites."""
    if not (1 <= rows <= MAX_SIDE and 1 <= columns <= MAX_SIDE):
        raise SectionError(
            f"section of {rows} rows x {columns} columns (sites of 10 um): allowed are 1 to {MAX_SIDE} each"
        )


def _generator(seed: int, part: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox([seed, part]))


def _alveolar_walls(parenchyma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Sites of the parenchyma, bool[rows, columns], where one alveolus ends and the next begins."""
    alveolus = _alveoli(parenchyma, rng)
    walls = np.zeros(parenchyma.shape, dtype=bool)
    # Only the upper or left site of a differing pair: keeps the wall one site thick and still without a gap.
    walls[:-1] |= (alveolus[:-1] != alveolus[1:]) & parenchyma[1:]
    walls[:, :-1] |= (alveolus[:, :-1] != alveolus[:, 1:]) & parenchyma[:, 1:]
    walls &= parenchyma
    return walls


def _alveoli(parenchyma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Alveolus at each site, int32[rows, columns]: relaxed Voronoi cells of jittered hexagon centers.

    The jitter and a single Lloyd relaxation leave rounded polygons of uneven size, as in a stained section;
    more relaxation gives a honeycomb. Only sites of the parenchyma count, so alveoli lean on vessels and are
    not cut by them.
    """
    centers = _hexagon_centers(parenchyma.shape, rng)
    alveolus = _nearest(parenchyma.shape, centers)
    rows, columns = np.nonzero(parenchyma)
    owner = alveolus[rows, columns]
    members = np.bincount(owner)
    kept = members > 0  # centers under a vessel own nothing
    row = np.bincount(owner, weights=rows)[kept] / members[kept]
    column = np.bincount(owner, weights=columns)[kept] / members[kept]
    relaxed = np.rint(row).astype(np.int64) * parenchyma.shape[1] + np.rint(column).astype(np.int64)
    return _nearest(parenchyma.shape, np.unique(relaxed))


def _hexagon_centers(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Flat sites of jittered hexagon centers, one per 43 sites and at least one."""
    pitch = np.sqrt(ALVEOLUS_SITES * 2 / np.sqrt(3))
    spacing = pitch * np.sqrt(3) / 2
    line, place = np.mgrid[: int(shape[0] / spacing) + 2, : int(shape[1] / pitch) + 2]
    points = np.stack([line * spacing, (place + 0.5 * (line % 2)) * pitch], axis=-1).reshape(-1, 2)
    points += rng.normal(0.0, JITTER * pitch, points.shape) + rng.uniform(-pitch, 0.0, 2)
    row, column = np.rint(points).astype(np.int64).T
    inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    centers = np.unique(row[inside] * shape[1] + column[inside])
    return centers if len(centers) else np.zeros(1, dtype=np.int64)


def _nearest(shape: tuple[int, int], centers: np.ndarray) -> np.ndarray:
    """Which of the `centers` (distinct flat sites) is nearest to each site, int32[rows, columns]."""
    elsewhere = np.ones(shape, dtype=bool)
    elsewhere.flat[centers] = False
    row, column = ndimage.distance_transform_edt(elsewhere, return_distances=False, return_indices=True)
    number = np.zeros(shape, dtype=np.int32)
    number.flat[centers] = np.arange(len(centers))
    nearest: np.ndarray = number[row, column]
    return nearest


def _ducts(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Sites, bool[rows, columns], within 35 um of the axis of a duct: gently bent, 150-400 um long."""
    start = np.mgrid[0:rows:DUCT_SPACING, 0:columns:DUCT_SPACING].reshape(2, -1)
    # One in each tile: ducts left to pure chance lie in heaps.
    start = start + rng.uniform(0.0, DUCT_SPACING, start.shape)
    number = start.shape[1]
    along = np.linspace(-0.5, 0.5, 2 * DUCT_LENGTH[1])
    length = rng.uniform(*DUCT_LENGTH, (number, 1))
    heading = rng.uniform(0.0, 2 * np.pi, (number, 1)) + along * rng.uniform(-1.5, 1.5, (number, 1))
    step = length * (along[1] - along[0])
    row = start[0][:, None] + np.cumsum(np.sin(heading), axis=1) * step
    column = start[1][:, None] + np.cumsum(np.cos(heading), axis=1) * step
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    off_axis = np.ones((rows, columns), dtype=bool)
    off_axis[row[inside].astype(np.int64), column[inside].astype(np.int64)] = False
    if off_axis.all():
        return np.zeros((rows, columns), dtype=bool)
    ducts: np.ndarray = ndimage.distance_transform_edt(off_axis) <= DUCT_HALF_WIDTH
    return ducts


def _clear_scraps(kind: np.ndarray) -> None:
    """Turn bits of wall that the ducts have cut off into septum."""
    piece, _ = ndimage.label(kind != SiteKind.SEPTUM, structure=np.ones((3, 3)))
    scrap = np.bincount(piece.ravel()) < SCRAP_SITES
    kind[(piece > 0) & scrap[piece]] = SiteKind.SEPTUM


def _corners(walls: np.ndarray, airspace: np.ndarray) -> np.ndarray:
    """Wall sites, bool[rows, columns], where walls meet: at least three airspaces among the 8 neighbors."""
    space = np.pad(ndimage.label(airspace & ~walls)[0], 1)
    row, column = np.nonzero(walls)
    around = np.stack([space[row + i, column + j] for i in range(3) for j in range(3)], axis=1)
    around.sort(axis=1)
    first = (around > 0) & (np.diff(around, axis=1, prepend=0) > 0)
    corners = np.zeros(walls.shape, dtype=bool)
    corners[row, column] = first.sum(axis=1) >= 3
    return corners


def _mosaic(
    kind: np.ndarray, corners: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cover the tissue with AT1, AT2 and bronchiolar cells: (cell_of_site, cell_type, size, site_start, sites)."""
    alveolar = np.flatnonzero((kind == SiteKind.SEPTUM) | (kind == SiteKind.INTERSTITIUM))
    bronchiolar = np.flatnonzero(kind == SiteKind.BRONCHIOLE)
    at1, at2 = _cell_numbers(len(alveolar))
    # The largest u ** (1 / w) are a draw without replacement by weights w (doi:10.1016/j.ipl.2005.11.003).
    power = np.where(corners.flat[alveolar], 1.0 / CORNER_PREFERENCE, 1.0)
    order = np.argsort(-(rng.random(len(alveolar)) ** power))
    cuboidal = np.sort(alveolar[order[:at2]])
    centers = np.sort(rng.choice(alveolar[order[at2:]], at1, replace=False))
    cell_of_site = np.full(kind.shape, -1, dtype=np.int32)
    if at1:
        cell_of_site.flat[alveolar] = _nearest(kind.shape, centers).flat[alveolar]
    cell_of_site.flat[cuboidal] = at1 + np.arange(at2)
    cell_of_site.flat[bronchiolar] = at1 + at2 + np.arange(len(bronchiolar))
    kinds = np.array([EpithelialType.AT1, EpithelialType.AT2, EpithelialType.BRONCHIOLAR], dtype=np.uint8)
    cell_type = np.repeat(kinds, [at1, at2, len(bronchiolar)])
    covered = np.flatnonzero(cell_of_site >= 0)
    sites = covered[np.argsort(cell_of_site.flat[covered], kind="stable")].astype(np.int32)
    size = np.bincount(cell_of_site.flat[covered], minlength=len(cell_type)).astype(np.int32)
    site_start = np.concatenate([[0], np.cumsum(size)]).astype(np.int32)
    return cell_of_site, cell_type, size, site_start, sites


def _cell_numbers(alveolar_sites: int) -> tuple[int, int]:
    """Numbers of AT1 and AT2 cells on this number of sites; at least one AT1, which takes what the others leave."""
    cells = round(alveolar_sites / ALVEOLAR_CELL_SITES)
    at1 = min(alveolar_sites, max(1, round((1 - AT2_SHARE) * cells)))
    return at1, max(0, min(cells, alveolar_sites) - at1)


def _entry(kind: np.ndarray) -> np.ndarray:
    """Sites where leukocytes come in: every vessel site and, for capillaries, every fourth of the walls."""
    vessels = np.flatnonzero(kind == SiteKind.VESSEL)
    capillaries = np.flatnonzero(kind == SiteKind.INTERSTITIUM)[::CAPILLARY_STRIDE]
    entry = np.concatenate([vessels, capillaries])
    if len(entry) == 0:
        entry = np.flatnonzero(kind != SiteKind.AIRWAY)
    return entry.astype(np.int32)
