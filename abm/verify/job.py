"""The job of a part of a check: its file holds what the part gave, and the seconds that it took."""

from __future__ import annotations

import functools
import hashlib
import io
import pickle
import platform
import time
import traceback
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.runs.identity import calculation
from abm.runs.job import Outcome
from abm.runs.sources import digest_of_sources
from abm.runs.store.sealed import ZIP_DAMAGE
from abm.scenario.catalog import packaged_path, scenario_names
from abm.verify.catalog import CATALOG, find_check

NEEDED = ("numba", "abm.model.lung_model", "scipy.stats")  # what a worker imports
ROOMS = ("verify", "reporting", "runs", "scenario")  # beside the model, what decides over what a check finds
ENTRY = "part.pickle"  # the only entry of the file, which has a checksum there
ARRAYS = {"_reconstruct", "scalar", "_frombuffer", "ndarray", "dtype"}  # of numpy, with which arrays are read


@dataclass(frozen=True)
class PartJob:
    """A part of a check to work out, by name and number, so that any process finds it.

    Attributes:
        check: name of it. number: of the part, from 0. path: where the file lands. calculation: what it must be
            computed with.
    """

    check: str
    number: int
    path: Path
    calculation: str

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.check}, part {self.number + 1}"

    @property
    def kind(self) -> str:
        """The check: its parts take about the same time."""
        return self.check

    def done(self, tell: Callable[[float], None] | None = None) -> tuple[Outcome, bytes]:  # noqa: ARG002
        """Work it out: how it ended, and the bytes of the file. Never raises."""
        begin = time.perf_counter()
        try:
            if stem(self.check, self.number, calculation()) != self.path.stem:
                raise RuntimeError("this worker has another version of the checks")
            value = find_check(self.check).parts[self.number]()
            seconds = time.perf_counter() - begin
            content = pack(value, seconds)
        except Exception:
            return Outcome("failed", time.perf_counter() - begin, traceback.format_exc()), b""
        return Outcome("done", seconds), content

    def given(self) -> tuple[Any, float] | None:
        """What the part gave and the seconds it took; None where it is not there, or its file is damaged."""
        try:
            return unpack(self.path.read_bytes())
        except (*ZIP_DAMAGE, pickle.UnpicklingError):
            return None


def jobs_of(check: str, folder: Path) -> list[PartJob]:
    """A job for each part of a check, to be computed with what is here."""
    computed_with = calculation()
    return [
        PartJob(check, number, folder / f"{stem(check, number, computed_with)}.zip", computed_with)
        for number in range(len(find_check(check).parts))
    ]


def stem(check: str, number: int, computed_with: str) -> str:
    """Address of a part: its check, its number, and a digest of all that decides over what it gives.

    Model, source of the check, packaged scenarios, libraries, and the machine, for which alone a verification holds.
    """
    source = digest_of_sources((f"verify.{CATALOG[check]}", "verify.job"), ROOMS)
    machine = f"{version('scipy')} {platform.system()} {platform.machine()}"
    called = _called(find_check(check).parts[number])
    told = f"{computed_with} {source} {_scenarios()} {machine} {called}"
    return f"{check}-{number:03d}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


@functools.cache
def _scenarios() -> str:
    """Digest of the packaged scenarios, which checks of the whole model run."""
    digest = hashlib.sha256()
    for name in scenario_names():
        digest.update(packaged_path(name).read_bytes())
    return digest.hexdigest()


def _called(part: Callable[[], Any]) -> str:
    """The function of a part and what it is called with."""
    if isinstance(part, functools.partial):
        return f"{_called(part.func)} {part.args} {part.keywords}"
    return f"{part.__module__}.{part.__qualname__}"


def pack(value: Any, seconds: float) -> bytes:
    """The bytes of the file of a part.

    Raises:
        pickle.UnpicklingError: the value holds something else than records, arrays and plain data.
    """
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(ENTRY, pickle.dumps((value, seconds)))
        content = file.getvalue()
    unpack(content)
    return content


def unpack(content: bytes) -> tuple[Any, float]:
    """What `pack` was given.

    Raises:
        pickle.UnpicklingError: it holds something else than records, arrays and plain data.
        zipfile.BadZipFile: it is damaged (or one of `ZIP_DAMAGE`).
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        value, seconds = _Records(io.BytesIO(packed.read(ENTRY))).load()
    return value, seconds


class _Records(pickle.Unpickler):
    """Reads records of checks and arrays, and nothing that acts: a file may come from anybody."""

    def find_class(self, module: str, name: str) -> Any:
        """A record of this room or of reporting, or what numpy reads its arrays with."""
        if module.partition(".")[0] == "numpy" and name in ARRAYS:
            return super().find_class(module, name)
        if module.startswith(("abm.verify.", "abm.reporting.")):
            found = getattr(import_module(module), name, None)
            is_own = isinstance(found, type) and found.__module__ == module
            if is_own and (is_dataclass(found) or hasattr(found, "_fields")):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no record of a check")
