"""OME-TIFF: one file that Fiji, QuPath, napari and Bio-Formats open; time, channels, y, x, with the size of a pixel.

Goldberg IG et al. (2005) doi:10.1186/gb-2005-6-5-r47 (OME); written with tifffile.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from abm.core.lattice import SPACING
from abm.exports.image import TissueImage, image_of
from abm.installation.optional_deps import need
from abm.model.snapshots import Snapshot

AXES = "TCYX"


def write_ome_tiff(snapshots: Sequence[Snapshot], path: Path, title: str) -> None:
    """Write snapshots as float32 channels; the last two are codes of the site and of its epithelium (0: none).

    Args:
        snapshots: of one run, by rising time.
        path: of the file.
        title: name of the image.

    Raises:
        MissingLibraryError: tifffile is not installed; it says how to get it.
        OSError: no room, no right to write.
    """
    need("export", "tifffile")
    import tifffile

    image = image_of(snapshots)
    coded = np.stack([one.values for one in image.labels], axis=1).astype(np.float32)
    values = np.concatenate([image.values, coded], axis=1)
    names = [*(one.title for one in image.channels), *(_coded_name(one.name, one.words) for one in image.labels)]
    tifffile.imwrite(
        path,
        values,
        ome=True,
        photometric="minisblack",
        compression="zlib",
        metadata={"axes": AXES, "Name": title, **_pixels(), **_planes(image, len(names)), "Channel": {"Name": names}},
    )


def _coded_name(name: str, words: dict[int, str]) -> str:
    return f"{name} ({', '.join(f'{code} {word}' for code, word in words.items())})"


def _pixels() -> dict[str, object]:
    size = float(SPACING)
    return {f"PhysicalSize{axis}{unit}": told for axis in "XY" for unit, told in (("", size), ("Unit", "µm"))}


def _planes(image: TissueImage, channels: int) -> dict[str, object]:
    """The time of each plane: snapshots need not be equally far apart."""
    hours = [hour for hour in image.hours for _ in range(channels)]
    return {"Plane": {"DeltaT": hours, "DeltaTUnit": ["h"] * len(hours)}}
