from pathlib import Path

import pytest

from abm.scenario.errors import ScenarioError
from abm.scenario.given import check_arms
from abm.studies.design.study_file import load_study, read_study, study_names
from abm.studies.design.target import target_names, target_of
from tests.studies.studies import SMALL

BASE = 'arms = ["influenza"]\n'


def faults_of(text):
    with pytest.raises(ScenarioError) as caught:
        read_study(Path("mine.toml"), text)
    return [str(fault) for fault in caught.value.faults]


def one_axis(*lines, base=BASE):
    return base + "\n[[axis]]\n" + "\n".join(lines)


@pytest.mark.parametrize("name", study_names())
def test_packaged_studies_can_be_run_and_say_what_they_are(name):
    study = load_study(name)
    assert study.total >= 32
    assert study.title
    assert study.story


@pytest.mark.parametrize("name", study_names())
def test_axes_of_packaged_studies_enclose_the_usual_values(name):
    study = load_study(name)
    for axis in study.axes:
        values = axis.levels or (axis.low, axis.high)
        for target in axis.targets:
            for arm in study.arms:
                usual = 1.0 if axis.relative else target.value_in(arm) if target.is_in(arm) else None
                assert usual is None or min(values) <= usual <= max(values), f"{axis.name}: {usual}"


def test_the_promised_studies_are_there():
    assert {"blockade_timing", "vaccine_and_dose", "il6_sources", "cd4_brake_and_cd8_kill"} <= set(study_names())


def test_days_give_a_study_a_name_of_its_own_and_replicates_do_not():
    assert load_study("blockade_timing", days=5).name == "blockade_timing-5d"
    assert {arm.duration for arm in load_study("blockade_timing", days=12).arms} == {288.0}
    more = load_study("blockade_timing", replicates=3)
    assert (more.name, more.replicates) == ("blockade_timing", 3)


@pytest.mark.parametrize("name", study_names())
def test_packaged_studies_can_be_tried_out_for_a_day(name):
    study = load_study(name, days=1, replicates=1)
    assert {arm.duration for arm in study.arms} == {24.0}
    assert study.total == len(study.points)
    check_arms(study.arms, (study.seed,), study.shortened)  # as the command does; treatments may start after the end


def test_a_length_that_is_none_is_refused():
    with pytest.raises(ScenarioError, match="--days"):
        load_study("blockade_timing", days=-1)


def test_an_unknown_study_is_refused_with_the_nearest():
    with pytest.raises(ScenarioError, match="blockade_timing"):
        load_study("blokade_timing")


def test_a_parameter_is_also_known_without_its_prefix_as_in_changes():
    assert target_of("dormancy.awakening") == target_of("parameters.dormancy.awakening")
    with pytest.raises(KeyError):
        target_of("dormancy.awakenning")


def test_every_number_that_can_be_set_is_a_target():
    assert all(target_of(name).name == name for name in target_names())
    assert len(target_names()) > 120


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['vary = "parameters.dormancy.awakenning"', "values = [1]"], ["line 4", "parameters.dormancy.awakening"]),
        (['vary = "treatment (anti-IL-6).start"', 'values = ["1 d"]'], ["line 4", "is in no arm (influenza)"]),
        (['vary = "parameters.dormancy.cycle_time"', 'values = ["12 h", "9 kg"]'], ["line 5", '"9 kg"', "kg"]),
        (['vary = "parameters.dormancy.cycle_time"', 'values = ["12 h", 15]'], ["line 5", "has no unit"]),
        (['vary = "parameters.dormancy.cycle_time"', 'values = ["12 h", "9000 h"]'], ["out of range"]),
        (['vary = "infection.dose"', "low = 3.0", "high = 1.0", "steps = 4"], ["line 6", "is not above low"]),
        (['vary = "infection.dose"', "low = 0.0", "high = 1.0", "steps = 4", 'scale = "logarithmic"'], ["logarithm"]),
        (['vary = "infection.dose"', "low = 0.5", "high = 1.0"], ["sample: is missing", "dose"]),
        (['vary = "infection.dose"'], ["neither values nor both low and high"]),
        (["values = [1.0]"], ["axis 1: vary: is missing", "embers describe"]),
        (['vary = "infection.dose"', "vals = [1.0]"], ["vals", 'did you mean "values"']),
        (['vary = "infection.dose"', "values = [1.0]", 'name = "il6"'], ["cannot be the name of a column"]),
        (['vary = ["infection.dose", "infection.time"]', "values = [1.0]"], ["do not have the same unit"]),
    ],
)  # fmt: skip
def test_a_faulty_axis_is_refused_with_its_line(lines, told):
    message = "\n".join(faults_of(one_axis(*lines)))
    for part in told:
        assert part in message, message
    assert message.startswith("mine.toml")


def test_all_faults_are_told_at_once():
    text = 'arms = ["influenza"]\nreplicates = "many"\nmeasures = ["il7"]\nsneed = 1\n[[axis]]\nvary = "nothing"\n'
    messages = faults_of(text)
    assert [message.partition(":")[0] for message in messages] == [f"mine.toml, line {line}" for line in (2, 3, 4, 6)]


def test_a_point_that_is_no_valid_scenario_is_refused_before_anything_runs():
    text = SMALL.format(replicates=1).replace('"1 d"]', '"3 d"]')
    (message,) = faults_of(text)
    assert "line 14" in message
    assert "the treatment starts after the end of the run (arm influenza_blockade)" in message


def test_a_multiple_that_leaves_the_range_is_refused():
    lines = ['vary = "parameters.dormancy.cycle_time"', "relative = true", "values = [1.0, 1000.0]"]
    (message,) = faults_of(one_axis(*lines))
    assert "makes parameters.dormancy.cycle_time" in message
    assert "out of range" in message


def test_faulty_arms_are_told_too():
    assert any("influensa" in message for message in faults_of('arms = ["influensa"]\n'))
    assert any("arms: is missing" in message for message in faults_of('title = "nothing"\n'))


def test_sobol_points_are_a_power_of_two():
    text = one_axis(
        'vary = "infection.dose"', "low = 0.5", "high = 1.0", base=BASE + '[sample]\nmethod = "sobol"\npoints = 100\n'
    )
    (message,) = faults_of(text)
    assert "64 or 128" in message


def test_snapshots_after_the_end_are_refused():
    (message,) = faults_of(BASE + 'duration = "2 d"\nsnapshots = ["3 d"]\n')
    assert "snapshots 1" in message
    assert "line 3" in message


def test_events_are_kept_by_kind():
    assert read_study(Path("mine.toml"), BASE).events == ("awakening", "lesion_detected")
    assert "birth" in read_study(Path("mine.toml"), BASE + "events = true\n").events
    assert read_study(Path("mine.toml"), BASE + "events = false\n").events == ()
    assert read_study(Path("mine.toml"), BASE + 'events = ["death"]\n').events == ("death",)
    assert "is not known" in faults_of(BASE + 'events = ["deth"]\n')[0]


def test_no_replicates_are_refused():
    (fault,) = faults_of(
        'arms = ["influenza"]\nreplicates = 0\n' + one_axis('vary = "infection.dose"', "values = [1.0, 2.0]", base="")
    )
    assert "replicates" in fault
    assert "1 to" in fault


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("infection.dose", "infection 1.dose"),
        ("parameters.dormancy.cycle_time", "parameters.dormancy.cycle_time"),
    ],
)
def test_two_axes_that_move_the_same_number_are_refused(first, second):
    axes = "".join(
        f'[[axis]]\nname = "{name}"\nvary = "{vary}"\nrelative = true\nvalues = [1.0, 2.0]\n'
        for name, vary in (("a", first), ("b", second))
    )
    (told,) = faults_of(BASE + axes)
    assert 'axis 1 ("a") moves already' in told


def test_a_number_named_twice_by_one_axis_is_refused():
    (told,) = faults_of(one_axis('vary = ["infection.dose", "infection.dose"]', "values = [1.0]"))
    assert "this axis names already" in told


def test_axes_of_a_million_steps_are_refused_before_they_are_combined():
    axis = '[[axis]]\nvary = "{}"\nname = "{}"\nrelative = true\nlow = 0.5\nhigh = 1.5\nsteps = {}\n'
    text = BASE + axis.format("infection.dose", "a", 200_000)
    text += axis.format("parameters.dormancy.cycle_time", "b", 200_000)
    (told,) = faults_of(text)
    assert "40,000,000,000 combinations" in told
    (told,) = faults_of(BASE + axis.format("infection.dose", "a", 10**15))
    assert "more than a study can have runs" in told
