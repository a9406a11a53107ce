"""The commands that compare Embers with analytical solutions, with mouse data and with another run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.help_panels import ANALYSIS, EVIDENCE, MODEL, OUTPUT, PanelCommand
from abm.cli.shared import (
    FAULT,
    OK,
    OUTPUTS,
    USAGE,
    Days,
    Posterior,
    Size,
    Step,
    Workers,
    faults,
    read_seed,
    sample_asked_for,
    stop,
    teller,
    version_text,
)
from abm.runs.store.files import outputs_folder

# The options of `validate` that change what is written, each with those it goes with besides --out and --workers.
_GOES_WITH = {
    "assumptions": (),
    "convergence": ("only",),
    "readme": ("json", "panel"),
    "posterior": ("only", "quick", "size", "step", "json"),
}


def add_to(app: typer.Typer) -> None:
    """Add these commands to `embers`."""
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Compare the implementation with analytical solutions and laws.",
        epilog="Example: embers verify --only diffusion,step",
    )(verify)
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Compare the model with mouse data.",
        epilog="Example: embers validate --only F2,F8",
    )(validate)
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Fit parameters to mouse data.",
        epilog="Example: embers fit --only infection",
    )(fit)
    app.command(
        cls=PanelCommand,
        rich_help_panel=EVIDENCE,
        short_help="Find the first step and cell at which two runs differ.",
        epilog="Example: embers diverge influenza influenza_blockade --seed 3",
    )(diverge)


def verify(
    only: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Run only these checks. Default: all.", rich_help_panel=ANALYSIS),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            parser=outputs_folder,
            help="Write page, figures, numbers and finished parts to this folder.",
            rich_help_panel=OUTPUT,
        ),
    ] = OUTPUTS / "verify",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of a table.", rich_help_panel=OUTPUT)
    ] = False,
    workers: Workers = None,
) -> None:
    """Compare fields, random numbers, waiting times, drugs and the whole model with analytical solutions and laws.

    The same command continues after an interruption. Finished parts are kept until the code they test changes.
    """
    from abm.verify.catalog import chosen

    try:
        names = chosen(only)
    except ValueError as error:
        stop(str(error), USAGE)
    typer.echo(f"Embers {version_text()}: {len(names)} checks, into {out}", err=True)
    from abm.verify.command import perform

    with faults():
        failed = perform(names, out, workers, teller(), as_json)
    raise typer.Exit(FAULT if failed else OK)


def validate(  # noqa: PLR0913, PLR0917 - an argument an option
    only: Annotated[
        str | None,
        typer.Option(
            metavar="ID,...", help="Run only these targets or groups (F2,N). Default: all.", rich_help_panel=ANALYSIS
        ),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Use few replicates for a first result within minutes.", rich_help_panel=ANALYSIS),
    ] = False,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            parser=outputs_folder,
            help="Write runs, page, figures and numbers to this folder.",
            rich_help_panel=OUTPUT,
        ),
    ] = OUTPUTS / "validate",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of a table.", rich_help_panel=OUTPUT)
    ] = False,
    workers: Workers = None,
    size: Size = None,
    step: Step = None,
    readme: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=outputs_folder,
            help="Insert the sum of the scoreboard into this README, and all of it into docs/scoreboard.md beside it, "
            "between their marks.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    panel: Annotated[
        bool,
        typer.Option("--panel", help="Draw all findings in one picture (PNG and SVG) as well.", rich_help_panel=OUTPUT),
    ] = False,
    assumptions: Annotated[
        bool,
        typer.Option(
            "--assumptions",
            help="Vary the ten weakest assumptions over their ranges instead.",
            rich_help_panel=ANALYSIS,
        ),
    ] = False,
    convergence: Annotated[
        bool,
        typer.Option(
            "--convergence",
            help="Compare the scoreboard (or --only) at shorter steps and on other section sizes instead.",
            rich_help_panel=ANALYSIS,
        ),
    ] = False,
    posterior: Posterior = "",
) -> None:
    """Compare the model with findings in mice and report a scoreboard, group by group.

    An interrupted command keeps its finished runs. Run the same command again to continue.
    """
    from abm.validate.target import ValidationError, chosen

    try:
        ids = chosen(only)
        asked = {
            "only": only, "quick": quick, "size": size, "step": step, "json": as_json, "readme": readme, "panel": panel,
            "assumptions": assumptions, "convergence": convergence, "posterior": posterior,
        }  # fmt: skip
        _refuse_what_does_not_go_together({name for name, value in asked.items() if value})
    except ValueError as error:
        stop(str(error), USAGE)
    what = f"{len(ids)} target{'s' if len(ids) != 1 else ''}"
    what = "the weakest assumptions" if assumptions else f"convergence of {what}" if convergence else what
    with faults():
        sample = sample_asked_for(posterior)
    what += f" under {len(sample)} parameter sets" if sample else ""
    typer.echo(f"Embers {version_text()}: {what}, into {out}", err=True)
    from abm.validate.command import Wanted, examine_assumptions, examine_convergence, perform

    failed = False
    try:
        with faults():
            if assumptions:
                examine_assumptions(out, workers, teller())
            elif convergence:
                examine_convergence(ids, out, workers, teller())
            else:
                wanted = Wanted(ids, quick, as_json, readme, size, step, panel, sample)
                failed = perform(wanted, out, workers, teller())
    except ValidationError as error:
        stop(str(error), FAULT)
    raise typer.Exit(FAULT if failed else OK)


def _refuse_what_does_not_go_together(asked: set[str]) -> None:
    """Refuse options of `validate` that exclude each other.

    Raises:
        ValueError: it says which.
    """
    for name, allowed in _GOES_WITH.items():
        surplus = asked - {name, *allowed}
        if name in asked and surplus:
            goes = f"goes with {', '.join(f'--{one}' for one in (*allowed, 'out', 'workers'))} only"
            raise ValueError(f"--{name} {goes}: leave {', '.join(f'--{one}' for one in sorted(surplus))} out")


def fit(
    only: Annotated[
        str | None,
        typer.Option(metavar="STAGE,...", help="Fit only these stages. Default: all.", rich_help_panel=ANALYSIS),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            parser=outputs_folder,
            help="Write rounds, page, figures and result to this folder.",
            rich_help_panel=OUTPUT,
        ),
    ] = OUTPUTS / "fit",
    seed: Annotated[
        int,
        typer.Option(
            parser=read_seed,
            metavar="INTEGER",
            help="Set the random seed of the first ensemble.",
            rich_help_panel=ANALYSIS,
        ),
    ] = 1,
    workers: Workers = None,
) -> None:
    """Fit the free parameters of the model to mouse data, stage by stage, with their uncertainty.

    The fit takes about three hours on two cores, two of them for the infection. An interrupted command keeps its
    finished runs. Run the same command again to continue.
    """
    from abm.inference.fit.plan import chosen

    try:
        names = chosen(only)
    except ValueError as error:
        stop(str(error), USAGE)
    typer.echo(f"Embers {version_text()}: {', '.join(names)}, into {out}", err=True)
    from abm.inference.fit.command import perform
    from abm.validate.target import ValidationError

    try:
        with faults():
            perform(names, out, workers, teller(), seed)
    except ValidationError as error:
        stop(str(error), FAULT)


def diverge(
    one: Annotated[str, typer.Argument(metavar="SCENARIO", help="Name or .toml file.")],
    other: Annotated[str, typer.Argument(metavar="SCENARIO", help="Second scenario; may be the same.")],
    seed: Annotated[
        int,
        typer.Option(
            parser=read_seed, metavar="INTEGER", help="Set the random seed of both runs.", rich_help_panel=MODEL
        ),
    ] = 1,
    other_seed: Annotated[
        int | None,
        typer.Option(
            parser=read_seed,
            metavar="INTEGER",
            help="Set a different random seed for the second run.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    days: Days = None,
    size: Size = None,
) -> None:
    """Run two scenarios side by side and report the first step, and the first cells, at which they differ."""
    typer.echo(f"Embers {version_text()}: {one} and {other}, seed {seed}", err=True)
    with faults():
        from abm.scenario.read import load_arms

        (first,), (second,) = load_arms([one], days, size, None), load_arms([other], days, size, None)
        from abm.studies.divergence import find_parting

        try:
            parting = find_parting(first, second, (seed, seed if other_seed is None else other_seed), teller())
        except ValueError as error:
            stop(str(error), USAGE)
    if parting is None:
        typer.echo("The two runs are equal, bit for bit, to the end.")
        return
    typer.echo(f"The two runs first differ in step {parting.tick:,} (hour {parting.hour:.6g}):")
    for line in parting.told:
        typer.echo(f"  {line}")
