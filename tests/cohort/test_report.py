"""Report and figures, written from tables with known laws."""

import matplotlib
import numpy as np
import pytest
from rich.console import Console

from abm.cohort.analysis import FOUND, INFECTED, NONE
from abm.cohort.drawings.benefit import benefit_figure
from abm.cohort.drawings.survival import survival_figure
from abm.cohort.pages.html import as_html
from abm.cohort.pages.words import more_or_fewer, per_thousand, titles_of
from abm.cohort.parameter_sets import numbers_of
from abm.cohort.report import write
from abm.cohort.statistics.benefit import predictors
from abm.cohort.statistics.ratios import Ratio, hazard_ratio
from abm.cohort.statistics.shares import share_with
from abm.plots.figures import STYLE
from abm.runs.progress import Show
from tests.cohort.patients import BLOCKADE, SCANS, small
from tests.cohort.synthetic import made, tables

VISIBLE = {NONE: 0.004, INFECTED: 0.008, "block": 0.005, "scan": 0.008}
DEATHS = {name: {"infection": 0.001 if name != NONE else 0.0, "other": 0.002} for name in VISIBLE}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report: cohort, tables, folder, lines."""
    cohort, folder = small(BLOCKADE + SCANS), tmp_path_factory.mktemp("cohort")
    found = made(
        150, 4, symptoms=0.03, visible=VISIBLE, deaths=DEATHS, scans=dict.fromkeys(VISIBLE, 12.0) | {"scan": 4.0}
    )
    return cohort, found, folder, write(cohort, found, folder, Show(Console(quiet=True)))


def test_a_report_says_first_what_it_is_not_and_marks_its_numbers(written):
    _, _, folder, lines = written
    text, page = ((folder / f"report.{kind}").read_text(encoding="utf-8") for kind in ("md", "html"))
    for part in (text, page, "\n".join(lines)):
        assert "not medical advice" in part
        assert "direction, not a fit" in part
    heads = [line for line in text.splitlines() if line.startswith(("#", "**What"))]
    assert heads[1:4] == ["## In plain words", "**What this is not**", "**What was asked**"]
    plain = text.split("## Details")[0]
    bullets = [line for line in plain.splitlines() if line.startswith("- **")]
    assert len(bullets) == 5
    assert all(line.endswith("(*prediction*)") for line in bullets)
    assert "1.44 (1.01 to 2.05)" in text
    assert "1.85 (1.14 to 3.02)" in text
    assert page.count("data:image/png;base64,") == len(list((folder / "figures").glob("*.png"))) == 5


def test_the_plain_page_has_few_long_words_and_no_jargon(written):
    plain = (written[2] / "report.md").read_text(encoding="utf-8").split("## Details")[0]
    for word in ("hazard", "Kaplan", "cluster", "interval", "odds", "cohort", "censored"):
        assert word not in plain.lower().replace("kaplan", "Kaplan"), word


def test_table_figure_and_summary_have_the_same_numbers(written):
    cohort, found, folder, lines = written
    text = (folder / "report.md").read_text(encoding="utf-8")
    for name, title in titles_of(cohort).items():
        words = per_thousand(*share_with(found.follow(name, FOUND).event))
        assert f"| {title} | {words} |" in text
        assert any(line.startswith(title) and words in line for line in lines)
    ratio = hazard_ratio(found.follow(INFECTED, FOUND), found.follow(NONE, FOUND)).text
    assert text.count(ratio) >= 2
    assert any(ratio in line for line in lines)
    with matplotlib.rc_context(STYLE):
        panels = survival_figure(found, titles_of(cohort)).axes
    axes = next(one for one in panels if "found" in one.get_title(loc="left"))
    ends = [line.get_ydata()[-1] for line in axes.get_lines() if line.get_label() in titles_of(cohort).values()]
    expected = [100 * share_with(found.follow(name, FOUND).event)[0] for name in found.names]
    assert ends == pytest.approx(expected)


def test_a_cohort_without_infection_or_policies_has_a_report(tmp_path):
    found = tables({NONE: [None] * 5, INFECTED: [None] * 5}, first=np.nan)
    found.arms["size"], found.arms["occult"] = 5.0, 0
    lines = write(small(""), type(found)(found.patients, found.arms, 52.0), tmp_path, Show(Console(quiet=True)))
    assert any("not defined" in line for line in lines)
    assert sorted(path.stem for path in (tmp_path / "figures").iterdir()) == ["deaths", "survival"]


@pytest.mark.parametrize("patients", [1, 2])
@pytest.mark.parametrize("factor", [1e-9, 1.0, 400.0])
def test_one_or_two_patients_have_a_report_and_numbers_with_and_without_events(patients, factor, tmp_path):
    visible = {name: factor * hazard for name, hazard in VISIBLE.items()}
    found = made(patients, 3, visible=visible, symptoms=0.3, deaths={INFECTED: {"infection": 0.01 * factor}})
    assert write(small(BLOCKADE + SCANS), found, tmp_path, Show(Console(quiet=True)))
    assert f"**Unfinished: {patients} of 4 patients.**" in (tmp_path / "report.md").read_text(encoding="utf-8")
    rows = list(numbers_of(found))
    assert {row.n for row in rows} == {patients}
    assert all(row.low < row.high for row in rows if np.isfinite(row.value))


def test_each_policy_has_its_own_place_in_the_figure_of_benefit():
    rng = np.random.default_rng(3)
    harmed = rng.permutation(40) < 20
    by_reach = [None if reach > 0.5 else 10.0 for reach in np.linspace(0, 1, 40)]
    found = tables({NONE: [None] * 40, INFECTED: [10.0] * 40, "one": by_reach, "other": np.where(harmed, 10.0, np.nan)})
    found.patients["burden"] = np.where(harmed, 1.0, 2.0) + rng.uniform(0, 0.1, 40)
    with matplotlib.rc_context(STYLE):
        bottom = benefit_figure(found, {name: name for name in found.names}).axes[1]
    labels = [text.get_text() for text in bottom.get_yticklabels()]
    assert labels[0] == "share of the lung reached"
    x, y = bottom.containers[1].lines[0].get_data()
    row = labels.index("dormant cells")
    assert x[np.argmin(np.abs(np.asarray(y) - row))] == pytest.approx(predictors(found, "other")["rho"].iloc[0])


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ((0.03, 0.02, 0.04), "30 fewer (20 to 40)"),
        ((-0.03, -0.04, -0.02), "30 more (20 to 40)"),
        ((0.03, -0.02, 0.04), "30 fewer (from 20 more to 40 fewer: not clear)"),
        ((-0.03, -0.04, 0.02), "30 more (from 20 fewer to 40 more: not clear)"),
        ((0.0, -0.004, 0.002), "no difference (at most 4)"),
    ],
)
def test_a_difference_in_natural_frequencies(difference, words):
    assert more_or_fewer(Ratio(*difference)) == words


def test_what_looks_like_html_in_a_title_is_shown_and_not_run(tmp_path):
    page = as_html('# A\n\n"<script>alert(1)</script>"', "A", tmp_path)
    assert "<script" not in page
    assert "&lt;script>" in page or "&lt;script&gt;" in page
