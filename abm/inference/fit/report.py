"""Report of a fit: a table on the terminal, a page with figures, and the result as TOML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from abm.inference.fit.figure import draw
from abm.inference.fit.free import Free
from abm.inference.fit.posterior import TOLD, ParameterEstimate, aims, errors, estimates, ties
from abm.inference.fit.result import as_toml
from abm.inference.fit.suite import FIRST_SEED, FRESH_REPLICATES, FittedStage
from abm.reporting.report import number, short
from abm.rules.sources import definitions
from abm.runs.store.files import storage, write_text
from abm.validate.scoring import observables

FILE = "fit"
INTRODUCTION = """\
`embers fit` fits parameters within their declared ranges (the priors: uniform over the range, or over its logarithm \
where it spans a decade or more). It moves an ensemble of parameter sets towards the data by the ensemble smoother \
with multiple data assimilation, Emerick and Reynolds 2013, \
[doi:10.1016/j.cageo.2012.03.011](https://doi.org/10.1016/j.cageo.2012.03.011). All sets of a round are run with the \
same seeds. Gauss-Newton steps then lead to the best point, the result. They start from the best of three candidates: \
the mean of the ensemble, its best members and a point of the plan (`start`). The ensemble gives the response of the \
data to the parameters, many sections of the point itself give its error, and the data with the largest errors have \
the largest weight. The 95 % interval is that of the ensemble before these steps, so the result may lie outside \
it. The interval is as accurate as the smoother: exact for a linear model, an approximation here. Only the integer \
part of a number of stages is used.

*Learned* is the share of the prior's variance that the data removed. Where it is small, the data add little to the \
prior. Correlated parameters can compensate for each other."""


def write(out: Path, fitted: Sequence[FittedStage], seed: int) -> None:
    """Write page, figures and result.

    Raises:
        StorageError: no room, no right to write.
    """
    with storage(out):
        out.mkdir(parents=True, exist_ok=True)
        for one in fitted:
            draw(one, out)
        write_text(out / f"{FILE}.toml", as_toml(fitted, seed))
        write_text(out / f"{FILE}.md", _page(fitted, seed))


def print_table(console: Console, fitted: Sequence[FittedStage]) -> None:
    """The result beside the defaults, and how near the data it is."""
    for one in fitted:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=one.stage.title, title_justify="left")
        for heading in ("Parameter", "Default", "Result", "95 % interval", "Learned"):
            table.add_column(heading, justify="left" if heading == "Parameter" else "right")
        for each in estimates(one):
            default, result = number(each.free.default), number(each.value)
            table.add_row(each.free.label, default, result, _interval(each), f"{each.told:.0%}")
        console.print(table)
        for name, error in errors(one).items():
            goal = observables()[name].goal
            console.print(f"{name}: {error:.2f} SDs between mice (goal {goal:g})", highlight=False)
        for label, gap in aims(one):
            console.print(f"{label}: {gap:+.2f} errors from the target value", highlight=False, markup=False)


def _page(fitted: Sequence[FittedStage], seed: int) -> str:
    parts = ["# How the defaults were obtained", INTRODUCTION]
    for one in fitted:
        parts += _section(one, seed)
    parts.append("\n".join(definitions(one.quantity.source for stage in fitted for one in stage.stage.free)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(fitted: FittedStage, seed: int) -> list[str]:
    stage, found = fitted.stage, estimates(fitted)
    untold = [each.free.label for each in found if each.told < TOLD]
    tied = [f"{tie.one} with {tie.other} ({tie.correlation:+.2f})" for tie in ties(fitted)]
    history = ", ".join(f"{one:.3g}" for one in fitted.history)
    return [
        f"## {stage.title}",
        f"{len(stage.free)} parameters, {stage.members} sets, {stage.rounds} rounds, {stage.replicates} replicates per "
        f"arm (seeds from {FIRST_SEED}); {stage.steps} Gauss-Newton steps of {stage.step_replicates} replicates, with "
        f"{stage.judges} sections per intermediate point; seed of the ensemble {seed}. Median over the sets of the "
        f"mean square difference from the data, round by round, in errors of the data: {history}.",
        _data_table(fitted),
        f"![Curves over mice]({stage.name}_curves.png)" if stage.arm else "",
        "| parameter | prior | result | 95 % interval | learned | source of the prior |\n|---|---|---|---|---|---|\n"
        + "\n".join(_row(each) for each in found),
        f"![Parameters]({stage.name}_parameters.png)",
        f"Parameters that the data hardly inform (less than {TOLD:.0%} of the prior's variance removed): "
        f"{_list(untold)}.",
        f"Parameters that the data cannot separate: {_list(tied)}.",
    ]


def _data_table(fitted: FittedStage) -> str:
    lines = ["| data | error of the result, fresh seeds | goal |", "|---|---|---|"]
    for name, error in errors(fitted).items():
        one = observables()[name]
        lines.append(f"| {one.title} | {error:.2f} SDs between mice | {one.goal:g} |")
    for label, gap in aims(fitted):
        lines.append(f"| {label} | {gap:+.2f} errors from the target value | |")
    return f"With {FRESH_REPLICATES} seeds that the fit did not use:\n\n" + "\n".join(lines)


def _row(each: ParameterEstimate) -> str:
    one = each.free
    unit = f" {one.quantity.unit}" if one.quantity.unit else ""
    prior = f"{short(one.low)} to {short(one.high)}{unit}{_scale(one)}"
    cells = (f"`{one.label}`", prior, f"{number(each.value)}{unit}", _interval(each), f"{each.told:.0%}")
    return f"| {' | '.join(cells)} | {one.quantity.source} |"


def _scale(one: Free) -> str:
    return ", log" if one.is_logarithmic else ""


def _interval(each: ParameterEstimate) -> str:
    return f"{short(each.low)} to {short(each.high)}"


def _list(names: Sequence[str]) -> str:
    return "; ".join(f"`{name}`" for name in names) or "none"
