"""A start that does not come to its end: it leaves no folder without a run, and none that says it is running."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from abm.runs import provenance

RECORDS = ("runs", "landed", "finished", "states", "series")  # where runs and patients are kept as they end


@contextmanager
def begun(folder: Path) -> Iterator[None]:
    """Remove the folder again if what runs in it is refused before a run has ended; say so where one has."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if folder in made and not has_runs(folder):
                shutil.rmtree(folder, ignore_errors=True)
                for path in made[1:]:
                    path.rmdir()  # refused where something else is in it
            elif (told := provenance.read(folder)).get("status") == "running":
                provenance.finish(folder, told, "stopped", {})
        raise


def has_runs(folder: Path) -> bool:
    """Whether a run, or a patient, has ended well in this folder."""
    found = (path for name in RECORDS for path in (folder / name).rglob("*"))
    return any(path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
               and not path.name.endswith(".failed.json") for path in found)  # fmt: skip
