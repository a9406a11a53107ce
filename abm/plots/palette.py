"""Colors of everything that is drawn, the same in figures and on the page.

Sections look as if stained with hematoxylin and eosin, but pale, so that cells stand out; the epithelium darkens as the
infection goes on. Only cancer cells have a rim: golden round dormant cells, else dark. Proliferating cells are crimson,
re-dormant cells blue. Colors of arms, of mobile cells (declared in `abm.rules.cells`) and of all that a section shows
were searched for the largest distance between any two of them for normal vision and for simulated color blindness of
three kinds (doi:10.1109/TVCG.2009.113).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from abm.rules.cells import CellKind
from abm.rules.states import CancerState, EpithelialState, SiteKind

Color = tuple[int, int, int]

SITE_COLORS: dict[SiteKind, Color] = {
    SiteKind.SEPTUM: (250, 239, 244),
    SiteKind.BRONCHIOLE: (134, 108, 168),
    SiteKind.VESSEL: (236, 156, 136),
    SiteKind.INTERSTITIUM: (235, 182, 203),
    SiteKind.AIRWAY: (255, 255, 255),
}
SITE_NAMES: dict[SiteKind, str] = {
    SiteKind.SEPTUM: "alveolus",
    SiteKind.INTERSTITIUM: "alveolar wall, sleeve",
    SiteKind.BRONCHIOLE: "bronchiole wall",
    SiteKind.AIRWAY: "airway (air)",
    SiteKind.VESSEL: "vessel",
}
# Healthy epithelium shows the site below it.
EPITHELIUM_COLORS: dict[EpithelialState, Color] = {
    EpithelialState.REFRACTORY: (202, 224, 250),
    EpithelialState.ECLIPSE: (249, 223, 106),
    EpithelialState.EXPRESSING: (234, 134, 20),
    EpithelialState.APOPTOTIC: (150, 74, 18),
    EpithelialState.DEAD: (75, 54, 46),
    EpithelialState.DENUDED: (212, 206, 190),
}
EPITHELIUM_NAMES: dict[EpithelialState, str] = {
    EpithelialState.REFRACTORY: "protected by interferon",
    EpithelialState.ECLIPSE: "infected, no virus made yet",
    EpithelialState.EXPRESSING: "infected, releasing virus",
    EpithelialState.APOPTOTIC: "dying",
    EpithelialState.DEAD: "dead",
    EpithelialState.DENUDED: "lost, to be regrown",
}
CELL_COLORS: dict[CellKind, Color] = {kind: kind.type.color for kind in CellKind}
CELL_NAMES: dict[CellKind, str] = {kind: kind.type.title for kind in CellKind}
OWN_CELL_COLORS: tuple[Color, ...] = ((120, 94, 0), (0, 84, 122), (110, 0, 60), (60, 60, 140))  # types of a scenario
CANCER_COLORS: dict[CancerState, Color] = {
    CancerState.DORMANT: (34, 20, 40),
    CancerState.PROLIFERATING: (225, 0, 103),
    CancerState.REDORMANT: (75, 195, 255),
}
CANCER_NAMES: dict[CancerState, str] = {
    CancerState.DORMANT: "dormant (never awakened)",
    CancerState.PROLIFERATING: "proliferating",
    CancerState.REDORMANT: "re-dormant",
}
RIM_COLORS: dict[CancerState, Color] = {
    CancerState.DORMANT: (255, 205, 0),
    CancerState.PROLIFERATING: (24, 16, 32),
    CancerState.REDORMANT: (24, 16, 32),
}

GLOW_COLOR: Color = (255, 150, 20)
"""Of the halo round a dormant cell."""
FLARE_COLORS: tuple[Color, Color] = ((255, 232, 110), (255, 84, 0))
"""Of the flare where a dormant cell has awakened: inside, outside."""
HAZE_COLOR: Color = (255, 128, 70)
"""Of the haze of IL-6 over the tissue."""
HAZE_MOST = 0.28
"""Share of the haze in the color of a site at the high end of its scale."""

ORANGE, SKY, GREEN, BLUE = (222, 179, 28), (82, 195, 255), (42, 163, 87), (36, 70, 210)
RED, PURPLE, GRAY, MAROON = (180, 41, 16), (156, 48, 149), (120, 120, 120), (95, 8, 10)
ARM_COLORS: dict[str, Color] = {
    "no_virus": GRAY,
    "no_virus_blockade": SKY,
    "influenza": RED,
    "human_influenza": RED,
    "influenza_blockade": BLUE,
    "sars_cov_2": PURPLE,
    "human_covid_19": PURPLE,
    "rsv": MAROON,
    "sars_cov_2_blockade": GREEN,
    "human_covid_19_tocilizumab": GREEN,
    "il6_knockout": GREEN,
    "late_blockade": ORANGE,
    "reinfection": MAROON,
    "influenza_then_sars_cov_2": PURPLE,
    "vaccinated": GREEN,
    "antiviral": PURPLE,
    "jak_inhibitor": ORANGE,
    "anti_il6_receptor": SKY,
    "cd8_depletion": BLUE,
    "cd4_depletion": SKY,
    "cd4_cd8_depletion": PURPLE,
    "neutrophil_depletion": GREEN,
}
_OTHERS = (RED, BLUE, GREEN, PURPLE, ORANGE, SKY, MAROON, GRAY)

# Clones: no palette has dozens of colors that everybody tells apart, so neighbors in number differ most.
CLONE_COLORS: tuple[Color, ...] = (
    *((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0), (86, 180, 233)),
    *((120, 94, 240), (150, 75, 0), (60, 60, 60), (220, 38, 127)),
)

# Light to dark, so that it also reads in gray print: little of a substance is pale.
_FIELD_STOPS: tuple[Color, ...] = (
    *((250, 247, 240), (253, 222, 168), (250, 170, 110), (232, 100, 96), (186, 54, 118)),
    *((122, 32, 126), (62, 18, 104), (14, 8, 44)),
)


def capitalized(name: str) -> str:
    """A name at the beginning of a line: "type I interferon" is "Type I interferon"."""
    return name[:1].upper() + name[1:]


def hexadecimal(color: Color) -> str:
    """A color as "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*color)


class ArmStyle(NamedTuple):
    """How the curve of an arm is drawn; `dashed`: it varies another arm beside it, and may lie on top of that."""

    color: Color
    dashed: bool


def arm_styles(arms: Sequence[str]) -> dict[str, ArmStyle]:
    """The style of each arm: its own color where no arm before it has taken that, else the next free one.

    The ninth and later arms share colors with others.
    """
    styles: dict[str, ArmStyle] = {}
    for arm in arms:
        taken = [style.color for style in styles.values()]
        wishes = [ARM_COLORS[arm]] if arm in ARM_COLORS else []
        reserved = [ARM_COLORS[other] for other in arms if other in ARM_COLORS]
        free = [color for color in _OTHERS if color not in reserved] + list(_OTHERS)
        color = min([*wishes, *free], key=taken.count)  # the first of those used least
        styles[arm] = ArmStyle(color, any(arm.startswith(f"{other}_") for other in arms))
    return styles


def field_colors() -> np.ndarray:
    """Color table of a field, from the least to the most: uint8[256, 3]."""
    stops = np.array(_FIELD_STOPS, dtype=float)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return np.round(np.stack(channels, axis=1)).astype(np.uint8)


def site_color(kind: SiteKind, state: EpithelialState) -> Color:
    """Color of a site: that of its epithelium, darker on walls, so that the lung shows through an infection."""
    if state == EpithelialState.HEALTHY:
        return SITE_COLORS[kind]
    if kind in (SiteKind.SEPTUM, SiteKind.AIRWAY):
        return EPITHELIUM_COLORS[state]
    wall, cover = np.array(SITE_COLORS[kind], dtype=float), np.array(EPITHELIUM_COLORS[state], dtype=float)
    share = 0.5 if kind == SiteKind.BRONCHIOLE else 0.35
    red, green, blue = (int(part) for part in np.round((1 - share) * cover + share * wall * 0.8))
    return red, green, blue
