"""The weakest assumptions: each is varied over its range, and the main findings are scored."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from abm.core.quantity import Quantity, declared, replaced
from abm.reporting.measured import bound_text, value_text
from abm.reporting.report import markdown_table
from abm.rules.parameters import Parameters
from abm.runs.progress import Show
from abm.scenario.scenario import Scenario
from abm.validate.curves import HOURS_PER_DAY
from abm.validate.pages import made_by, print_rows, write_page
from abm.validate.suite import Change, Plan, TargetResult, last_day, validate
from abm.validate.target import find_targets

LIST = Path(__file__).with_name("weakest.toml")
FILE = "assumptions"
FINDINGS = ("F2", "F8", "F13")
DIGITS = 3
PLAN = Plan(8, 8)


@dataclass(frozen=True)
class Assumption:
    """A parameter with little evidence. why: which evidence there is. low, high: range over which it is varied."""

    name: str
    why: str
    low: float
    high: float
    quantity: Quantity
    default: float


@dataclass(frozen=True)
class AssumptionSetting:
    """One value of an assumption, or none for the defaults, and what came out."""

    assumption: Assumption | None
    value: float
    results: tuple[TargetResult, ...]


def assumptions() -> list[Assumption]:
    """The list, in its order."""
    known = {item.name: item for item in declared(Parameters())}
    found = []
    for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["assumption"]:
        item = known[entry["name"]]
        bounds = (entry.get("low", item.quantity.low), entry.get("high", item.quantity.high))
        found.append(Assumption(item.name, entry["why"], *bounds, item.quantity, item.value))
    return found


def examine(out: Path, workers: int, show: Show) -> list[AssumptionSetting]:
    """Run the arms of the findings with the defaults, and with each assumption at both ends of its range.

    Args:
        out: folder, opened; the runs are kept in `runs` of it.
        workers: processes.
        show: reporter of progress.

    Raises:
        StorageError: no room, no right to write; finished runs are kept.
        ValidationError: a run ended with an error.
        KeyboardInterrupt: finished runs are kept.
    """
    found = [AssumptionSetting(None, 0.0, _results(out, workers, show, _shortened))]
    for one in assumptions():
        for value in (one.low, one.high):
            show.say(f"{one.name} = {value:g} {one.quantity.unit}".rstrip())
            found.append(AssumptionSetting(one, value, _results(out, workers, show, _with(one.name, value))))
    return found


def write(out: Path, settings: Sequence[AssumptionSetting]) -> Path:
    """Write the page.

    Raises:
        StorageError: no room, no right to write.
    """
    return write_page(out, FILE, _page(settings))


def print_table(console: Console, settings: Sequence[AssumptionSetting]) -> None:
    """One line a setting."""
    print_rows(console, *_table(settings))


def _shortened(scenario: Scenario) -> Scenario:
    """Shorten a scenario to the last day that a finding reads; where every cell awakens, late days cost most."""
    days = max(last_day(value) for target in find_targets(list(FINDINGS)) for value in target.values)
    return replace(scenario, duration=min(scenario.duration, HOURS_PER_DAY * days))


def _with(name: str, value: float) -> Change:
    def changed(scenario: Scenario) -> Scenario:
        return replace(_shortened(scenario), parameters=replaced(scenario.parameters, name, value))

    return changed


def _results(out: Path, workers: int, show: Show, changed: Change) -> tuple[TargetResult, ...]:
    return tuple(validate(FINDINGS, out, workers, show, PLAN, changed)[0])


def _table(settings: Sequence[AssumptionSetting]) -> tuple[list[str], list[list[str]]]:
    first = settings[0].results
    heads = ["assumption", *(f"{result.target.id}: {one.name}" for result in first for one in result.measured)]
    rows = [["tolerance", *(bound_text(one) for result in first for one in result.measured)]]
    for setting in settings:
        cells = [
            value_text(one, DIGITS) + (" !" if one.verdict == "failed" else "")
            for result in setting.results
            for one in result.measured
        ]
        rows.append([_name(setting), *cells])
    return heads, rows


def _name(setting: AssumptionSetting) -> str:
    one = setting.assumption
    if one is None:
        return "defaults"
    return f"{one.name} = {setting.value:g} {one.quantity.unit} (default {one.default:g})"


def _page(settings: Sequence[AssumptionSetting]) -> str:
    heads, rows = _table(settings)
    sections = max(result.replicates for result in settings[0].results)
    reasons = [f"- `{one.name}` ({one.quantity.confidence}): {one.why}" for one in assumptions()]
    return "\n\n".join([
        "# The weakest assumptions",
        "Ten numbers have the least evidence and could matter most. Each is varied over its range while the "
        "others keep their defaults. The table shows the response of the expansion after influenza (F2), of the "
        "reduction by an IL-6 knockout (F8), and of the effect of CD4 cells (F13). A mark (!) means that the "
        "whole interval lies outside the tolerance of the finding: there, the result depends on the assumption.",
        "\n".join(reasons),
        markdown_table(heads, rows),
        made_by("embers validate --assumptions", f", {sections} sections of lung per arm"),
    ]) + "\n"  # fmt: skip
