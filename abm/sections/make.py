"""From an image of labels to a folder with the map of a section, a scenario on it, a picture and a description."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from abm.core.lattice import BLOCK, SPACING
from abm.rules.states import SiteKind
from abm.runs.store.files import atomic, storage, write_text
from abm.scenario.catalog import is_path
from abm.scenario.errors import Fault, ScenarioError, label
from abm.scenario.read import load_scenario
from abm.scenario.toml.text import quoted
from abm.sections.description import in_words
from abm.sections.figure import draw
from abm.sections.image import read_label_image
from abm.sections.labels import LabelImage, coded, read_labels
from abm.sections.own_cells import CANCER, founder_sites, read_positions
from abm.sections.sites import WALL_WEIGHT, mirrored, sorted_air, to_sites
from abm.tissue.section import MAX_SIDE, Section, section_of_kinds
from abm.tissue.section_mask import map_image

FOUNDERS_PER_MM2 = 5.0  # as in the packaged scenarios
SEED = 1  # of the layout of epithelial cells, as in scenarios


@dataclass(frozen=True)
class SectionRequest:
    """How to make a section of an image.

    Attributes:
        pixel: side of a pixel [um]; 0: as the file says. labels: table of labels. nearest: other colors stand for the
            nearest. wall_weight: how many times the area of thin walls counts. mirror: copies along each side.
        cells: table of cancer cells. cells_unit: "um" or "px". cells_type: type of its rows that are taken.
        scenario: that the new one extends.
    """

    pixel: float = 0.0
    labels: Path | None = None
    nearest: bool = False
    wall_weight: float = WALL_WEIGHT
    mirror: int = 1
    cells: Path | None = None
    cells_unit: str = "um"
    cells_type: str = CANCER
    scenario: str = "influenza"


@dataclass(frozen=True)
class Made:
    """What was made: the folder, the scenario file in it, and the description."""

    folder: Path
    scenario: Path
    words: str


def make_section(file: Path, request: SectionRequest, out: Path) -> Made:
    """Make a section of an image.

    Args:
        file: PNG, TIFF or GeoJSON.
        request: how.
        out: the folder is made here, under the name of the image.

    Raises:
        ScenarioError: the image, a table or the scenario cannot be used; nothing is written then.
        MissingLibraryError: a library for this kind of file is not installed.
        StorageError: no room, no right to write.
    """
    load_scenario(request.scenario)  # refused now rather than when the new scenario is run
    image = read_label_image(file, request.pixel)
    if image.pixel <= 0.0:
        hint = 'such as --pixel-size "0.65 um"; it is in the metadata of the microscope'
        raise _refused(file, "--pixel-size", "is missing: the file does not say how large a pixel is", hint)
    codes = coded(image, read_labels(request.labels) if request.labels else None, request.nearest)
    section, notes = _section(image, codes, request)
    name = re.sub(r"[^A-Za-z0-9]+", "_", file.stem).strip("_").lower() or "section"
    folder = out / name
    words = in_words(name, section, notes)
    with storage(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with atomic(folder / f"{name}.png") as temporary:
            Image.fromarray(map_image(section.kind, section.founders)).save(temporary, format="PNG")
        draw(folder / f"{name}_beside_its_image.png", codes, image.pixel, section)
        write_text(folder / f"{name}.txt", words)
        write_text(folder / f"{name}.toml", _scenario(name, _extended(request.scenario, folder), section))
    return Made(folder, folder / f"{name}.toml", words)


def _section(image: LabelImage, codes: np.ndarray, request: SectionRequest) -> tuple[Section, list[str]]:
    """The section, and what was done, in sentences."""
    height, width = (side * image.pixel for side in codes.shape)
    air, lumens = sorted_air(codes, image.pixel)
    kinds = to_sites(air, image.pixel, request.wall_weight)
    if not kinds.size:
        problem = "is too small for a section"
        raise _refused(image.file, f"{width:g} um x {height:g} um", problem, f"at least {BLOCK * SPACING:g} um a side")
    if max(kinds.shape) * request.mirror > MAX_SIDE:
        problem = f"would be more than {MAX_SIDE} sites a side"
        most = MAX_SIDE // max(kinds.shape)
        hint = f"--mirror up to {most}" if most else "cut the image into parts"
        raise _refused(
            image.file, f"{kinds.shape[0]} x {kinds.shape[1]} sites, --mirror {request.mirror}", problem, hint
        )
    notes = [*image.notes, *_what_was_done(kinds, (height, width), lumens, request)]
    founders = np.zeros(kinds.shape, dtype=bool)
    if request.cells:
        cells = read_positions(request.cells, request.cells_unit, image.pixel, request.cells_type)
        sites, more = founder_sites(cells, kinds, (height, width))
        founders.ravel()[sites] = True
        notes += more
    kinds, founders = mirrored(kinds, request.mirror), mirrored(founders, request.mirror)
    if request.mirror > 1:
        notes.append(f"mirrored {request.mirror} times along each side: {request.mirror**2} copies of the same tissue")
    return section_of_kinds(kinds, SEED, np.flatnonzero(founders).astype(np.int32)), notes


def _what_was_done(
    kinds: np.ndarray, size: tuple[float, float], lumens: dict[SiteKind, int], request: SectionRequest
) -> list[str]:
    cut = [side - sites * SPACING for side, sites in zip(size, kinds.shape, strict=True)]
    notes = [
        f"{size[1]:g} um x {size[0]:g} um of image became {kinds.shape[1]} x {kinds.shape[0]} sites of 10 um",
        f"lumens found in the air: {lumens[SiteKind.BRONCHIOLE]} of bronchioles, {lumens[SiteKind.VESSEL]} of vessels",
        f"the area of walls and bronchiole epithelium counted {request.wall_weight:g} times, so that thin walls remain",
    ]
    if max(cut) >= 1.0:
        notes.append(f"{cut[1]:.0f} um at the right and {cut[0]:.0f} um at the bottom were cut off (blocks of 40 um)")
    return notes


def _extended(scenario: str, folder: Path) -> str:
    """How a scenario file in this folder names another one: a packaged one by name, a file by its path from here."""
    return os.path.relpath(scenario, folder) if is_path(scenario) else scenario


def _scenario(name: str, extended: str, section: Section) -> str:
    """A scenario on this section, as dense in founders as the packaged ones unless the map says where they are."""
    rows, columns = section.kind.shape
    area = rows * columns * (SPACING / 1000.0) ** 2
    founders = section.founders.size or max(1, round(FOUNDERS_PER_MM2 * area))
    where = "as on the map" if section.founders.size else f"{FOUNDERS_PER_MM2:g} per mm2, scattered by chance"
    return (
        f"extends = {quoted(extended)}\n"
        f"title = {quoted(f'{Path(extended).stem} in the section {name}')}\n\n"
        f"[section]\n"
        f"layout = {quoted(f'{name}.png')}  # one pixel a site of 10 um\n"
        f'width = "{columns * SPACING:g} um"\n'
        f'height = "{rows * SPACING:g} um"\n\n'
        f"[parameters.dormancy]\n"
        f'founders = "{founders} cell"  # {where}\n'
    )


def _refused(file: Path, value: str, problem: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Fault(label(file), 0, "", value, problem, hint=hint)])
