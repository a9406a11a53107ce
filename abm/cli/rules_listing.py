"""What `embers rules` prints and draws: the laws of one scenario, or how those of two differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from abm.laws.catalogue import laws_in
from abm.reporting.laws import as_data, differences, differences_as_data
from abm.scenario.scenario import Scenario


def data_of(scenario: Scenario, other: Scenario | None) -> dict[str, Any]:
    """The laws as plain data."""
    laws = laws_in(scenario)
    return (
        as_data(scenario, laws)
        if other is None
        else differences_as_data((scenario, other), differences(laws, laws_in(other)))
    )


def lines_of_trial(scenario: Scenario) -> Iterator[str]:
    """How far the signals of the rules of a scenario come in a run."""
    from abm.studies.trial import tried

    found = tried(scenario)
    yield ""
    yield "Trial run: the highest signal of each rule" if found else "Trial run: the scenario has no rules of its own"
    for one in found:
        unit = f" {one.unit}" if one.unit else ""
        what = f"{one.rule.signal} up to {one.highest:.3g}{unit}, half of the response at {one.rule.half:.3g}{unit}"
        told = "it is switched off" if not one.rule.on else f"up to {100.0 * one.share:.0f} % of its change"
        yield f"  {one.rule.name}: {what}: {told}{'' if one.acts or not one.rule.on else '; THE RULE HARDLY ACTS'}"


def drawn(scenario: Scenario, other: Scenario | None, folder: Path) -> tuple[Path, ...]:
    """Draw the curves of the laws that act and their diagram, or the curves of those that differ; returns the files.

    Raises:
        StorageError: no room, no right to write.
    """
    from abm.plots.diagram import draw_diagram
    from abm.plots.laws import Compared, draw_laws

    laws = laws_in(scenario)
    if other is None:
        acting = [law for law in laws if law.acts]
        return *draw_laws(scenario, acting, folder), *draw_diagram(scenario, acting, folder)
    pairs = differences(laws, laws_in(other))
    own = [pair.one for pair in pairs if pair.one is not None and pair.one.acts]
    others = [pair.other for pair in pairs if pair.other is not None and pair.other.acts]
    return draw_laws(scenario, own, folder, Compared(other, others))
