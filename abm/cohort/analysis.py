"""What a finished cohort says: survival (that of statsmodels), individual benefit, what predicts it, scales."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.cohort.pairs import difference_interval
from abm.cohort.ratios import FEW, NORMAL, Ratio, hazard_ratio, odds_ratio
from abm.runs.store.sealed import check

NONE, INFECTED = "no infection", "infection"
SINCE = (0.0, 3.0, 6.0, 12.0, 18.0, 24.0, 36.0, 52.0)  # months since infection
TRAITS = {
    "reach": "share of the lung reached",
    "burden": "dormant cells",
    "growth": "growth of lesions",
    "dose": "dose of virus",
    "immunity": "strength of T cells",
    "since_diagnosis": "years since diagnosis",
    "first_infection": "month of infection",
}
EARLIER = 1.0  # months by which a lesion must be found earlier or later to count as such
REGISTRY = {"HR": (1.44, 1.01, 2.05), "OR": (1.85, 1.14, 3.02)}


@dataclass(frozen=True)
class Tables:
    """A finished cohort: patients, arms (one row per patient and arm), scales; `months` of follow-up."""

    patients: pd.DataFrame
    arms: pd.DataFrame
    scales: pd.DataFrame
    months: float

    @property
    def names(self) -> list[str]:
        """Arms in their order."""
        return list(dict.fromkeys(self.arms["arm"]))

    def arm(self, name: str) -> pd.DataFrame:
        """Rows of an arm by patient, with `time` [months] and `event`."""
        rows = self.arms[self.arms["arm"] == name].set_index("number").sort_index()
        return rows.assign(time=rows["found"].fillna(self.months), event=rows["found"].notna())


def read(folder: Path, months: float) -> Tables:
    """The tables of a folder.

    Raises:
        DamagedError: one is not what was written.
        OSError: they are not there.
    """
    paths = [folder / f"{name}.parquet" for name in ("patients", "arms", "scales")]
    for path in paths:
        check(path)
    patients, arms, scales = map(pd.read_parquet, paths)
    return Tables(patients.set_index("number").sort_index(), arms, scales, months)


def survival(rows: pd.DataFrame, months: np.ndarray) -> pd.DataFrame:
    """Kaplan-Meier: share without metastasis, its 95 % interval (log-log), numbers at risk, at these months."""
    from statsmodels.duration.survfunc import SurvfuncRight

    if not rows["event"].any():
        share = low = high = np.ones(months.size)
    else:
        fit = SurvfuncRight(rows["time"].to_numpy(), rows["event"].to_numpy(dtype=float))
        at = np.searchsorted(fit.surv_times, months, side="right") - 1
        share = np.where(at >= 0, fit.surv_prob[at], 1.0)
        error = np.where(at >= 0, fit.surv_prob_se[at], 0.0)
        low, high = _log_log(share, error)
    at_risk = [(rows["time"] >= month - 1e-9).sum() for month in months]
    return pd.DataFrame({"month": months, "share": share, "low": low, "high": high, "at_risk": at_risk})


def _log_log(share: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inner = (share > 0.0) & (share < 1.0)
    safe = np.where(inner, share, 0.5)
    width = np.where(inner, NORMAL * error / (safe * np.abs(np.log(safe))), 0.0)
    return np.where(inner, safe ** np.exp(width), share), np.where(inner, safe ** np.exp(-width), share)


def hazard_since(tables: Tables, name: str) -> pd.DataFrame:
    """Metastases found per 100 patient-years by months since the first infection, in an arm and the uninfected."""
    first = tables.patients["first_infection"].dropna()
    found = []
    for begin, end in pairwise(SINCE):
        row: dict[str, Any] = {"begin": begin, "end": end}
        for label in (name, NONE):
            rows = tables.arm(label).loc[first.index]
            since = rows["time"] - first
            events = int((rows["event"] & (since >= begin) & (since < end)).sum())
            years = float((since.clip(begin, end) - begin).sum()) / 12.0
            row[f"{label} events"], row[f"{label} rate"] = events, 100.0 * events / years if years else math.nan
            row[f"{label} error"] = 100.0 * math.sqrt(events) / years if years else math.nan
        found.append(row)
    return pd.DataFrame(found)


class Benefit(NamedTuple):
    """What an arm changes for infected patients, against infection under usual care; shares of all of them.

    Attributes:
        spared: no metastasis is found by the end, unlike without. harmed: the other way round. same: neither.
        earlier, later: found in both, by more than a month earlier or later. earlier_by: months, median.
        difference: spared less harmed, with its interval. gained: mean months without a found metastasis gained.
    """

    spared: float
    harmed: float
    same: float
    earlier: float
    later: float
    earlier_by: float
    difference: Ratio
    gained: float

    @property
    def needed_to_treat(self) -> str:
        """Patients to be treated so that one more is without metastasis at the end; with its interval."""
        value, low, high = self.difference
        if value == 0.0:
            return "no difference"
        one = f"{abs(1.0 / value):.0f} to {'treat' if value > 0 else 'harm one'}"
        if low <= 0.0 <= high:
            return f"{one} (interval includes no effect)"
        few, many = sorted((abs(1.0 / high), abs(1.0 / low)))
        return f"{one} ({few:.0f} to {many:.0f})"


def benefit(tables: Tables, name: str) -> Benefit:
    """Individual benefit of an arm, twin by twin."""
    infected = tables.patients.index[tables.patients["infections"] > 0]
    one, other = (tables.arm(label).loc[infected] for label in (name, INFECTED))
    count = max(1, len(infected))
    spared, harmed = (~one["event"] & other["event"]), (one["event"] & ~other["event"])
    shift = (one["time"] - other["time"])[one["event"] & other["event"]]
    b, c = spared.sum() / count, harmed.sum() / count
    both = int((one["event"] & other["event"]).sum())
    ends = difference_interval(both, int(spared.sum()), int(harmed.sum()), count - both - int((spared | harmed).sum()))
    earlier = shift < -EARLIER
    return Benefit(
        b, c, 1.0 - b - c, float(earlier.sum()) / count, float((shift > EARLIER).sum()) / count,
        float(-shift[earlier].median()) if earlier.any() else 0.0,
        Ratio(b - c, *ends),
        float((one["time"] - other["time"]).mean()),
    )  # fmt: skip


def predictors(tables: Tables, name: str) -> pd.DataFrame:
    """Rank correlation of what is known of a patient with the months gained in an arm, with 95 % intervals (Fisher).

    Empty where the arm changes fewer than FEW patients: a single patient would determine it.
    """
    from scipy.stats import spearmanr

    infected = tables.patients[tables.patients["infections"] > 0]
    gained = (tables.arm(name)["time"] - tables.arm(INFECTED)["time"]).loc[infected.index]
    rows = []
    for trait, meaning in TRAITS.items():
        values = infected[trait]
        if len(values) < 10 or values.nunique() < 2 or (gained != gained.median()).sum() < FEW:
            continue
        rho = float(spearmanr(values, gained).statistic)
        width = NORMAL * math.sqrt(1.06 / (len(values) - 3))
        rows.append((meaning, rho, math.tanh(math.atanh(rho) - width), math.tanh(math.atanh(rho) + width)))
    found = pd.DataFrame(rows, columns=["trait", "rho", "low", "high"])
    return found.iloc[found["rho"].abs().argsort()[::-1]].reset_index(drop=True)


def by_scale(tables: Tables) -> pd.DataFrame:
    """Hazard ratio and odds ratio of infection over none where infections reach more or less of the lung."""
    rows = []
    for scale, rows_there in tables.scales.groupby("scale"):
        part = rows_there.assign(number=rows_there["number"] * 1000 + rows_there["turn"])
        scaled = Tables(tables.patients, part, tables.scales, tables.months)
        one, other = scaled.arm(INFECTED), scaled.arm(NONE)
        one.index, other.index = one.index // 1000, other.index // 1000
        hazard, odds = hazard_ratio(one, other), odds_ratio(one, other)
        rows.append({
            "scale": float(scale), "risk": one["event"].mean(), "risk_without": other["event"].mean(),
            "HR": hazard.value, "HR_low": hazard.low, "HR_high": hazard.high,
            "OR": odds.value,
        })  # fmt: skip
    return pd.DataFrame(rows)


def scales_within(scales: pd.DataFrame, ratio: str) -> tuple[float, float] | None:
    """The range of scales within which the simulated ratio lies in the registry's interval; None: it nowhere does.

    Between simulated scales the logarithm of the ratio is taken to be linear in that of the scale.
    """
    _, low, high = REGISTRY[ratio]
    known = scales.dropna(subset=[ratio])
    if len(known) < 2:
        return None
    fine = np.linspace(np.log(known["scale"].iloc[0]), np.log(known["scale"].iloc[-1]), 2000)
    values = np.interp(fine, np.log(known["scale"]), np.log(known[ratio]))
    inside = (values >= math.log(low)) & (values <= math.log(high))
    return (float(np.exp(fine[inside][0])), float(np.exp(fine[inside][-1]))) if inside.any() else None
