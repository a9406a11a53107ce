import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.inference.calibrate import calibrate
from abm.inference.calibrate_report import coverage, paragraph, write
from abm.inference.calibrate_sets import parameter_sets
from abm.inference.objective import Evaluation, Objective
from abm.model.establishment import ESTABLISHED
from abm.model.measures import MEASURES
from abm.runs.engine import RunOptions
from abm.runs.errors import SweepError
from abm.scenario.errors import PosteriorError, ScenarioError
from abm.scenario.posterior import sample_of
from abm.scenario.read import load_scenario, read_scenario
from abm.studies.design.moderation import moderated
from abm.studies.design.study_file import read_study
from abm.studies.design.target import target_of
from tests.commands import embers
from tests.studies.studies import silent, start, wait_until

HOURS = np.array([24.0, 48.0, 72.0, 96.0])
STUDY = """
arms = ["influenza"]
duration = "4 d"
replicates = 2
[section]
width = "400 um"
height = "400 um"
[sample]
method = "sobol"
points = 8
[[axis]]
name = "height"
vary = "infection.dose"
low = 1.0
high = 100.0
scale = "logarithmic"
[[axis]]
name = "slope"
vary = "parameters.substances.il6.epithelial_secretion"
relative = true
low = 0.0
high = 4.0
[[axis]]
name = "nothing"
vary = "parameters.dormancy.cycle_time"
low = "16 h"
high = "20 h"
[calibrate]
data = "data.csv"
first = 32
generations = 3
population = 12
draws = 24
[[calibrate.curve]]
measure = "il6"
error = 0.1
scale = "logarithmic"
"""
DATA = "day,value\n1,10\n2,20\n3,30\n4,40\n"


def study_of(folder, data=DATA, text=STUDY):
    (folder / "data.csv").write_text(data)
    return read_study(folder / "fit.toml", text)


class MadeUp(Objective):
    """A model of which the answer is known: log10 of a curve that rises with time."""

    def evaluate(self, rows, name):  # noqa: ARG002 - as of every objective
        curves = self.calibration.curves
        hours = np.arange(0.0, 97.0, 6.0)
        whole = np.array([self.curve(row, hours) for row in rows])
        means = np.array([np.interp(curves[0].hours, hours, one) for one in whole])
        noise = np.broadcast_to(1e-4 * np.eye(means.shape[1]), (len(rows), means.shape[1], means.shape[1]))
        return Evaluation(rows, means, noise, np.full(len(rows), 9.0), ((hours, whole),))

    def curve(self, row, hours):
        return 2.0 * row[0] + (1.0 + row[1]) * hours / 96.0


class OnlyTheSum(MadeUp):
    def curve(self, row, hours):
        return row[0] + row[1] + hours / 96.0


def objective(folder, kind, truth, **changes):
    """Data that the point `truth` gives, exactly."""
    study = study_of(folder)
    made = kind(study, study.calibration, folder, RunOptions(1), silent())
    means = made.evaluate(np.array([truth]), "truth").means[0]
    curve = replace(study.calibration.curves[0], means=means, **changes)
    return replace(made, calibration=replace(study.calibration, curves=(curve,)))


def test_the_truth_is_found_and_lies_in_the_posterior(tmp_path):
    fitted = calibrate(objective(tmp_path, MadeUp, [0.3, 0.6, 0.5]))
    assert fitted.best[:2] == pytest.approx([0.3, 0.6], abs=0.12)
    low, high = np.percentile(fitted.samples, [2.5, 97.5], axis=0)
    assert (low[:2] < [0.3, 0.6]).all()
    assert (high[:2] > [0.3, 0.6]).all()
    assert fitted.agreement < 0.5
    assert fitted.known[0] > 0.6


def test_the_posterior_is_that_of_a_linear_model_with_known_errors(tmp_path):
    """Least squares: covariance (X' X)^-1 times the squared error, far from the ends of the range."""
    fitted = calibrate(objective(tmp_path, MadeUp, [0.5, 0.5, 0.5], errors=np.full(4, 0.03)))
    design = np.column_stack([np.full(4, 2.0), HOURS / 96.0])
    exact = np.sqrt(np.diag(np.linalg.inv(design.T @ design) * (0.03**2 + 1e-4)))
    assert fitted.samples.std(axis=0)[:2] == pytest.approx(exact, rel=0.3)


def test_what_the_data_do_not_tell_is_said(tmp_path):
    made = objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])
    fitted = calibrate(made)
    assert fitted.known[2] < 0.2
    assert "They do not determine nothing" in paragraph(made.study, fitted)


def test_what_is_only_known_together_is_said(tmp_path):
    made = objective(tmp_path, OnlyTheSum, [0.5, 0.5, 0.5], errors=np.full(4, 0.03))
    fitted = calibrate(made)
    assert fitted.together[0, 1] < -0.8
    assert "height and slope can be determined only together" in paragraph(made.study, fitted)


def test_where_only_the_shape_counts_a_factor_tells_nothing(tmp_path):
    fitted = calibrate(objective(tmp_path, MadeUp, [0.3, 0.6, 0.5], relative=True, errors=np.full(4, 0.03)))
    assert fitted.known[0] < 0.2
    assert fitted.known[1] > 0.4


@pytest.mark.slow
def test_a_calibration_is_the_same_when_it_is_started_again(tmp_path):
    one, other = (calibrate(objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])) for _ in range(2))
    assert np.array_equal(one.samples, other.samples)
    assert np.array_equal(one.best, other.best)


def test_everything_is_written(tmp_path):
    made = objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])
    fitted = calibrate(made)
    study = replace(made.study, calibration=made.calibration)
    paths = write(tmp_path, study, fitted)
    assert {path.name for path in paths} == {
        "calibration.md", "posterior.csv", "influenza-fitted.toml", "fit.png", "posterior.png",
    }  # fmt: skip
    posterior = pd.read_csv(tmp_path / "posterior.csv")
    assert posterior["nothing"].between(16.0, 20.0).all()
    best = read_scenario(tmp_path / "influenza-fitted.toml")
    assert best.infections[0].dose == pytest.approx(float(study.axes[0].at(fitted.best[0])))
    assert coverage(made.calibration, fitted) == (4, 4)


def without_dose(made, fitted, **changed):
    """The study without the axis that is no parameter, and what was found of the others."""
    study = replace(made.study, calibration=made.calibration, axes=made.study.axes[1:], **changed)
    return study, replace(fitted, axes=fitted.axes[1:], samples=fitted.samples[:, 1:], best=fitted.best[1:])


def test_samples_that_are_parameters_are_written_as_sets_that_a_study_takes(tmp_path):
    made = objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])
    study, found = without_dose(made, calibrate(made))
    (tmp_path / "calibration.md").touch()
    sample = parameter_sets(study, found)
    (tmp_path / "parameter_sets.csv").write_text(sample.text())
    read, usual = sample_of(tmp_path), load_scenario("influenza").parameters
    secretion, cycle = read.values.T  # noqa: PD011 - no pandas
    assert [one.label for one in read.parameters] == [
        "substances.il6.epithelial_secretion",
        "dormancy.cycle_time",
    ]
    assert secretion / usual.substances.il6.epithelial_secretion == pytest.approx(study.axes[0].at(found.samples[:, 0]))
    assert cycle == pytest.approx(study.axes[1].at(found.samples[:, 1]))


def test_samples_of_something_else_are_no_sets_and_a_study_is_told_so(tmp_path):
    made = objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])
    (tmp_path / "parameter_sets.csv").write_text("of an earlier study")
    write(tmp_path, replace(made.study, calibration=made.calibration), calibrate(made))  # its first axis is a dose
    with pytest.raises(PosteriorError, match="this calibration has no parameter sets"):
        sample_of(tmp_path)


def test_a_multiple_of_what_arms_have_is_no_set_where_they_differ(tmp_path):
    made = objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])
    one = made.study.arms[0]
    changed = made.study.axes[1].put(replace(one, name="twice"), 2.0)
    study, found = without_dose(made, calibrate(made), arms=(one, changed))
    assert parameter_sets(study, found) is None


@pytest.mark.parametrize(
    ("arms", "label"),
    [
        (["influenza"], "virus.infectivity"),
        (["sars_cov_2"], "virus.infectivity (SARS-CoV-2)"),
        (["influenza", "sars_cov_2"], None),
        (["human_influenza"], None),  # it has an infectivity of its own, which no set changes
    ],
)
def test_a_number_of_a_virus_is_that_of_the_virus_of_the_arms(tmp_path, arms, label):
    made = objective(tmp_path, MadeUp, [0.3, 0.6, 0.5])
    scenarios = tuple(load_scenario(arm) for arm in arms)
    axis = replace(made.study.axes[1], targets=(target_of("virus.infectivity"),), relative=False, low=0.01, high=0.1)
    study, found = without_dose(made, calibrate(made))
    study, found = replace(study, axes=(axis,), arms=scenarios), replace(found, samples=found.samples[:, :1])
    sample = parameter_sets(study, found)
    assert label == (sample and sample.parameters[0].label)
    if sample:
        (first,) = sample.values[0]  # noqa: PD011 - no pandas
        assert sample.scenario(scenarios[0], 0).parameters.virus.infectivity == first


# ---- data ------------------------------------------------------------------------------------------------------------


def curve_of(folder, data=DATA, **lines):
    text = STUDY.replace('measure = "il6"\nerror = 0.1\nscale = "logarithmic"', "\n".join(
        f"{key} = {value}" for key, value in ({"measure": '"il6"', "error": 0.1} | lines).items() if value is not None
    ))  # fmt: skip
    return study_of(folder, data, text).calibration.curves[0]


def test_data_are_joined_on_time_with_units_not_by_row(tmp_path):
    curve = curve_of(tmp_path, "day,value\n4,40\n1,10\n2,20\n3,30\n")
    assert curve.hours.tolist() == HOURS.tolist()
    assert curve.means.tolist() == [10.0, 20.0, 30.0, 40.0]
    minutes = "t,value\n1440,10\n2880,20\n"
    assert curve_of(tmp_path, minutes, time='"t"', time_unit='"min"').hours.tolist() == [24.0, 48.0]
    assert curve_of(tmp_path, unit='"pg/mL"').means == pytest.approx([0.01, 0.02, 0.03, 0.04])


def test_replicates_tell_the_error(tmp_path):
    curve = curve_of(tmp_path, "day,value\n1,9\n1,11\n2,18\n2,22\n2,20\n", error=None)
    spread = np.sqrt((2.0 + 8.0) / 3.0)
    assert curve.freedom == 3.0
    assert curve.errors == pytest.approx(spread / np.sqrt([2, 3]))
    assert curve.means.tolist() == [10.0, 20.0]


MICE = "mouse,day,value\na,1,8\na,2,16\nb,1,10\nb,2,20\nc,1,12\nc,2,24\nd,1,10\nd,2,20\n"


def test_the_mean_of_replicates_is_that_of_amounts_also_where_the_scale_is_logarithmic(tmp_path):
    curve = curve_of(tmp_path, "day,value\n1,1\n1,19\n2,10\n2,30\n", error=None, scale='"logarithmic"')
    assert curve.means == pytest.approx(np.log10([10.0, 20.0]))
    relative = np.array([0.9, 0.9, 0.5, 0.5]) / np.log(10.0)
    assert curve.errors == pytest.approx(np.sqrt((relative**2).sum() / 2 / 2))


def test_numbers_of_the_same_subjects_vary_together_as_the_subjects_do(tmp_path):
    study = study_of(tmp_path, MICE, STUDY.replace("error = 0.1", 'subject = "mouse"'))
    (curve,), (part,) = study.calibration.curves, study.calibration.parts
    deviations = np.array([-0.2, 0.0, 0.2, 0.0]) / np.log(10.0)
    assert np.diag(part.covariance) == pytest.approx(np.full(2, (deviations**2).sum() / 3 / 4))
    assert curve.errors == pytest.approx(np.sqrt(moderated(np.diag(part.covariance), 3.0)))
    assert part.covariance[0, 1] == pytest.approx(part.covariance[0, 0])  # they go up and down together
    assert part.freedom == 3.0


def test_curves_of_the_same_subjects_are_correlated_and_others_are_not(tmp_path):
    both = STUDY.replace("error = 0.1", 'subject = "mouse"')
    both += (
        '[[calibrate.curve]]\nmeasure = "cd8"\nsubject = "mouse"\n[[calibrate.curve]]\nmeasure = "cd4"\nerror = 1.0\n'
    )
    mice, alone = study_of(tmp_path, MICE, both).calibration.parts
    assert mice.covariance[0, 2] > 0.0
    assert np.count_nonzero(mice.covariance[4:]) == 0
    assert alone.covariance[4:, 4:] == pytest.approx(np.eye(len(alone.covariance) - 4))
    assert alone.freedom == np.inf


@pytest.mark.parametrize("data", [MICE + "e,1,3\n", MICE + "a,1,3\n", "mouse,day,value\na,1,1\na,2,2\nb,1,1\nb,2,3\n"])
def test_subjects_have_to_be_complete_and_more_than_two(tmp_path, data):
    with pytest.raises(ScenarioError, match=r"subjects.*3 subjects or more, each once at every time"):
        curve_of(tmp_path, data, subject='"mouse"', error=None)


def test_rows_are_chosen_by_what_stands_in_columns(tmp_path):
    data = "# of two kinds\nkind,day,value\na,1,1\nb,1,5\nb,2,6\n"
    assert curve_of(tmp_path, data, where='{ kind = "b" }').means.tolist() == [5.0, 6.0]


def test_rows_of_several_kinds_are_not_taken_for_replicates(tmp_path):
    data = "kind,mouse,below,day,value\na,1,yes,1,1\nb,1,no,1,5\nb,2,no,2,6\n"
    with pytest.raises(ScenarioError, match=r'several series in the column "kind"; allowed: kind = "a", kind = "b"'):
        curve_of(tmp_path, data)
    assert curve_of(tmp_path, data, where='{ kind = "b" }').means.tolist() == [5.0, 6.0]


@pytest.mark.parametrize(
    ("data", "lines", "told"),
    [
        ("#day,value\n1,2\n2,3\n", {}, ["data.csv, line 2", "numbers where the names", "begins with # is a comment"]),
        ("day,value\n1,ten\n", {}, ["data.csv, line 2", "is not a number"]),
        ("day,value\n1,0\n", {"scale": '"logarithmic"'}, ["data.csv, line 2", "has no logarithm"]),
        ("day,value\n1,1\n5,2\n", {}, ["1 rows are later than the end", "up to 4 d"]),
        (DATA, {"time": '"hour"'}, ['there is no column "hour"', "day, value"]),
        (DATA, {"unit": '"mm"'}, ["does not measure the same"]),
        (DATA, {"error": None}, ["has no error and no replicates"]),
        (DATA, {"measure": '"il7"'}, ["line 35", 'did you mean "il6"']),
        (DATA, {"where": '{ day = "9" }'}, ["no row of data.csv"]),
    ],
)  # fmt: skip
def test_faulty_data_are_refused_with_their_line(tmp_path, data, lines, told):
    with pytest.raises(ScenarioError) as caught:
        curve_of(tmp_path, data, **lines)
    for part in told:
        assert part in str(caught.value)


def test_data_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match=r"data\.csv.*No such file"):
        read_study(tmp_path / "fit.toml", STUDY)


def test_only_axes_that_are_sampled_are_fitted(tmp_path):
    study = study_of(tmp_path, text=STUDY.replace("low = 0.0\nhigh = 4.0", "values = [1.0, 2.0]"))
    with pytest.raises(SweepError, match="low and high alone"):
        calibrate(Objective(study, study.calibration, tmp_path, RunOptions(1), silent()))


# ---- with the model --------------------------------------------------------------------------------------------------

REAL = (
    STUDY.replace("first = 32", "first = 8")
    .replace("draws = 24", "draws = 6")
    .replace("generations = 3", "generations = 1")
)
REAL = REAL.replace("population = 12", "population = 6").replace('"4 d"', '"2 d"')
REAL_DATA = "day,value\n1,0.002\n1.5,0.01\n2,0.1\n"


def test_the_model_is_compared_at_the_times_of_the_data(tmp_path):
    study = study_of(tmp_path, REAL_DATA, REAL)
    made = Objective(study, study.calibration, tmp_path / "points", RunOptions(2), silent())
    told = made.evaluate(np.array([[0.5, 0.5, 0.5], [1.0, 0.5, 0.5]]), "mine")
    from abm.model.lung_model import LungModel

    values = [float(axis.at(0.5)) for axis in study.sampled]
    runs = [LungModel(study.scenario(study.point(0, values)), seed=seed).run().series for seed in (1, 2)]
    at = np.array([run.set_index("hour")["il6"].loc[[24.0, 36.0, 48.0]].to_numpy() for run in runs])
    mean = at.mean(axis=0)
    assert told.means[0] == pytest.approx(np.log10(mean), rel=1e-12)
    assert told.noise[0] == pytest.approx(np.cov(at / (mean * np.log(10.0)), rowvar=False) / 2)
    assert told.freedom[0] == 1.0
    assert not np.array_equal(told.means[0], told.means[1])


def test_only_sections_with_an_established_infection_count_where_that_is_asked_for(tmp_path):
    text = "established_only = true\n" + REAL.replace("replicates = 2", "replicates = 6")
    study = study_of(tmp_path, REAL_DATA, text)
    made = Objective(study, study.calibration, tmp_path / "points", RunOptions(2), silent())
    row = np.array([[0.3, 0.5, 0.5]])
    told = made.evaluate(row, "mine")
    from abm.model.lung_model import LungModel

    values = [float(axis.at(share)) for axis, share in zip(study.sampled, row[0], strict=True)]
    scenario = study.scenario(study.point(0, values))
    runs = [LungModel(scenario, seed=seed).run().series.set_index("hour") for seed in range(1, 7)]
    carry = [run for run in runs if run["infected_share"].max() >= ESTABLISHED]
    assert 0 < len(carry) < 6
    mean = np.mean([run["il6"].loc[[24.0, 36.0, 48.0]].to_numpy() for run in carry], axis=0)
    assert told.means[0] == pytest.approx(np.log10(mean), rel=1e-12)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_calibration_that_is_killed_goes_on_and_ends_the_same(tmp_path):
    (tmp_path / "data.csv").write_text(REAL_DATA)
    (tmp_path / "fit.toml").write_text(REAL)
    arguments = ("calibrate", "fit.toml", "--workers", 2)
    process = start(*arguments, "--out", "killed", cwd=tmp_path)
    try:
        wait_until(lambda: len(list(tmp_path.glob("killed/fit/points/*/landed/*"))) >= 4)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for out in ("killed", "whole"):
        done = embers(*arguments, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    one, other = (Path(tmp_path / out / "fit/posterior.csv").read_bytes() for out in ("killed", "whole"))
    assert one == other
    assert "il6" in MEASURES
    again = embers(*arguments, "--out", "whole", cwd=tmp_path)
    assert "running" not in again.stderr


def test_a_study_without_data_is_refused(tmp_path):
    refused = embers("calibrate", "blockade_timing", cwd=tmp_path)
    assert refused.returncode == 2
    assert "[calibrate]" in refused.stderr
