"""The legend of the tissue as HTML: every category as it is drawn."""

from __future__ import annotations

from abm.dashboard.picture import IL6_HIGH, IL6_LOW
from abm.study.palette import (
    CANCER_COLORS,
    CANCER_NAMES,
    CELL_COLORS,
    CELL_NAMES,
    EPITHELIUM_COLORS,
    EPITHELIUM_NAMES,
    RIM_COLORS,
    SITE_COLORS,
    SITE_NAMES,
    Color,
    hexadecimal,
    il6_colors,
)
from abm.study.tissue_picture import CANCER_RADIUS, CELL_RADIUS, RIM

SITE = 2.6  # px: a site enlarged


def cells_html() -> str:
    """Cancer cells, immune cells and fibroblasts."""
    cancer = [
        (CANCER_NAMES[state], _disk(color, CANCER_RADIUS, RIM_COLORS[state])) for state, color in CANCER_COLORS.items()
    ]
    cells = [(CELL_NAMES[kind], _disk(color, CELL_RADIUS[kind])) for kind, color in CELL_COLORS.items()]
    note = '<p class="quiet">Cells are drawn larger than they are.</p>'
    return _group("Cancer cells", cancer) + _group("Immune cells and fibroblasts", cells) + note


def sites_html() -> str:
    """Epithelium and what the section is made of."""
    epithelium = [(EPITHELIUM_NAMES[state], _square(color)) for state, color in EPITHELIUM_COLORS.items()]
    section = [(SITE_NAMES[kind], _square(SITE_COLORS[kind])) for kind in SITE_NAMES]
    return _group("Epithelium", epithelium) + _group("Section, healthy", section)


def il6_scale_html() -> str:
    """The color scale of IL-6."""
    colors = il6_colors()
    stops = ", ".join(hexadecimal((int(red), int(green), int(blue))) for red, green, blue in colors[::15])
    return (
        f'<span>{IL6_LOW:g}</span><i style="background: linear-gradient(to right, {stops})"></i>'
        f"<span>{IL6_HIGH:g} ng/mL</span>"
    )


def _group(heading: str, entries: list[tuple[str, str]]) -> str:
    items = "".join(f"<li>{mark}{name}</li>" for name, mark in entries)
    return f"<section><h3>{heading}</h3><ul>{items}</ul></section>"


def _disk(color: Color, radius: float, rim: Color | None = None) -> str:
    outer = f'<circle cx="9" cy="9" r="{(radius + RIM) * SITE:.1f}" fill="{hexadecimal(rim)}"/>' if rim else ""
    inner = f'<circle cx="9" cy="9" r="{radius * SITE:.1f}" fill="{hexadecimal(color)}"/>'
    return f'<svg viewBox="0 0 18 18" aria-hidden="true">{outer}{inner}</svg>'


def _square(color: Color) -> str:
    edge = "#8a8a8a" if min(color) > 225 else "none"
    return (
        f'<svg viewBox="0 0 18 18" aria-hidden="true">'
        f'<rect x="2.5" y="2.5" width="13" height="13" rx="2" fill="{hexadecimal(color)}" stroke="{edge}"/></svg>'
    )
