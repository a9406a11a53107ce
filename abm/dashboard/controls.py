"""What the visitor can choose and press."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import solara

from abm.dashboard.player import Player, Setup
from abm.dashboard.words import UNTESTED, menu, seed_of, story_of

Value = TypeVar("Value")
SIZES = {"1 mm": 1000, "2 mm": 2000}  # um


class Speed(NamedTuple):
    """How fast a section plays."""

    name: str
    hours: float  # a second


class State(NamedTuple):
    """What a player is doing; `error`: what stopped it."""

    playing: bool = False
    ended: bool = False
    error: str = ""


SPEEDS = (Speed("slow", 4.0), Speed("normal", 12.0), Speed("fast", 48.0))


@solara.component
def Controls(
    setup: Setup, lay_out: Callable[[Setup], None], new_seed: Callable[[], Setup], player: Player,
    state: solara.Reactive[State], speed: solara.Reactive[float],
) -> None:  # fmt: skip
    """Everything to choose and to press; `lay_out` makes a section anew, `new_seed` gives one of another seed."""
    _Scenario(setup, lay_out)
    with solara.Div(classes=["pair"]):
        _Seed(setup, lay_out).key(f"seed {setup.seed}")
        _Choice("Section", SIZES, setup.side, lambda side: lay_out(setup._replace(side=side)))
    _Choice("Speed", {one.name: one.hours for one in SPEEDS}, speed.value, speed.set)
    done = state.value.ended or bool(state.value.error)
    with solara.Div(classes=["buttons"]):
        if state.value.playing:
            solara.Button("Pause", icon_name="mdi-pause", color="primary", on_click=player.pause)
        else:
            solara.Button("Play", icon_name="mdi-play", color="primary", on_click=player.play, disabled=done)
        solara.Button("Step 1 h", icon_name="mdi-skip-next", outlined=True, on_click=player.step, disabled=done)
        solara.Button("Reset", icon_name="mdi-restart", outlined=True, on_click=lambda: lay_out(setup))
        solara.Button("New seed", icon_name="mdi-dice-5", outlined=True, on_click=lambda: lay_out(new_seed()))


@solara.component
def _Choice(label: str, values: dict[str, Value], value: Value, on_value: Callable[[Value], None]) -> None:
    """One of a few values, by name."""
    name = next(name for name, one in values.items() if one == value)
    with solara.Div(classes=["choice"]):
        solara.v.Html(tag="div", class_="label", children=[label])
        solara.ToggleButtonsSingle(
            value=name, values=list(values), on_value=lambda name: on_value(values[name]), dense=True
        )


@solara.component
def _Scenario(setup: Setup, lay_out: Callable[[Setup], None]) -> None:
    """The menu, and what is said of the scenario chosen."""
    items = solara.use_memo(menu, [])
    told = solara.use_memo(lambda: story_of(setup.scenario), [setup.scenario])
    solara.v.Select(
        label="Scenario", items=items, v_model=setup.scenario, outlined=True, dense=True, hide_details=True,
        menu_props={"maxHeight": 640, "offsetY": True}, on_v_model=lambda name: lay_out(setup._replace(scenario=name)),
    )  # fmt: skip
    if told.fault:
        solara.Error(told.fault)
        return
    with solara.Div(classes=["story"]):
        solara.v.Html(tag="p", children=[told.story])
        with solara.v.Html(tag="p"):
            solara.v.Html(tag="b", children=["Expected: "])
            solara.v.Html(tag="span", children=[told.expect])
        if told.prediction:
            with solara.v.Html(tag="p", class_="prediction"):
                solara.v.Html(tag="em", children=["Prediction: "])
                solara.v.Html(tag="span", children=[f"{UNTESTED}."])


@solara.component
def _Seed(setup: Setup, lay_out: Callable[[Setup], None]) -> None:
    """The seed; what is none is refused beside it, and the section stays."""
    fault = solara.use_reactive("")

    def typed(text: str) -> None:
        try:
            seed = seed_of(text)
        except ValueError as error:
            fault.set(str(error))
            return
        fault.set("")
        if seed != setup.seed:
            lay_out(setup._replace(seed=seed))

    solara.InputText("Seed", value=str(setup.seed), on_value=typed, error=fault.value or False)
