"""The bibliography as a page of the docs: `python -m tests.update_sources` writes docs/sources.md."""

from collections.abc import Iterator
from pathlib import Path

from abm.cohort.death import Death
from abm.cohort.disease import Disease
from abm.cohort.host import Host
from abm.core.quantity import declared
from abm.rules.parameters import Parameters
from abm.rules.sources import SOURCES, bracketed
from abm.scenario.describe import drugs

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sources.md"
HEAD = """\
# Sources

The sources that parameters and drugs cite. `embers describe NAME` shows what each takes from its
sources; the bibliography is `abm/rules/sources.py`.

| source | DOI | parameters and drugs |
|---|---|---|
"""


def page() -> str:
    """The page as it should be."""
    return HEAD + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    of_patients = (*declared(Disease(), "disease."), *declared(Death(), "death."), *declared(Host(), "host_laws."))
    texts = {item.name: item.quantity.source for item in (*declared(Parameters()), *of_patients)}
    texts |= {name: drug.source for entry in drugs() for name, drug in entry.known.items()}
    for key, source in SOURCES.items():
        names = ", ".join(f"`{name}`" for name, text in texts.items() if key in bracketed(text))
        doi = f"[{source.doi}]({source.link})" if source.doi else f"none: {source.no_doi}"
        bold = f"**{key}**"
        cited = source.citation.replace(key, bold, 1) if key in source.citation else f"{bold} {source.citation}"
        yield f"| {cited} | {doi} | {names} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
