"""Prose, help texts and docstrings use plain words; names of files, modules and classes in them are right."""

import ast
import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from abm.cli.main import app
from tests.words import (
    KNOWN,
    ROOT,
    doubled_classes,
    faults,
    known,
    modules,
    pages,
    unclean_modules,
    unclean_pages,
)

COMMANDS = sorted(get_command(app).commands)
UPDATE = f"; `python -m tests.words` writes {KNOWN.relative_to(ROOT)} anew"
PATH = re.compile(r"(?<![\w/.-])((?:abm|tests|benchmarks|docs|scenarios|examples)/[\w./-]*\w)")
DOTTED = re.compile(r"`(abm(?:\.\w+)+)")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
TERM = re.compile(r"^- \*\*([^*]+)\*\*", re.MULTILINE)


def test_no_new_page_has_a_word_that_embers_avoids():
    found = {path.name: list(faults(path.read_text(encoding="utf-8"))) for path in pages()}
    left = known()["pages"]
    assert {name: words for name, words in found.items() if words and f"docs/{name}" not in left} == {}
    assert unclean_pages() == left, f"pages that are clean now leave the list{UPDATE}"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_help_text_has_a_word_that_embers_avoids(command):
    text = CliRunner().invoke(app, [*filter(None, [command]), "--help"], prog_name="embers").output
    assert list(faults(text)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.toml")), ids=lambda path: path.stem)
def test_no_packaged_scenario_has_a_word_that_embers_avoids(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    comments = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    for text in (comments, *(table.get(key, "") for key in ("title", "story", "expect"))):
        assert list(faults(text)) == []


def test_no_further_module_has_a_word_that_embers_avoids_in_a_docstring():
    found, left = unclean_modules(), known()["modules"]
    assert sorted(set(found) - set(left)) == [], "rewrite these docstrings"
    assert found == left, f"modules that are clean now leave the list{UPDATE}"


def test_no_further_two_classes_share_a_name():
    found, left = doubled_classes(), known()["doubled classes"]
    assert {name: count for name, count in found.items() if count > left.get(name, 1)} == {}, "rename these classes"
    assert found == left, f"names that are unique now leave the list{UPDATE}"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("cells are asleep", True),
        ("The model is held against\nmice.", True),
        ("one row a run", True),
        ("`cytotoxicity.cd8_proliferating_cancer`", False),
        ("awakening, awakened", False),
        ("two runs a day apart", False),
    ],
)
def test_the_words_are_found_as_whole_words_outside_of_code(text, seen):
    assert bool(list(faults(text))) is seen


def test_the_readme_names_every_command():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"`embers {command}" not in text] == []


# ---- names in prose --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_every_path_and_link_on_a_page_exists(page):
    text = page.read_text(encoding="utf-8")
    named = {ROOT / name for name in PATH.findall(text)} | {page.parent / name for name in LINK.findall(text)}
    assert sorted(str(path) for path in named if not path.exists()) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_every_module_or_name_of_the_package_on_a_page_exists(page):
    assert [name for name in DOTTED.findall(page.read_text(encoding="utf-8")) if not _exists(name)] == []


def _exists(name):
    """Whether a dotted name is a module, or stands in one; also where the module exports it from elsewhere."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        module = ".".join(parts[:count])
        try:
            spec = find_spec(module)
        except ModuleNotFoundError:
            continue
        if spec is not None:
            rest = parts[count : count + 1]
            return not rest or re.search(rf"\b{rest[0]}\b", _source(spec)) is not None
    return False


def _source(spec):
    return Path(spec.origin).read_text(encoding="utf-8")


def test_the_glossary_is_in_alphabetical_order_with_one_sentence_per_term():
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    terms = TERM.findall(text)
    assert len(terms) >= 60
    assert [term.lower() for term in terms] == sorted(term.lower() for term in terms)
    entries = [line for line in text.splitlines() if line.startswith("- ")]
    assert [line for line in entries if not line.endswith(".") or ". " in line.replace("(*assumed*).", "")] == []


def test_readme_and_model_page_link_the_glossary():
    for name in ("README.md", "docs/model.md", "CONTRIBUTING.md"):
        assert "glossary.md" in (ROOT / name).read_text(encoding="utf-8"), name


def test_every_module_has_a_docstring_that_ends_a_sentence():
    def head(path):
        return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]

    assert [str(path) for path in modules() if not head(path).rstrip().endswith((".", ":"))] == []
