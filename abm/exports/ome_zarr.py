"""OME-Zarr 0.5: a folder that napari, Fiji (MoBIE), viv and SpatialData open; an image with labels.

Its coordinates are those of the cells in `to_anndata` [um]. Moore J et al. (2021) doi:10.1038/s41592-021-01326-w;
written with yaozarrs, which checks the metadata against the specification.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from abm.core.lattice import SPACING
from abm.exchange.described import facts_of
from abm.exports.image import SHOWN_FIRST, Channel, LabelMap, TissueImage, image_of
from abm.installation.optional_deps import need
from abm.model.snapshots import Snapshot
from abm.plots.palette import hexadecimal

OPAQUE = 255


def write_ome_zarr(snapshots: Sequence[Snapshot], path: Path, title: str) -> None:
    """Write snapshots as an image (time, channel, y, x) with the labels `site_kind` and `epithelium`.

    Args:
        snapshots: of one run, by rising time.
        path: of the folder, which is made.
        title: name of the image.

    Raises:
        MissingLibraryError: yaozarrs or zarr is not installed; it says how to get it.
        OSError: no room, no right to write.
    """
    need("export", "yaozarrs", "zarr")
    from yaozarrs import v05
    from yaozarrs.write.v05 import write_image

    image = image_of(snapshots)
    facts = {name: value for name, value in facts_of(snapshots[0]).items() if name not in ("hour", "day")}
    described = v05.Image(multiscales=[_multiscale(title, True)], omero=_shown(title, image))
    labels = {one.name: (v05.LabelImage.model_validate(_label_image(one)), one.values) for one in image.labels}
    units = {one.name: one.unit for one in image.channels}
    extra = {"embers": {**facts, "hours": list(image.hours), "units": units}}
    write_image(path, described, image.values, labels=labels, extra_attributes=extra, writer="zarr")
    for one in image.labels:
        _add_words(path / "labels" / one.name, one)


def _multiscale(name: str, has_channels: bool) -> Any:
    """Axes, size of a pixel and the place of the first one: the middle of the first site."""
    from yaozarrs import v05

    plane = [v05.SpaceAxis(name=axis, unit="micrometer") for axis in "yx"]
    axes: list[Any] = [v05.TimeAxis(name="t"), *([v05.ChannelAxis(name="c")] if has_channels else []), *plane]
    others = [1.0] * (len(axes) - 2)
    scale = v05.ScaleTransformation(scale=[*others, float(SPACING), float(SPACING)])
    shift = v05.TranslationTransformation(translation=[*(0.0 for _ in others), SPACING / 2.0, SPACING / 2.0])
    datasets = [v05.Dataset(path="0", coordinateTransformations=[scale, shift])]
    return v05.Multiscale(name=name, axes=axes, datasets=datasets)


def _shown(title: str, image: TissueImage) -> Any:
    from yaozarrs import v05

    return v05.Omero(name=title, channels=[_channel(one) for one in image.channels])


def _channel(channel: Channel) -> Any:
    from yaozarrs import v05

    top = channel.highest or 1.0
    return v05.OmeroChannel(
        label=channel.title, color=hexadecimal(channel.color).removeprefix("#"), active=channel.name in SHOWN_FIRST,
        window=v05.OmeroWindow(start=0.0, min=0.0, end=top, max=top),
    )  # fmt: skip


def _label_image(label: LabelMap) -> dict[str, Any]:
    """Metadata of labels, by the names of the specification."""
    colors = [{"label-value": code, "rgba": [*color, OPAQUE]} for code, color in label.colors.items()]
    return {"multiscales": [_multiscale(label.name, False)], "image-label": {"colors": colors}}


def _add_words(path: Path, label: LabelMap) -> None:
    """The word of each label, as properties of the specification, whose own keys yaozarrs does not write."""
    import zarr

    group = zarr.open_group(path, mode="r+")
    told: dict[str, Any] = json.loads(json.dumps(group.attrs["ome"]))
    told["image-label"]["properties"] = [{"label-value": code, "name": word} for code, word in label.words.items()]
    group.attrs["ome"] = told
