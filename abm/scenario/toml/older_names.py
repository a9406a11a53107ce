"""Earlier names of parameters in scenario files, replaced by the current ones as a file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.rules.renamed import RENAMED
from abm.scenario.errors import Fault, label

if TYPE_CHECKING:
    from abm.scenario.toml.source import ScenarioSource


def update_names(source: ScenarioSource, faults: list[Fault]) -> None:
    """Replace earlier names in the parameters of a file; each number keeps its line.

    A parameter given under both names is added to `faults`.
    """
    parameters = source.table.get("parameters")
    if isinstance(parameters, dict):
        for old, new in RENAMED.items():
            _rename(source, parameters, tuple(old.split(".")), tuple(new.split(".")), faults)


def _rename(
    source: ScenarioSource, parameters: dict[str, Any], old: tuple[str, ...], new: tuple[str, ...], faults: list[Fault]
) -> None:
    """Move a number from its earlier to its current name, if the file gives it, and leave no empty table."""
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
        if not isinstance(inner, dict):  # a number in place of a group: the check of parameters refuses it
            return
    if new[-1] in inner:
        earlier = "parameters." + ".".join(old)
        hint = f'its current name "parameters.{".".join(new)}" is given too: remove one of them'
        faults.append(Fault(label(place.file), place.line, earlier, str(value), "is given twice", hint=hint))
        return
    inner[new[-1]] = value
    source.places["parameters", *new] = place
