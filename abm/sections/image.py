"""Label images as files: PNG and TIFF, with colors or whole numbers as labels."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd
from PIL import Image

from abm.scenario.errors import Fault, ScenarioError, label
from abm.sections.geojson import read_geojson
from abm.sections.labels import MOST_PIXELS, LabelImage

WHOLE_NUMBERS = ("1", "L", "I", "I;16", "I;16B", "I;16L")  # modes of pillow
FINEST, COARSEST = 0.05, 40.0  # um: a pixel size that a file states is believed between these
_INCH, _CENTIMETER = 25_400.0, 10_000.0  # um
_X_RESOLUTION, _UNIT, _DESCRIPTION = 282, 296, 270  # tags of TIFF
_MICROMETERS = ("um", "µm", "micron", "microns", "\\u00B5m")


def read_label_image(file: Path, pixel: float = 0.0) -> LabelImage:
    """A label image: PNG or TIFF, or GeoJSON as QuPath exports it.

    Args:
        file: of labels.
        pixel: side of a pixel [um]; 0: as the file says.

    Raises:
        ScenarioError: the file cannot be read as an image of labels.
    """
    if file.suffix.lower() in (".geojson", ".json"):
        return read_geojson(file, pixel)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size is checked below
            with Image.open(file, formats=["PNG", "TIFF"]) as image:
                _check(file, image)
                return LabelImage(file, *_labels(file, image), pixel or _pixel_size(image))
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = getattr(error, "strerror", None) or "is no PNG, TIFF or GeoJSON file, or damaged"
        raise ScenarioError([Fault(label(file), 0, "", "", str(reason))]) from error


def _check(file: Path, image: Image.Image) -> None:
    """Refuse what is too large or has several pages before it is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        hint = "export it at a lower resolution: 1 to 2 um a pixel is plenty for sites of 10 um"
        _refuse(file, f"{width} x {height} pixels", "is too large", f"up to {MOST_PIXELS:,} pixels", hint)
    pages = getattr(image, "n_frames", 1)
    if pages > 1:
        _refuse(file, f"{pages} pages", "is a stack", "an image of one page")


def _labels(file: Path, image: Image.Image) -> tuple[np.ndarray, list[str]]:
    """int32[rows, columns] of labels, and their names."""
    name_of: Callable[[int], str]
    if image.mode in WHOLE_NUMBERS:
        values, name_of = np.array(image).astype(np.int64), str
    elif image.mode in ("RGB", "RGBA", "P", "LA", "PA"):
        values, name_of = np.array(image.convert("RGBA")).view(">u4")[:, :, 0].astype(np.int64), _color_name
    else:
        _refuse(file, image.mode, "is a kind of image that holds no labels", "whole numbers or colors")
    codes, found = pd.factorize(values.ravel())
    return codes.astype(np.int32).reshape(values.shape), [name_of(int(value)) for value in found]


def _color_name(value: int) -> str:
    """A color of four bytes as #rrggbb, with its opacity where it is not opaque."""
    return f"#{value:08x}" if value & 255 != 255 else f"#{value >> 8:06x}"


def _pixel_size(image: Image.Image) -> float:
    """Side of a pixel [um] as the file states it; 0 where it does not, or says what no microscope does.

    OME-TIFF and ImageJ have it in the description, others as resolution. The resolution of a PNG is that of a screen.
    """
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return 0.0
    text = str(tags.get(_DESCRIPTION, ""))
    ome = re.search(r'PhysicalSizeX="([0-9.eE+-]+)"', text)
    resolution = float(tags.get(_X_RESOLUTION, 0.0) or 0.0)
    size = 0.0
    if ome:
        size = float(ome[1])
    elif resolution > 0.0 and re.search(r"^unit=(.*)$", text, re.MULTILINE):
        unit = re.search(r"^unit=(.*)$", text, re.MULTILINE)
        size = 1.0 / resolution if unit and unit[1].strip() in _MICROMETERS else 0.0
    elif resolution > 0.0:
        size = {2: _INCH, 3: _CENTIMETER}.get(int(tags.get(_UNIT, 0)), 0.0) / resolution
    return size if FINEST <= size <= COARSEST else 0.0


def _refuse(file: Path, value: str, problem: str, allowed: str, hint: str = "") -> NoReturn:
    raise ScenarioError([Fault(label(file), 0, "image", value, problem, allowed=allowed, hint=hint)])
