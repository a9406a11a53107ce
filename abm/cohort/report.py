"""The report of a cohort: Markdown, one HTML file with embedded figures, and lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from abm.cohort.analysis import FOUND, INFECTED, NONE, RECORDED, Tables
from abm.cohort.assumptions import assumptions
from abm.cohort.drawings.since_infection import SHOWN
from abm.cohort.figures import draw_all
from abm.cohort.pages.first_page import NOT_ADVICE, first_page
from abm.cohort.pages.html import as_html
from abm.cohort.pages.outcomes import cohort_tables, death_tables, ratio_tables, since_table, survival_tables
from abm.cohort.pages.policies import benefit_tables, net_benefit_text
from abm.cohort.pages.words import REGISTRIES_ARE, per_thousand, registry_words, table, titles_of
from abm.cohort.plan import Cohort
from abm.cohort.statistics.benefit import number_needed, prevented
from abm.cohort.statistics.ratios import hazard_ratio, odds_ratio
from abm.cohort.statistics.shares import share_with
from abm.cohort.statistics.since_infection import ratios_since
from abm.rules.sources import references
from abm.runs.progress import Show
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text

Since = dict[str, pd.DataFrame]
CAPTIONS = {
    "survival": "Metastases found and patients alive, with 95 % intervals and numbers at risk.",
    "deaths": "Deaths by cause in each arm, per 1,000 patients.",
    "since_infection": "Hazard ratios by months since infection, compared with uninfected twins from the same day.",
    "benefit": "Each patient compared with their own twin under usual care, and what predicts the months gained.",
    "net_benefit": "Net benefit of treating all, none, or those at high predicted risk.",
}


def write(
    cohort: Cohort, tables: Tables, folder: Path, show: Show, uncertainty: str = "", registries: str = ""
) -> list[str]:
    """Write figures, `report.md` and `report.html`; return lines for the terminal.

    Args:
        cohort: the cohort.
        tables: its results.
        folder: of the cohort.
        show: reporter of progress.
        uncertainty: tables of chance and parameters in Markdown; empty without parameter sets.
        registries: the section on the registries in Markdown; empty without `--calibrate registries`.

    Raises:
        StorageError: the disk is full or not writable.
    """
    since = {end.key: ratios_since(tables, INFECTED, end) for end in SHOWN} if tables.infected.any() else {}
    with storage(folder), show.spinner("writing the report and figures"):
        figures = draw_all(tables, titles_of(cohort), since, folder / "figures")
        text = "\n\n".join(_parts(cohort, tables, since, figures, (registries, uncertainty))) + "\n"
        write_text(folder / "report.md", text)
        write_text(folder / "report.html", as_html(text, cohort.title, folder))
    return [*_headline(cohort, tables), "For research and teaching, not medical advice; all results are predictions."]


def _headline(cohort: Cohort, tables: Tables) -> list[str]:
    titles, lines = titles_of(cohort), ["Metastases found and deaths recorded as from cancer, per 1,000 patients:"]
    for name in tables.names:
        found, deaths = (share_with(tables.follow(name, end).event) for end in (FOUND, RECORDED))
        lines.append(f"{titles[name]:<40} {per_thousand(*found):>20} {per_thousand(*deaths):>20}")
    hazard = hazard_ratio(*(tables.follow(name, FOUND) for name in (INFECTED, NONE)))
    odds = odds_ratio(*(tables.follow(name, RECORDED) for name in (INFECTED, NONE)))
    lines.append(f"hazard ratio of metastases found after infection: {hazard.text}; registry {registry_words('HR')}")
    lines.append(f"odds ratio of cancer death, as recorded: {odds.text}; registry {registry_words('OR')}")
    lines.append(REGISTRIES_ARE)
    if tables.infected.any():
        for name in tables.policies:
            lines.append(f"{titles[name]}, per metastasis prevented: {number_needed(prevented(tables, name, FOUND))}")
    return lines


def _parts(
    cohort: Cohort, tables: Tables, since: Since, figures: Sequence[Path], sections: tuple[str, str]
) -> Iterator[str]:
    titles = titles_of(cohort)
    pictures = {path.stem: f"![{CAPTIONS[path.stem]}](figures/{path.name})" for path in figures}
    yield from (f"# {cohort.title}", NOT_ADVICE)
    if len(tables.patients) < cohort.patients:
        yield f"**Unfinished: {len(tables.patients):,} of {cohort.patients:,} patients.**"
    yield from first_page(cohort, tables, since.get(FOUND.key))
    yield "## Details for epidemiologists"
    yield _made(cohort, tables)
    yield from cohort_tables(tables, titles)
    yield from ("### Metastases found, and survival", pictures["survival"])
    yield from survival_tables(tables, titles)
    yield "### Ratios"
    yield from ratio_tables(tables, titles)
    yield from ("### Deaths by cause", pictures["deaths"])
    yield from death_tables(tables, titles)
    if since:
        yield from ("### Time since infection", pictures["since_infection"])
        yield from since_table(since)
    if "benefit" in pictures:
        yield from ("### Benefit and harm of policies", pictures["benefit"])
        yield from benefit_tables(tables, titles)
    if "net_benefit" in pictures:
        yield from ("### Net benefit", pictures["net_benefit"])
        yield from net_benefit_text(tables)
    registries, uncertainty = sections
    yield from (registries,) if registries else ()
    yield from ("### Uncertainty of the parameters", uncertainty) if uncertainty else ()
    yield from _assumed(cohort)


def _made(cohort: Cohort, tables: Tables) -> str:
    told = circumstances()
    expected = f"Expectation before the simulation: {cohort.expect}\n\n" if cohort.expect else ""
    return (
        f"{expected}{len(tables.patients):,} patients, each simulated in "
        f"{len(tables.names)} arms as twins, with {tables.turns} random draws, over {tables.months:.4g} months, "
        f"from seed {cohort.seed}. Written by `{told['command']}` on {told['time'][:10]}, Embers "
        f"{told['versions']['embers']}, {stamp(told)}."
    )


def _assumed(cohort: Cohort) -> Iterator[str]:
    rows = [tuple(row) for row in assumptions(cohort)]
    yield "## Assumptions"
    yield table(("what", "value", "source", "confidence"), rows)
    yield "Sources:\n\n" + "\n".join(f"- {line}" for line in references(row[2] for row in rows))
    yield _care_text(cohort)
    yield (
        f"Section: {cohort.scenario.width / 1000:g} mm x {cohort.scenario.height / 1000:g} mm with "
        f"{cohort.scenario.parameters.dormancy.founders:g} dormant cells. docs/cohorts.md lists the approximations of "
        "quiet time, and how a section represents a lung. Tables: patients and arms (.parquet)."
    )


def _care_text(cohort: Cohort) -> str:
    def told(care: object) -> str:
        return ", ".join(f"{name} = {value}" for name, value in vars(care).items() if value)

    lines = [f"- usual care: {told(cohort.care)}"]
    lines += [f"- {policy.title}: {told(policy.care)}" for policy in cohort.policies]
    return "Care (times in hours from the infection):\n\n" + "\n".join(lines)
