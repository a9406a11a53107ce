"""What the browser gets of the tissue: a few small arrays of bytes, from which it draws.

A message is the length of a JSON header (uint32, little-endian), the header, and the arrays one after another, each
from a multiple of 8 bytes on; the header lists their names, types and shapes in this order.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from abm.dashboard.live.stage import ArmRun
from abm.dashboard.mechanism.secretion import secretion_by_source
from abm.model.lung_model import LungModel
from abm.model.measures import own_measures
from abm.plots.tissue_picture import LAYERS
from abm.rules.substances import SUBSTANCES, Substance
from abm.scenario.scenario import Scenario
from abm.tissue.state import AMOUNT, Niche, Tissue
from abm.tissue.viruses import virions_on_sites

ALIGNED = 8
ACTIVATED = 128  # bit of a mobile cell's kind: MHCII+ macrophage
SITES_PER_MM2 = 10_000.0


class Overlay(NamedTuple):
    """A field that can be shown: its name, unit, the ends of its color scale, whether that is logarithmic."""

    name: str
    unit: str
    low: float
    high: float
    log: bool


OVERLAYS = {  # the ends are the same for every day and scenario
    **{each.key: Overlay(each.type.title, "ng/mL", *each.type.scale, True) for each in Substance},
    "virus": Overlay("free virus", "virions/mm²", 10.0, 100_000.0, True),
    "matrix": Overlay("niche integrity", "(1 intact, 0 remodeled)", 0.0, 1.0, False),
}


HAZE = "il6"  # the overlay that lies as a haze over the tissue
SHOWN = LAYERS | {"haze": "IL-6 haze"}  # what the page can show and hide, each with its name for people
SOURCES_SUFFIX = "_sources"
SOURCE_OVERLAYS = {  # not fields, but who secretes them where; only of live views
    f"{each.key}{SOURCES_SUFFIX}": Overlay(f"{each.type.title} secretion, by cell type", "ng/mL/h", 0.01, 100.0, True)
    for each in (Substance.IL6,)
}
OWN_SCALE = (0.01, 100.0)  # ng/mL: ends of the color scale of a substance that a scenario declares


def own_overlays(scenario: Scenario) -> dict[str, Overlay]:
    """Overlays of the substances that a scenario declares, by the names of their curves."""
    names = zip(own_measures(scenario), scenario.substances, strict=False)  # cells come after the substances
    return {name: Overlay(one.title, "ng/mL", *OWN_SCALE, True) for name, one in names}


def message(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """The message with this header and these arrays."""
    told = [[name, array.dtype.name, array.shape] for name, array in arrays.items()]
    text = json.dumps({**header, "arrays": told}, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % ALIGNED)
    parts = [struct.pack("<I", len(text)), text]
    for array in arrays.values():
        data = array.tobytes()
        parts += [data, b"\0" * (-len(data) % ALIGNED)]
    return b"".join(parts)


def section_arrays(tissue: Tissue, number: int) -> dict[str, np.ndarray]:
    """What stays: the kind of each site, and which epithelial cell covers it."""
    return {f"{number}.kind": tissue.kind, f"{number}.mosaic": tissue.cell_of_site.astype(np.int32)}


def cell_arrays(run: ArmRun, number: int, overlay: str) -> dict[str, np.ndarray]:
    """What changes: states of the epithelium, cells with their sites, the haze, and one field."""
    tissue = run.model.tissue
    mobile = tissue.mobile[tissue.mobile.alive]
    cancer = tissue.cancer[tissue.cancer.alive]
    arrays = {
        "states": tissue.states,
        "mx": mobile.x.astype(np.uint16),
        "my": mobile.y.astype(np.uint16),
        "mk": (mobile.kind + ACTIVATED * mobile.activated).astype(np.uint8),
        "cx": cancer.x.astype(np.uint16),
        "cy": cancer.y.astype(np.uint16),
        "cs": cancer.state,
        "cc": cancer.cause,
        "cn": cancer.clone.astype(np.uint16),
        "awoke": run.awoke.astype(np.float32),
        "haze": shades(field_of(tissue, HAZE), OVERLAYS[HAZE]),
    }
    own = own_overlays(run.model.experiment)
    if overlay in own:
        field = tissue.fields[SUBSTANCES + list(own).index(overlay)][AMOUNT]
        arrays["field"] = shades(field, own[overlay])
    elif overlay in OVERLAYS:
        arrays["field"] = shades(field_of(tissue, overlay), OVERLAYS[overlay])
    elif overlay in SOURCE_OVERLAYS:
        arrays |= source_arrays(run.model, overlay)
    return {f"{number}.{name}": array for name, array in arrays.items()}


def source_arrays(model: LungModel, overlay: str) -> dict[str, np.ndarray]:
    """Of each square, the type of cell that secretes most there, and where what all secrete stands on the scale."""
    substance = next(each for each in Substance if overlay == f"{each.key}{SOURCES_SUFFIX}")
    secreted = secretion_by_source(model, int(substance))
    return {
        "source": secreted.argmax(axis=0).astype(np.uint8),
        "secreted": shades(secreted.sum(axis=0), SOURCE_OVERLAYS[overlay]),
    }


def field_of(tissue: Tissue, overlay: str) -> np.ndarray:
    """A field on its own grid, in the unit of its overlay."""
    if overlay == "virus":
        return virions_on_sites(tissue) * SITES_PER_MM2
    return tissue.niche[Niche.INTEGRITY] if overlay == "matrix" else getattr(tissue.fields, overlay)[AMOUNT]


def shades(field: np.ndarray, overlay: Overlay) -> np.ndarray:
    """Where each value stands on the color scale: uint8, 0 at its low end or below, 255 at its high end or above."""
    clipped = np.clip(field, overlay.low, overlay.high)
    if overlay.log:
        share = np.log(clipped / overlay.low) / np.log(overlay.high / overlay.low)
    else:
        share = (clipped - overlay.low) / (overlay.high - overlay.low)
    return np.round(255 * share).astype(np.uint8)
