"""For epidemiologists: baseline, events, curves, ratios next to those of the registries, deaths by cause."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from abm.cohort.analysis import CANCER, CAUSES, DEATH, ENDPOINTS, FOUND, INFECTED, NONE, RECORDED, Tables
from abm.cohort.death import INFECTION as OF_INFECTION
from abm.cohort.death import TREATMENT as OF_TREATMENT
from abm.cohort.drawings.style import CAUSE_TITLES, counted_at
from abm.cohort.pages.words import PREDICTION, REGISTRIES_ARE, per_thousand, ratio_words, registry_words, table
from abm.cohort.statistics.description import baseline, course
from abm.cohort.statistics.interval_censored import interval_hazard_ratio, seen
from abm.cohort.statistics.ratios import FEW, MANY, Ratio, hazard_ratio, odds_ratio, risk_ratio
from abm.cohort.statistics.shares import causes, incidence, kaplan_meier

COURSE = {
    "person_years": ("Follow-up, person-years", "{:,.0f}"), "scans": ("Scans per patient", "{:.1f}"),
    "occult": ("With an undetected growing lesion at the start", "{:.3g}"),
    "found": ("Metastasis found", "{:.3g}"), "by_symptoms": ("of these, by symptoms", "{:.3g}"),
    "size": ("Size at finding, mm (median)", "{:.3g}"), "died": ("Died", "{:.3g}"),
    "alive": ("Alive at the end", "{:.3g}"), "lost": ("Lost to follow-up", "{:.0f}"),
}  # fmt: skip
RATIOS_TEXT = f"""\
All are {PREDICTION}s. **HR, dates of finding** is what a registry sees: a cause-specific Cox model of the dates on
which lesions were found, so it depends on the scan schedule. **HR, visible lesion** uses the interval between the last
scan without a finding and the scan that found the lesion (piecewise constant hazards; Prentice and Gloeckler 1978,
doi:10.2307/2529588; Finkelstein 1986, doi:10.2307/2530698). More scans in one arm do not change it. **As recorded** is
what UK Biobank counts: some deaths from the infection are recorded as deaths from cancer. **True cause** is the cause
in the simulation. ORs refer to the end of follow-up. Variances treat patients as clusters. Where fewer than {MANY} have
different events, intervals come from a likelihood that ignores the pairing of twins, and are wide. With events in
fewer than {FEW} patients, a ratio is uncertain."""


def cohort_tables(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    """Baseline and follow-up: the first table of the report."""
    yield "### Table 1. The cohort (after STROBE, items 13 to 15)"
    yield (
        "All arms consist of the same patients, so one column describes all arms at the start. Number (share), or "
        "median (quartiles)."
    )
    yield table(("at the start", "all arms"), baseline(tables))
    found = course(tables)
    names = list(found.index)
    lines = [(title, *(_number(form, found.loc[name, key]) for name in names)) for key, (title, form) in COURSE.items()]
    yield f"During follow-up, per 1,000 patients where nothing else is stated ({PREDICTION}):"
    yield table(("during follow-up", *(titles[name] for name in names)), lines)
    yield (
        f"Every number is a mean over {tables.turns} random draws per patient. **Intervals are 95 % intervals over the "
        "simulated patients: twins and draws of one patient count as one observation. A trial with the same number of "
        "patients would have different intervals**, because its arms are not twins and each patient lives only once."
    )


def _number(form: str, value: float) -> str:
    """A number in words; a dash where there is none, and no power of ten for 1,000."""
    if np.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 999.5 else form.format(value)


def survival_tables(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    """Aalen-Johansen and Kaplan-Meier estimates."""
    end = np.array([tables.months])
    rows = []
    for name in tables.names:
        found, death = tables.follow(name, FOUND), tables.follow(name, DEATH)
        counted = ", ".join(f"{count:,.0f}" for count in incidence(found, counted_at(tables.months))["at_risk"])
        alone = kaplan_meier(found, end).iloc[0]
        rows.append((
            titles[name], per_thousand(*incidence(found, end).iloc[0][["share", "low", "high"]]),
            per_thousand(1.0 - alone["share"], 1.0 - alone["high"], 1.0 - alone["low"]), counted,
            per_thousand(*kaplan_meier(death, end).iloc[0][["share", "low", "high"]]),
        ))  # fmt: skip
    months = ", ".join(f"{month:.3g}" for month in counted_at(tables.months))
    yield table(
        ("arm", "found, Aalen-Johansen", "found, 1 - Kaplan-Meier", f"at risk in months {months}", "alive"), rows
    )
    yield (
        f"Per 1,000 patients by month {tables.months:.4g}, with intervals ({PREDICTION}). Aalen-Johansen: death "
        "without a finding is a competing risk. Kaplan-Meier: as if a metastasis could still be found in those who "
        "died. *Found* means by a scan or by symptoms: an arm with more scans finds lesions earlier without having "
        "more disease."
    )


def ratio_tables(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    """Ratios of all arms over no infection, and those of infection next to the registries."""
    none = {end: tables.follow(NONE, end) for end in ENDPOINTS}
    rows, deaths = [], []
    for name in tables.names:
        if name == NONE:
            continue
        own = {end: tables.follow(name, end) for end in ENDPOINTS}
        found = (
            hazard_ratio(own[FOUND], none[FOUND]),
            visible_ratio(tables, name),
            risk_ratio(own[FOUND], none[FOUND]),
        )
        rows.append((titles[name], *map(ratio_words, found)))
        odds = [odds_ratio(own[end], none[end]) for end in (RECORDED, CANCER)]
        hazards = [hazard_ratio(own[end], none[end]) for end in (RECORDED, CANCER, DEATH)]
        deaths.append((titles[name], *map(ratio_words, (*odds, *hazards))))
    yield table(("compared with no infection", "HR, dates of finding", "HR, visible lesion", "RR, found"), rows)
    heads = (
        "OR, cancer as recorded",
        "OR, cancer as true cause",
        "HR, cancer as recorded",
        "HR, cancer as true cause",
        "HR, any cause",
    )
    yield table(("deaths, compared with no infection", *heads), deaths)
    yield RATIOS_TEXT
    yield "### Comparison with the registries"
    yield REGISTRIES_ARE
    infection = [titles[name] for name in tables.names if name != NONE].index(titles[INFECTED])
    yield table(
        ("what", "registry", f"simulated ({PREDICTION})"),
        [
            ("lung metastasis, HR", f"{registry_words('HR')}: Flatiron, 36,845 women, 52 months",
             f"{rows[infection][1]}, dates of finding"),
            ("death from cancer, OR", f"{registry_words('OR')}: UK Biobank, 487 infected and 4,350 others, as recorded",
             f"{deaths[infection][1]} as recorded; {deaths[infection][2]} by true cause"),
        ],
    )  # fmt: skip


def visible_ratio(tables: Tables, arm: str) -> Ratio:
    """Hazard ratio of a visible lesion of an arm over no infection."""
    return interval_hazard_ratio(seen(tables, arm), seen(tables, NONE))


def death_tables(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    """Deaths by true and by recorded cause."""
    end = np.array([tables.months])
    for column, words in (("cause", "True cause"), ("recorded", "As recorded")):
        rows = []
        for name in tables.names:
            found = causes(tables, name, column, end).set_index("cause")
            shares = {one: per_thousand(*found.loc[one, ["share", "low", "high"]]) for one in CAUSES}
            if name == NONE:  # nobody can die of what nobody has
                shares |= dict.fromkeys((OF_INFECTION, OF_TREATMENT), "0")
            rows.append((titles[name], *shares.values()))
        yield f"{words}, per 1,000 patients by month {tables.months:.4g} (Aalen-Johansen, {PREDICTION}):"
        yield table(("arm", *(CAUSE_TITLES[one] for one in CAUSES)), rows)


def since_table(since: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Hazard ratios by months since infection, for each event."""
    first = next(iter(since.values()))
    rows = []
    for at, row in first.iterrows():
        cells = [
            f"{ratio_words(Ratio(*one.loc[at, ['ratio', 'low', 'high']]))}; {one.loc[at, 'events']:.3g} and "
            f"{one.loc[at, 'without']:.3g}"
            for one in since.values()
        ]
        rows.append((f"{row['begin']:g} to {row['end']:g}", *cells))
    titles = {end.key: end.title for end in (FOUND, RECORDED, DEATH)}
    yield table(("months since infection", *(titles[key] for key in since)), rows)
    yield (
        f"HR (interval); events per 1,000 infected patients, with and without infection ({PREDICTION}). Both twins are "
        "followed from the day of the infection. A ratio for a later period compares the patients still followed at "
        "that time, and these are no longer alike in the two arms (Hernan 2010, doi:10.1097/EDE.0b013e3181c1ea43). In "
        "the registries, the effect is strongest in the first months."
    )
