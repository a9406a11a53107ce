"""The report of a cohort: Markdown, one HTML file with its pictures inside, and lines for the terminal."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from abm.cohort.analysis import (
    INFECTED,
    NONE,
    REGISTRY,
    Tables,
    benefit,
    by_scale,
    hazard_since,
    predictors,
    scales_within,
    survival,
)
from abm.cohort.cohort_file import assumptions
from abm.cohort.figures import counted_at, draw_all
from abm.cohort.plan import Cohort
from abm.cohort.ratios import FEW, hazard_ratio, odds_ratio, risk_ratio
from abm.rules.sources import references
from abm.runs.progress import Show
from abm.runs.provenance import circumstances, stamp
from abm.runs.store.files import storage, write_text

NOT_ADVICE = (
    "**A research and teaching model, not medical advice.** Everything here that was not tested in people or mice is "
    "a *prediction*, including every number below. The mechanism was shown in mice (Chia et al. 2025, "
    "doi:10.1038/s41586-025-09332-0). The number of dormant cells in people, the share of the lung that an infection "
    "reaches, and the cause of the permanent growth of a clone are unknown."
)
CAPTIONS = {
    "survival": "Kaplan-Meier curves with 95 % intervals (log-log) and numbers at risk.",
    "hazard": "Rates since infection, and rates of the same patients without infection, from the same day.",
    "benefit": "Each patient is compared with their own twin under usual care.",
    "scale": "A section represents the part of the lung that the infection reaches; the factor multiplies this part.",
}


def titles_of(cohort: Cohort) -> dict[str, str]:
    """Titles of all arms, by name."""
    usual = {NONE: "No infection", INFECTED: "Infection, usual care"}
    return usual | {policy.name: policy.title for policy in cohort.policies}


def write(cohort: Cohort, tables: Tables, folder: Path, show: Show, uncertainty: str = "") -> list[str]:
    """Write figures, `report.md` and `report.html`; gives lines for the terminal.

    Args:
        cohort: what was run.
        tables: what came out.
        folder: of the cohort.
        show: reporter of progress.
        uncertainty: tables of chance and parameters in Markdown; empty without parameter sets.

    Raises:
        StorageError: no room, no right to write.
    """
    with storage(folder), show.spinner("drawing and writing the report"):
        figures = draw_all(tables, titles_of(cohort), folder / "figures")
        text = "\n\n".join(_parts(cohort, tables, figures, uncertainty)) + "\n"
        write_text(folder / "report.md", text)
        write_text(folder / "report.html", _as_html(text, cohort.title, folder))
    return [*_headline(cohort, tables), "For research and teaching, not medical advice; all results are predictions."]


def _headline(cohort: Cohort, tables: Tables) -> list[str]:
    titles = titles_of(cohort)
    lines = []
    for name in tables.names:
        rows = tables.arm(name)
        lines.append(f"{titles[name]:<40} {int(rows['event'].sum()):>6} of {len(rows)} with a found metastasis")
    ratio = hazard_ratio(tables.arm(INFECTED), tables.arm(NONE))
    lines.append(f"hazard ratio of infection: {ratio.text}; registry 1.44 (1.01 to 2.05): direction, not a fit")
    for policy in cohort.policies:
        lines.append(f"{policy.title}: number needed: {benefit(tables, policy.name).needed_to_treat}")
    return lines


def _parts(cohort: Cohort, tables: Tables, figures: Sequence[Path], uncertainty: str) -> Iterator[str]:
    told = circumstances()
    pictures = {path.stem: f"![{CAPTIONS[path.stem]}](figures/{path.name})" for path in figures}
    yield from (f"# {cohort.title}", NOT_ADVICE)
    yield f"{cohort.story} Expected: {cohort.expect}"
    yield (
        f"{len(tables.patients):,} patients, each simulated in {len(tables.names)} arms as twins, over "
        f"{tables.months:.0f} months, from seed {cohort.seed}. Written by `{told['command']}` on {told['time'][:10]}, "
        f"Embers {told['versions']['embers']}, {stamp(told)}."
    )
    yield "## Lung metastases"
    yield pictures["survival"]
    yield _table(*_ratios(cohort, tables))
    yield (
        "HR: Cox, variance robust to pairs (profile likelihood where few differ). RR: paired, profile likelihood. "
        "OR: as if unpaired, Woolf (exact where a count is below 5). All compared with the same patients without "
        f"infection. With fewer than {FEW} events in an arm, a ratio is uncertain. *Found* means by a scan or by "
        "symptoms: an arm with more scans finds lesions earlier without more disease."
    )
    yield "### Comparison with the registries: direction, not a fit"
    yield _registries(tables)
    yield pictures["scale"]
    yield _scale_table(tables)
    if "hazard" in pictures:
        yield "## Time since infection"
        yield pictures["hazard"]
        yield _since_table(cohort, tables)
    if "benefit" in pictures:
        yield "## Which patients benefit"
        yield pictures["benefit"]
        yield _table(*_benefits(cohort, tables))
        yield _told_predictors(cohort, tables)
    yield from ("## Uncertainty of the parameters", uncertainty) if uncertainty else ()
    yield "## What is assumed"
    yield _table(("what", "value", "source", "confidence"), [tuple(row) for row in assumptions(cohort)])
    yield "Sources:\n\n" + "\n".join(f"- {line}" for line in references(row[2] for row in assumptions(cohort)))
    yield _care_text(cohort)
    yield (
        f"Section: {cohort.scenario.width / 1000:g} mm x {cohort.scenario.height / 1000:g} mm with "
        f"{cohort.scenario.parameters.dormancy.founders:g} dormant cells. Each of its cells represents (dormant cells "
        "of the patient) x (share of the lung reached) / (dormant cells of the section) cells; the rest of the lung "
        "is at rest and enters by its mean. docs/cohorts.md lists the approximations of quiet time. Tables: "
        "patients, arms, scales (.parquet)."
    )


def _ratios(cohort: Cohort, tables: Tables) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    titles, none = titles_of(cohort), tables.arm(NONE)
    counted = counted_at(tables.months)
    rows: list[tuple[str, ...]] = []
    for name in tables.names:
        own = tables.arm(name)
        last = survival(own, counted)
        share = f"{100 * own['event'].mean():.1f} %"
        at_risk = ", ".join(str(number) for number in last["at_risk"])
        ratios = ("1", "1", "1")
        if name != NONE:
            ratios = (hazard_ratio(own, none).text, risk_ratio(own, none).text, odds_ratio(own, none).text)
        rows.append((titles[name], str(int(own["event"].sum())), share, at_risk, *ratios))
    months = ", ".join(f"{month:g}" for month in counted)
    heads = ("arm", "found", "share", f"at risk in months {months}", "HR", "RR", "OR")
    return heads, rows


def _registries(tables: Tables) -> str:
    one, other = tables.arm(INFECTED), tables.arm(NONE)
    rows = [
        ("hazard of lung metastasis, HR", "1.44 (1.01 to 2.05): Flatiron, 36,845 women, 52 months",
         hazard_ratio(one, other).text),
        ("odds, OR", "1.85 (1.14 to 3.02): UK Biobank, *death* from cancer, 487 and 4,350 survivors",
         f"{odds_ratio(one, other).text}, of a found lung metastasis"),
    ]  # fmt: skip
    lines = [_table(("what", "registry (direction, not a fit)", "simulated"), rows)]
    scales = by_scale(tables)
    for name in REGISTRY:
        within = scales_within(scales, name)
        _, low, high = REGISTRY[name]
        said = "for no simulated factor" if within is None else f"for factors of {within[0]:.2g} to {within[1]:.2g}"
        lines.append(
            f"The simulated {name} lies in the registry's interval ({low:g} to {high:g}) {said} on the share of the "
            "lung that infections reach."
        )
    return "\n\n".join(lines)


def _scale_table(tables: Tables) -> str:
    rows = [
        (f"{row.scale:g}", f"{100 * row.risk:.2f} %", f"{100 * row.risk_without:.2f} %",
         "-" if row.HR != row.HR else f"{row.HR:.3g} ({row.HR_low:.3g} to {row.HR_high:.3g})",
         "-" if row.OR != row.OR else f"{row.OR:.3g}")
        for row in by_scale(tables).itertuples()
    ]  # fmt: skip
    heads = ("factor on the share of lung reached", "found, infection", "found, none", "HR", "OR")
    return _table(heads, rows) + "\n\nThe escapes of each patient are drawn ten times."


def _since_table(cohort: Cohort, tables: Tables) -> str:
    titles = titles_of(cohort)
    names = [name for name in tables.names if name != NONE]
    parts = {name: hazard_since(tables, name) for name in names}
    rows = []
    for at, row in parts[names[0]].iterrows():
        cells = [
            f"{parts[name].loc[at, f'{name} rate']:.2f} ({parts[name].loc[at, f'{name} events']:.0f})" for name in names
        ]
        rows.append(
            (f"{row['begin']:g}-{row['end']:g}", f"{row[f'{NONE} rate']:.2f} ({row[f'{NONE} events']:.0f})", *cells)
        )
    heads = ("months since infection", "not infected", *(titles[name] for name in names))
    return "Found per 100 patient-years (events):\n\n" + _table(heads, rows)


def _benefits(cohort: Cohort, tables: Tables) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    rows: list[tuple[str, ...]] = []
    for policy in cohort.policies:
        one = benefit(tables, policy.name)
        rows.append((
            policy.title, f"{100 * one.spared:.1f} %", f"{100 * one.same:.1f} %", f"{100 * one.harmed:.1f} %",
            one.needed_to_treat, f"{one.gained:+.2f}",
            f"{100 * one.earlier:.1f} %, by {one.earlier_by:.1f} months" if one.earlier else "none",
        ))  # fmt: skip
    heads = ("policy", "helped", "not changed", "harmed", "number needed to treat", "months gained, mean",
             "found earlier, median")  # fmt: skip
    return heads, rows


def _told_predictors(cohort: Cohort, tables: Tables) -> str:
    lines = []
    for policy in cohort.policies:
        found = predictors(tables, policy.name)
        clear = found[(found["low"] > 0.0) | (found["high"] < 0.0)]
        said = "; ".join(f"{row.trait} ({row.rho:+.2f})" for row in clear.itertuples()) or "no trait known beforehand"
        lines.append(f"- {policy.title}: months gained correlate with {said}.")
    return "Rank correlations whose 95 % interval excludes 0:\n\n" + "\n".join(lines)


def _care_text(cohort: Cohort) -> str:
    def told(care: object) -> str:
        values = vars(care)
        return ", ".join(f"{name} = {value}" for name, value in values.items() if value)

    lines = [f"- usual care: {told(cohort.care)}"]
    lines += [f"- {policy.title}: {told(policy.care)}" for policy in cohort.policies]
    return "Care (times in hours from the infection):\n\n" + "\n".join(lines)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines)


def _as_html(text: str, title: str, folder: Path) -> str:
    """The same as one page that needs no other file."""
    from markdown import markdown

    body = markdown(text, extensions=["tables"])
    for path in (folder / "figures").glob("*.png"):
        data = base64.b64encode(path.read_bytes()).decode()
        body = body.replace(f'src="figures/{path.name}"', f'src="data:image/png;base64,{data}"')
    return _PAGE.format(title=html.escape(title), body=body)


_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
img {{ max-width: 100% }} table {{ border-collapse: collapse; font-size: 0.88rem; margin: 1rem 0 }}
th, td {{ border-bottom: 1px solid #ddd; padding: 0.3rem 0.7rem; text-align: left; vertical-align: top }}
p:nth-of-type(1) {{ background: #fff6d6; border-left: 4px solid #cc9a00; padding: 0.6rem 1rem }}
</style></head><body>
{body}
</body></html>
"""
