"""A lecture over real lines: followers see the run of the lecture, and neither steer it nor learn anything else."""

import http.client
import json
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from abm.dashboard.content.downloads import SESSION
from abm.dashboard.content.recipe import TYPICAL_SEED
from abm.dashboard.live import following
from abm.dashboard.live.audience import MOST_WAITING, Audience, Follower, look_of, without_texts
from abm.dashboard.live.frames import SHOWN
from abm.dashboard.server import lectures, sessions
from abm.dashboard.server.guard import KNOCKING
from tests.dashboard.lines import Ask, hear

LOOK = {"colorBy": "state", "difference": False, "against": 0, "alone": None, "zoom": 1, "middle": None,
        "layers": dict.fromkeys(SHOWN, True)}  # fmt: skip
Follow = Callable[..., ClientConnection]


class Lecturer:
    """A visitor whose run others follow."""

    def __init__(self, line: ClientConnection, ask: Ask) -> None:
        self.line, self.asked = line, ask
        self.session = hear(line, "welcome")["session"]
        self.token = self.lecture("begin")["token"]

    def lecture(self, what: str) -> dict:
        status, _, text = self.asked(f"/embers/lecture/{what}", content=b"-", session=self.session)
        assert status == 200
        return json.loads(text)["lecture"]

    def ask(self, do: str, **order: object) -> None:
        self.line.send(json.dumps({"do": do, **order}))

    def points(self) -> list:
        """Curves of the first view, as the model has them."""
        found: list = []
        sessions.find(self.session).player.ask({"do": "give", "to": lambda stage: found.append(stage.points(0)[0])})
        deadline = time.monotonic() + 60
        while not found:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return found[0]


@pytest.fixture
def lecturer(dial: Callable[[], ClientConnection], ask: Ask) -> Lecturer:
    return Lecturer(dial(), ask)


@pytest.fixture
def follow(port: int) -> Iterator[Follow]:
    with ExitStack() as lines:

        def followed(token: object, **options: object) -> ClientConnection:
            line = lines.enter_context(connect(f"ws://127.0.0.1:{port}/embers/follow/live", max_size=None, **options))
            line.send(json.dumps({"follow": token}))
            return line

        yield followed


class Watched:
    """What a follower knows, put together as the page does."""

    def __init__(self, line: ClientConnection) -> None:
        self.line, self.points, self.said, self.header = line, [], {}, {}

    def until(self, condition: Callable[[dict], bool], acknowledge: bool = True) -> dict:
        while True:
            message = self.line.recv(timeout=60)
            if isinstance(message, str):
                self.said[json.loads(message)["say"]] = json.loads(message)
                continue
            plain = zlib.decompress(message)
            (length,) = struct.unpack("<I", plain[:4])
            self.header = json.loads(plain[4 : 4 + length])
            self.points[self.header["from"] :] = self.header["points"][0]
            if acknowledge:
                self.line.send('{"do": "seen"}')
            if condition(self.header):
                return self.header


def at(hour: float) -> Callable[[dict], bool]:
    return lambda header: header["hour"] == hour and not header["playing"]


def test_a_follower_sees_views_curves_names_and_clock_and_costs_no_run(lecturer: Lecturer, follow: Follow) -> None:
    before = sessions.count()
    lecturer.ask("look", look={**LOOK, "colorBy": "cause", "zoom": 3})
    lecturer.ask("step", hours=5)
    early = Watched(follow(lecturer.token))
    early.until(at(5))
    late = Watched(follow(lecturer.token))
    header = late.until(at(5))
    assert sessions.count() == before
    assert header["sections"] == [0]
    assert early.points == late.points == json.loads(json.dumps(lecturer.points()))
    assert late.said["recipe"]["arms"][0]["title"] == "No virus"
    assert (late.said["look"]["colorBy"], late.said["look"]["zoom"]) == ("cause", 3)
    assert lecturer.lecture("state")["followers"] == 2


def test_one_who_is_slow_and_one_who_comes_late_have_every_point_after_ways_back_and_changes(
    lecturer: Lecturer, follow: Follow
) -> None:
    slow, quick = Watched(follow(lecturer.token)), Watched(follow(lecturer.token))
    slow.until(lambda _: True, acknowledge=False)  # it stays at its first frame
    quick.until(lambda _: True)
    for order, hour in (({"hours": 30}, 30), ({"day": 0.5}, 12), ({"hours": 8}, 20)):
        lecturer.ask("step", **order)
        quick.until(at(hour))
    entry = {"type": "anti-IL-6", "drug": "MP5-20F3", "start": "25 h"}
    lecturer.ask("edit", arms=[0], edits=[{"op": "add", "list": "treatment", "entry": entry}])
    lecturer.ask("step", hours=10)
    quick.until(at(30))
    slow.line.send('{"do": "seen"}')
    slow.until(at(30))
    known = json.loads(json.dumps(lecturer.points()))
    assert slow.points == quick.points == known
    lecturer.ask("reset", seed=5)
    for each in (slow, quick):
        assert each.until(lambda header: header["hour"] == 0 and "sections" in header)["points"][0] == each.points
        assert len(each.points) == 1


ORDERS = ["play", "pause", "step", "reset", "recipe", "edit", "title", "pick", "overlay", "speed", "look", "forget",
          "mask", "give", "attach", "leave", "join", "part", "hello"]  # fmt: skip


@pytest.mark.parametrize("said", [*({"do": order} for order in ORDERS), {"do": "seen", "number": 5}, {"follow": "x"}])
def test_a_follower_who_steers_is_sent_away_and_changes_nothing(lecturer: Lecturer, follow: Follow, said: dict) -> None:
    line = follow(lecturer.token)
    Watched(line).until(lambda _: True)
    line.send(json.dumps({**said, "hours": 3, "recipe": {"side": 600}, "seed": 9}))
    _closed(line, following.STEERS)
    lecturer.ask("forget")
    recipe = hear(lecturer.line, "recipe")["recipe"]
    assert (recipe["side"], recipe["seed"], len(lecturer.points())) == (400, TYPICAL_SEED, 1)


@pytest.mark.parametrize("said", [b"\0\1", "{", "[1]", "[" * 5000, "x" * 100_000, '{"do": "seen"}'])
def test_odd_messages_and_frames_that_were_not_sent_end_the_line(
    lecturer: Lecturer, follow: Follow, said: str | bytes
) -> None:
    line = follow(lecturer.token)
    Watched(line).until(lambda _: True)
    time.sleep(0.1)  # the frame is acknowledged by now
    line.send(said)
    _closed(line, following.STEERS)


def _closed(line: ClientConnection, code: int) -> None:
    with suppress(ConnectionClosed):
        while True:
            line.recv(timeout=30)
    assert line.close_code == code


def test_a_link_is_long_differs_each_time_and_nothing_else_opens_a_lecture(
    dial: Callable[[], ClientConnection], ask: Ask, follow: Follow
) -> None:
    tokens = {Lecturer(dial(), ask).token for _ in range(3)}
    assert len(tokens) == 3
    assert all(len(token) == lectures.LENGTH and set(token) <= set(lectures.SIGNS) for token in tokens)
    assert len(lectures.SIGNS) ** lectures.LENGTH > 2**79
    session = Lecturer(dial(), ask).session
    for wrong in ("", None, 0, [], {}, session, next(iter(tokens))[:-1], next(iter(tokens)).upper()):
        assert "leads to no lecture" in hear(follow(wrong), "none")["text"]


def test_a_link_ends_when_it_is_ended_and_with_the_session(lecturer: Lecturer, follow: Follow) -> None:
    line = follow(lecturer.token)
    hear(line, "welcome")
    assert lecturer.lecture("end") is None
    hear(line, "over")
    hear(follow(lecturer.token), "none")
    again = lecturer.lecture("begin")["token"]
    assert again != lecturer.token
    line = follow(again)
    hear(line, "welcome")
    sessions.forget(lecturer.session)
    hear(line, "over")
    hear(follow(again), "none")


def test_only_who_has_the_session_begins_or_ends_its_lecture(lecturer: Lecturer, ask: Ask) -> None:
    for session in ("", "x", lecturer.token):
        assert ask("/embers/lecture/end", content=b"-", session=session)[0] == 404
    assert lectures.find(lecturer.token) is not None
    assert ask("/embers/lecture/end", session=lecturer.session)[0] == 405  # a link that is followed changes nothing


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_a_page_from_elsewhere_follows_nothing_begins_nothing_and_gets_no_code(
    port: int, lecturer: Lecturer, follow: Follow, origin: str
) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        follow(lecturer.token, origin=origin)
    for path in ("/embers/lecture/end", "/embers/qr"):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("POST", path, b"-", {"Host": "localhost", "Origin": origin, SESSION: lecturer.session})
        assert line.getresponse().status == 403
        line.close()


def test_a_lecture_is_not_served_under_a_name_of_somebody_else(port: int, ask: Ask, lecturer: Lecturer) -> None:
    assert ask("/embers/follow", "evil.example")[0] == 421
    assert ask("/embers/lecture/state", "evil.example", b"-", lecturer.session)[0] == 421
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": "evil.example", "Origin": "http://evil.example", "Connection": "Upgrade", "Upgrade": "websocket",
               "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    line.request("GET", "/embers/follow/live", headers=headers)
    assert line.getresponse().status == 403
    line.close()


def test_followers_are_counted_and_limited_apart_from_visitors(
    dial: Callable[[], ClientConnection], ask: Ask, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in list(sessions._sessions):
        sessions.forget(key)
    monkeypatch.setattr(sessions, "places", sessions.Places(2, 2, 2))
    lecturer = Lecturer(dial(), ask)
    for number in (1, 2):
        hear(follow(lecturer.token), "welcome")
        state = hear(lecturer.line, "followers")["lecture"]
        assert (state["followers"], state["most"]) == (number, 2)
    assert hear(follow(lecturer.token), "full")["retry"] > 0
    hear(dial(), "welcome")  # two followers took no place of a visitor
    hear(dial(), "queue")


def test_one_address_with_many_seats_gives_one_up_to_another(
    lecturer: Lecturer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "places", sessions.Places(99, 99, 3))
    lecture = lectures.find(lecturer.token)
    greedy = [lectures.join(lecture, "10.0.0.1", lambda: None) for _ in range(3)]
    assert lectures.join(lecture, "10.0.0.1", lambda: None) is None
    assert lectures.join(lecture, "10.0.0.2", lambda: None) is not None
    assert [each.dismissed for each in greedy] == ["", "", "full"]
    assert lectures.join(lecture, "10.0.0.3", lambda: None) is not None
    assert lectures.join(lecture, "10.0.0.4", lambda: None) is None  # all have one: nobody is sent away for it
    assert sorted(lecture.seats.values()) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_lines_of_followers_that_say_nothing_are_few_and_closed_soon(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "places", sessions.Places(2, 1, 0))
    monkeypatch.setattr(following, "GREETING", 1.0)
    address = f"ws://127.0.0.1:{port}/embers/follow/live"
    with ExitStack() as lines:
        silent = []
        with suppress(InvalidStatus):
            while len(silent) <= KNOCKING:
                silent.append(lines.enter_context(connect(address)))
        assert KNOCKING - 5 < len(silent) <= KNOCKING  # those of the tests before may not be quite gone
        for line in silent:
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=10)


def test_files_behind_a_run_do_not_reach_its_followers(lecturer: Lecturer, follow: Follow) -> None:
    secret = 'extends = "influenza"\ntitle = "Mine"\nstory = "a secret"\n'
    lecturer.ask("recipe", recipe={"arms": [{"base": "mine.toml", "text": secret}]})
    watched = Watched(follow(lecturer.token))
    watched.until(lambda _: watched.said["recipe"]["arms"][0]["title"] == "Mine")
    arm = watched.said["recipe"]["recipe"]["arms"][0]
    assert (arm["base"], "secret" in arm["text"], len(arm["text"])) == ("mine.toml", False, 12)
    assert without_texts({"op": "own", "text": ""})["text"] == ""


def test_a_follower_that_never_listens_is_given_up() -> None:
    audience, follower = Audience(), Follower(lambda: None)
    audience.join(follower, None)
    for _ in range(2 * MOST_WAITING):
        audience.hear({"say": "laying out"})
    assert follower.lost
    assert len(follower.messages()) == MOST_WAITING + 1


BAD_LOOKS = [None, 5, [], {}, {**LOOK, "colorBy": "<b>"}, {**LOOK, "against": 4}, {**LOOK, "alone": "0"},
             {**LOOK, "zoom": "much"}, {**LOOK, "middle": {"x": 1}}, {**LOOK, "layers": {}}]  # fmt: skip


@pytest.mark.parametrize("look", BAD_LOOKS)
def test_a_look_that_is_none_is_refused_and_not_passed_on(lecturer: Lecturer, look: object) -> None:
    lecturer.ask("look", look=look)
    assert "how the views are shown" in hear(lecturer.line, "refused")["text"]


def test_of_a_look_only_what_is_known_is_passed_on() -> None:
    assert look_of({**LOOK, "script": "x", "zoom": 1e9, "layers": {**LOOK["layers"], "x": 1}}) == {**LOOK, "zoom": 12}
