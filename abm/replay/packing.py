"""Frames as bytes that a browser unpacks by itself: differences from frame to frame, byte by byte, deflated.

Cells stand in the order of their birth, so most positions and states are those of the frame before, and their
differences are zeros, of which DEFLATE leaves next to nothing. The browser inverts this in `static/film.js`.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from abm.replay.film import FilmArm

LEVEL = 7  # of DEFLATE: level 9 takes eight times as long for a file 6 % smaller
BITS_KEPT = 12  # of the 23 of a curve's float32: four digits, more than a screen shows
CELL_ARRAYS = {  # of a frame, as the page names them
    "states": "states",
    "mx": "mobile_x", "my": "mobile_y", "mk": "mobile_kind",
    "cx": "cancer_x", "cy": "cancer_y", "cs": "cancer_state", "cc": "cancer_cause", "cn": "cancer_clone",
}  # fmt: skip


def packed_arm(arm: FilmArm) -> tuple[list[dict[str, Any]], str]:
    """All arrays of an arm: what each is, and their bytes, deflated, as base64.

    Returns:
        For each array its `name`, `type` and, where it has one part per frame, their `lengths`; the bytes, in this
        order. Arrays with `lengths` hold differences from the frame before; bytes stand lowest first, in planes.
    """
    listed: list[dict[str, Any]] = []
    parts = []
    for name, frames in _in_frames(arm):
        listed.append({"name": name, "type": frames[0].dtype.name, "lengths": [frame.size for frame in frames]})
        parts.append(_planes(_differences(frames)))
    for name, array in _once(arm):
        listed.append({"name": name, "type": array.dtype.name, "length": array.size})
        parts.append(_planes(array))
    return listed, base64.b64encode(zlib.compress(b"".join(parts), LEVEL)).decode("ascii")


def _in_frames(arm: FilmArm) -> Iterator[tuple[str, list[np.ndarray]]]:
    for name, own in CELL_ARRAYS.items():
        yield name, [getattr(frame, own) for frame in arm.frames]
    for overlay in arm.frames[0].fields:
        yield f"field.{overlay}", [frame.fields[overlay].ravel() for frame in arm.frames]


def _once(arm: FilmArm) -> Iterator[tuple[str, np.ndarray]]:
    yield "kind", arm.kind.ravel()
    flat = arm.cell_of_site.ravel()
    yield "mosaic", np.diff(flat, prepend=flat.dtype.type(0))
    yield "hours", arm.curve_hours.astype(np.float32)
    for name, values in arm.curves.items():
        yield f"curve.{name}", _rounded(values)
    for name, values in arm.awakenings._asdict().items():
        yield f"awakening.{name}", values


def _differences(frames: Sequence[np.ndarray]) -> np.ndarray:
    """Each frame as its differences from the one before, as far as that goes; they wrap around."""
    before, found = frames[0][:0], []
    for frame in frames:
        common = min(before.size, frame.size)
        found.append(np.concatenate([frame[:common] - before[:common], frame[common:]]))
        before = frame
    return np.concatenate(found)


def _planes(array: np.ndarray) -> bytes:
    """The lowest bytes of all numbers, then the next ones."""
    raw = np.frombuffer(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes(), dtype=np.uint8)
    return raw.reshape(-1, array.dtype.itemsize).T.tobytes()


def _rounded(values: np.ndarray) -> np.ndarray:
    """float32 with fewer digits, so that the low bytes are zeros."""
    bits = np.where(np.isfinite(values), values, 0.0).astype(np.float32).view(np.uint32)
    drop = 23 - BITS_KEPT
    return ((bits + np.uint32(1 << (drop - 1))) & np.uint32(0xFFFFFFFF << drop & 0xFFFFFFFF)).view(np.float32)
