"""The square lattice: sites of 10 um, and the coarser grids of slow-changing fields on top of it."""

from __future__ import annotations

from abm.core.compiled import compiled

SPACING = 10.0  # um, one site
BLOCK = 4  # sites a side: the 40 um grid of IL-6, matrix and neighborhood counts
PATCH = 2  # sites a side: the 20 um grid of interferon


@compiled
def area_of(sites: int) -> float:
    """Area of this many sites [mm2]."""
    return sites * (SPACING / 1000.0) ** 2


@compiled
def inside(y: int, x: int, rows: int, columns: int) -> bool:
    """Whether a site is on the lattice; its edges are closed."""
    return 0 <= y < rows and 0 <= x < columns
