"""What was made of an image, in words: kinds of sites beside those of a drawn lung, and what to think of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abm.core.lattice import SPACING
from abm.rules.states import EpithelialType, SiteKind
from abm.tissue.section import Section, lung_section

NARROW = 2000.0  # um: in smaller sections many an infection does not establish (docs/numerics.md)
TYPICAL_SIDE = 300  # sites of the drawn lung to compare with
WORDS = {
    SiteKind.SEPTUM: "septum (alveolar surface)",
    SiteKind.INTERSTITIUM: "interstitium (walls, edge-on)",
    SiteKind.BRONCHIOLE: "bronchiole (wall)",
    SiteKind.VESSEL: "vessel",
    SiteKind.AIRWAY: "airway (lumen: air, no cell)",
}


def shares(kind: np.ndarray) -> dict[SiteKind, float]:
    """The share of each kind of site; kind: uint8[rows, columns]."""
    return {site: float((kind == site).mean()) for site in SiteKind}


def table(section: Section) -> list[list[str]]:
    """One row a kind of site and of epithelial cell: in this section, and in the lung that Embers draws."""
    drawn = lung_section(TYPICAL_SIDE, TYPICAL_SIDE, 1)
    here, there = shares(section.kind), shares(drawn.kind)
    rows = [[WORDS[site], f"{here[site]:.1%}", f"{there[site]:.1%}"] for site in WORDS]
    for cell in EpithelialType:
        rows.append([f"{cell.name} cells per mm2", *(f"{_density(one, cell):,.0f}" for one in (section, drawn))])
    return rows


def advice(section: Section) -> list[str]:
    """What of this section a run will be sensitive to, in sentences."""
    here = shares(section.kind)
    height, width = (side * SPACING for side in section.kind.shape)
    said = []
    if min(height, width) < NARROW:
        said.append(
            f"The section is less than {NARROW / 1000:g} mm wide: in many sections of this size an infection does not "
            "establish. Take a larger image, or --mirror N."
        )
    if not here[SiteKind.VESSEL]:
        said.append("There is no vessel: leukocytes enter through the capillaries of the walls only.")
    if not here[SiteKind.BRONCHIOLE]:
        said.append("There is no bronchiole: the infection is of alveoli only.")
    if here[SiteKind.AIRWAY] > 0.5:
        said.append(
            "Most of the section is airway lumen, which holds no cell. Air in alveoli is `airspace` or `septum`."
        )
    return said


def in_words(name: str, section: Section, notes: Sequence[str]) -> str:
    """The whole description as text."""
    rows = [["", "this section", "a drawn lung"], *table(section)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}" for row in rows]
    said = [f"- {note}" for note in (*notes, *advice(section))]
    return "\n".join([f"Section {name}", "", *lines, "", *said]) + "\n"


def _density(section: Section, cell: EpithelialType) -> float:
    return float((section.cell_type == cell).sum()) / (section.kind.size * (SPACING / 1000.0) ** 2)
