"""Report of a fit: a table on the terminal, a page with figures, the result as TOML, the posterior sample as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from abm.inference.fit import posterior_sample
from abm.inference.fit.figure import draw
from abm.inference.fit.held_out import by_day, by_experiment, total
from abm.inference.fit.plan import FitStage
from abm.inference.fit.posterior import TOLD, FitError, ParameterEstimate, aims, emulated, errors, estimates, ties
from abm.inference.fit.result import as_toml
from abm.inference.fit.suite import FIRST_SEED, FittedStage
from abm.reporting.report import number, plural, short
from abm.rules.sources import definitions
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text
from abm.scenario.free import Free
from abm.scenario.posterior import KEPT

FILE = "fit"
COLUMNS = "parameter", "prior", "result", "95 % interval", "learned", "apart", "source of the prior"
INTRODUCTION = """\
`embers fit` fits parameters within their declared ranges (the priors: uniform over the range, or over its logarithm \
where it spans a decade or more). Several ensembles begin from the ranges alone, each with its own draws and seeds. In \
each, Gaussian processes learn how the data follow the parameters from all sets that were run, and the next sets are \
drawn from the posterior as they know it (calibrate, emulate, sample: Cleary et al. 2021, \
[doi:10.1016/j.jcp.2020.109716](https://doi.org/10.1016/j.jcp.2020.109716); elliptical slice sampling: Murray et al. \
2010). All sets of an ensemble are run with the same seeds. The runs of all ensembles together give the posterior \
sample; its middle 95 % are the intervals. The result is the best of the points that the emulators take for the best, \
as many sections of each say; data with the largest errors have the largest weight. The intervals are as accurate as \
the emulator, which is compared with runs of the sample. Only the integer part of a number of stages is used.

The data are those of two experiments, with a scale factor per curve and experiment. Their error is the distance \
between the two experiments, times 0.7 for virus and IL-6 (`abm/validate/scoring.py`).

*Learned* is the share of the prior's variance that the data removed. Where it is small, the data add little to the \
prior. *Apart* is how far the means of two ensembles are from each other, in standard deviations of the posterior \
(parameters), or their mean curves, in distances between experiments (data). Correlated parameters can compensate for \
each other."""


def write(out: Path, fitted: Sequence[FittedStage], seed: int) -> None:
    """Write page, figures, result and posterior sample.

    Raises:
        StorageError: no room, no right to write.
    """
    with storage(out):
        out.mkdir(parents=True, exist_ok=True)
        for one in fitted:
            draw(one, out)
        write_text(out / f"{FILE}.toml", as_toml(fitted, seed))
        posterior_sample.write(out / KEPT.name, fitted)
        write_text(out / f"{FILE}.md", _page(fitted, seed))


def print_table(console: Console, fitted: Sequence[FittedStage]) -> None:
    """The result beside the defaults, and how near the data it is."""
    for one in fitted:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=one.stage.title, title_justify="left")
        for heading in ("Parameter", "Default", "Result", "95 % interval", "Learned"):
            table.add_column(heading, justify="left" if heading == "Parameter" else "right")
        for estimate in estimates(one):
            default, result = number(estimate.free.default), number(estimate.value)
            table.add_row(estimate.free.label, default, result, _interval(estimate), f"{estimate.told:.0%}")
        console.print(table)
        for each in errors(one):
            known = f"{each.observable.title}, {each.observable.experiment} experiment: {_error(each)}"
            console.print(f"{known} (goal {each.observable.goal:g})", highlight=False)
        for label, gap in aims(one):
            console.print(f"{label}: {gap:+.2f} errors from the target value", highlight=False, markup=False)


def _demands(stage: FitStage) -> str:
    """What the best point had to meet."""
    named = "; ".join(one.label for one in stage.demands)
    return f"; the result is the best point that also met these targets, if one did: {named}" if named else ""


def _page(fitted: Sequence[FittedStage], seed: int) -> str:
    told = circumstances()
    written = (
        f"Written by `embers fit` with Embers {told['versions']['embers']} on {told['time'][:10]} ({stamp(told)})."
    )
    parts = ["# How the defaults were obtained", INTRODUCTION, written]
    for one in fitted:
        parts += _section(one, seed)
    parts.append("\n".join(definitions(one.quantity.source for stage in fitted for one in stage.stage.free)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(fitted: FittedStage, seed: int) -> list[str]:
    stage, found = fitted.stage, estimates(fitted)
    untold = [each.free.label for each in found if each.told < TOLD]
    tied = [f"{tie.one} with {tie.other} ({tie.correlation:+.2f})" for tie in ties(fitted)]
    history = "; ".join(", ".join(f"{gap:.3g}" for gap in one.history) for one in fitted.ensembles)
    return [
        f"## {stage.title}",
        f"{plural(len(stage.free), 'parameter')}; {stage.ensembles} ensembles (seeds {seed} to "
        f"{seed + stage.ensembles - 1}) of {stage.members} sets of the ranges and {plural(stage.rounds, 'round')} of "
        f"{stage.points} sets, {stage.replicates} replicates per set and arm (seeds from {FIRST_SEED}); "
        f"searches for the best point: {stage.searches}, with {stage.judges} sections per point"
        f"{_demands(stage)}. Median over the sets of the mean square difference from the data, round by round, in "
        f"errors of the data: {history}. {len(fitted.z)} sets in the posterior sample; in {len(fitted.gaps)} of them "
        f"that were run, the emulator was off by {emulated(fitted):.2f} errors of the data (root mean square, with the "
        "chance of the sections).",
        _data_table(fitted),
        f"![Curves over mice]({stage.name}_curves.png)" if stage.arm else "",
        "\n".join(["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|", *map(_row, found)]),
        f"![Parameters]({stage.name}_parameters.png)",
        f"Parameters that the data hardly inform (less than {TOLD:.0%} of the prior's variance removed): "
        f"{_list(untold)}.",
        f"Parameters that the data cannot separate: {_list(tied)}.",
        _held_out_table(fitted) if stage.mice else "",
        _laws_table(fitted) if stage.optional else "",
    ]


def _data_table(fitted: FittedStage) -> str:
    lines = ["| data | experiment | error of the result, fresh seeds | goal | apart |", "|---|---|---|---|---|"]
    for each in errors(fitted):
        one = each.observable
        lines.append(f"| {one.title} | {one.experiment} | {_error(each)} | {one.goal:g} | {each.apart:.2f} |")
    for label, gap in aims(fitted):
        lines.append(f"| {label} | | {gap:+.2f} errors from the target value | | |")
    return f"With {fitted.stage.fresh} seeds that the fit did not use:\n\n" + "\n".join(lines)


def _error(each: FitError) -> str:
    return f"{each.error:.2f} distances between experiments; {each.between_mice:.2f} SDs between mice"


def _held_out_table(fitted: FittedStage) -> str:
    """How well the model predicts an experiment or a day that it was not fitted to."""
    whole, days = by_experiment(fitted), by_day(fitted)
    lines = ["| left out | data | score per datum | error of the mean prediction | doubt |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.size} | {one.score:.3f} | {one.error:.2f} | {one.doubt} |" for one in (*whole, *days)
    ]
    return (
        "What the model predicts of data that were left out (`abm/inference/fit/held_out.py`). The score is the "
        "logarithm of the predictive density, in errors of the data; laws are compared by it, higher is better. "
        f"All experiments: {total(whole):.3f}; all days: {total(days):.3f}.\n\n" + "\n".join(lines)
    )


def _laws_table(fitted: FittedStage) -> str:
    """Which laws the data ask for: what is lost where one is taken out."""
    whole = total(by_experiment(fitted))
    lines = ["| law taken out | parameter | held at | score per datum | doubt |", "|---|---|---|---|---|"]
    for one in fitted.stage.optional:
        found = by_experiment(fitted, one)
        doubt = "; ".join(dict.fromkeys(each.doubt for each in found if each.doubt))
        lines.append(f"| {one.law} | `{one.name}` | {one.value:g} | {total(found) - whole:+.3f} | {doubt} |")
    return (
        "What is lost (below 0) or gained (above 0) in the score of an experiment predicted from the other where one "
        "law is taken out, by holding its parameter where it does nothing and sampling all others again. A law whose "
        "loss is near 0 or above is one that these data do not ask for.\n\n" + "\n".join(lines)
    )


def _row(each: ParameterEstimate) -> str:
    one = each.free
    unit = f" {one.quantity.unit}" if one.quantity.unit else ""
    prior = f"{short(one.low)} to {short(one.high)}{unit}{_scale(one)}"
    cells = (
        f"`{one.label}`",
        prior,
        f"{number(each.value)}{unit}",
        _interval(each),
        f"{each.told:.0%}",
        f"{each.apart:.1f}",
    )
    return f"| {' | '.join(cells)} | {one.quantity.source} |"


def _scale(one: Free) -> str:
    return ", log" if one.is_logarithmic else ""


def _interval(each: ParameterEstimate) -> str:
    return f"{short(each.low)} to {short(each.high)}"


def _list(names: Sequence[str]) -> str:
    return "; ".join(f"`{name}`" for name in names) or "none"
