import time
from collections.abc import Callable, Iterator

import pytest

from abm import LungModel, load_scenario
from abm.dashboard.picture import il6_png, tissue_png
from abm.dashboard.player import Frame, Player, Setup
from abm.study.scenario_file import with_overrides

SMALL = Setup("influenza", seed=3, side=400)
AT_ONCE = 1e6  # hours a second
LONG = 120.0  # seconds: the first test may have to compile the model


@pytest.fixture
def opened() -> Iterator[Callable[[Setup], Player]]:
    """Starts players, and ends them after the test."""
    players = []

    def start(setup: Setup) -> Player:
        players.append(Player(setup))
        players[-1].start()
        return players[-1]

    yield start
    for player in players:
        player.close()
        assert player.join(LONG)


def until(condition: Callable[[], object], seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def first_frame(player: Player) -> Frame:
    until(lambda: player.frame or player.error)
    assert player.frame is not None, player.error
    return player.frame


def same_model() -> LungModel:
    return LungModel(with_overrides(load_scenario(SMALL.scenario), size=f"{SMALL.side}um"), SMALL.seed)


def test_a_section_is_laid_out_and_waits(opened: Callable[[Setup], Player]) -> None:
    player = opened(SMALL)
    frame = first_frame(player)
    assert (frame.setup, frame.now.day, frame.last_day) == (SMALL, 0.0, 28.0)
    assert frame.picture == tissue_png(same_model())
    assert not player.playing


def test_each_step_goes_on_by_an_hour_and_is_what_the_model_gives(opened: Callable[[Setup], Player]) -> None:
    player = opened(SMALL)
    first_frame(player)
    for _ in range(3):
        player.step()
    until(lambda: player.frame.now.day * 24 > 2.99)
    model = same_model()
    model.run_until(18)
    assert player.frame.now.day == model.day
    assert player.frame.picture == tissue_png(model)
    assert player.frame.now.values["virions"] == model.measure("virions")


def test_il6_is_drawn_when_it_is_asked_for_without_any_step(opened: Callable[[Setup], Player]) -> None:
    player = opened(SMALL)
    number = first_frame(player).number
    player.adjust(12.0, il6=True)
    until(lambda: player.frame.number > number)
    assert player.frame.now.day == 0
    assert player.frame.picture == il6_png(same_model())


def test_it_plays_only_as_fast_as_the_page_sees_it(opened: Callable[[Setup], Player]) -> None:
    player = opened(SMALL)
    number = first_frame(player).number
    player.adjust(48.0, il6=False)
    player.play()
    time.sleep(0.6)
    assert player.frame.number == number
    player.seen(number)
    until(lambda: player.frame.number > number)
    assert player.playing


def test_a_pause_holds(opened: Callable[[Setup], Player]) -> None:
    player = opened(SMALL)
    player.seen(first_frame(player).number)
    player.play()
    until(lambda: player.frame.now.day > 0)
    player.pause()
    time.sleep(0.3)
    day = player.frame.now.day
    player.seen(player.frame.number)
    time.sleep(0.4)
    assert player.frame.now.day == day


def test_it_stops_at_the_end_of_the_scenario_and_cannot_be_played_on(opened: Callable[[Setup], Player]) -> None:
    player = opened(Setup("no_virus", seed=1, side=400))
    player.seen(first_frame(player).number)
    player.adjust(AT_ONCE, il6=False)
    player.play()
    until(lambda: player.frame.ended)
    until(lambda: not player.playing)
    player.play()
    assert not player.playing
    assert player.frame.now.day == 28.0


def test_points_of_a_curve_stand_two_hours_apart_and_end_now(opened: Callable[[Setup], Player]) -> None:
    player = opened(SMALL)
    first_frame(player)
    for _ in range(5):
        player.step()
    until(lambda: player.frame.now.day * 24 > 4.99)
    assert [round(point.day * 24) for point in player.frame.points] == [0, 2, 4, 5]


def test_what_goes_wrong_is_told(opened: Callable[[Setup], Player]) -> None:
    player = opened(Setup("influenca"))
    until(lambda: player.error)
    assert "influenca" in player.error
    assert "influenza" in player.error
    player.play()
    assert not player.playing


def test_closed_before_it_was_laid_out_it_ends_all_the_same() -> None:
    player = Player(SMALL)
    player.start()
    player.close()
    assert player.join(LONG)


def test_frames_of_two_players_never_share_a_number(opened: Callable[[Setup], Player]) -> None:
    one, other = first_frame(opened(SMALL)), first_frame(opened(SMALL))
    assert one.number != other.number
    assert one.picture == other.picture
