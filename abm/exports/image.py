"""The tissue and its fields as one image over time and channels, and how each channel is shown.

Channels are levels (each substance, the virus) and numbers of cells on each site. What a site belongs to and the state
of its epithelium are codes, not intensities: formats with labels carry them as labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from abm.exchange.rasters import NO_CELL, Raster, epithelium_raster, levels, numbers_of_cells, section_raster
from abm.model.snapshots import Snapshot
from abm.plots.palette import (
    CANCER_COLORS,
    CELL_COLORS,
    EPITHELIUM_COLORS,
    OWN_CELL_COLORS,
    SITE_COLORS,
    Color,
)
from abm.rules.states import EpithelialState

SHOWN_FIRST = ("il6", "dormant_cancer_cells", "proliferating_cancer_cells", "redormant_cancer_cells")
_OF_LEVELS: tuple[Color, ...] = ((255, 255, 255), (255, 0, 255), (0, 255, 255), (255, 255, 0), (0, 255, 0))
_HEALTHY: Color = (250, 239, 244)


class Channel(NamedTuple):
    """A channel of an image; `highest`: the largest value at any time."""

    name: str
    meaning: str
    unit: str
    color: Color
    highest: float

    @property
    def title(self) -> str:
        """Its name with the unit."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


class LabelMap(NamedTuple):
    """Codes of the sites as labels, of which 0 is nothing.

    Attributes:
        name: of the labels.
        values: uint8[times, rows, columns].
        words, colors: of each label.
    """

    name: str
    values: np.ndarray
    words: dict[int, str]
    colors: dict[int, Color]


class TissueImage(NamedTuple):
    """Snapshots of a run as an image.

    Attributes:
        values: float32[times, channels, rows, columns].
        hours: of the snapshots.
        channels: one a channel.
        labels: codes of the sites.
    """

    values: np.ndarray
    hours: tuple[float, ...]
    channels: tuple[Channel, ...]
    labels: tuple[LabelMap, ...]


def image_of(snapshots: Sequence[Snapshot]) -> TissueImage:
    """One or more snapshots of a run, by rising time, as an image."""
    by_time = [[*levels(one), *numbers_of_cells(one)] for one in snapshots]
    values = np.stack([np.stack([one.values.astype(np.float32) for one in maps]) for maps in by_time])
    highest = values.max(axis=(0, 2, 3))
    colors = _colors(by_time[0])
    channels = tuple(
        Channel(one.name, one.meaning, one.unit, color, float(top))
        for one, color, top in zip(by_time[0], colors, highest, strict=True)
    )
    section = section_raster(snapshots[0])
    site = np.repeat(section.values[None] + np.uint8(1), len(snapshots), axis=0)
    epithelium = [epithelium_raster(one) for one in snapshots]
    cover = np.stack([one.values + np.uint8(1) for one in epithelium])  # no cell, 255, becomes 0
    of_sites = {int(kind) + 1: color for kind, color in SITE_COLORS.items()}
    of_epithelium = {int(state) + 1: color for state, color in EPITHELIUM_COLORS.items()}
    of_epithelium[int(EpithelialState.HEALTHY) + 1] = _HEALTHY
    labels = (
        LabelMap("site_kind", site, _shifted(section), of_sites),
        LabelMap("epithelium", cover, _shifted(epithelium[0]), of_epithelium),
    )
    return TissueImage(values, tuple(one.hour for one in snapshots), channels, labels)


def _shifted(raster: Raster) -> dict[int, str]:
    """The words of labels, which begin at 1."""
    return {code + 1: word for code, word in raster.words.items() if code != NO_CELL}


def _colors(rasters: Sequence[Raster]) -> list[Color]:
    """One color a channel: cells as in pictures, but bright, as channels are added up on black; levels in turn."""
    known = {f"{state.name.lower()}_cancer_cells": color for state, color in CANCER_COLORS.items()}
    known |= {f"{kind.key}_cells": color for kind, color in CELL_COLORS.items()}
    known = {name: _bright(color) for name, color in known.items()}
    found = []
    for at, one in enumerate(rasters):
        others = OWN_CELL_COLORS if one.unit == "cell" else _OF_LEVELS
        found.append(known.get(one.name, others[at % len(others)]))
    return found


def _bright(color: Color) -> Color:
    """The same hue, as bright as it can be."""
    red, green, blue = (round(part * 255 / max(color)) for part in color)
    return red, green, blue
