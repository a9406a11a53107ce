"""The way back from a folder of results to the page: its arms and its seed as what visitors see first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abm.dashboard.content.edits import RecipeError
from abm.dashboard.content.recipe import DAYS, LARGEST, MOST_ARMS, SIDES, Recipe, RecipeArm, scenarios_for
from abm.runs import provenance
from abm.runs.identity import mask_of
from abm.scenario.check import BLOCK_WIDTH
from abm.scenario.read import load_scenario
from abm.scenario.scenario import Scenario

HOURS_PER_DAY = 24.0


def recipe_of_folder(folder: Path) -> tuple[Recipe, str]:
    """What the page shows of a folder of `embers compare` or `embers run`, or of an archive of the page.

    Returns:
        The recipe, at day 0 with the first seed; and a sentence on arms or seeds that are not shown, or "".

    Raises:
        RecipeError: it holds no such results, or the page cannot show them; the message has the reason and the ends.
        ScenarioError: a scenario in it has faults.
    """
    told = provenance.read(folder)
    if not told.get("arms") or not told.get("seeds"):
        raise RecipeError(
            f'"{folder}" is no folder of results: it has no {provenance.FILE} with arms and seeds. Name the folder '
            "that embers compare or embers run made, such as outputs/compare-..."
        )
    names = list(map(str, told["arms"]))
    files = {name: folder / "scenarios" / f"{name}.toml" for name in names[:MOST_ARMS]}
    missing = [file for file in files.values() if not file.is_file()]
    if missing:
        raise RecipeError(f'"{missing[0]}" is not there: the folder is damaged or not finished')
    scenarios = {name: load_scenario(file) for name, file in files.items()}
    arms = tuple(RecipeArm(file.name, _text(file)) for file in files.values())
    recipe = Recipe(
        arms, int(told["seeds"][0]), _side(scenarios, folder), _days(scenarios, folder), _map(scenarios, folder)
    )
    scenarios_for(recipe)
    return recipe, _left_out(told, names)


def _text(file: Path) -> str:
    """The text of a scenario; its section is that of the recipe."""
    text = file.read_text(encoding="utf-8")
    if len(text.encode()) > LARGEST:
        raise RecipeError(f'"{file}" is larger than {LARGEST:,} bytes')
    return text


def _side(scenarios: dict[str, Scenario], folder: Path) -> int:
    """The side that all sections have."""
    sizes = {(one.width, one.height) for one in scenarios.values()}
    width, height = next(iter(sizes))
    low, high = SIDES
    if len(sizes) > 1 or width != height or not low <= width <= high or width % BLOCK_WIDTH:
        listed = ", ".join(f"{name} {one.width:g} x {one.height:g} um" for name, one in scenarios.items())
        raise RecipeError(f'"{folder}": the page shows square sections of one size, {low} to {high} um: {listed}')
    return int(width)


def _days(scenarios: dict[str, Scenario], folder: Path) -> int:
    """The length that all runs have."""
    lengths = {one.duration / HOURS_PER_DAY for one in scenarios.values()}
    days, (low, high) = next(iter(lengths)), DAYS
    if len(lengths) > 1 or days != round(days) or not low <= days <= high:
        listed = ", ".join(f"{name} {one.duration / HOURS_PER_DAY:g} d" for name, one in scenarios.items())
        raise RecipeError(f'"{folder}": the page shows runs of one length of {low} to {high} whole days: {listed}')
    return round(days)


def _map(scenarios: dict[str, Scenario], folder: Path) -> str:
    """The map that all sections are read from; "" where they are drawn."""
    maps = {name: mask_of(one) for name, one in scenarios.items()}
    files = [file.resolve() for file in maps.values() if file is not None]
    if not files:
        return ""
    if len(files) < len(maps) or len({file.read_bytes() for file in files}) > 1:
        raise RecipeError(f'"{folder}": its arms have different maps of the section; the page shows one map')
    return str(files[0])


def _left_out(told: dict[str, Any], names: list[str]) -> str:
    parts = []
    if len(names) > MOST_ARMS:
        parts.append(f"The page shows {MOST_ARMS} arms; left out: {', '.join(names[MOST_ARMS:])}.")
    if len(told["seeds"]) > 1:
        first, last = told["seeds"][0], told["seeds"][-1]
        parts.append(f"It shows seed {first} of {first} to {last}; background runs take the seeds after it.")
    if told.get("parameter_sets"):
        parts.append("Parameter sets of the folder are not shown.")
    return " ".join(parts)
