"""Tissue maps as labeled PNG images: one pixel is one site of 10 um, its color says what the site is.

The palette looks like a stained section (pink walls, purple bronchiolar epithelium, red vessels, white
lumina) and its five colors differ in lightness too, so that they stay apart for color-blind readers and in
gray print. A site with a dormant cancer cell on it is green, a darker green on a darker site: a map with such sites
says where the founders stand, and chance scatters none.
"""

import io
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from abm.rules.states import SiteKind
from abm.tissue.section import ANYWHERE, MAX_SIDE, Section, SectionError, section_of_kinds
from abm.tissue.section_map import LARGEST, SectionMap

MASK_COLORS: dict[SiteKind, tuple[int, int, int]] = {
    SiteKind.SEPTUM: (245, 212, 223),
    SiteKind.BRONCHIOLE: (74, 38, 120),
    SiteKind.VESSEL: (196, 48, 43),
    SiteKind.INTERSTITIUM: (200, 112, 158),
    SiteKind.AIRWAY: (255, 255, 255),
}
FOUNDER_COLORS: dict[SiteKind, tuple[int, int, int]] = {  # of the kinds on which a cancer cell may stand
    SiteKind.SEPTUM: (0, 200, 83),
    SiteKind.BRONCHIOLE: (0, 58, 30),
    SiteKind.INTERSTITIUM: (0, 128, 60),
}
BLOCK = 4  # sites: a side is a multiple of the 40-um block of the IL-6 grid

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UNKNOWN = 255


def section_image(section: Section) -> np.ndarray:
    """Paint a section in `MASK_COLORS` and `FOUNDER_COLORS`: uint8[rows, columns, 3]."""
    return map_image(section.kind, section.founders)


def map_image(kind: np.ndarray, founders: np.ndarray = ANYWHERE) -> np.ndarray:
    """Paint kinds of sites, uint8[rows, columns], and the flat indices of founders: uint8[rows, columns, 3]."""
    palette = np.array([MASK_COLORS[kind] for kind in SiteKind], dtype=np.uint8)
    below = np.array([FOUNDER_COLORS.get(kind, MASK_COLORS[kind]) for kind in SiteKind], dtype=np.uint8)
    image: np.ndarray = palette[kind]
    image.reshape(-1, 3)[founders] = below[kind.ravel()[founders]]
    return image


def write_mask(section: Section, path: str | Path) -> None:
    """Write a section as a PNG that `masked_section` reads back; raises `OSError` where it cannot."""
    Image.fromarray(section_image(section)).save(path, format="PNG")


def masked_section(path: str | Path, rows: int | None = None, columns: int | None = None, *, seed: int) -> Section:
    """Read a tissue map from a PNG in `MASK_COLORS` (and `FOUNDER_COLORS`) and cover it with cells drawn from `seed`.

    A `SectionMap` is read from its content, not from the file. `rows` and `columns`, where given, are the size
    the image must have. Raises `SectionError`, naming the file and what was found against what is needed, where it
    is no readable PNG, larger than 4,000 sites a side, of a side that is no multiple of 4 sites, of another size
    than asked for, of a color outside the palette (with the first such pixel, fully transparent counts), or without
    epithelium.
    """
    content = path.content if isinstance(path, SectionMap) else None
    path = Path(path)
    content = _content(path) if content is None else content
    width, height = _png_size(path, content)
    _check_mask_size(path, (height, width), (rows, columns))
    kind, founders = _kinds(path, _pixels(path, content, (width, height)))
    if not np.isin(kind, (SiteKind.SEPTUM, SiteKind.BRONCHIOLE, SiteKind.INTERSTITIUM)).any():
        raise SectionError(f"{path}: no epithelium: needs a pixel of septum, bronchiole or interstitium")
    return section_of_kinds(kind, seed, founders)


def _content(path: Path) -> bytes:
    """The bytes of a file, of which a giant is refused."""
    if not path.is_file():
        raise SectionError(f"{path}: no such file")
    try:
        if path.stat().st_size > LARGEST:
            raise SectionError(f"{path}: larger than {LARGEST:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise SectionError(f"{path}: cannot be read: {error.strerror}") from error


def _png_size(path: Path, content: bytes) -> tuple[int, int]:
    """Width and height from the first bytes of the file, so that a giant is refused before it is decoded."""
    head = content[:24]
    if not head.startswith(_SIGNATURE):
        raise SectionError(f"{path}: not a PNG image (a mask is a PNG, one pixel per 10-um site)")
    if len(head) < 24 or head[12:16] != b"IHDR":
        raise SectionError(f"{path}: damaged or truncated PNG image")
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _check_mask_size(path: Path, found: tuple[int, int], needed: tuple[int | None, int | None]) -> None:
    is_size = f"{path}: {found[0]} rows x {found[1]} columns of pixels (one per 10-um site)"
    if max(found) > MAX_SIDE:
        raise SectionError(f"{is_size}; allowed are at most {MAX_SIDE} each")
    if min(found) == 0 or found[0] % BLOCK or found[1] % BLOCK:
        raise SectionError(f"{is_size}; both must be multiples of {BLOCK} sites (40 um)")
    if any(want is not None and want != got for want, got in zip(needed, found, strict=True)):
        asked = " x ".join("any" if want is None else str(want) for want in needed)
        raise SectionError(f"{is_size}; needed are {asked} (rows x columns)")


def _pixels(path: Path, content: bytes, size: tuple[int, int]) -> np.ndarray:
    """Decoded image of the (width, height) already checked: uint8[rows, columns, 4], the last is opacity."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.size != size:
                raise ValueError("it states two sizes")
            return np.array(image.convert("RGBA"))
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError, zlib.error) as error:
        raise SectionError(f"{path}: damaged or truncated PNG image: {error}") from error


def _kinds(path: Path, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kinds of sites, uint8[rows, columns], and the flat indices of founders, int32."""
    kind = np.full(pixels.shape[:2], _UNKNOWN, dtype=np.uint8)
    founder = np.zeros(kind.shape, dtype=bool)
    code = pixels.view(np.uint32)[:, :, 0]
    for colors in (MASK_COLORS, FOUNDER_COLORS):
        for site, color in colors.items():
            found = code == np.array([*color, 255], dtype=np.uint8).view(np.uint32)[0]
            kind[found] = site
            founder |= found & (colors is FOUNDER_COLORS)
    unknown = kind == _UNKNOWN
    if unknown.any():
        row, column = np.unravel_index(unknown.argmax(), kind.shape)
        red, green, blue, opacity = (int(part) for part in pixels[row, column])
        found = f"({red}, {green}, {blue})" + (f" with opacity {opacity} of 255" if opacity < 255 else "")
        allowed = ", ".join(f"{site.name.lower()} {color}" for site, color in MASK_COLORS.items())
        allowed += ", with a dormant cancer cell on it: "
        allowed += ", ".join(f"{site.name.lower()} {color}" for site, color in FOUNDER_COLORS.items())
        raise SectionError(
            f"{path}: pixel at row {row}, column {column} (from 0, top left) has the color {found}; "
            f"{int(unknown.sum())} such pixels in all; allowed are {allowed}"
        )
    return kind, np.flatnonzero(founder).astype(np.int32)
