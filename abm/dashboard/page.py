"""The page: one section, live. Each visitor has a player of their own, which ends with their session."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import solara
import solara.lab

from abm.dashboard.charts import CHARTS, chart_svg
from abm.dashboard.controls import SPEEDS, Controls, State
from abm.dashboard.legend import cells_html, il6_scale_html, sites_html
from abm.dashboard.player import Frame, Player, Setup
from abm.dashboard.words import LAYING_OUT, SUBTITLE, TITLE, hour, summary
from abm.study.report import DISCLAIMER

HERE = Path(__file__).parent
LOOK = 0.05  # seconds from look to look at the player
TELL = 0.5  # seconds from text to text, and from curve to curve
SCALE_BAR = 200  # um
EASY_SEEDS = 10_000  # a new seed is one that a class can call out


@solara.component
def Page() -> None:
    """One section, its controls and its curves."""
    solara.Title(TITLE)
    solara.Style(HERE / "style.css")
    order = solara.use_reactive((Setup(), 0))  # what to lay out, and how often something was before
    speed = solara.use_reactive(SPEEDS[1].hours)
    il6 = solara.use_reactive(False)
    shown: solara.Reactive[Frame | None] = solara.use_reactive(None)
    told: solara.Reactive[Frame | None] = solara.use_reactive(None)
    state = solara.use_reactive(State())

    setup, turn = order.value
    player = solara.use_memo(lambda: Player(setup), [setup, turn])
    solara.use_effect(lambda: _opened(player), [player])
    solara.use_effect(lambda: player.adjust(speed.value, il6.value), [player, speed.value, il6.value])

    async def watch() -> None:
        await _watch(player, shown, told, state)

    solara.lab.use_task(watch, dependencies=[player])

    def lay_out(wanted: Setup) -> None:
        order.set((wanted, order.value[1] + 1))

    with solara.Div(classes=["embers"]):
        _Head()
        with solara.Div(classes=["controls"]):
            Controls(setup, lay_out, lambda: _new_seed(setup), player, state, speed)
            solara.HTML(tag="div", classes=["legend"], unsafe_innerHTML=cells_html())
        with solara.Div(classes=["stage"]):
            Told(told, state, player)
            Tissue(shown, il6, player)
        with solara.Div(classes=["curves"]):
            Curves(told)
            solara.HTML(tag="div", classes=["legend"], unsafe_innerHTML=sites_html())


@solara.component
def _Head() -> None:
    with solara.Div(classes=["head"]):
        solara.v.Html(tag="h1", children=[TITLE])
        solara.v.Html(tag="p", children=[SUBTITLE])
        solara.v.Html(tag="p", class_="disclaimer", children=[DISCLAIMER])


@solara.component
def Told(told: solara.Reactive[Frame | None], state: solara.Reactive[State], player: Player) -> None:
    """The state of the section in words, and what went wrong."""
    frame = told.value
    with solara.Div(classes=["told"]):
        if state.value.error:
            solara.Error(f"The section stopped. {state.value.error}")
        elif frame is None or frame.setup != player.setup:
            solara.v.Html(tag="p", children=[LAYING_OUT])
        else:
            solara.v.Html(tag="p", children=[summary(frame)])


@solara.component
def Tissue(shown: solara.Reactive[Frame | None], il6: solara.Reactive[bool], player: Player) -> None:
    """The picture of the tissue."""
    frame = shown.value
    if frame is None:
        solara.Div(classes=["embers-tissue"])
    else:
        _Picture(
            number=frame.number, picture=_url(frame.picture), label=f"Tissue. {summary(frame)}",
            bar_width=SCALE_BAR / frame.setup.side, bar_label=f"{SCALE_BAR} µm", event_seen=player.seen,
        )  # fmt: skip
    with solara.Div(classes=["below"]):
        solara.Checkbox(label="Show IL-6", value=il6)
        if il6.value:
            solara.HTML(tag="div", classes=["ramp"], unsafe_innerHTML=il6_scale_html())
        if frame is not None:
            solara.v.Html(tag="span", class_="quiet", children=[hour(frame)])


@solara.component
def Curves(told: solara.Reactive[Frame | None]) -> None:
    """Measures against time."""
    frame = told.value
    if frame is not None:
        for chart in CHARTS:
            drawing = chart_svg(chart, frame.points, frame.last_day)
            solara.HTML(tag="div", classes=["chart"], unsafe_innerHTML=drawing)


@solara.component_vue("tissue.vue")
def _Picture(
    number: int, picture: str, label: str, bar_width: float, bar_label: str, event_seen: Callable[[int], None]
) -> None:
    """A PNG with a scale bar; calls `event_seen` with the number of the frame that is on the screen."""


def _opened(player: Player) -> Callable[[], None]:
    """Start it; gives what ends it."""
    player.start()
    return player.close


async def _watch(player: Player, shown: solara.Reactive, told: solara.Reactive, state: solara.Reactive) -> None:
    """Bring to the page what the player has made; each change is rendered before the next look."""
    last = 0.0
    while True:
        frame = player.frame
        state.set(State(player.playing, frame is not None and frame.ended, player.error))
        if frame is not None and frame is not shown.value:
            shown.set(frame)
        if frame is not None and frame is not told.value and time.monotonic() - last >= TELL:
            last = time.monotonic()
            told.set(frame)
        await asyncio.sleep(LOOK)


def _new_seed(setup: Setup) -> Setup:
    """The same with another seed."""
    seed = setup.seed
    while seed == setup.seed:
        seed = 1 + secrets.randbelow(EASY_SEEDS - 1)
    return setup._replace(seed=seed)


def _url(png: bytes) -> str:
    """A picture that needs no request."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
