import numpy as np
import pandas as pd
import pytest

from abm.inference.sensitivity import analyze, variance_shares
from abm.inference.sensitivity_report import figure_of, paragraph, write
from abm.runs.errors import SweepError
from abm.studies.sweep.outcome import MeasureAtTime, outcome_of, values
from abm.studies.sweep.results import open_sweep
from tests.commands import embers
from tests.studies.studies import run, small

STUDY = """
arms = ["influenza"]
duration = "2 d"
replicates = {{replicates}}
measures = ["il6", "virions"]
[section]
width = "400 um"
height = "400 um"
[sample]
method = "{method}"
points = {points}
[[axis]]
name = "strong"
vary = "infection.dose"
low = 1.0
high = 100.0
scale = "logarithmic"
[[axis]]
name = "weak"
vary = "parameters.substances.il6.epithelial_secretion"
relative = true
low = 0.9
high = 1.1
[[axis]]
name = "nothing"
vary = "parameters.dormancy.cycle_time"
low = "16 h"
high = "20 h"
"""
IL6 = MeasureAtTime("il6", 48.0, False)


def study_of(method, points, replicates=8):
    return small(
        replicates=replicates,
        text=STUDY.replace("{method}", method).replace("{points}", str(points)).replace("{{", "{").replace("}}", "}"),
    )


def shares_of(study):
    values = np.array([point.coordinates for point in study.points], dtype=float)
    return np.column_stack([axis.share(column) for axis, column in zip(study.axes, values.T, strict=True)])


def made_up(study, noise=0.0, seed_effect=1.0, weights=(4.0, 1.0, 0.0), interaction=0.0):
    """An outcome of which the effects are known: linear in the axes, and chance."""
    chance = np.random.default_rng(5)
    x = shares_of(study)
    exact = x @ np.array(weights) + interaction * (x[:, 0] - 0.5) * (x[:, 1] - 0.5)
    seeds = seed_effect * chance.standard_normal(study.replicates)
    return exact[:, None] + seeds + noise * chance.standard_normal((len(exact), study.replicates))


def found_in(method, points, **known):
    study = study_of(method, points)
    (found,) = analyze(study, IL6, made_up(study, **known))
    return found, {effect.axis: effect for effect in found.effects}


def test_morris_finds_the_effects_that_are_there():
    found, effects = found_in("morris", 12)
    assert [effect.axis for effect in found.effects] == ["strong", "weak", "nothing"]
    assert effects["strong"].main == pytest.approx(4.0)
    assert effects["weak"].main == pytest.approx(1.0)
    assert effects["nothing"].main == pytest.approx(0.0, abs=1e-9)
    assert effects["strong"].second == pytest.approx(0.0, abs=1e-6)  # linear: the same everywhere
    assert found.ties == ()


def test_an_effect_with_a_sign_has_it():
    _, effects = found_in("morris", 12, weights=(-4.0, 1.0, 0.0))
    assert effects["strong"].main == pytest.approx(4.0)
    assert effects["strong"].direction == pytest.approx(-4.0)


def test_an_interaction_shows_as_spread():
    _, plain = found_in("morris", 20)
    _, bent = found_in("morris", 20, interaction=8.0)
    assert bent["strong"].second > 10.0 * (plain["strong"].second + 0.1)


def test_noise_is_told_apart_from_effects():
    found, effects = found_in("morris", 12, noise=1.0)
    assert found.floor == pytest.approx(np.sqrt(2.0 / np.pi) * np.sqrt(2.0 / 8) / (2.0 / 3.0), rel=0.15)
    assert effects["nothing"].low < found.floor
    assert effects["strong"].low > found.floor
    assert effects["strong"].second < 0.7  # the spread that noise makes is taken off


def test_sobol_indices_are_those_of_the_function():
    found, effects = found_in("sobol indices", 256)
    whole = 4.0**2 + 1.0
    assert effects["strong"].main == pytest.approx(16.0 / whole, abs=0.03)
    assert effects["strong"].second == pytest.approx(16.0 / whole, abs=0.05)
    assert effects["weak"].main == pytest.approx(1.0 / whole, abs=0.02)
    assert effects["nothing"].main == pytest.approx(0.0, abs=0.01)
    assert found.floor == 0.0


def test_sobol_indices_are_corrected_for_noise():
    """Noise three times the variance of the axes, eight replicates: uncorrected, each total index has a quarter."""
    _, effects = found_in("sobol indices", 512, noise=2.0, weights=(4.0, 0.0, 0.0))
    assert effects["strong"].main == pytest.approx(1.0, abs=0.12)
    assert effects["nothing"].main < 0.1


def test_where_the_axes_do_nothing_indices_are_nothing_and_no_ranking_is_claimed():
    study = study_of("sobol indices", 16, replicates=3)
    (found,) = analyze(study, IL6, made_up(study, weights=(0.0, 0.0, 0.0), noise=1.0))
    assert all(abs(number) < 5.0 for effect in found.effects for number in (effect.main, effect.second))
    told = paragraph(study, found)
    assert "no axis changes" in told
    assert "is certain" not in told


def test_intervals_hold_the_truth_and_shrink_with_more_runs():
    _, few = found_in("sobol indices", 32, noise=1.0)
    _, many = found_in("sobol indices", 512, noise=1.0)
    for effects in (few, many):
        assert effects["strong"].low <= 16.0 / 17.0 <= effects["strong"].high
    assert many["strong"].high - many["strong"].low < 0.6 * (few["strong"].high - few["strong"].low)


def test_the_variance_of_runs_is_split_into_axes_seed_and_rest():
    chance = np.random.default_rng(1)
    found = (
        2.0 * chance.standard_normal((4000, 1))
        + chance.standard_normal((1, 400))
        + 0.5 * chance.standard_normal((4000, 400))
    )
    parts = variance_shares(found)
    assert parts.axes == pytest.approx(4.0 / 5.25, abs=0.05)
    assert parts.seed == pytest.approx(1.0 / 5.25, abs=0.05)
    assert parts.rest_variance == pytest.approx(0.25, rel=0.02)
    assert variance_shares(found[:, :1]) is None


def test_a_ranking_that_is_not_settled_says_how_many_more_runs_it_needs():
    study = study_of("morris", 8)
    (found,) = analyze(study, IL6, made_up(study, noise=1.0, weights=(2.0, 1.9, 0.0)))
    (tie, *_) = found.ties
    assert {tie.first, tie.second} == {"strong", "weak"}
    assert tie.ranks == (1, 2)
    text = paragraph(study, found)
    assert "rank 1 versus 2" in text
    assert "more runs" in text or "cannot be separated" in text


def test_without_replicates_noise_is_not_known_and_that_is_said():
    study = study_of("morris", 8, replicates=1)
    (found,) = analyze(study, IL6, made_up(study))
    assert found.shares is None
    assert "single replicate" in paragraph(study, found)


def test_only_complete_replicates_count():
    study = study_of("morris", 8)
    holes = made_up(study)
    holes[3, 5:] = np.nan
    (found,) = analyze(study, IL6, holes)
    assert found.replicates == 5
    with pytest.raises(SweepError, match=r"no replicate of .* is complete"):
        list(analyze(study, IL6, np.full_like(holes, np.nan)))


def test_another_sample_is_refused():
    study = study_of("sobol", 8)
    with pytest.raises(SweepError, match="morris"):
        list(analyze(study, IL6, made_up(study)))


def test_an_outcome_that_is_not_kept_is_refused():
    study = study_of("morris", 4)
    with pytest.raises(SweepError, match="il6, virions"):
        outcome_of(study, "cd8", None)
    with pytest.raises(SweepError, match="every"):
        outcome_of(study, "il6", 1.1)
    with pytest.raises(SweepError, match="up to 2 d"):
        outcome_of(study, "il6", 3)


def test_the_text_says_what_matters_in_words():
    study = study_of("morris", 12)
    (found,) = analyze(study, IL6, made_up(study, noise=0.3))
    text = paragraph(study, found)
    assert text.startswith("Over the ranges studied, strong changes the mean IL-6")
    assert "the effect of nothing cannot be distinguished from chance" in text
    assert "8 replicates" in text


def test_everything_is_written(tmp_path):
    study = study_of("sobol indices", 16)
    found = list(analyze(study, IL6, made_up(study, noise=0.3)))
    paths = write(tmp_path, study, found)
    assert [path.suffix for path in paths] == [".md", ".csv", ".png"]
    table = pd.read_csv(tmp_path / "sensitivity.csv")
    assert table["axis"].tolist()[0] == "strong"
    assert (table["low"] <= table["high"]).all()
    assert len(figure_of(study, found[0]).axes) == 1 + 3


@pytest.mark.slow
def test_a_study_is_run_and_analyzed_by_one_command(tmp_path):
    text = STUDY.replace("{method}", "morris").replace("{points}", "4").replace("{{replicates}}", "2")
    (tmp_path / "screen.toml").write_text(text)
    done = embers("sensitivity", "screen.toml", "--measure", "virions", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "| 1 | strong |" in done.stdout
    assert (tmp_path / "out/screen/sensitivity.md").exists()
    study = study_of("morris", 4, replicates=2)
    result = run(study, tmp_path / "mine")
    found = values(open_sweep(result.folder), study, MeasureAtTime("virions", 48.0, True))
    assert found.shape == (len(study.points), 2)
    assert np.isfinite(found).all()
