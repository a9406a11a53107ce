"""Scenario files with older names of parameters: read as if they had those of today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.rules.renamed import RENAMED
from abm.scenario.errors import Fault, label

if TYPE_CHECKING:
    from abm.scenario.toml.source import ScenarioSource


def use_names_of_today(source: ScenarioSource, faults: list[Fault]) -> None:
    """Rename parameters in a file that was read; a number keeps its line.

    A parameter that stands there under both names is added to `faults`.
    """
    parameters = source.table.get("parameters")
    if isinstance(parameters, dict):
        for old, new in RENAMED.items():
            _rename(source, parameters, tuple(old.split(".")), tuple(new.split(".")), faults)


def _rename(
    source: ScenarioSource, parameters: dict[str, Any], old: tuple[str, ...], new: tuple[str, ...], faults: list[Fault]
) -> None:
    """Move one number from its older name to that of today, if it is there; leave no empty table behind."""
    groups = [parameters]
    for part in old[:-1]:
        inner = groups[-1].get(part)
        if not isinstance(inner, dict):
            return
        groups.append(inner)
    value = groups[-1].pop(old[-1], None)
    for group, part in zip(reversed(groups[:-1]), reversed(old[:-1]), strict=True):
        if not group[part]:
            del group[part]
    if value is None:
        return
    place = source.place(("parameters", *old))
    inner = parameters
    for part in new[:-1]:
        inner = inner.setdefault(part, {})
        if not isinstance(inner, dict):  # a number where a group should be, which is refused when it is read
            return
    if new[-1] in inner:
        told = "parameters." + ".".join(old)
        hint = f'it is called "parameters.{".".join(new)}" now, which stands there too: leave one of them'
        faults.append(Fault(label(place.file), place.line, told, str(value), "is given twice", hint=hint))
        return
    inner[new[-1]] = value
    source.places["parameters", *new] = place
