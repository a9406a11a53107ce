import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from abm.dashboard.live.frames import OVERLAYS
from abm.plots.timeline import bars, differences
from abm.replay import page
from abm.replay.bundle import bundled
from abm.replay.film import RenderError, overlay_named
from abm.replay.page import replay_page
from abm.replay.recording import record
from abm.scenario.catalog import hypothesis_paths
from abm.scenario.read import load_arms, load_scenario
from tests.replay.conftest import small_film

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>@@TOLD@@'


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(film):
    text = replay_page(film)
    assert replay_page(small_film()) == text
    assert replay_page(small_film(seed=10)) != text


def test_nothing_in_the_file_is_loaded_from_elsewhere(film):
    text = replay_page(film)
    found = set(
        re.findall(
            r'(?:src|href|url)\s*[=(]\s*["\']?([^"\')\s>]+)', re.sub(r"<script>.*?</script>", "", text, flags=re.S)
        )
    )
    elsewhere = {link for link in found if not link.startswith("data:")}  # what stands in the file itself
    assert elsewhere == {"https://doi.org/10.1038/s41586-025-09332-0"}
    assert "default-src 'none'" in text
    assert "unsafe" not in text.partition("</head>")[0].partition("Content-Security-Policy")[2][:400]


def test_titles_with_markup_stay_text(film):
    first, second = film.arms
    scenario = replace(first.scenario, title=HOSTILE, story=HOSTILE, expect=HOSTILE)
    text = replay_page(replace(film, arms=(replace(first, scenario=scenario), second)), title=HOSTILE)
    assert text.count("<script>") == 1
    assert "<img" not in text
    assert text.count("</script>") == 2 + len(film.arms)


def test_the_file_names_paper_version_seed_and_what_it_is_not(film):
    text = replay_page(film)
    for said in (
        "10.1038/s41586-025-09332-0",
        "Nature 645",
        f"results version {film.results}",
        f"seed {film.seed}",
        "not medical advice",
    ):
        assert said in text
    assert text.count('class="badge">prediction<') == 1


def test_a_film_too_large_is_refused_with_an_interval_that_fits(film, monkeypatch):
    monkeypatch.setattr(page, "LARGEST", 100_000)
    with pytest.raises(RenderError, match=r'allowed: 0.1 MB. .*--every "\d+ h"'):
        replay_page(film)


def test_a_bundle_gives_each_module_a_scope_of_its_own(tmp_path):
    (tmp_path / "one.js").write_text(
        "const SIDE = 2;\nexport const A = 1, B = [SIDE, 3];\nexport function f(x) {\n  return x;\n}\n"
    )
    (tmp_path / "two.js").write_text('import { A, f } from "./one.js";\nconst SIDE = f(A);\nexport class Two {}\n')
    text = bundled(tmp_path / "two.js")
    assert text.index("one = (() =>") < text.index("two = (() =>")
    assert "return { A, B, f };" in text
    assert not re.search(r"^(import|export)", text, re.MULTILINE)


def test_a_form_of_import_that_a_bundle_does_not_know_is_refused(tmp_path):
    (tmp_path / "one.js").write_text('import * as two from "./two.js";\n')
    with pytest.raises(ValueError, match=r"one\.js"):
        bundled(tmp_path / "one.js")


def test_no_module_of_the_replay_sets_a_style_attribute_which_its_policy_forbids():
    for path in (Path(page.STATIC)).glob("*.js"):
        assert not re.search(r"\bstyle: ", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no_virus", []),
        ("influenza_blockade", [(0.0, 0.0, "influenza"), (24.0, 672.0, "anti-IL-6 (MP5-20F3)")]),
        ("il6_knockout", [(0.0, 0.0, "influenza"), (0.0, 672.0, "IL-6 knockout")]),
        ("vaccinated", [(0.0, 0.0, "influenza"), (0.0, 672.0, "vaccination, 28 d before")]),
        ("seeding_after_influenza", [(0.0, 0.0, "influenza"), (720.0, 720.0, "cancer cells")]),
    ],
)
def test_treatments_are_bars_and_infections_are_marks(name, expected):
    assert [tuple(bar) for bar in bars(load_scenario(name))] == expected


def test_what_differs_from_the_defaults_is_listed():
    groups = {group[0]: group[1:] for group in differences(load_scenario("seeding_after_influenza"))}
    assert groups["Parameters"] == ["dormancy.founders = 0 cell (default 20)"]
    assert "Treatments" in groups
    assert any("2 mm x 2 mm" in line for line in groups["Set-up"])


def test_a_substance_of_a_scenario_is_offered_as_overlay_and_as_curve():
    arms = load_arms([str(hypothesis_paths()["il17a"])], 1, "400um")
    name = overlay_named("IL-17A", arms)
    text = replay_page(record(arms, 1, 12.0, ("il6", name)), overlay=name)
    told = json.loads(re.search(r'id="told">(.*?)</script>', text)[1])
    assert told["shownOverlay"] == name
    assert told["overlays"] == ["il6", name]
    assert (
        next(chart for chart in told["facts"]["charts"] if chart["title"] == "Substances")["choices"][name] == "IL-17A"
    )
    assert f"curve.{name}" in {array["name"] for array in told["arms"][0]["arrays"]}


def test_the_replay_offers_only_fields_that_it_holds(film):
    assert set(film.arms[0].frames[0].fields) == {"il6", "virus"} <= set(OVERLAYS)
