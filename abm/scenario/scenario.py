"""A scenario: everything that defines one experiment, as plain data; `abm.scenario.read` reads it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Annotated, Any

from abm.core.own_laws import OwnLaw
from abm.core.quantity import Quantity
from abm.core.tree import ShownAsTree, Tree
from abm.rules.infection import VIRUSES, Virus
from abm.rules.parameters import Parameters
from abm.rules.states import VirusOfRun
from abm.scenario import edits
from abm.scenario.change import Change
from abm.scenario.hypothesis.declared import OwnCell, OwnSubstance, Rule
from abm.scenario.hypothesis.numbers import has_own, in_step, with_own_numbers
from abm.scenario.shown import tree_of
from abm.treatments.treatments import Infection, Treatment


class UsualTimes(tuple[float, ...]):
    """Times that nobody named: they follow the length of the run."""


def _listed(value: Any) -> tuple[Any, ...]:
    """The entries of a tuple or list; of anything else, which is refused where scenarios are checked, none."""
    return tuple(value) if isinstance(value, tuple | list) else ()


USUAL_SNAPSHOTS = UsualTimes((0.0, 72.0, 120.0, 216.0, 360.0, 672.0))  # h
_AS_THE_VIRUS: Any = None


def usual_snapshots(duration: float) -> UsualTimes:
    """Times of snapshots [h] where none are given: the usual ones before the end of the run, and its end."""
    if not isinstance(duration, Real) or not 0.0 < duration < math.inf:
        return USUAL_SNAPSHOTS  # no duration, which is refused where scenarios are checked
    return UsualTimes((*(time for time in USUAL_SNAPSHOTS if time < duration), float(duration)))


@dataclass(frozen=True, repr=False)
class Scenario(ShownAsTree):
    """One experiment.

    It never changes: each `with_...` gives a new scenario, checked as a scenario file is. A quantity is text with its
    unit, such as "0.02 /h" or "3 days", or a number in the declared unit (times in h, lengths in um).

    Attributes:
        name: file name without ending; title, story, expect: for people.
        host: "mouse" or "human". virus: "influenza", "SARS-CoV-2" or "RSV", also where nothing is inoculated; an
            infection or a vaccination may name one other.
        duration, step, record_every, snapshots: hours. width, height: um.
        layout: "lung", "sheet", or the path of a PNG mask. layout_seed: which section is drawn.
        snapshots: by default the usual ones as far as the run goes, and its end.
        parameters: by default those of the virus, or of both, in the host, and of what the scenario declares of its
            own. changes: of parameters during the run.
        substances, cells, rules: of the user's own, see `abm.scenario.hypothesis.declared`; best added by `with_...`.
        laws: functions of the user's own in the place of built-in laws, see `with_law`.
    """

    name: str = "unnamed"
    title: str = ""
    story: str = ""
    expect: str = ""
    host: str = "mouse"
    virus: str = "influenza"
    duration: Annotated[float, Quantity("length of the run", "h", 1.0, 87600.0, "scenario")] = 672.0
    step: Annotated[float, Quantity("time step", "h", 1 / 60, 0.5, "scenario; results must hold at half of it")] = 1 / 6
    record_every: Annotated[float, Quantity("time between measures", "h", 1 / 60, 240.0, "scenario")] = 6.0
    snapshots: tuple[float, ...] = USUAL_SNAPSHOTS
    layout: str = "lung"
    layout_seed: int = 1
    width: Annotated[float, Quantity("width of the section", "um", 80.0, 40000.0, "scenario")] = 2000.0
    height: Annotated[float, Quantity("height of the section", "um", 80.0, 40000.0, "scenario")] = 2000.0
    infections: tuple[Infection, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    parameters: Parameters = _AS_THE_VIRUS
    changes: tuple[Change, ...] = ()
    substances: tuple[OwnSubstance, ...] = ()
    cells: tuple[OwnCell, ...] = ()
    rules: tuple[Rule, ...] = ()
    laws: tuple[OwnLaw, ...] = ()

    def __post_init__(self) -> None:
        """Fill in what follows from other fields, and turn lists into tuples."""
        for name in ("snapshots", "infections", "treatments", "changes", "substances", "cells", "rules", "laws"):
            if type(getattr(self, name)) is list:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        usual = self.usual_parameters()
        if self.parameters is None:
            object.__setattr__(self, "parameters", usual)
        given: object = self.parameters
        if isinstance(given, Parameters) and bool(self.second_virus) != bool(given.second_virus):
            object.__setattr__(self, "parameters", given._replace(second_virus=usual.second_virus))
        if isinstance(self.snapshots, UsualTimes):
            object.__setattr__(self, "snapshots", usual_snapshots(self.duration))
        if isinstance(given, Parameters) and (has_own(self) or given.rules is not None):
            for name, value in in_step(self, usual).items():
                object.__setattr__(self, name, value)

    @property
    def viruses(self) -> tuple[str, ...]:
        """The virus of the scenario, then others that its infections and vaccinations name; one other is allowed."""
        named = [getattr(entry, "virus", "") for entry in (*_listed(self.infections), *_listed(self.treatments))]
        return tuple(dict.fromkeys((self.virus, *(name for name in named if name and isinstance(name, str)))))

    @property
    def second_virus(self) -> str:
        """The virus that an infection or a vaccination names beside that of the scenario; empty where none does."""
        return next(iter(self.viruses[1:]), "")

    def usual_parameters(self) -> Parameters:
        """The defaults of its virus, or of both, in its host; also of a scenario that is not valid."""
        known: list[Virus] = [
            next((virus for pair, virus in VIRUSES.items() if pair == (name, self.host)), Virus())
            for name in self.viruses[: len(VirusOfRun)]
        ]
        parameters = Parameters(virus=known[0], second_virus=known[1] if len(known) > 1 else None)
        return with_own_numbers(parameters, self)

    def with_parameters(self, values: Mapping[str, Any]) -> Scenario:
        """This scenario with other values of parameters: `with_parameters({"dormancy.awakening": "0.02 /h"})`.

        Args:
            values: by dotted name, as `embers describe` lists them.

        Raises:
            ScenarioError: unknown names, wrong units, values out of range; with all faults.
        """
        return edits.with_parameters(self, values)

    def with_infection(
        self, infection: Infection | None = None, *, time: Any = None, dose: Any = None, virus: str | None = None
    ) -> Scenario:
        """This scenario with one more infection: `with_infection(time="10 days", virus="SARS-CoV-2")`.

        Args:
            infection: one that was made already, instead of the rest.
            time: of the inoculation; by default day 0.
            dose: relative to the usual inoculum of the virus; by default 1.
            virus: by name; by default that of the scenario.

        Raises:
            ScenarioError: with all faults.
        """
        return edits.with_entry(self, "infection", infection, {"time": time, "dose": dose, "virus": virus})

    def with_treatment(self, treatment: Treatment | str, **values: Any) -> Scenario:
        """This scenario with one more treatment: `with_treatment("anti-IL-6", drug="MP5-20F3", start="3 days")`.

        Args:
            treatment: the type of a treatment, as in a file, or one that was made already.
            values: drug, start, stop, dose, every, cells, ...: the keys that a file has for this type.

        Raises:
            ScenarioError: with all faults.
            TypeError: values beside a treatment that was made already.
        """
        if isinstance(treatment, str):
            return edits.with_entry(self, "treatment", None, {"type": treatment} | values)
        return edits.with_entry(self, "treatment", treatment, values)

    def with_change(self, parameter: str, value: Any, time: Any) -> Scenario:
        """This scenario with a parameter that has another value from one time on.

        Raises:
            ScenarioError: with all faults.
        """
        return edits.with_entry(self, "change", None, {"parameter": parameter, "value": value, "time": time})

    def with_substance(self, name: str, **values: Any) -> Scenario:
        """This scenario with a substance of its own: `with_substance("IL-17A", molar_mass="31 kDa", loss="0.4 /h")`.

        Args:
            name: of the substance.
            values: molar_mass, diffusion, loss, source, confidence, as in a file.

        Raises:
            ScenarioError: with all faults.
        """
        return edits.with_own(self, "substance", name, values)

    def with_cell(self, name: str, **values: Any) -> Scenario:
        """This scenario with a type of mobile cell of its own: `with_cell("mast cell", like="fibroblast")`.

        Args:
            name: of the type.
            values: like, density, influx, loss, speed, source, confidence, as in a file.

        Raises:
            ScenarioError: with all faults.
        """
        return edits.with_own(self, "cell", name, values)

    def with_rule(self, cell: str, signal: str, **values: Any) -> Scenario:
        """This scenario with one more rule.

        `with_rule("dormant cancer cell", "IL-17A", raises="awakening", to="0.02 /h", half="0.2 ng/mL")`

        Args:
            cell: in whom it acts.
            signal: what it responds to.
            values: raises or lowers, `from_`, to, half, power, form, `and_`, and_half, and_power, replaces, name,
                on, source, confidence: the keys of `[[rule]]` in a file.

        Raises:
            ScenarioError: with all faults.
        """
        return edits.with_rule(self, {"cell": cell, "signal": signal, **values})

    def without_rules(self) -> Scenario:
        """This scenario with no rule of its own; its substances and cells stay."""
        return edits.without(self, "rules")

    def with_law(self, name: str, function: Callable[..., Any]) -> Scenario:
        """This scenario with a function of your own in the place of a built-in law: `with_law("return_rate", mine)`.

        It acts in the models of this scenario only. It is compiled by numba, and may read numbers, math, numpy, parts
        of the package, such as `abm.rules.response.hill`, and functions of the same kind. If it calls a law of the
        package, that is the built-in one. Its text and the numbers that it reads are part of the address of a run.

        Args:
            name: of the law, as `embers rules` shows it, up to the first dot.
            function: made by `def`, with as many arguments as the built-in law, in its order.

        Raises:
            ScenarioError: an unknown name; no such function; it does not compile, gives something else than the
                built-in law does or no finite number; a rule takes the place of the same law.
        """
        return edits.with_law(self, name, function)

    def without_laws(self) -> Scenario:
        """This scenario with no function in the place of a built-in law."""
        return edits.without(self, "laws")

    def without_infections(self) -> Scenario:
        """This scenario with no virus given."""
        return edits.without(self, "infections")

    def without_treatments(self) -> Scenario:
        """This scenario with nothing given to the host."""
        return edits.without(self, "treatments")

    def with_section(
        self, layout: str | Path | None = None, *, width: Any = None, height: Any = None, layout_seed: int | None = None
    ) -> Scenario:
        """This scenario on another section of lung: `with_section("sheet", width="1 mm", height="1 mm")`.

        Args:
            layout: "lung", "sheet", or the path of a PNG in the colors of the sites.
            width: of the section, a multiple of 40 um.
            height: of the section, as well.
            layout_seed: which section is drawn.

        Raises:
            ScenarioError: with all faults.
        """
        sides = {"width": width, "height": height}
        return edits.with_section(self, {"layout": layout, **sides, "layout_seed": layout_seed})

    def with_duration(self, duration: Any) -> Scenario:
        """This scenario for another time: `with_duration("15 days")`; snapshots after the end are left out.

        Raises:
            ScenarioError: with all faults; also if an infection or treatment would come after the end.
        """
        return edits.with_duration(self, duration)

    def with_virus(self, virus: str | None = None, host: str | None = None) -> Scenario:
        """This scenario with another virus or in another host, and with the parameters of that virus in that host.

        Raises:
            ScenarioError: unknown; or a treatment does not suit them.
        """
        return edits.with_virus(self, virus, host)

    def with_name(self, name: str, title: str | None = None) -> Scenario:
        """This scenario under another name, which names its files and its row in a comparison.

        Args:
            name: of a file.
            title: in figures; by default the name.

        Raises:
            ScenarioError: it cannot be the name of a file.
        """
        return edits.with_name(self, name, title)

    def _tree(self) -> Tree:
        return tree_of(self)
