"""From curves to the numbers of the summary: one row per number, arm and contrast between arms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.model.establishment import INFECTED, established_in_any
from abm.reporting.statistics import NOTHING, RANGE, Estimate, Spread, ratio_of_means, reduction_of_expansion
from abm.runs.store.tables import read_series

HOURS_PER_DAY = 24.0
EARLY = 15.0 * HOURS_PER_DAY  # h: the day on which the main experiment counts cells (Chia 2025)
CELLS, KI67, LESIONS = "cells_per_seeded", "ki67_share", "lesions"
LAVAGE, TISSUE, VIRIONS = "il6_lavage", "il6", "virions"
READ = (CELLS, KI67, LESIONS, LAVAGE, TISSUE, VIRIONS, INFECTED)
WHERE = "_established"  # what a quantity is called where only established infections count


@dataclass(frozen=True)
class SummaryArm:
    """What a table must know of an arm; `prediction`: nothing of the kind was measured. infected: a virus arrives."""

    name: str
    prediction: bool
    infected: bool = True


class SummaryRow(NamedTuple):
    """One number of the summary.

    Attributes:
        arm: name. against: the arm that a contrast compares it with, else "".
        quantity, unit: what it is. value, low, high, n: the estimate over n replicates.
        ends: what low and high are. note: what else a reader must know.
    """

    arm: str
    against: str
    quantity: str
    unit: str
    value: float
    low: float
    high: float
    n: int
    ends: str
    prediction: bool
    note: str = ""


class Curves:
    """The curves of a study, by arm and measure."""

    def __init__(self, series: pd.DataFrame) -> None:
        """Sort out the measures that are needed."""
        self._curves = tables(series, "replicate", [name for name in READ if name in series])

    def of(self, arm: str, measure: str) -> pd.DataFrame:
        """One column a replicate, one row a time [h]; empty where no run of the arm is finished."""
        return self._curves.get((arm, measure), pd.DataFrame())

    def established(self, arms: Sequence[str]) -> pd.Index:
        """Replicates in which the infection established in at least one of these arms."""
        return pd.Index(sorted(established_in_any(self.of(arm, INFECTED) for arm in arms)))

    def end(self, arm: str) -> float:
        """Last time recorded [h]."""
        curve = self.of(arm, CELLS)
        return float(curve.index[-1]) if len(curve) else np.nan


def tables(series: pd.DataFrame, column: str, measures: Sequence[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """Curves of a study by arm and measure: one row a time [h], one column a `column` (replicate, seed)."""
    found = {}
    for arm, rows in series.groupby("arm", observed=True):
        wide = rows.pivot_table(list(measures), index="hour", columns=column, observed=True, dropna=False)
        for measure in measures:
            part = wide[measure].dropna(axis="columns", how="all")
            if part.size:
                found[str(arm), measure] = part.dropna(how="all")
    return found


def read_curves(folder: Path) -> Curves:
    """The curves in the folder of a study.

    Raises:
        DamagedError: the table is not what was written.
        OSError: there is none.
    """
    return Curves(read_series(folder / "series.parquet", READ))


def curves_by_set(folder: Path) -> Iterator[tuple[int, Curves]]:
    """The curves under each parameter set, from the folder of the sets of a study: number of the set, curves.

    Raises:
        DamagedError: the table is not what was written.
        OSError: there is none.
    """
    for number, part in read_series(folder / "series.parquet", READ).groupby("set"):
        yield int(str(number)), Curves(part)


def contrasts(arms: Sequence[str]) -> list[tuple[str, str]]:
    """Which arm is compared with which: each with the first one, and "X_anything" with "X" where both are there."""
    pairs = []
    for arm in arms[1:]:
        bases = [other for other in arms if arm.startswith(f"{other}_")]
        base = max(bases, key=len, default=arms[0])
        pairs += [(arm, base)] + ([(arm, arms[0])] if base != arms[0] else [])
    return pairs


def summarize(curves: Curves, arms: Sequence[SummaryArm], spread: Spread = RANGE) -> list[SummaryRow]:
    """Every number of the table; `spread`: how the replicates of an arm are summed up."""
    carry = curves.established([arm.name for arm in arms])
    rows = [row for arm in arms for row in _arm_rows(curves, arm, carry, spread)]
    predicted = {arm.name: arm.prediction for arm in arms}
    for arm, against in contrasts([arm.name for arm in arms]):
        rows += _contrast_rows(curves, arm, against, predicted[arm] or predicted[against], carry, spread)
    return rows


def cleared(virions: np.ndarray, hours: np.ndarray) -> float:
    """First recorded time [h] after the peak from which on there are no virions; infinite: never, none: no virus."""
    if not virions.any():
        return np.nan
    last = int(np.flatnonzero(virions)[-1])
    return float(hours[last + 1]) if last + 1 < virions.size else np.inf


def _arm_rows(curves: Curves, arm: SummaryArm, carry: pd.Index, spread: Spread) -> Iterator[SummaryRow]:
    def row(quantity: str, unit: str, estimate: Estimate, note: str = "") -> SummaryRow:
        return SummaryRow(arm.name, "", quantity, unit, *estimate, spread.ends, arm.prediction, note)

    def curve(measure: str) -> pd.DataFrame:
        return curves.of(arm.name, measure)

    def peak_day(measure: str) -> Estimate:
        whole = curve(measure)
        part = whole[whole.columns.intersection(carry)]
        return _peak_day(part if part.size else whole, spread)

    end = curves.end(arm.name)
    note = "" if np.isnan(end) else f"day {end / HOURS_PER_DAY:g}"
    for quantity, time, told in (("cells_day_15", EARLY, ""), ("cells_end", end, note)):
        cells = _at(curve(CELLS), time)
        yield row(quantity, "per seeded cell", spread.mean(cells), told)
        yield row(quantity + WHERE, "per seeded cell", spread.mean(cells[cells.index.isin(carry)]), told)
    yield row("ki67_peak", "%", spread.mean(100.0 * curve(KI67).max()))
    yield row("ki67_peak_day", "d", peak_day(KI67))
    yield row("lesions_end", "lesions", spread.mean(_at(curve(LESIONS), end)), note)
    yield row("il6_lavage_peak", "pg/mL", spread.mean(curve(LAVAGE).max()))
    yield row("il6_peak", "ng/mL", spread.mean(curve(TISSUE).max()))
    yield row("il6_peak_day", "d", peak_day(TISSUE))
    yield _established(curve(INFECTED), row) if arm.infected else row("sections_infected", "sections", NOTHING)
    virus = curve(VIRIONS)
    held = virus[virus.columns.intersection(carry)] if curve(INFECTED).size else virus
    yield row("virus_cleared_day", "d", *_clearance(held, virus, spread))


def _contrast_rows(
    curves: Curves, arm: str, against: str, prediction: bool, carry: pd.Index, spread: Spread
) -> Iterator[SummaryRow]:
    end = min(curves.end(arm), curves.end(against))
    for suffix, time in (("day_15", EARLY), ("end", end)):
        treated, reference = _at(curves.of(arm, CELLS), time), _at(curves.of(against, CELLS), time)
        twins = treated.index.intersection(reference.index)
        note = f"day {time / HOURS_PER_DAY:g}" if suffix == "end" and twins.size else ""
        for where, chosen in (("", twins), (WHERE, twins.intersection(carry))):
            over, under = treated[chosen].to_numpy(), reference[chosen].to_numpy()
            ratio, reduction = ratio_of_means(over, under), reduction_of_expansion(over, under, spread.contrasts)
            for quantity, unit, estimate in (("cells_ratio", "", ratio), ("expansion_reduction", "%", reduction)):
                name = f"{quantity}_{suffix}{where}"
                yield SummaryRow(arm, against, name, unit, *estimate, "95 % interval", prediction, note)


def _at(curve: pd.DataFrame, hour: float) -> pd.Series:
    """The values of all replicates at the last recorded time up to `hour`; none where the run ends before."""
    if not len(curve) or not curve.index[-1] >= hour - 1e-6:
        return pd.Series(dtype=float)
    return curve.loc[: hour + 1e-6].iloc[-1].dropna()


def _peak_day(curve: pd.DataFrame, spread: Spread) -> Estimate:
    """The median day of the highest value: where nothing happens the highest is anywhere, and draws a mean along."""
    days = curve.idxmax() / HOURS_PER_DAY if len(curve) else pd.Series(dtype=float)
    return spread.median(days)


def _established(infected: pd.DataFrame, row: Callable[..., SummaryRow]) -> SummaryRow:
    """In how many sections of an arm the infection established; nothing where no run is finished."""
    held, n = len(established_in_any([infected])), infected.shape[1]
    estimate = Estimate(float(held), np.nan, np.nan, n) if n else NOTHING
    return row("sections_infected", "sections", estimate, f"{held} of {n} sections" if n else "")


def _clearance(held: pd.DataFrame, virus: pd.DataFrame, spread: Spread) -> tuple[Estimate, str]:
    """The day from which on there is no virus in the sections where the infection established, and what to note.

    held: curves of virions in these. virus: in all sections, among them those in which it failed at once.
    """
    if not virus.to_numpy().any():
        return NOTHING, "no virus"
    if not held.shape[1]:
        return NOTHING, "no infection established"
    days = np.array([cleared(held[one].dropna().to_numpy(), held.index.to_numpy()) for one in held]) / HOURS_PER_DAY
    there, notes = int(np.isinf(days).sum()), []
    if days.size < virus.shape[1]:
        notes.append(f"{days.size} of {virus.shape[1]} sections")
    if there:
        notes.append(f"virus still there in {there} of {days.size}")
    return spread.mean(days), ", ".join(notes)
