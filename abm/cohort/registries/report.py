"""What the registries can and cannot show: the section of the report, the table of the set, the figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from abm.cohort.expected.inputs import read_expected
from abm.cohort.expected.outlook import INFECTION
from abm.cohort.registries.calibration import (
    BIOBANK,
    BIOBANK_MONTHS,
    EARLY,
    EVIDENCE,
    FLATIRON,
    POINTS,
    RANGES,
    SOFTNESS,
    USED,
    RegistryFit,
    ReportedRatio,
    correlations,
    fit_registries,
    narrowing,
    weighted_range,
)
from abm.cohort.registries.figure import draw_registries
from abm.cohort.registries.policies import OUTCOMES, differences, needed_to_treat, range_of, results_over
from abm.plots.figures import save_figure
from abm.reporting.report import markdown_table, write_rows
from abm.runs.progress import Show
from abm.runs.store.files import storage, write_text

MEANINGS = {
    "reach": "factor on the reach", "expansion": "factor on the expansion", "occult": "factor on occult lesions",
    "recorded": "share of infection deaths recorded as cancer", "product": "reach x expansion",
}  # fmt: skip
CLEAR = 0.7  # of the spread in the prior; a factor below it counts as narrowed
FEW_EFFECTIVE = 50.0
PREDICTED = (("hazard_ratio", "HR of lung metastasis"), ("odds_ratio", "OR of recorded cancer death"),
             ("early", f"HR of recorded cancer death, months 0-{EARLY}"), ("late", "the same, afterwards"))  # fmt: skip


def calibrate_to_registries(
    folder: Path, titles: Mapping[str, str], show: Show, count: int = POINTS
) -> tuple[str, Sequence[str]]:
    """Calibrate a finished cohort to the registries, and write the set, the section and the figure.

    Args:
        folder: of the cohort.
        titles: of the arms, by name.
        show: reporter of progress.
        count: points of the prior, a power of 2.

    Returns:
        The section in Markdown, and lines for the terminal.

    Raises:
        UnfinishedCohortError: a table is missing.
        DamagedError: a table is damaged.
        StorageError: the disk is full or not writable.
    """
    cohort = read_expected(folder)
    with show.bar("weighting by the registries", count, "points") as advance:
        fit = fit_registries(cohort, count, advance=advance)
    with show.spinner("computing policies over the registries' set"):
        results = results_over(cohort, fit.chosen, cohort.names)
        text, _ = write_registries(folder, fit, results, titles)
    return text, headline(fit, results, titles)


def write_registries(
    folder: Path, fit: RegistryFit, results: pd.DataFrame, titles: Mapping[str, str]
) -> tuple[str, Path | None]:
    """Write `registries.csv` and `.json` (the set), `registries.md` and the figure.

    Args:
        folder: of the cohort.
        fit: of the registries.
        results: of the policies over the set.
        titles: of the arms, by name.

    Returns:
        The section in Markdown, and the figure; None if no point agrees with the registries.

    Raises:
        StorageError: the disk is full or not writable.
    """
    path = None
    with storage(folder):
        write_rows(folder / "registries", list(fit.chosen.columns), fit.chosen.to_numpy().tolist())
        if len(fit.chosen):
            (folder / "figures").mkdir(exist_ok=True)
            path = save_figure(draw_registries(fit, results, titles), folder / "figures" / "registries.png")
        text = section(fit, results, titles, path)
        write_text(folder / "registries.md", text + "\n")
    return text, path


def section(fit: RegistryFit, results: pd.DataFrame, titles: Mapping[str, str], figure: Path | None) -> str:
    """The section of the report in Markdown; figures are linked in `figures/`."""
    return "\n\n".join(_parts(fit, results, titles, figure))


def _parts(fit: RegistryFit, results: pd.DataFrame, titles: Mapping[str, str], figure: Path | None) -> Iterator[str]:
    yield "## What the registries can and cannot show"
    low_high = {name: f"{low:g} to {high:g}" for name, (low, high) in RANGES.items()}
    yield (
        "Every result of a cohort depends on four numbers that nobody has measured: how much of the lung an infection "
        "reaches, how far human cells expand compared with those of the mouse, how many lesions grew undetected before "
        "the infection, and how many deaths from the infection a registry records as deaths from cancer. "
        f"{len(fit.points):,} combinations of them were weighted by the results of two registries. The ranges are "
        f"*assumed*: log-uniform factors on the reach ({low_high['reach']}), on the expansion "
        f"({low_high['expansion']}) and on occult lesions ({low_high['occult']}), and a uniform share "
        f"({low_high['recorded']}). {len(fit.chosen):,} combinations drawn by their weights form the set "
        "(`registries.csv`). Everything below is a *prediction*."
    )
    if not len(fit.chosen):
        yield "**No combination within the ranges agrees with the registries.** The set is empty."
        return
    effective = fit.effective()
    warning = " **That is few: the ranges are only rough.**" if effective < FEW_EFFECTIVE else ""
    yield f"The weights correspond to {effective:.0f} independent combinations (effective sample size).{warning}"
    if figure is not None:
        yield f"![{_caption()}](figures/{figure.name})"
    yield "### Evidence of each registry"
    yield _evidence(fit)
    yield (
        f"Registries: {_told(FLATIRON)}; {_told(BIOBANK)}. Both likelihoods are normal on the log scale. UK "
        "Biobank followed survivors of any cancer; the cohort represents them (*assumed*). Deaths in "
        f"UK Biobank are counted over {BIOBANK_MONTHS} months after the infection (*assumed*). *Order in time*: "
        f"the excess of recorded cancer deaths is larger in the first {EARLY} months than afterwards. The condition is "
        f"soft (a normal probability with a spread of {SOFTNESS:g} in the log ratio, *assumed*) or strict. Infected "
        "patients are compared with themselves without infection, which no registry can do: confounding is left out."
    )
    yield "### What the data cannot separate"
    yield _degeneracies(fit)
    yield "### Policies over the set"
    yield from _policies(results, titles)


def _told(one: ReportedRatio) -> str:
    return f"{one.title}, {one.quantity} {one.value:g} (95 % interval {one.low:g} to {one.high:g})"


def _caption() -> str:
    return (
        "Left: the set of combinations (points) in the assumed ranges (shaded), and the distribution of each factor. "
        "Middle: the ratios that the combinations predict, and the intervals of the registries. Right: results of the "
        "arms over the set; lines from 2.5 to 97.5 %, points at the median."
    )


def _evidence(fit: RegistryFit) -> str:
    rows = []
    for name in EVIDENCE:
        weights = fit.weights[name]
        spread = narrowing(fit, name) if weights.any() else pd.Series(dtype=float)
        cells = [_range(*weighted_range(fit.points[column].to_numpy(), weights)) for column, _ in PREDICTED]
        rows.append([f"**{name}**" if name == USED else name, f"{fit.effective(name):.0f}", *cells,
                     *(f"{spread.get(factor, math.nan):.2f}" for factor in MEANINGS)])  # fmt: skip
    heads = ["evidence used", "effective points", *(title for _, title in PREDICTED),
             *(f"spread of {meaning}" for meaning in MEANINGS.values())]  # fmt: skip
    return markdown_table(heads, rows) + (
        "\n\nRatios: median (95 % range) of the predictions of the weighted combinations. Spreads are standard "
        "deviations relative to that of the assumed range: 1 means that nothing was learned."
    )


def _degeneracies(fit: RegistryFit) -> str:
    spread, together = narrowing(fit, USED), correlations(fit)
    narrowed = [MEANINGS[name] for name in RANGES if spread[name] < CLEAR]
    odds, of_cancer = (
        _range(*range_of(fit.chosen[name].to_numpy())) for name in ("odds_ratio", "odds_ratio_of_cancer")
    )
    lines = [
        f"- The product of reach and expansion is better constrained ({spread['product']:.2f} of its assumed spread) "
        f"than reach ({spread['reach']:.2f}) or expansion ({spread['expansion']:.2f}) alone: their correlation is "
        f"{together.loc['reach', 'expansion']:+.2f}. **The registries cannot separate a small part of the lung that "
        "reacts strongly from a large part that reacts weakly.**",
        f"- Occult lesions retain {spread['occult']:.2f} of their assumed spread, and the recorded share "
        f"{spread['recorded']:.2f}; their correlation is {together.loc['occult', 'recorded']:+.2f}.",
        f"- Over the {len(fit.chosen)} combinations drawn, the predicted odds ratio is {odds}. True deaths from cancer "
        f"alone give {of_cancer}; the difference comes from deaths from the infection that are recorded as cancer. **A "
        "registry of causes of death cannot distinguish the two.**",
        f"- Narrowed to less than {CLEAR:g} of the assumed spread: {', '.join(narrowed) or 'none of the four alone'}.",
    ]
    names = list(RANGES)
    rows = [[MEANINGS[name], *(f"{together.loc[name, other]:+.2f}" for other in names)] for name in names]
    return "\n".join(lines) + "\n\n" + markdown_table(["correlation", *(MEANINGS[name] for name in names)], rows)


def _policies(results: pd.DataFrame, titles: Mapping[str, str]) -> Iterator[str]:
    arms = list(dict.fromkeys(results["arm"]))
    rows = []
    for outcome, meaning in OUTCOMES.items():
        cells = [_percent(results.loc[results["arm"] == arm, outcome]) for arm in arms]
        rows.append([meaning, *cells])
    yield markdown_table(["% of the infected patients by the end", *(titles.get(arm, arm) for arm in arms)], rows)
    others = [arm for arm in arms if arm != INFECTION]
    rows = []
    for arm in others:
        cells = []
        for outcome in ("found", "cancer", "death"):
            spared = differences(results, outcome)[arm]
            middle, low, high = (100.0 * value for value in range_of(spared))
            cells += [f"{middle:+.2f} ({low:+.2f} to {high:+.2f})", needed_to_treat(spared)]
        rows.append([titles.get(arm, arm), *cells])
    heads = [f"compared with {titles.get(INFECTION, INFECTION)}"]
    for outcome in ("found", "cancer", "death"):
        heads += [f"{OUTCOMES[outcome]}: percentage points prevented", "number needed to treat"]
    yield markdown_table(heads, rows)
    yield (
        "Median (95 % range) over the set, among patients who are infected under usual care. The range reflects what "
        "is not known; chance is left out (expected values). Deaths from the infection do not depend on the four "
        "numbers."
    )


def _percent(shares: pd.Series) -> str:
    middle, low, high = (100.0 * value for value in range_of(shares.to_numpy()))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _range(middle: float, low: float, high: float) -> str:
    return "none" if math.isnan(middle) else f"{middle:.2f} ({low:.2f} to {high:.2f})"


def headline(fit: RegistryFit, results: pd.DataFrame, titles: Mapping[str, str]) -> Sequence[str]:
    """Lines for the terminal."""
    if not len(fit.chosen):
        return ["no combination of reach, expansion and occult lesions agrees with the registries"]
    lines = [
        f"registries: {len(fit.chosen)} combinations agree (effective {fit.effective():.0f} of {len(fit.points):,})"
    ]
    for column, title in PREDICTED[:2]:
        lines.append(f"{title} over the set: {_range(*range_of(fit.chosen[column].to_numpy()))}")
    for arm, spared in differences(results, "death").items():
        lines.append(f"{titles.get(arm, arm)}: deaths, number needed to treat over the set: {needed_to_treat(spared)}")
    return lines
