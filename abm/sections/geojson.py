"""Annotations of QuPath (GeoJSON), painted as an image of labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from abm.core.lattice import SPACING
from abm.scenario.errors import Fault, ScenarioError, label
from abm.sections.labels import MOST_PIXELS, OUTSIDE, LabelImage

LARGEST = 500_000_000  # bytes
PIXELS_A_SITE = 4  # of the painted image
MOST_CLASSES = 250
UNCLASSIFIED = "unclassified"

Ring = list[tuple[float, float]]


class Area(NamedTuple):
    """An area of one class: its outline, then its holes, in pixels of the image that was annotated (x, y)."""

    name: str
    rings: list[Ring]

    @property
    def size(self) -> float:
        """Area within the outline [pixels^2]."""
        x, y = np.array(self.rings[0]).T
        return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2.0


def read_geojson(file: Path, pixel: float) -> LabelImage:
    """The polygons of a file painted by class, small ones over large ones, from the edges of all of them on.

    Args:
        file: GeoJSON.
        pixel: side of a pixel of the image that was annotated [um].

    Raises:
        ScenarioError: it cannot be read, has no polygon, or no pixel size is given.
    """
    if pixel <= 0.0:
        hint = "it is in the image tab of QuPath"
        raise _refused(file, "--pixel-size", "is missing: the coordinates are pixels", hint)
    areas, skipped = _areas(file)
    names = [OUTSIDE, *dict.fromkeys(area.name for area in areas)]
    if len(names) > MOST_CLASSES:
        raise _refused(file, f"{len(names) - 1} classes", f"are more than {MOST_CLASSES}")
    scale = pixel * PIXELS_A_SITE / SPACING
    corners = np.concatenate([np.array(area.rings[0]) for area in areas])
    low, high = corners.min(axis=0), corners.max(axis=0)
    columns, rows = (int(np.ceil(side)) for side in (high - low) * scale)
    if rows * columns > MOST_PIXELS:
        raise _refused(file, f"{rows} x {columns} pixels of {SPACING / PIXELS_A_SITE:g} um", "are too many")
    image = Image.new("L", (max(columns, 1), max(rows, 1)), 0)
    for area in sorted(areas, key=lambda area: -area.size):
        _paint(image, [[((x - low[0]) * scale, (y - low[1]) * scale) for x, y in ring] for ring in area.rings],
               names.index(area.name))  # fmt: skip
    notes = [f"{len(areas)} polygons, from x = {low[0]:g}, y = {low[1]:g} px of the annotated image on"]
    if skipped:
        notes.append(f"{skipped} features without an area (points, lines) were left out")
    return LabelImage(file, np.array(image).astype(np.int32), names, SPACING / PIXELS_A_SITE, notes)


def _areas(file: Path) -> tuple[list[Area], int]:
    """All areas of a file, and the number of features that are none."""
    try:
        if file.stat().st_size > LARGEST:
            raise _refused(file, "", f"is larger than {LARGEST:,} bytes")
        content = json.loads(file.read_bytes())
    except OSError as error:
        raise _refused(file, "", error.strerror or "cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise _refused(file, "", f"is no JSON: {error}") from error
    features = content if isinstance(content, list) else content.get("features") if isinstance(content, dict) else None
    if isinstance(content, dict) and content.get("type") == "Feature":
        features = [content]
    if not isinstance(features, list):
        raise _refused(file, "", "is no GeoJSON with features")
    areas: list[Area] = []
    skipped = 0
    for number, feature in enumerate(features, start=1):
        try:
            found = list(_areas_of(feature))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise _refused(file, f"feature {number}", "is no feature of GeoJSON") from error
        areas += found
        skipped += not found
    if not areas:
        raise _refused(file, f"{skipped} features", "none of them is a polygon")
    return areas, skipped


def _areas_of(feature: Any) -> Iterator[Area]:
    """The areas of a feature; a class is a name alone, or a record with a name."""
    geometry: dict[str, Any] = feature["geometry"] or {}
    told = (feature.get("properties") or {}).get("classification") or UNCLASSIFIED
    name = str(told["name"] if isinstance(told, dict) else told)
    kind, coordinates = str(geometry.get("type")), geometry.get("coordinates") or []
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}
    for polygon in polygons.get(kind, []):
        rings = [[(float(point[0]), float(point[1])) for point in ring] for ring in polygon]
        if len(rings[0]) >= 3 and np.isfinite(np.array(rings[0])).all():
            yield Area(name, rings)


def _paint(image: Image.Image, rings: list[Ring], value: int) -> None:
    """Paint a polygon without its holes."""
    outline = np.array(rings[0])
    left, top = (int(side) for side in np.floor(outline.min(axis=0)))
    right, bottom = (int(side) + 1 for side in np.ceil(outline.max(axis=0)))
    mask = Image.new("1", (right - left, bottom - top), 0)
    draw = ImageDraw.Draw(mask)
    for number, ring in enumerate(rings):
        draw.polygon([(x - left, y - top) for x, y in ring], fill=int(number == 0))
    image.paste(value, (left, top, right, bottom), mask)


def _refused(file: Path, value: str, problem: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Fault(label(file), 0, "", value, problem, hint=hint)])
