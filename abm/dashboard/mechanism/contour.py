"""Where IL-6 is as high as half of the full STAT3 response takes: lines for the page and for figures."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator

from abm.core.lattice import BLOCK
from abm.model.lung_model import LungModel
from abm.tissue.state import AMOUNT


def awakening_level(model: LungModel) -> float:
    """IL-6 at which cancer cells respond by half [ng/mL] (EC50); higher where an antibody holds their receptors.

    Infinite where no receptor is left.
    """
    left = float(effects_now(model).receptor_left)
    return float(model.parameters.dormancy.half_response) / left if left > 0.0 else float("inf")


def awakening_lines(model: LungModel) -> list[np.ndarray]:
    """Lines of IL-6 at the awakening level: float[points, 2], sites (x, y); closed, or ending at an edge."""
    level = awakening_level(model)
    field = model.tissue.fields.il6[AMOUNT]
    if not np.isfinite(level) or not field.min() < level < field.max():
        return []
    y, x = ((np.arange(count) + 0.5) * BLOCK for count in field.shape)
    return [np.asarray(line) for line in contour_generator(x=x, y=y, z=field.astype(float)).lines(level)]


def line_arrays(model: LungModel, number: int) -> dict[str, np.ndarray]:
    """The same for a frame: all points one after another, and where each line ends."""
    lines = awakening_lines(model)
    points = np.concatenate(lines) if lines else np.empty((0, 2))
    ends = np.cumsum([len(line) for line in lines])
    return {f"{number}.level": points.astype(np.float32), f"{number}.level_ends": ends.astype(np.int32)}


def effects_now(model: LungModel) -> np.record:
    """What treatments do in the present step."""
    planned = model._treatment_effects
    effects: np.record = planned[min(model.tick, planned.size - 1)]
    return effects
