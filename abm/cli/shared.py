"""What all commands share: options, exit codes, how faults are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from abm.core.seeds import SeedError, seed_of
from abm.installation.optional_deps import MissingLibraryError
from abm.runs.errors import SweepError
from abm.runs.files import StorageError, outputs_folder
from abm.runs.sealed import DamagedError
from abm.scenario.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from abm.runs.progress import Show
    from abm.scenario.scenario import Scenario

OUTPUTS = Path("outputs")
WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
OK, FAULT, USAGE, INTERRUPTED = 0, 1, 2, 130


def read_seed(text: str | int) -> int:
    """The seed that an option says.

    Raises:
        typer.BadParameter: it is no seed.
    """
    try:
        return seed_of(int(text) if WHOLE.fullmatch(str(text)) else text)
    except SeedError as error:
        raise typer.BadParameter(str(error)) from error


Days = Annotated[float | None, typer.Option(help="Length of the runs in days; else as the scenarios say.")]
Size = Annotated[str | None, typer.Option(help='Side of the section ("1000um"), or both ("2mm x 1mm").')]
Step = Annotated[str | None, typer.Option(help='Time step, such as "10 min".')]
Seed = Annotated[
    int, typer.Option(parser=read_seed, metavar="INTEGER", help="Seed of chance; replicates count up from it.")
]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes; else one a core.")]
Out = Annotated[
    Path, typer.Option(metavar="FOLDER", parser=outputs_folder, help="Folder in which that of the results is made.")
]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw no figures.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Run again what is complete, in a new folder.")]
SaveAt = Annotated[str | None, typer.Option(help='Time at which the state is saved, such as "9 d", to go on from.')]


def version_text() -> str:
    """The version of Embers that is installed."""
    from abm.installation.package import installed_version

    return installed_version() or "from source, not installed"


def teller() -> Show:
    """Where progress is told: beside the results, which go to the standard output."""
    from rich.console import Console

    from abm.runs.progress import Show

    return Show(Console(stderr=True))


@contextmanager
def faults() -> Iterator[None]:
    """Turn what can go wrong into a message and an exit code."""
    try:
        yield
    except (ScenarioError, SeedError) as error:
        stop(str(error), USAGE)
    except StorageError as error:
        stop(f"{error}\nRuns that were finished are kept; the same command goes on from there.", FAULT)
    except (SweepError, MissingLibraryError, DamagedError) as error:
        stop(str(error), FAULT)
    except KeyboardInterrupt:
        stop("Interrupted. Runs that were finished are kept; the same command goes on from there.", INTERRUPTED)


def save_hour(text: str, scenario: Scenario) -> float:
    """The hour that `--save-at` says, as a whole number of steps.

    Raises:
        ScenarioError: it is no time within the run.
    """
    from abm.core.quantity import Quantity
    from abm.scenario.units import UnitError, allowed_range, to_number

    within = Quantity("time of saving", "h", scenario.step, scenario.duration, "command line")
    try:
        hour = to_number(text, within)
    except UnitError as error:
        fault = Fault("command line", 0, "--save-at", text, error.problem, "h", allowed_range(within), error.hint)
        raise ScenarioError([fault]) from error
    return round(hour / scenario.step) * scenario.step


def saved_state(run: Path) -> Path:
    """The state that is meant: this file, or the only one of this folder."""
    states = [run] if run.is_file() else sorted((run / "states").glob("*.state"))
    if len(states) != 1:
        found = "\n".join(f"    {state}" for state in states) or "    none: `embers run ... --save-at 9d` saves one"
        stop(f"there is not one saved state in {run}, but:\n{found}", USAGE)
    return states[0]


def stop(message: str, code: int) -> NoReturn:
    """Say it and end with this code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
