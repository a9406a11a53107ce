"""The first page of the report, for patients and patient organisations: what this is not, the question, the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from abm.cohort.analysis import CANCER, DEATH, FOUND, INFECTED, NONE, Tables
from abm.cohort.pages.words import PREDICTION, more_or_fewer, people, per_thousand, titles_of
from abm.cohort.plan import Cohort
from abm.cohort.statistics.benefit import harms, prevented
from abm.cohort.statistics.ratios import Ratio
from abm.cohort.statistics.shares import share_with

NOT_ADVICE = (
    "**A research and teaching model, not medical advice.** Nobody should start, stop or change a treatment because of "
    f"this page. Every number below is a {PREDICTION} of a computer simulation. None was measured in people."
)
IS_NOT = """\
**What this is not**

- It is not about you, or about any real person. The patients here exist only in a computer.
- It is not proof. Experiments in mice showed that an infection of the airways can awaken dormant cancer cells in the
  lung. Two patient registries point in the same direction (Chia et al. 2025, doi:10.1038/s41586-025-09332-0).
- It is not a trial. No treatment named here has been tested in people for this purpose.
- Much is unknown and had to be assumed: how many dormant cells people carry, how much of the lung an infection
  reaches, and what makes a group of cells grow permanently."""
CANNOT = """\
**What it cannot say**

- Whether the effects have the right size. They follow from the assumptions listed below; other plausible assumptions
  give different sizes.
- What would happen to one person. It compares groups.
- How real doctors, tests and patients' choices would change the result.

"Between ... and ..." is the range in which the number would fall in 95 of 100 simulations with other simulated
patients. It does not include errors of the model, and it is not the range that a trial would have."""


def first_page(cohort: Cohort, tables: Tables, since: pd.DataFrame | None) -> Iterator[str]:
    """Paragraphs of the first page.

    Args:
        cohort: the cohort.
        tables: its results.
        since: hazard ratios of a found metastasis by months since infection; None where nobody is infected.
    """
    who = people(tables)
    yield "## In plain words"
    yield IS_NOT
    yield "**What was asked**"
    yield (
        f"{cohort.story} Each of {len(tables.patients):,} simulated {who} was followed for {tables.months:.4g} months "
        f"several times: without an infection, with one under usual care{_policies(cohort)}. It is the same person "
        "with the same luck each time."
    ).lstrip()
    yield f"**What was found** (all numbers: {PREDICTION})"
    yield f"Of 1,000 {who} within {tables.months:.4g} months:"
    yield "\n".join(_arms(tables, titles_of(cohort)))
    if tables.infected.any():
        yield f"Of 1,000 {who} who are infected within this time:"
        yield "\n".join(_changes(tables, titles_of(cohort)))
    else:
        yield "**Nobody is infected in this cohort**, so nothing can be said about infection and its treatment."
    if since is not None:
        yield _timing(since)
    yield CANNOT


def _policies(cohort: Cohort) -> str:
    titles = [f'"{policy.title}"' for policy in cohort.policies]
    return f", and with one under {' or '.join(titles)}" if titles else ""


def _arms(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    for name in (NONE, INFECTED):
        found, cancer, death = (share_with(tables.follow(name, end).event) for end in (FOUND, CANCER, DEATH))
        yield (
            f"- **{titles[name]}:** a metastasis in the lung is found in {_between(found)}; {_between(cancer)} die of "
            f"cancer; {_between(death)} die of any cause. ({PREDICTION})"
        )


def _changes(tables: Tables, titles: dict[str, str]) -> Iterator[str]:
    infection = [more_or_fewer(_turned(prevented(tables, NONE, end))) for end in (FOUND, CANCER, DEATH)]
    yield f"- **The infection, compared with none:** {_outcomes(infection)}. ({PREDICTION})"
    for name in tables.policies:
        words = _outcomes([more_or_fewer(prevented(tables, name, end)) for end in (FOUND, CANCER, DEATH)])
        for what, share in harms(tables, name).items():
            if share.value != 0.0:
                words += f"; {more_or_fewer(_turned(share))} who are {what}"
        yield f"- **{titles[name]}, compared with usual care:** {words}. ({PREDICTION})"


def _outcomes(differences: Sequence[str]) -> str:
    found, cancer, death = differences
    return f"{found} with a metastasis found; {cancer} who die of cancer; {death} who die of any cause"


def _turned(difference: Ratio) -> Ratio:
    """The same difference, seen from the other arm."""
    return Ratio(-difference.value, -difference.high, -difference.low)


def _timing(since: pd.DataFrame) -> str:
    known = since.dropna(subset=["ratio"])
    if known.empty:
        return "Too few metastases were found to say when after the infection they are most frequent."
    clear = known[known["low"] > 1.0]
    if clear.empty:
        return (
            "The two registries report the strongest effect in the first months after the infection. In this "
            "simulation, no period stands out from chance."
        )
    most = clear.loc[clear["ratio"].idxmax()]
    return (
        "The two registries report the strongest effect in the first months after the infection. In this simulation, "
        f"the effect is largest {most['begin']:g} to {most['end']:g} months after the infection: metastases are then "
        f"found at {most['ratio']:.2g} times the rate in the same patients without infection. ({PREDICTION})"
    )


def _between(share: tuple[float, float, float]) -> str:
    return per_thousand(*share).replace("(", "(between ").replace(" to ", " and ")
