"""A film as GIF, or as MP4 where ffmpeg is there: arms side by side, day, names, what is a prediction."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import numpy as np
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

from abm.core.lattice import SPACING
from abm.dashboard.live.frames import Overlay
from abm.plots.palette import field_colors
from abm.replay.drawing import arm_picture
from abm.replay.film import HOURS_PER_DAY, READ_OUT, Film, RenderError, known_overlays
from abm.replay.page import LETTERS
from abm.reporting.citation import embers_version
from abm.reporting.report import DISCLAIMER
from abm.runs.store.files import atomic

WIDEST = {"gif": 1000, "mp4": 1920}  # pixels
RATE = 12.0  # frames a second
SAMPLES = 6  # frames of which a GIF has the colors
HOLD = 1500  # ms that a GIF shows its last frame
EDGE, HEAD, FOOT = 16, 92, 66  # pixels
ENCODED = (  # plain H.264 that every player shows; no clock or version in the file
    "-c:v libx264 -preset medium -tune animation -crf 26 -pix_fmt yuv420p -movflags +faststart -threads 1 "
    "-fflags +bitexact -flags:v +bitexact -map_metadata -1 -f mp4"
)
INK, SOFT, PAPER = (34, 28, 40), (91, 82, 99), (255, 255, 255)
INSTALL = (
    "install ffmpeg (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg) or: pip install imageio-ffmpeg"
)


def write_gif(film: Film, path: Path, overlay: str = "", title: str = "") -> Path:
    """Write the film as an animated GIF.

    Raises:
        OSError: no room, no right to write.
    """
    samples = np.unique(np.linspace(0, len(film.hours) - 1, SAMPLES).round().astype(int)).tolist()
    seen = np.concatenate(list(pictures_of(film, samples, WIDEST["gif"], overlay, title)))
    palette = Image.fromarray(seen).quantize(255, dither=Image.Dither.NONE)  # one for all, so that nothing flickers
    pictures = pictures_of(film, range(len(film.hours)), WIDEST["gif"], overlay, title)
    first, *others = (Image.fromarray(one).quantize(palette=palette, dither=Image.Dither.NONE) for one in pictures)
    durations = [round(1000 / RATE)] * len(others) + [HOLD]
    with atomic(path) as temporary:
        first.save(temporary, "gif", save_all=True, append_images=others, duration=durations, loop=0, optimize=False)
    return path


def write_mp4(film: Film, path: Path, overlay: str = "", title: str = "") -> Path:
    """Write the film as MP4 (H.264) with ffmpeg.

    Raises:
        RenderError: ffmpeg is not there, or fails.
        OSError: no room, no right to write.
    """
    command = ffmpeg()
    pictures = pictures_of(film, range(len(film.hours)), WIDEST["mp4"], overlay, title)
    first = next(pictures)
    height, width = (side - side % 2 for side in first.shape[:2])  # H.264 wants even sides
    with atomic(path) as temporary:
        given = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {RATE:g} -i -"
        arguments = [command, "-y", "-loglevel", "error", *given.split(), *ENCODED.split(), str(temporary)]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as encoder:
            assert encoder.stdin is not None
            with suppress(BrokenPipeError):  # ffmpeg has ended, and says why
                for picture in chain([first], pictures):
                    encoder.stdin.write(np.ascontiguousarray(picture[:height, :width]).tobytes())
            _, said = encoder.communicate()
        if encoder.returncode:
            raise RenderError(
                f"ffmpeg failed: {said.decode(errors='replace').strip()[-400:]}. Try --to gif or --to html."
            )
    return path


def ffmpeg() -> str:
    """The ffmpeg on this machine, or that of imageio-ffmpeg.

    Raises:
        RenderError: there is none; it says how to get one.
    """
    found = shutil.which("ffmpeg")
    if found:
        return found
    if find_spec("imageio_ffmpeg"):
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    raise RenderError(
        f"--to mp4 needs ffmpeg, which is not here. To get it, {INSTALL}. --to gif and --to html need nothing more."
    )


def pictures_of(
    film: Film, frames: Sequence[int], widest: int, overlay: str = "", title: str = ""
) -> Iterator[np.ndarray]:
    """The frames of a movie: uint8[height, width, 3].

    Args:
        film: what is shown.
        frames: their numbers.
        widest: width at most [pixels].
        overlay: name of a field to lay over the tissue; empty for none.
        title: heading; by default none but the day.
    """
    columns = max(arm.kind.shape[1] for arm in film.arms)
    scale = max(1, (widest - EDGE * (len(film.arms) + 1)) // (len(film.arms) * columns))
    for frame in frames:
        yield np.asarray(_picture(film, frame, scale, overlay, title))


def _picture(film: Film, frame: int, scale: int, overlay: str, title: str) -> Image.Image:
    rows, columns = (max(arm.kind.shape[axis] for arm in film.arms) for axis in (0, 1))
    width = max(EDGE + len(film.arms) * (columns * scale + EDGE), 420)
    picture = Image.new("RGB", (width, HEAD + rows * scale + FOOT), PAPER)
    draw = ImageDraw.Draw(picture)
    hour = float(film.hours[frame])
    heading = f"Day {hour / HOURS_PER_DAY:.1f}" + (f"   {title}" if title else "")
    _write(draw, (EDGE, 8), heading, 20, width - 2 * EDGE, bold=True)
    for number, arm in enumerate(film.arms):
        left = EDGE + number * (columns * scale + EDGE)
        color = film.styles()[number].color
        picture.paste(Image.fromarray(arm_picture(arm, frame, overlay, scale)), (left, HEAD))
        draw.rectangle(
            (left - 2, HEAD - 2, left + columns * scale + 1, HEAD + rows * scale + 1), outline=color, width=2
        )
        _write(draw, (left, 40), f"{LETTERS[number]}  {arm.title}", 15, columns * scale, color, bold=True)
        cells = float(np.interp(hour, arm.curve_hours, arm.curves[READ_OUT]))
        shown = f"{cells:,.0f} x the seeded cells" if cells >= 9.95 else f"{cells:.1f} x the seeded cells"
        _write(draw, (left, 64), shown + (", prediction" if arm.is_prediction else ""), 13, columns * scale, SOFT)
    _foot(draw, film, hour, (width, HEAD + rows * scale), scale)
    if overlay:
        _color_scale(picture, known_overlays([arm.scenario for arm in film.arms])[overlay], HEAD + rows * scale + 12)
    return picture


def _foot(draw: ImageDraw.ImageDraw, film: Film, hour: float, corner: tuple[int, int], scale: int) -> None:
    """Scale bar, how far the film is, source and what it is not."""
    width, top = corner
    bar = round(200 / SPACING * scale)
    draw.rectangle((EDGE, top + 14, EDGE + bar, top + 18), fill=INK)
    _write(draw, (EDGE + bar + 7, top + 7), "200 µm", 13, 80)
    draw.rectangle((EDGE, top + 34, width - EDGE, top + 37), fill=(228, 222, 231))
    draw.rectangle((EDGE, top + 34, EDGE + round((width - 2 * EDGE) * hour / film.end), top + 37), fill=(168, 0, 72))
    note = f"Embers {embers_version()}, results {film.results}, seed {film.seed}. {DISCLAIMER}"
    _write(draw, (EDGE, top + 43), note, 12, width - 2 * EDGE, SOFT)


def _color_scale(picture: Image.Image, overlay: Overlay, top: int) -> None:
    """The color scale at the right below the tissue."""
    draw, width = ImageDraw.Draw(picture), 120
    name = f"{overlay.name} ({overlay.unit})"
    end = picture.width - EDGE
    low, high = f"{overlay.low:g}", f"{overlay.high:g}" + (", log" if overlay.log else "")
    right = end - int(_font(12, False).getlength(high)) - 5
    ramp = Image.fromarray(field_colors()[None].repeat(10, axis=0)).resize((width, 10))
    picture.paste(ramp, (right - width, top))
    draw.text((right + 5, top - 3), high, fill=SOFT, font=_font(12, False))
    left = right - width - int(_font(12, False).getlength(low)) - 5
    draw.text((left, top - 3), low, fill=SOFT, font=_font(12, False))
    draw.text((left - int(_font(12, False).getlength(name)) - 10, top - 3), name, fill=INK, font=_font(12, False))


def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    """The font of the figures, which matplotlib brings along."""
    return ImageFont.truetype(findfont("DejaVu Sans:bold" if bold else "DejaVu Sans"), size)


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, width: int,
    color: tuple[int, int, int] = INK, bold: bool = False,
) -> None:  # fmt: skip
    """Write a text on one line, shortened where it is too long."""
    font, text = _font(size, bold), " ".join(text.split())
    if font.getlength(text) > width:
        while text and font.getlength(f"{text}...") > width:
            text = text[:-1]
        text = f"{text.rstrip()}..."
    draw.text(at, text, fill=color, font=font)
