"""A frame of a film as a picture, in the colors of figures and of the page."""

from __future__ import annotations

import numpy as np

from abm.dashboard.live.frames import ACTIVATED
from abm.plots.overlay import enlarged, lay_over
from abm.plots.palette import field_colors
from abm.plots.tissue_picture import LAYERS, PALETTE, tissue_codes
from abm.replay.film import FilmArm


def arm_picture(arm: FilmArm, frame: int, overlay: str = "", scale: int = 4) -> np.ndarray:
    """The tissue of an arm: uint8[scale * rows, scale * columns, 3].

    Args:
        arm: of a film.
        frame: its number.
        overlay: name of the field that lies over the alveoli, below the cells; empty for none.
        scale: pixels a side of a site.
    """
    shown = arm.frames[frame]
    states = np.append(shown.states, 255).astype(np.uint8)
    arrays = {
        "epithelium": states[arm.cell_of_site],  # -1, no cell, is the last
        "mobile_x": shown.mobile_x, "mobile_y": shown.mobile_y, "mobile_kind": shown.mobile_kind & ~np.uint8(ACTIVATED),
        "cancer_x": shown.cancer_x, "cancer_y": shown.cancer_y, "cancer_state": shown.cancer_state,
    }  # fmt: skip
    codes = tissue_codes(arrays, arm.kind, LAYERS, scale)
    picture: np.ndarray = PALETTE.take(codes, axis=0)
    if overlay in shown.fields:
        lay_over(picture, codes, field_colors()[enlarged(shown.fields[overlay], codes.shape)])
    return picture
