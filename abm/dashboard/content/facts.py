"""What a browser must know before it can draw or say anything: colors, names, menus, forms; for all the same."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abm.dashboard.content.about import about
from abm.dashboard.content.charts import CHARTS, measure_facts
from abm.dashboard.content.describing import forms, parameters
from abm.dashboard.content.edits import LARGEST_OWN
from abm.dashboard.content.own import declarations
from abm.dashboard.content.recipe import DAYS, FOUR_ARMS, MOST_ARMS, MOST_SEED, SIDES
from abm.dashboard.content.terms import TERMS
from abm.dashboard.live.frames import ACTIVATED, HAZE, OVERLAYS, SHOWN, SOURCE_OVERLAYS
from abm.dashboard.live.orders import SPEEDS, UNBOUND
from abm.dashboard.live.stage import SECRETED_EVERY
from abm.dashboard.mechanism.distributions import DISTRIBUTIONS
from abm.dashboard.mechanism.orders import BLOCKADES
from abm.dashboard.mechanism.secretion import sources
from abm.dashboard.mechanism.timing import MOST_DAYS, MOST_REPLICATES
from abm.plots import palette
from abm.plots.tissue_picture import (
    ABOVE_CANCER,
    CANCER_RADIUS,
    CELL_RADIUS,
    IMMUNE,
    MOBILE,
    OWN_RADIUS,
    RIM,
    layer_of,
)
from abm.reporting.report import DISCLAIMER
from abm.rules.cells import KINDS, CellKind
from abm.rules.own.slots import ALL_KINDS
from abm.rules.states import CancerState, Cause, EpithelialState, SiteKind
from abm.scenario.catalog import hypothesis_paths, packaged_path, scenario_names, story_in
from abm.scenario.errors import ScenarioError
from abm.scenario.read import load_scenario

EXAMPLE = "il17a"  # hypothesis whose rules the page offers to begin with
HERO = palette.CANCER_COLORS[CancerState.PROLIFERATING]
CAUSES = {
    Cause.NEVER: (palette.CANCER_COLORS[CancerState.DORMANT], "never awakened"),
    Cause.SPONTANEOUS: ((0, 150, 160), "awakened spontaneously"),
    Cause.IL6: (HERO, "awakened by IL-6"),
    Cause.BORN_AWAKE: ((242, 140, 40), "daughter of a proliferating cell"),
    Cause.RULE: ((90, 60, 200), "awakened by a rule of the scenario"),
}
DIFFERENCE = {  # of a clone from its twin in the view compared with; from bottom to top
    "neither": ((214, 208, 218), "dormant in both"),
    "there": ((0, 114, 178), "awakened only in the other view"),
    "both": ((120, 110, 125), "awakened in both"),
    "here": (HERO, "awakened only here"),
}


@functools.cache
def facts() -> dict[str, Any]:
    """All of it, for JSON."""
    return {
        "disclaimer": DISCLAIMER,
        "about": about(),
        "terms": TERMS,
        "menu": _menu(),
        "fourArms": FOUR_ARMS,
        "limits": {"arms": MOST_ARMS, "side": SIDES, "days": DAYS, "seed": MOST_SEED, "ownText": LARGEST_OWN},
        "speeds": [speed if speed < UNBOUND else None for speed in SPEEDS],
        "measures": measure_facts(),
        "charts": [chart._asdict() for chart in CHARTS],
        "overlays": {name: overlay._asdict() for name, overlay in OVERLAYS.items()},
        "sourceOverlays": {name: overlay._asdict() for name, overlay in SOURCE_OVERLAYS.items()},
        "sources": [_entry(one.color, one.title) | {"secretes": one.secretes_il6} for one in sources()],
        "secretedEvery": SECRETED_EVERY,
        "distributions": {name: one.title for name, one in DISTRIBUTIONS.items()},
        "timing": {"days": MOST_DAYS, "replicates": MOST_REPLICATES, "blockades": BLOCKADES},
        "ramp": palette.field_colors().tolist(),
        "activated": ACTIVATED,
        "sites": [_entry(palette.SITE_COLORS[kind], palette.SITE_NAMES[kind]) for kind in SiteKind],
        "epithelium": [_epithelium(state) for state in EpithelialState],
        "colors": [[palette.site_color(kind, state) for kind in SiteKind] for state in EpithelialState],
        "cells": [
            _entry(palette.CELL_COLORS[kind], palette.CELL_NAMES[kind])
            | {"radius": CELL_RADIUS[kind], "layer": layer_of(kind), "above": kind in ABOVE_CANCER}
            for kind in CellKind
        ]
        + [
            _entry(color, f"cell of the scenario, type {number}") | {"radius": OWN_RADIUS, "layer": IMMUNE, "own": True}
            for number, color in enumerate(palette.OWN_CELL_COLORS, start=1)
        ],
        "layers": SHOWN,
        "haze": {"color": palette.HAZE_COLOR, "most": palette.HAZE_MOST, "field": HAZE},
        "glow": {"dormant": palette.GLOW_COLOR, "flare": palette.FLARE_COLORS},
        "mobile": MOBILE,
        "cellOrder": [*map(int, CELL_RADIUS), *range(KINDS, ALL_KINDS)],
        "cancer": [
            _entry(palette.CANCER_COLORS[state], palette.CANCER_NAMES[state]) | {"rim": palette.RIM_COLORS[state]}
            for state in palette.CANCER_COLORS
        ],
        "causes": [_entry(*CAUSES[cause]) for cause in Cause],
        "clones": palette.CLONE_COLORS,
        "difference": [_entry(*entry) | {"class": name} for name, entry in DIFFERENCE.items()],
        "cancerRadius": CANCER_RADIUS,
        "rim": RIM,
        "forms": forms(),
        "parameters": parameters(),
        "ownExample": _example(),
    }


def _menu() -> list[dict[str, Any]]:
    """The packaged scenarios in groups, by title."""
    scenarios = {name: packaged_path(name) for name in scenario_names()}
    groups = (("Scenarios", scenarios), ("Rival hypotheses", hypothesis_paths()))
    return [{"title": title, "scenarios": _listed(paths)} for title, paths in groups]


def _listed(paths: Mapping[str, Path]) -> list[dict[str, str]]:
    found = []
    for name, path in paths.items():
        try:
            title, story = story_in(path)
        except ScenarioError:
            title, story = name, ""  # chosen, it tells what is wrong with it
        found.append({"name": name, "title": title, "story": story})
    return sorted(found, key=lambda item: item["title"])


def _example() -> str:
    """The text of a hypothesis to begin with; empty where the file is damaged, as whoever chooses it learns."""
    try:
        return str(declarations(load_scenario(hypothesis_paths()[EXAMPLE]))["text"])
    except (KeyError, ScenarioError):
        return ""


def _entry(color: palette.Color, name: str) -> dict[str, Any]:
    return {"color": color, "name": name}


def _epithelium(state: EpithelialState) -> dict[str, Any]:
    if state == EpithelialState.HEALTHY:
        return _entry(palette.SITE_COLORS[SiteKind.SEPTUM], "healthy")
    return _entry(palette.EPITHELIUM_COLORS[state], palette.EPITHELIUM_NAMES[state])
