"""Study files: read and checked as a whole before anything runs, all faults at once.

Arms that do not have what an axis moves (a dose of a treatment that they do not get) are run once, as a reference.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.core.names import nearest
from abm.core.quantity import quantities
from abm.model.measures import measures_in
from abm.rules.states import EventKind
from abm.scenario.catalog import is_path, scenarios_folder
from abm.scenario.check import SNAPSHOT, conflicts
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.read import load_arms, with_overrides
from abm.scenario.scenario import Scenario
from abm.scenario.toml.source import read_source
from abm.scenario.toml.table import Table, TableReading
from abm.studies.design.axis import Axis
from abm.studies.design.axis_file import read_axis, yes_or_no
from abm.studies.design.calibration_data import read_calibration
from abm.studies.design.inputs import inputs_of
from abm.studies.design.point_check import check_points
from abm.studies.design.sample import LATIN, METHODS, Sample
from abm.studies.design.study import Study

TOP = (
    *(
        "title",
        "story",
        "arms",
        "duration",
        "record_every",
        "replicates",
        "seed",
        "measures",
        "events",
        "snapshots",
        "established_only",
    ),
    *("section", "sample", "axis", "calibrate"),
)
RESERVED = ("arm", "replicate", "seed", "run", "point", "hour", "id", "status", "digest", "seeded", "kind", "cause",
            "peak_infected", "established",
            "uid", "parent", "clone", "x", "y", "measure", "runs", "mean", "smallest", "largest", "ratio", "ratio_low",
            "ratio_high", "pairs")  # fmt: skip
EVENTS = ("awakening", "lesion_detected")  # the others are nine tenths of all, and the series counts what they do


def studies_folder() -> Path:
    """The folder of the studies that come with Embers."""
    return scenarios_folder() / "studies"


def study_names() -> list[str]:
    """Names of all packaged studies, sorted."""
    return sorted(path.stem for path in studies_folder().glob("*.toml"))


def load_study(name_or_path: str, days: float | None = None, replicates: int | None = None) -> Study:
    """The packaged study of this name, or the one in this .toml file, with options of the command line put in.

    With `days` the study gets a name of its own, as its runs are others; more replicates go on with the same one.

    Raises:
        ScenarioError: unknown name, or a faulty file.
    """
    file = Path(name_or_path) if is_path(name_or_path) else studies_folder() / f"{name_or_path}.toml"
    if not is_path(name_or_path) and not file.is_file():
        near = nearest(name_or_path, study_names())
        known = f"there are {', '.join(near or study_names())}; a file of your own ends in .toml"
        raise ScenarioError([Fault("study", 0, "", f'"{name_or_path}"', "there is no study of this name", hint=known)])
    return read_study(file, None, days, replicates)


def read_study(file: Path, text: str | None = None, days: float | None = None, replicates: int | None = None) -> Study:
    """The study in a file, or in `text` as if it stood there.

    Raises:
        ScenarioError: with all faults of the file and of its arms.
    """
    faults: list[Fault] = []
    reading = TableReading(read_source(file, text, faults), faults)
    if faults:
        raise ScenarioError(faults)
    read = copy.deepcopy(reading.source.table)
    top = Table(reading, reading.source.table, ())
    study, raw = _study(file, top, days)
    if replicates is not None:
        study = replace(study, replicates=replicates)
    if not faults:
        check_points(study, reading)
    if faults:
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return replace(study, inputs=inputs_of(file, read, raw, study.calibration.table if study.calibration else None))


def _study(file: Path, top: Table, days: float | None) -> tuple[Study, tuple[Scenario, ...]]:
    """The study that this table describes, and its arms as they were read; where a fault was noted not whole."""
    title, story = top.text("title", file.stem), top.text("story")
    replicates, seed = top.whole("replicates", 1, least=1), top.whole("seed", 1)
    events, established_only = _events(top), yes_or_no(top, "established_only", False)
    raw, arms = _arms(top, file, days)
    known = measures_in(arms)
    measures = _chosen(top, "measures", known, list(known))
    axes = tuple(axis for row in top.rows("axis") if (axis := read_axis(row, arms)))
    sample = _sample(top, axes)
    _check_names(top, axes, known)
    _check_targets(top, axes, arms)
    table = top.table("calibrate")  # data lie beyond the end of shortened runs, which are not fitted
    calibration = read_calibration(table, file.parent, arms) if days is None else None
    top.finish(TOP)
    name = file.stem if days is None else f"{file.stem}-{days:g}d"
    study = Study(
        name, title, story, arms, axes, sample, replicates, seed, tuple(measures), events, calibration,
        established_only, days is not None,
    )  # fmt: skip
    return study, raw


def _arms(top: Table, file: Path, days: float | None) -> tuple[tuple[Scenario, ...], tuple[Scenario, ...]]:
    """The arms as they were read, and as this study runs them."""
    names = _texts(top, "arms")
    if not names:
        if ("arms",) not in top.reading.faulty:
            top.reading.refuse(("arms",), "", "is missing", allowed="a list of scenarios, by name or .toml file")
        names = ["no_virus"]
    hours = {name: quantities(Scenario)[name] for name in ("duration", "record_every")}
    given = {name: top.number(name, quantity, -1.0) for name, quantity in hours.items()}
    snapshots = top.times("snapshots", SNAPSHOT) or ()
    section = top.table("section")
    given |= {name: section.number(name, quantities(Scenario)[name], -1.0) for name in ("width", "height")}
    section.finish(("width", "height"))
    if days is not None:
        given["duration"] = days * 24.0
        snapshots = tuple(hour for hour in snapshots if hour <= days * 24.0)
    changes: dict[str, Any] = {name: value for name, value in given.items() if value >= 0.0}
    paths = [str(file.parent / name) if is_path(name) else name for name in names]
    try:
        with_overrides(Scenario(), days)  # refuses what is no length of a run
        arms = load_arms(paths)
    except ScenarioError as error:
        top.reading.faults.extend(error.faults)
        top.reading.faulty.add(("arms",))
        return (), ()
    raw = arms
    arms = tuple(replace(arm, snapshots=snapshots, **changes) for arm in arms)
    _note_conflicts_of(arms, top.reading, shortened=days is not None)
    return raw, arms


def _note_conflicts_of(arms: Iterable[Scenario], reading: TableReading, shortened: bool) -> None:
    """Refuse what the study's own duration, section and snapshots do not go together with."""
    noted = set()
    for arm in arms:
        for conflict in conflicts(arm, shortened):
            place = conflict.key if conflict.key in reading.source.places else ("arms",)
            if (fault := (place, conflict.value, conflict.problem)) not in noted:
                noted.add(fault)
                value = f"{conflict.value} (arm {arm.name})"
                reading.refuse(place, value, conflict.problem, allowed=conflict.allowed, hint=conflict.hint)


def _sample(top: Table, axes: Sequence[Axis]) -> Sample | None:
    table, count = top.table("sample"), sum(axis.is_sampled for axis in axes)
    given = bool(table.content)
    method = table.choice("method", METHODS, LATIN)
    points, seed = table.whole("points", 0), table.whole("seed", 1)
    table.finish(("method", "points", "seed"))
    if not given:
        if count:
            names = ", ".join(axis.name for axis in axes if axis.is_sampled)
            hint = f'[sample] with method ({", ".join(METHODS)}) and points; or give the axis "steps"'
            top.reading.refuse(("sample",), "", f"is missing: {names} have neither values nor steps", hint=hint)
        return None
    sample = Sample(method, points, seed)
    if not count:
        top.reading.refuse(("sample",), "", "samples nothing: every axis has values or steps")
    if points < 1:
        table.refuse("points", points, "is no number of points", "1 or more")
    elif sample.needs_power_of_two and points & (points - 1):
        near = 1 << (points.bit_length() - 1)
        table.refuse("points", points, f"is not a power of two, which {method} needs", f"{near} or {2 * near}")
    return sample


def _check_names(top: Table, axes: Sequence[Axis], measures: Collection[str]) -> None:
    counts = Counter(axis.name for axis in axes)
    for at, axis in enumerate(axes):
        key = ("axis", at)
        if counts[axis.name] > 1:
            hint = "give each axis a `name`"
            top.reading.refuse(key, axis.name, "is the name of two axes", hint=hint)
        elif axis.name in RESERVED or axis.name in measures or not axis.name.strip():
            top.reading.refuse(key, axis.name, "cannot be the name of a column", hint="give the axis another `name`")


def _check_targets(top: Table, axes: Sequence[Axis], arms: Sequence[Scenario]) -> None:
    """Refuse two axes, or two names of one axis, that move the same number: the last would win."""
    for arm in arms:
        taken: dict[tuple, tuple[int, str]] = {}
        for at, axis in enumerate(axes):
            for target in axis.targets:
                for key in target.keys_in(arm):
                    if key in taken and ("axis", at) not in top.reading.faulty:
                        axis_before, name = taken[key]
                        where = "this axis names" if axis_before == at else f'axis {axis_before + 1} ("{name}") moves'
                        problem = f"moves a number of {arm.name} that {where} already"
                        hint = "have one axis for it; several numbers together: vary = [...]"
                        top.reading.refuse(("axis", at), target.name, problem, hint=hint)
                    taken.setdefault(key, (at, axis.name))


def _events(top: Table) -> tuple[str, ...]:
    """Kinds of events that are kept: those that are named, all (true), none (false)."""
    kinds = [kind.name.lower() for kind in EventKind]
    if isinstance(top.content.get("events"), list):
        return tuple(_chosen(top, "events", kinds, []))
    if "events" not in top.content:
        return EVENTS
    return tuple(kinds) if yes_or_no(top, "events", False) else ()


def _texts(table: Table, name: str) -> list[str]:
    """A list of texts; empty where it is absent or faulty."""
    value = table.take(name)
    if value is None:
        return []
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        table.refuse(name, value, "is not a list of names", 'a list such as ["influenza", "no_virus"]')
        return []
    return value


def _chosen(table: Table, name: str, known: Iterable[str], default: list[str]) -> list[str]:
    """Some of the names known; the default where there are none."""
    chosen = list(dict.fromkeys(_texts(table, name)))
    for item in chosen:
        if item not in known:
            near = nearest(item, known, 1)
            hint = f'did you mean "{near[0]}"?' if near else ""
            table.refuse(name, item, "is not known", ", ".join(known), hint)
    return chosen or default
