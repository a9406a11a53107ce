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
from abm.dashboard.controls import SPEEDS, Controls
from abm.dashboard.legend import il6_scale_html, legend_html
from abm.dashboard.player import Frame, Player, Setup
from abm.dashboard.words import DISCLAIMER, LAYING_OUT, SUBTITLE, TITLE, summary

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
    order = solara.use_reactive((Setup(), 0))  # what to play, and the how manieth time
    speed = solara.use_reactive(SPEEDS[1].hours)
    with_il6 = solara.use_reactive(False)
    shown: solara.Reactive[Frame | None] = solara.use_reactive(None)
    told: solara.Reactive[Frame | None] = solara.use_reactive(None)
    playing, error = solara.use_reactive(False), solara.use_reactive("")

    setup, turn = order.value
    player = solara.use_memo(lambda: Player(setup), [setup, turn])
    solara.use_effect(lambda: _opened(player), [player])
    solara.use_effect(lambda: player.adjust(speed.value, with_il6.value), [player, speed.value, with_il6.value])

    async def watch() -> None:
        await _watch(player, shown, told, playing, error)

    solara.lab.use_task(watch, dependencies=[player])

    def lay_out(wanted: Setup) -> None:
        order.set((wanted, order.value[1] + 1))

    with solara.Div(classes=["embers"]):
        with solara.Div(classes=["head"]):
            solara.v.Html(tag="h1", children=[TITLE])
            solara.v.Html(tag="p", children=[SUBTITLE])
            solara.v.Html(tag="p", class_="disclaimer", children=[DISCLAIMER])
        with solara.Div(classes=["controls"]):
            Controls(setup, lay_out, lambda: _new_seed(setup), player, playing, speed)
        with solara.Div(classes=["stage"]):
            Told(told, error, player)
            Tissue(shown, with_il6, player)
        with solara.Div(classes=["curves"]):
            Curves(told)
        solara.HTML(tag="div", classes=["legend"], unsafe_innerHTML=legend_html())


@solara.component
def Told(told: solara.Reactive[Frame | None], error: solara.Reactive[str], player: Player) -> None:
    """The state of the section in words, and what went wrong."""
    frame = told.value
    with solara.Div(classes=["told"]):
        if error.value:
            solara.Error(f"The section stopped. {error.value}")
        elif frame is None or frame.setup != player.setup:
            solara.v.Html(tag="p", class_="line", children=[LAYING_OUT])
        else:
            solara.v.Html(tag="p", class_="line", attributes={"role": "status"}, children=[summary(frame)])


@solara.component
def Tissue(shown: solara.Reactive[Frame | None], with_il6: solara.Reactive[bool], player: Player) -> None:
    """The picture of the tissue."""
    frame = shown.value
    if frame is None:
        solara.Div(classes=["empty"])
    else:
        _Picture(
            number=frame.number, tissue=_url(frame.tissue), il6=_url(frame.il6), label=f"Tissue: {summary(frame)}",
            bar_width=SCALE_BAR / frame.setup.side, bar_label=f"{SCALE_BAR} µm", event_seen=player.seen,
        )  # fmt: skip
    with solara.Div(classes=["below"]):
        solara.Checkbox(label="Show IL-6 on the tissue", value=with_il6)
        if with_il6.value:
            solara.HTML(tag="div", classes=["il6-scale"], unsafe_innerHTML=il6_scale_html())
        solara.v.Html(tag="span", class_="note", children=["Cells are drawn larger than they are."])


@solara.component
def Curves(told: solara.Reactive[Frame | None]) -> None:
    """Measures against time."""
    frame = told.value
    if frame is not None:
        for chart in CHARTS:
            solara.HTML(
                tag="div", classes=["chart"], unsafe_innerHTML=chart_svg(chart, frame.points, frame.last_day)
            )  # fmt: skip


@solara.component_vue("tissue.vue")
def _Picture(
    number: int, tissue: str, il6: str, label: str, bar_width: float, bar_label: str, event_seen: Callable[[int], None]
) -> None:
    """PNGs one above the other; calls `event_seen` with the number of the frame that is on the screen."""


def _opened(player: Player) -> Callable[[], None]:
    """Start it; gives what ends it."""
    player.start()
    return player.close


async def _watch(
    player: Player, shown: solara.Reactive, told: solara.Reactive, playing: solara.Reactive, error: solara.Reactive
) -> None:
    """Bring to the page what the player has made; each change is rendered before the next look."""
    last = 0.0
    while True:
        playing.set(player.playing)
        error.set(player.error)
        frame = player.frame
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
    """A picture that needs no request; empty for none."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else ""
