"""Pages that are made from the program are those of today: `python -m tests.update_docs` writes them."""

from importlib.metadata import PackageNotFoundError, distribution

import pytest

from abm.reporting.summary import SummaryRow
from abm.reporting.uncertainty import UncertaintyRow
from tests.docs import columns, dependencies
from tests.update_docs import PAGES, ROOT, readme

UPDATE = "run `python -m tests.update_docs`"


def test_the_page_of_columns_is_what_the_tables_declare():
    assert PAGES["docs/reference/columns.md"]() == (ROOT / "docs/reference/columns.md").read_text("utf-8"), UPDATE


def test_the_readme_counts_the_parameters_of_today():
    assert readme() == (ROOT / "README.md").read_text(encoding="utf-8"), UPDATE


def test_every_column_of_text_tables_is_explained():
    assert set(columns.SUMMARY) == set(SummaryRow._fields)
    assert set(columns.UNCERTAINTY) == set(UncertaintyRow._fields)
    written = (ROOT / "abm/validate/own_data/command.py").read_text(encoding="utf-8")
    assert f"table.writerow({list(columns.SCORE)})".replace("'", '"') in written
    written = " ".join((ROOT / "abm/cohort/trials/report.py").read_text(encoding="utf-8").split())
    assert f"heads = {tuple(columns.TRIAL)}".replace("'", '"') in written


# ---- dependencies --------------------------------------------------------------------------------------------------


def test_every_dependency_says_why_it_is_there():
    every = [one for own in dependencies.dependencies().values() for one in own]
    assert len(every) > 30
    assert [one.name for one in every if not one.why] == []


def test_the_page_of_dependencies_has_the_lines_of_pyproject():
    text = dependencies.PAGE.read_text(encoding="utf-8")
    for group, own in dependencies.dependencies().items():
        section = text.partition(f"## {dependencies.GROUPS[group]}\n")[2].partition("\n## ")[0]
        for one in own:
            assert f"| `{one.name}` | {one.versions or 'any'} | {one.why} |" in section, UPDATE
        assert section.count("\n| `") == len(own), UPDATE


def installed():
    """Each dependency that is installed here."""
    for own in dependencies.dependencies().values():
        for one in own:
            try:
                yield pytest.param(one.name, distribution(one.name), id=one.name)
            except PackageNotFoundError:
                continue


@pytest.mark.parametrize(("name", "found"), list(installed()))
def test_license_and_size_on_the_page_are_those_of_what_is_installed(name, found):
    known = dependencies.rows_of(dependencies.PAGE.read_text(encoding="utf-8"))
    license_, size = known[name]
    assert license_ == dependencies.license_of(found), UPDATE
    told, now = (0.5 if text == "< 1" else float(text) for text in (size, dependencies.size_of(found)))
    assert abs(told - now) <= max(2.0, 0.25 * now), UPDATE  # compiled files differ between versions of Python


def test_every_line_of_the_page_knows_its_license():
    known = dependencies.rows_of(dependencies.PAGE.read_text(encoding="utf-8"))
    assert [name for name, (license_, _) in known.items() if license_ in (dependencies.UNKNOWN, "not stated")] == []
