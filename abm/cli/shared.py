"""What all commands share: options, exit codes and error messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from abm.cli.help_panels import ANALYSIS, EXECUTION, MODEL, OUTPUT
from abm.core.seeds import SeedError, seed_of
from abm.installation.optional_deps import MissingLibraryError
from abm.runs.errors import SweepError
from abm.runs.store.files import StorageError, outputs_folder
from abm.runs.store.sealed import DamagedError
from abm.scenario.errors import Fault, PosteriorError, ScenarioError

if TYPE_CHECKING:
    from abm.runs.progress import Show
    from abm.scenario.posterior import PosteriorSample
    from abm.scenario.scenario import Scenario

OUTPUTS = Path("outputs")
WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,99}")
OK, FAULT, USAGE, INTERRUPTED = 0, 1, 2, 130


def read_seed(text: str | int) -> int:
    """Read a seed from an option.

    Raises:
        typer.BadParameter: the text is not a valid seed.
    """
    try:
        return seed_of(int(text) if WHOLE.fullmatch(str(text)) else text)
    except SeedError as error:
        raise typer.BadParameter(str(error)) from error


def read_name(text: str) -> str:
    """Read the name of a folder from an option; empty: the usual name.

    Raises:
        typer.BadParameter: it cannot be the name of a folder on every system.
    """
    if text and (not FOLDER_NAME.fullmatch(text) or text.endswith(".")):
        allowed = 'letters, digits and ".", "_", "+", "-", at most 100, beginning with a letter or digit'
        raise typer.BadParameter(f'"{text}" cannot name a folder; allowed: {allowed}; --out names the folder above')
    return text


Days = Annotated[
    float | None,
    typer.Option(
        metavar="DAYS", help="Set the length of the runs. Default: as in the scenarios.", rich_help_panel=MODEL
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        metavar="LENGTH",
        help='Set the size of the section: one side ("1000um") or both ("2mm x 1mm").',
        rich_help_panel=MODEL,
    ),
]
Step = Annotated[
    str | None, typer.Option(metavar="TIME", help='Set the time step, such as "10 min".', rich_help_panel=MODEL)
]
Seed = Annotated[
    int,
    typer.Option(
        parser=read_seed,
        metavar="INTEGER",
        help="Set the random seed. Replicates use this seed and the ones after it.",
        rich_help_panel=MODEL,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Set the number of processes. Default: one per core.", rich_help_panel=EXECUTION
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        metavar="FOLDER",
        parser=outputs_folder,
        help="Write the folder of results into this folder.",
        rich_help_panel=OUTPUT,
    ),
]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw no figures.", rich_help_panel=OUTPUT)]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Ignore finished runs and start again in a new folder.", rich_help_panel=EXECUTION),
]
Name = Annotated[
    str,
    typer.Option(
        "--name",
        metavar="NAME",
        parser=read_name,
        help="Call the folder of results NAME, so that a workflow can name it beforehand.",
        rich_help_panel=OUTPUT,
    ),
]
SaveAt = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help='Save the state at this time, such as "9 d", for `embers continue`.',
        rich_help_panel=OUTPUT,
    ),
]


Posterior = Annotated[
    str,
    typer.Option(
        metavar="N|FILE[:N]",
        help="Also run every arm under N parameter sets that fit the data, and show the uncertainty of the parameters "
        "beside chance. The sets are taken evenly from the packaged posterior sample, or from a posterior.csv or the "
        "folder of a fit or calibration. What a scenario sets itself wins over the sample.",
        rich_help_panel=ANALYSIS,
    ),
]


def version_text() -> str:
    """Version of the installed Embers."""
    from abm.installation.package import installed_version

    return installed_version() or "from source, not installed"


def teller() -> Show:
    """Reporter of progress on standard error; results go to standard output."""
    from rich.console import Console

    from abm.runs.progress import Show

    return Show(Console(stderr=True))


@contextmanager
def faults() -> Iterator[None]:
    """Turn expected errors into a message and an exit code."""
    try:
        yield
    except (ScenarioError, SeedError, PosteriorError) as error:
        stop(str(error), USAGE)
    except StorageError as error:
        stop(f"{error}\nFinished runs are kept; run the same command again to continue.", FAULT)
    except (SweepError, MissingLibraryError, DamagedError) as error:
        stop(str(error), FAULT)
    except KeyboardInterrupt:
        stop("Interrupted. Finished runs are kept; run the same command again to continue.", INTERRUPTED)


def sample_asked_for(text: str) -> PosteriorSample | None:
    """The parameter sets of `--posterior`; None where it is not given."""
    if not text:
        return None
    from abm.scenario.posterior import sample_of

    return sample_of(text)


def save_hour(text: str, scenario: Scenario) -> float:
    """Read the time of `--save-at`, rounded to a whole number of steps, in hours.

    Raises:
        ScenarioError: the text is not a time within the run.
    """
    from abm.core.quantity import Quantity
    from abm.scenario.toml.units import UnitError, allowed_range, to_number

    within = Quantity("time of saving", "h", scenario.step, scenario.duration, "command line")
    try:
        hour = to_number(text, within)
    except UnitError as error:
        fault = Fault("command line", 0, "--save-at", text, error.problem, "h", allowed_range(within), error.hint)
        raise ScenarioError([fault]) from error
    return round(hour / scenario.step) * scenario.step


def saved_state(run: Path) -> Path:
    """Path of the saved state: this file, or the only state in this folder."""
    states = [run] if run.is_file() else sorted((run / "states").glob("*.state"))
    if len(states) != 1:
        found = "\n".join(f"    {state}" for state in states) or "    none: `embers run ... --save-at 9d` saves one"
        stop(f"{run} does not hold exactly one saved state. Found:\n{found}", USAGE)
    return states[0]


def stop(message: str, code: int) -> NoReturn:
    """Print a message and exit with this code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
