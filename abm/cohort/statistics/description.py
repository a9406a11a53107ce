"""Who the patients of a cohort are and what happens to them: the first table of a report (STROBE, items 13 to 15).

STROBE: von Elm et al. 2007, doi:10.1371/journal.pmed.0040296.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.cohort.analysis import CAUSES, FOUND, Tables
from abm.cohort.statistics.shares import share_with

NUMBERS = {
    "age": "Age, years",
    "comorbidity": "Other illnesses, number",
    "since_diagnosis": "Years since diagnosis",
    "burden": "Dormant cancer cells in the lung",
    "immunity": "Strength of T cells (usual: 1)",
    "reach": "Share of the lung that an infection reaches, %",
    "dose": "Dose of virus (usual: 1)",
    "first_infection": "Month of the first infection",
    "exposures": "Exposures until an infection establishes, number",
}
SHARES = {
    "female": "Women",
    "vaccinated": "Vaccinated",
    "admitted": "Admitted to hospital with the infection",
    "treated": "Given an antiviral under usual care",
}
OF_INFECTED = ("admitted", "treated")  # for others, what would be done


def baseline(tables: Tables) -> list[tuple[str, str]]:
    """Traits at the start, in words: median and quartiles, or number and share. Arms are twins: one column for all."""
    people = tables.patients
    rows = [("Patients", f"{len(people):,}")]
    for column, title in SHARES.items():
        counted = people[column].to_numpy(dtype=bool) & (tables.infected | (column not in OF_INFECTED))
        count = int(counted.sum())
        rows.append((title, f"{count:,} ({100 * count / len(people):.1f} %)"))
    for column, title in NUMBERS.items():
        whose = people[tables.infected] if column == "exposures" else people
        values = whose[column].to_numpy(dtype=float) * (100.0 if column == "reach" else 1.0)
        known = values[np.isfinite(values)]
        if known.size:
            low, middle, high = np.percentile(known, [25, 50, 75])
            rows.append((title, f"{_short(middle)} ({_short(low)} to {_short(high)})"))
    for what, count in people["virus"].value_counts().items():
        variants = sorted(set(people.loc[people["virus"] == what, "variant"].dropna()) - {""})
        rows.append((f"Virus: {what}" + (f" ({', '.join(variants)})" if variants else ""), f"{count:,}"))
    count = int(tables.infected.sum())
    rows.append(("Infected at least once, if not prevented", f"{count:,} ({100 * count / len(people):.1f} %)"))
    return rows


def course(tables: Tables) -> pd.DataFrame:
    """What happens in each arm, per 1,000 patients except where stated; the mean over turns.

    Returns:
        One row per arm: person_years (of all), scans (per patient), occult, found, found_low, found_high,
        by_symptoms, size (mm, median, at finding), died, each cause, alive, lost.
    """
    rows = {}
    for arm in tables.names:
        found = tables.follow(arm, FOUND).event
        cause = tables.column(arm, "cause")
        share, low, high = share_with(found)
        size = tables.numbers(arm, "size")[found]
        died = ~np.isnan(tables.numbers(arm, "died"))
        rows[arm] = {
            "person_years": len(tables.patients) * tables.left(arm).mean() / 12.0,
            "scans": tables.numbers(arm, "scans").mean(),
            "occult": 1000.0 * (tables.numbers(arm, "occult") > 0.0).mean(),
            "found": 1000.0 * share, "found_low": 1000.0 * low, "found_high": 1000.0 * high,
            "by_symptoms": 1000.0 * (found & ~tables.column(arm, "by_scan").astype(bool)).mean(),
            "size": float(np.median(size)) if size.size else np.nan,
            "died": 1000.0 * died.mean(), **{name: 1000.0 * (cause == name).mean() for name in CAUSES},
            "alive": 1000.0 * (~died).mean(), "lost": 0.0,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000.0 else f"{number:.3g}"
