"""The state of a run on disk, from which other runs go on: arms that share their past, bit for bit.

A saved state is a zip of plain arrays and tables (nothing in it is code): every array of the tissue, what was recorded
so far, and what the past was made with. A scenario may go on from it if it would have had the very same past: the same
section, seed, step and parameters, and treatments and infections that did the same up to then.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from abm.core.quantity import declared
from abm.model.lung_model import LungModel
from abm.model.planned import effects_of_scenario
from abm.model.results_version import RESULTS
from abm.model.snapshots import Origin, Snapshot, StaticSection, origin_of, static_section
from abm.rules.substances import Substance
from abm.runs.identity import as_used, calculation, map_of
from abm.runs.store.files import atomic
from abm.scenario.record import read_record
from abm.scenario.scenario import Scenario
from abm.tissue.section_map import SectionMap
from abm.tissue.state import ARRAYS, Fields, Tissue, arrays_of, tissue_of
from abm.tissue.viruses import with_viruses
from abm.treatments.effects_by_step import is_untouched

ENDING = ".state"
MAP = "section.png"  # of a scenario with a map of its own
CELLS = ("cancer", "mobile")
SHOWN = 8  # differences in a message


class PastDiffersError(Exception):
    """A scenario that cannot go on from a saved state, as it would have had another past."""


class Saved(NamedTuple):
    """A saved state.

    Attributes:
        scenario, seed: of the run that was saved. tick: steps since day 0.
        tissue: all of it. series, snapshots: recorded so far.
    """

    scenario: Scenario
    seed: int
    tick: int
    tissue: Tissue
    series: pd.DataFrame
    snapshots: list[Snapshot]


def save(model: LungModel, path: Path) -> None:
    """Write the state of a model.

    Raises:
        OSError: no room, no right to write.
    """
    content = map_of(model.experiment)
    plain = replace(model.experiment, layout="lung") if content else model.experiment
    told = {
        "scenario": as_used(plain), "name": model.experiment.name, "seed": model.chance_seed,
        "own_substances": origin_of(model.experiment, model.chance_seed).substances,
        "tick": model.tick, "snapshots": [shot.hour for shot in model.snapshots],
        "results": RESULTS, "computed_with": calculation(),
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path, lasting=True) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("state.json", json.dumps(told, indent=1))
        if content:
            file.writestr(MAP, content)
        file.writestr("series.arrow", _packed(model.recorder.get_model_vars_dataframe()))
        for name, array in arrays_of(model.tissue).items():
            _put(file, f"tissue/{name}", np.asarray(array))
        for number, shot in enumerate(model.snapshots):
            for name, array in shot.maps.items():
                _put(file, f"snapshots/{number}/{name}", array)
            for name in CELLS:
                file.writestr(f"snapshots/{number}/{name}.arrow", _packed(getattr(shot, name)))


def load(path: Path) -> Saved:
    """A saved state.

    Raises:
        PastDiffersError: it is not whole, or was saved by another version.
        OSError: it cannot be read.
    """
    whole = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as file:
            told = json.loads(file.read("state.json"))
            _check_version(path, told)
            tissue = tissue_of(_tissue_arrays(path, file))
            own, section = Origin(substances=tuple(told["own_substances"])), static_section(tissue)
            shots = [_snapshot(file, number, hour, section, own) for number, hour in enumerate(told["snapshots"])]
            series = _unpacked(file.read("series.arrow"))
            content = file.read(MAP) if MAP in file.namelist() else b""
    except PastDiffersError:
        raise
    except Exception as error:  # readers of zip files, arrays and tables raise anything at bytes that are damaged
        raise PastDiffersError(f'"{path}" is no saved state, or not a whole one: {error}') from error
    scenario = read_record(path.parent / f"{told['name']}.toml", told["scenario"])
    if content:
        scenario = replace(scenario, layout=SectionMap(str(path.parent / f"{told['name']}.png"), content))
    return Saved(scenario, told["seed"], told["tick"], tissue, series, shots)


def _check_version(path: Path, told: dict[str, Any]) -> None:
    """Refuse a state whose past this version would not repeat; other versions of libraries differ in last bits at most.

    Raises:
        PastDiffersError: it says what has changed.
    """
    saved_by = told.get("results")
    if saved_by != RESULTS:
        version = f"results version {saved_by}" if saved_by else "a version before results were counted in states"
        raise PastDiffersError(
            f'"{path}" was saved with {version}; this is results version {RESULTS}, whose laws or numbers are others '
            "(CHANGELOG.md). Save it again with `embers run SCENARIO --save-at`, or go on with the version of then."
        )


def _tissue_arrays(path: Path, file: zipfile.ZipFile) -> dict[str, Any]:
    """The arrays of the tissue.

    Raises:
        PastDiffersError: this version keeps others; it says which.
    """
    there = set(file.namelist())
    if missing := [name for name in ARRAYS if f"tissue/{name}.npy" not in there]:
        raise PastDiffersError(f'"{path}" holds no {", ".join(missing)}, which this version keeps: save it again')
    return {name: _array(file, f"tissue/{name}") for name in ARRAYS}


def resumed(saved: Saved, scenario: Scenario) -> LungModel:
    """A model of this scenario that stands where the saved one stood.

    Raises:
        PastDiffersError: with what differs before.
    """
    model = LungModel(scenario, seed=saved.seed)
    ours = arrays_of(model.tissue)
    forms = [name for name, array in arrays_of(saved.tissue).items() if array.dtype.descr != ours[name].dtype.descr]
    if forms:
        raise PastDiffersError(f"the state keeps {', '.join(forms)} in another form than this version: save it again")
    differing = _differences(saved, scenario, model)
    if differing:
        more = [f"and {len(differing) - SHOWN} more"] if len(differing) > SHOWN else []
        lines = "\n".join(f"    {line}" for line in [*differing[:SHOWN], *more])
        hour = saved.tick * saved.scenario.step
        raise PastDiffersError(f'"{scenario.name}" cannot go on from hour {hour:g}, its past would differ:\n{lines}')
    model.tissue, model.tick = with_viruses(bool(scenario.second_virus), saved.tissue), saved.tick
    model.recorder.take_over(saved.series, scenario.step)
    wanted = [round(hour / scenario.step) for hour in scenario.snapshots]
    kept = [shot for shot in saved.snapshots if round(shot.hour / scenario.step) in wanted]
    model.snapshots = [shot._replace(origin=origin_of(scenario, saved.seed)) for shot in kept]
    model.running = saved.tick < model.ticks
    return model


def _differences(saved: Saved, scenario: Scenario, model: LungModel) -> list[str]:
    """What of the past would not have been the same, one line each."""
    before = saved.scenario
    found = []
    for name in ("step", "record_every", "width", "height", "layout_seed"):
        if getattr(before, name) != getattr(scenario, name):
            found.append(f"{name}: {getattr(before, name):g} then, {getattr(scenario, name):g} now")
    if found:
        return found
    if not np.array_equal(saved.tissue.kind, model.tissue.kind):
        found.append("the section is another")
    if _words(before) != _words(scenario):
        return ["its own substances, cells or rules are others"]
    if sorted(law.digest for law in before.laws) != sorted(law.digest for law in scenario.laws):
        return [f"functions in the place of laws: {_functions(before)} then, {_functions(scenario)} now"]
    before = replace(before, laws=scenario.laws)  # those of a record do not act
    saved = saved._replace(scenario=before)
    without_second = is_untouched(1, effects_of_scenario(before, saved.tick))  # its parameters acted on nothing
    theirs, ours = (
        each.parameters._replace(second_virus=None) if without_second else each.parameters
        for each in (before, scenario)
    )
    then = {item.name: item.value for item in declared(theirs)}
    now = {item.name: item.value for item in declared(ours)}
    found += [
        f"parameters.{name}: {then[name]:g} then, {value:g} now"
        for name, value in now.items()
        if then.get(name, value) != value
    ]
    past = [
        sorted((round(one.time / each.step), one.parameter, one.value) for one in each.changes)
        for each in (before, scenario)
    ]
    once, since = ([change for change in changes if change[0] < saved.tick] for changes in past)
    if once != since:
        found.append("parameters were changed at other times, or to other values")
    taken = {round(shot.hour / scenario.step) for shot in saved.snapshots}
    missing = [hour for hour in scenario.snapshots if hour / scenario.step <= saved.tick]
    found += [f"no snapshot was taken at hour {hour:g}" for hour in missing if round(hour / scenario.step) not in taken]
    return found + _effects_differ(saved, scenario)


def _functions(scenario: Scenario) -> str:
    """Functions in the place of laws, in words."""
    laws = [f"{law.function.name} for {law.name} (digest {law.digest[:8]})" for law in scenario.laws]
    return ", ".join(laws) or "none"


def _words(scenario: Scenario) -> list[Any]:
    """What a scenario declares of its own, without its numbers, which are among the parameters, and its sources."""
    rules = [
        (
            *(rule.name, rule.cell, rule.signal, rule.rate, rule.direction, rule.is_factor, rule.form, rule.second),
            *(rule.replaces, rule.on),
        )
        for rule in scenario.rules
    ]
    substances = [(one.title, one.molar_mass) for one in scenario.substances]
    return [rules, substances, [(one.title, one.like) for one in scenario.cells]]


def _effects_differ(saved: Saved, scenario: Scenario) -> list[str]:
    """Where treatments or infections did something else before."""
    then, now = (effects_of_scenario(each, saved.tick) for each in (saved.scenario, scenario))
    names = then.dtype.names or ()
    at = [np.flatnonzero((then[name] != now[name]).reshape(then.size, -1).any(axis=1)) for name in names]
    return [
        f"treatments or infections ({name}) differ from hour {ticks[0] * scenario.step:g} on"
        for name, ticks in zip(names, at, strict=True)
        if ticks.size
    ]


def _snapshot(file: zipfile.ZipFile, number: int, hour: float, section: StaticSection, origin: Origin) -> Snapshot:
    folder = f"snapshots/{number}"
    epithelium, virus = (_array(file, f"{folder}/{name}") for name in ("epithelium", "virus"))
    names = [*(substance.key for substance in Substance), *origin.substances]
    empty = [np.zeros((0, 0), np.float32)] * (len(Fields._fields) - len(names))
    fields = Fields(*(_array(file, f"{folder}/{name}") for name in names), *empty)
    cells = [_unpacked(file.read(f"{folder}/{name}.arrow")) for name in CELLS]
    return Snapshot(hour, epithelium, fields, virus, cells[0], cells[1], section, origin)


def _put(file: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    file.writestr(f"{name}.npy", buffer.getvalue())


def _array(file: zipfile.ZipFile, name: str) -> Any:
    array = np.lib.format.read_array(io.BytesIO(file.read(f"{name}.npy")), allow_pickle=False)
    if array.dtype.names is None:
        return array
    return array.astype(np.dtype((np.record, array.dtype)), copy=False).view(np.recarray)


def _packed(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def _unpacked(content: bytes) -> pd.DataFrame:
    return pa.ipc.open_stream(content).read_all().to_pandas()
