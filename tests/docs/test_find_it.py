"""A newcomer's ten questions: from the README, each is answered within two clicks, or by one command."""

import re

import pytest
from typer.testing import CliRunner

from abm.cli.main import app
from tests.docs.blocks import ROOT

DOCS = ROOT / "docs"
ROWS = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (DOCS / "find-it.md").read_text(encoding="utf-8"), re.MULTILINE))
ANSWERS = {  # words of the question: what its first page must say
    "image of my own section": ('layout = "mine.png"', "MASK_COLORS"),
    "diffusion of IL-6": ("[parameters.substances.il6]", 'diffusion = "18000 um^2/h"'),
    "columns mean": ("`peak_infected`", "`section_clones`", "`cells_per_seeded`"),
    "Plot one arm": ('arm="influenza"', "savefig"),
    "SLURM": ("#SBATCH --array", '--shard "$SLURM_ARRAY_TASK_ID/100"', "afterany"),
    "a guess": ("*fitted*", "**FAILED**", "*cannot be run*"),
    "Cite": ("CITATION.cff", "10.1038/s41586-025-09332-0"),
    "Add a rule": ("with_rule", "with_substance"),
    "Export": ("Parquet", "to_xarray", "to_csv"),
    "Resume": ("same command again", "`embers status STUDY`", "--save-at"),
}


def section(page: str, anchor: str) -> str:
    """A page, or what stands below the heading with this anchor."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if not anchor:
        return text
    for level, title, body in re.findall(r"^(#+) (.*)\n((?:(?!^#+ ).*\n?)*)", text, re.MULTILINE):
        if level and re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") == anchor:
            return body
    raise AssertionError(f"{page} has no heading #{anchor}")


def test_the_readme_and_the_first_page_lead_to_the_questions():
    assert "(docs/find-it.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "find-it" in (DOCS / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("question", "told"), ANSWERS.items())
def test_the_answer_is_on_the_first_page_that_a_question_links(question, told):
    (row,) = [answer for asked, answer in ROWS.items() if question in asked]
    page, _, anchor = re.search(r"\]\(([^)]+)\)", row)[1].partition("#")
    text = section(page, anchor)
    assert [words for words in told if words not in text] == []


def test_one_command_shows_name_unit_range_and_confidence_of_a_number():
    text = CliRunner().invoke(app, ["describe", "il6.diffusion"]).output
    assert "parameters.substances.il6.diffusion = 36000 um^2/h" in text
    assert re.search(r"\d+ to \d+ um\^2/h; (measured|fitted|peer|assumed)", text)
