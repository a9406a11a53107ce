"""A film of what a comparison has stored: a frame per snapshot, curves as often as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.dashboard.live.frames import ACTIVATED, SITES_PER_MM2, Overlay, shades
from abm.model.results_version import RESULTS
from abm.replay.film import IL6, MOST_ARMS, Film, FilmArm, Frame, RenderError, charted, first_awakenings, known_overlays
from abm.rules.states import EpithelialState
from abm.runs import provenance
from abm.runs.store.sealed import check
from abm.runs.store.tables import read_series
from abm.scenario.record import read_record
from abm.scenario.scenario import Scenario

NO_CELL = 255  # in a snapshot, where no epithelial cell covers the site


class _Stored(NamedTuple):
    """Tables of a comparison, of one seed."""

    folder: Path
    series: pd.DataFrame
    events: pd.DataFrame
    seed: int


def read_film(folder: Path, seed: int | None = None, overlays: Sequence[str] = (IL6,)) -> Film:
    """A film of the folder of `embers compare` or `embers run`, as far as what is stored goes.

    Args:
        folder: of the comparison.
        seed: which of its runs; by default the first of which there are snapshots.
        overlays: names of the fields to keep; those that are not stored are left out and named in `Film.missing`.

    Raises:
        RenderError: no snapshots, no such seed, too many arms.
        DamagedError: a table is not what was written. ScenarioError: a scenario cannot be read any more.
    """
    told = provenance.read(folder)
    names = [name for name in told["arms"] if (folder / "snapshots" / name).is_dir()]
    if not names or not (folder / "series.parquet").is_file():
        raise RenderError(
            f'"{folder}" has no tables or snapshots yet. Finish it with the command that made it, or render its '
            f"scenarios: embers render {folder / 'scenarios'}/*.toml"
        )
    if len(names) > MOST_ARMS:
        raise RenderError(
            f'"{folder}" has {len(names)} arms; a replay shows 1 to {MOST_ARMS}. Render those you want: '
            f"embers render {folder / 'scenarios' / names[0]}.toml ..."
        )
    stored = _tables(folder, _seed(folder, names, seed))
    hours = _hours(stored, names)
    arms, absent = [], set[str]()
    for name in names:
        scenario = read_record(folder / "scenarios" / f"{name}.toml")
        arm, lacking = _arm(stored, scenario, hours, overlays)
        arms.append(arm)
        absent |= lacking
    files = " ".join(str(folder / "scenarios" / f"{name}.toml") for name in names)
    remedy = f"For a frame every few hours, run them again: embers render {files} --seed {stored.seed}"
    results = int(told.get("results", RESULTS))
    return Film(tuple(arms), stored.seed, hours, results, _missing(hours, absent), remedy)


def _seed(folder: Path, names: Sequence[str], asked: int | None) -> int:
    """The seed to show: one that all arms have snapshots of."""
    there = [
        {int(path.name) for path in (folder / "snapshots" / name).iterdir() if path.name.isdigit()} for name in names
    ]
    common = sorted(set.intersection(*there))
    if not common:
        raise RenderError(f'"{folder}" has no seed of which every arm has snapshots')
    if asked is not None and asked not in common:
        listed = ", ".join(map(str, common[:20])) + (" ..." if len(common) > 20 else "")
        raise RenderError(f'--seed {asked}: "{folder}" has no snapshots of this seed in every arm. Stored: {listed}')
    return common[0] if asked is None else asked


def _tables(folder: Path, seed: int) -> _Stored:
    which = [("seed", "==", seed)]
    check(folder / "events.parquet")
    events = pd.read_parquet(folder / "events.parquet", filters=which)
    return _Stored(folder, read_series(folder / "series.parquet", filters=which), events, seed)


def _path(stored: _Stored, name: str) -> Path:
    return stored.folder / "snapshots" / name / str(stored.seed)


def _hours(stored: _Stored, names: Sequence[str]) -> np.ndarray:
    """The hours of which all arms have snapshots."""
    every = [
        {float(path.stem.removeprefix("day_")) * 24.0 for path in _path(stored, name).glob("day_*.npz")}
        for name in names
    ]
    common = sorted(set.intersection(*every))
    if not common:
        raise RenderError(f'"{stored.folder}": its arms have no snapshots of the same day')
    return np.array(common)


def _arm(stored: _Stored, scenario: Scenario, hours: np.ndarray, overlays: Sequence[str]) -> tuple[FilmArm, set[str]]:
    """One arm, and the names of overlays that are not stored of it."""
    name, known = scenario.name, known_overlays([scenario])
    with np.load(stored.folder / "snapshots" / name / "section.npz") as file:
        kind = file["kind"]
    paths = {float(path.stem.removeprefix("day_")) * 24.0: path for path in _path(stored, name).glob("day_*.npz")}
    frames, lacking = [], set[str]()
    covered = np.zeros(kind.shape, dtype=bool)  # sites that an epithelial cell covers, the same on all days
    for hour in hours:
        with np.load(paths[hour]) as file:
            arrays = {one: file[one] for one in file.files}
        covered = arrays["epithelium"] != NO_CELL
        fields = {one: _shades(arrays, one, known[one]) for one in overlays if one in arrays and one in known}
        lacking |= set(overlays) - set(fields)
        frames.append(_frame(arrays, fields))
    wide = stored.series[stored.series["arm"] == name].set_index("hour")
    curves = {one: wide[one].to_numpy() for one in charted(scenario) if one in wide}
    cell_of_site = np.where(covered, np.arange(kind.size).reshape(kind.shape), -1).astype(np.int32)
    events = stored.events[(stored.events["arm"] == name) & (stored.events["kind"] == "awakening")]
    awakenings = first_awakenings(*(events[one].to_numpy() for one in ("hour", "x", "y", "clone")))
    clones = 1 + max((int(frame.cancer_clone.max(initial=0)) for frame in frames), default=0)
    arm = FilmArm(scenario, kind, cell_of_site, frames, wide.index.to_numpy(float), curves, clones, awakenings)
    return arm, lacking


def _shades(arrays: Mapping[str, np.ndarray], name: str, overlay: Overlay) -> np.ndarray:
    field = arrays[name] * SITES_PER_MM2 if name == "virus" else arrays[name]
    return shades(field, overlay)


def _frame(arrays: Mapping[str, np.ndarray], fields: dict[str, np.ndarray]) -> Frame:
    """A snapshot as a frame; each site counts as an epithelial cell of its own."""
    states = arrays["epithelium"].ravel()
    kinds = arrays["mobile_kind"] + ACTIVATED * arrays["mobile_activated"].astype(np.uint8)
    return Frame(
        np.where(states == NO_CELL, EpithelialState.HEALTHY, states).astype(np.uint8),
        arrays["mobile_x"].astype(np.uint16), arrays["mobile_y"].astype(np.uint16), kinds.astype(np.uint8),
        arrays["cancer_x"].astype(np.uint16), arrays["cancer_y"].astype(np.uint16),
        arrays["cancer_state"].astype(np.uint8), arrays["cancer_cause"].astype(np.uint8),
        arrays["cancer_clone"].astype(np.uint16), fields,
    )  # fmt: skip


def _missing(hours: np.ndarray, absent: set[str]) -> str:
    """What a film of a folder lacks."""
    days = ", ".join(f"{hour / 24.0:g}" for hour in hours)
    lacking = f" Not stored: overlay {', '.join(sorted(absent))}." if absent else ""
    return (
        f"This replay shows what a comparison has stored: the tissue of days {days} only, and no sentences on what "
        f"happened.{lacking} Curves are complete."
    )
