"""All that a command read, written into the folder of its results, so that they can be made again from it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from abm.runs.identity import as_used, map_of
from abm.runs.store.files import write_bytes
from abm.scenario.scenario import Scenario
from abm.scenario.toml.text import write_table

FOLDER = "study"


def inputs_of(
    file: Path, table: dict[str, Any], arms: Sequence[Scenario], data: tuple[str, bytes] | None
) -> tuple[tuple[str, bytes], ...]:
    """Path (in a folder of its own) and content of each file that gives a study again.

    Args:
        file: of the study.
        table: all it says, with what it extends.
        arms: its scenarios, as they were read.
        data: name and content of the table that it is fitted to.
    """
    told = {name: value for name, value in table.items() if name != "extends"}
    told["arms"] = [f"arms/{arm.name}.toml" for arm in arms]
    if data is not None and isinstance(told.get("calibrate"), dict):
        told["calibrate"] = told["calibrate"] | {"data": f"data/{data[0]}"}
    return tuple(_files(file, told, arms, data))


def _files(
    file: Path, table: dict[str, Any], arms: Sequence[Scenario], data: tuple[str, bytes] | None
) -> Iterator[tuple[str, bytes]]:
    yield f"{file.stem}.toml", write_table(table).encode()
    for arm in arms:
        yield f"arms/{arm.name}.toml", as_used(arm).encode()
        if content := map_of(arm):
            yield f"arms/{arm.name}.png", content
    if data is not None:
        yield f"data/{data[0]}", data[1]


def write_inputs(folder: Path, inputs: Sequence[tuple[str, bytes]]) -> None:
    """Write them below `folder`/study.

    Raises:
        OSError: no room, no right to write.
    """
    for name, content in inputs:
        path = folder / FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
