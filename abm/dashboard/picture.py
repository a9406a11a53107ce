"""The tissue of a model as PNG files: one byte a pixel and a palette, so that they are small and made in no time."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from abm.model import LungModel
from abm.processes.tissue import AMOUNT
from abm.rules.states import SiteKind
from abm.study.palette import il6_colors
from abm.study.tissue_picture import LAYERS, PALETTE, tissue_codes

PIXELS = 800  # a side at most
MOST_SCALE = 5  # pixels a side of a site: more costs time and shows nothing new
IL6_LOW, IL6_HIGH = 0.05, 10.0  # ng/mL: ends of the color scale, the same for every day and scenario
SHADES = 256 - len(PALETTE)  # of IL-6, after the codes of the tissue
AIR = (SiteKind.SEPTUM, SiteKind.INTERSTITIUM)  # where IL-6 is shown, so that airways and vessels still tell the place


def tissue_png(model: LungModel) -> bytes:
    """The section, its epithelium and its cells now."""
    return _png(_codes(model, LAYERS), PALETTE)


def il6_png(model: LungModel) -> bytes:
    """The IL-6 of the section now, from `IL6_LOW` to `IL6_HIGH` (logarithmic), below the cancer cells."""
    codes = _codes(model, ("cancer",))
    field = np.clip(model.tissue.il6[AMOUNT], IL6_LOW, IL6_HIGH)
    share = np.log(field / IL6_LOW) / np.log(IL6_HIGH / IL6_LOW)
    shades = Image.fromarray((len(PALETTE) + share * (SHADES - 1)).astype(np.uint8))
    smooth = np.asarray(shades.resize(codes.shape[::-1], Image.Resampling.BILINEAR))
    colors = il6_colors()[np.linspace(0, 255, SHADES).astype(int)]
    return _png(np.where(np.isin(codes, AIR), smooth, codes), np.concatenate([PALETTE, colors]))


def _codes(model: LungModel, layers: Sequence[str]) -> np.ndarray:
    tissue = model.tissue
    states = np.append(tissue.states, 255).astype(np.uint8)
    cancer, mobile = tissue.cancer[tissue.cancer.alive], tissue.mobile[tissue.mobile.alive]
    arrays = {
        "epithelium": states[tissue.mosaic],
        "mobile_x": mobile.x,
        "mobile_y": mobile.y,
        "mobile_kind": mobile.kind,
        "cancer_x": cancer.x,
        "cancer_y": cancer.y,
        "cancer_state": cancer.state,
    }
    scale = int(np.clip(PIXELS // max(tissue.kind.shape), 1, MOST_SCALE))
    return tissue_codes(arrays, tissue.kind, layers, scale)


def _png(codes: np.ndarray, palette: np.ndarray) -> bytes:
    image = Image.fromarray(codes)
    image.putpalette(palette.tobytes())
    file = io.BytesIO()
    image.save(file, "png", compress_level=1)
    return file.getvalue()
