"""What must hold between the values of a scenario, each of them in its own range already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from abm.core.lattice import BLOCK, SPACING
from abm.core.quantity import Quantity
from abm.rules.infection import VIRUSES
from abm.rules.states import VirusOfRun
from abm.scenario.conflict import Conflict
from abm.scenario.hypothesis.check import own_conflicts
from abm.scenario.toml.lines import Key
from abm.scenario.toml.units import hours_and_days
from abm.treatments.drugs import Antiviral, RepeatedDoses
from abm.treatments.treatments import Vaccination

if TYPE_CHECKING:
    from abm.scenario.scenario import Scenario

FOUNDERS = ("parameters", "dormancy", "founders")
BLOCK_WIDTH = BLOCK * SPACING  # um: the section must be a whole number of blocks of the IL-6 grid wide
HOSTS = tuple(dict.fromkeys(host for _, host in VIRUSES))
VIRUS_NAMES = tuple(dict.fromkeys(virus for virus, _ in VIRUSES))
LAYOUTS = ("lung", "sheet")
SNAPSHOT = Quantity("time of a snapshot", "h", 0.0, 87600.0, "scenario")


def conflicts(scenario: Scenario, shortened: bool = False) -> Iterator[Conflict]:
    """Everything in the scenario that does not go together.

    shortened: whether an option has made the run shorter; what comes after its end then never acts.
    """
    for conflict in _conflicts(scenario):
        if not (shortened and ("duration",) in conflict.others):
            yield conflict


def _conflicts(scenario: Scenario) -> Iterator[Conflict]:
    yield from own_conflicts(scenario)
    yield from _times(scenario)
    yield from _section(scenario)
    yield from _founders(scenario)
    yield from _viruses(scenario)
    for number, infection in enumerate(scenario.infections):
        if infection.time >= scenario.duration:
            key = ("infection", number, "time")
            yield _too_late(key, infection.time, scenario, "the virus arrives after the end of the run")
    yield from _treatments(scenario)
    for number, change in enumerate(scenario.changes):
        if change.time >= scenario.duration:
            yield _too_late(("change", number, "time"), change.time, scenario, "the change is after the end of the run")


def _viruses(scenario: Scenario) -> Iterator[Conflict]:
    """Infections and vaccinations name at most one virus beside that of the scenario, and viruses of its host."""
    of_host = ", ".join(virus for virus, host in VIRUSES if host == scenario.host)
    kept = scenario.viruses[: len(VirusOfRun)]
    for name in ("infection", "treatment"):
        for number, entry in enumerate(getattr(scenario, f"{name}s")):
            key, virus = (name, number, "virus"), getattr(entry, "virus", "")
            if virus and (virus, scenario.host) not in VIRUSES:
                yield Conflict(key, f'"{virus}"', f"is not known in the host, {scenario.host}", of_host, (("host",),))
            elif virus and virus not in kept:
                problem = f"is a third virus beside {' and '.join(kept)}"
                yield Conflict(key, f'"{virus}"', problem, ", ".join(kept), (("virus",),))


def _founders(scenario: Scenario) -> Iterator[Conflict]:
    """Founders stand one a site; half of the sites leaves room for vessels and airways."""
    founders = scenario.parameters.dormancy.founders
    most = scenario.width * scenario.height / SPACING**2 // 2
    if founders > most:
        others = (("section", "width"), ("section", "height"))
        yield Conflict(FOUNDERS, f"{founders:g} cell", "is more than the section holds", f"0 to {most:g} cell", others)


def _times(scenario: Scenario) -> Iterator[Conflict]:
    for name in ("record_every", "duration"):
        time = getattr(scenario, name)
        steps = time / scenario.step
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
            allowed = f"multiples of the step, {scenario.step:g} h"
            yield Conflict((name,), f"{time:g} h", "is not a whole number of steps", allowed, (("step",),))
    earlier = -1.0
    for number, time in enumerate(scenario.snapshots):
        key, value = ("snapshots", number), f"{time:g} h"
        if time > scenario.duration:
            problem, allowed = "is after the end of the run", f"0 to {hours_and_days(scenario.duration)}"
            hint = "a run that is made shorter needs snapshots of its own"
            yield Conflict(key, value, problem, allowed, (("duration",),), hint)
        elif time <= earlier:
            yield Conflict(key, value, "is not later than the one before", "rising times")
        earlier = time


def _section(scenario: Scenario) -> Iterator[Conflict]:
    width, height, layout = (("section", name) for name in ("width", "height", "layout"))
    odd = False
    for key, side in ((width, scenario.width), (height, scenario.height)):
        if side % BLOCK_WIDTH:
            odd = True
            low = side // BLOCK_WIDTH * BLOCK_WIDTH
            problem, allowed = f"is not a whole number of {BLOCK_WIDTH:g} um", f"multiples of {BLOCK_WIDTH:g} um"
            hint = f'nearest: "{low:g} um" and "{low + BLOCK_WIDTH:g} um"'
            yield Conflict(key, f"{side:g} um", problem, allowed, (), hint)
    if not odd and scenario.layout not in LAYOUTS:
        from abm.tissue.section import SectionError  # brings numpy and scipy, which nothing else here needs
        from abm.tissue.section_mask import masked_section

        rows, columns = round(scenario.height / SPACING), round(scenario.width / SPACING)
        try:
            section = masked_section(scenario.layout, rows, columns, seed=scenario.layout_seed)
        except SectionError as error:
            size = f"a PNG of {rows} rows x {columns} columns in the colors of the sites"
            others = (width, height, ("section", "layout_seed"))
            yield Conflict(layout, f'"{scenario.layout}"', str(error), size, others)
        else:
            founders, held = scenario.parameters.dormancy.founders, section.founders.size
            if held not in (0, founders):
                problem = f"is not the number of cancer cells on the map {scenario.layout}"
                yield Conflict(FOUNDERS, f"{founders:g} cell", problem, f"{held:g} cell", (layout,))


def _too_late(key: Key, time: float, scenario: Scenario, problem: str) -> Conflict:
    allowed = f"0 to less than {hours_and_days(scenario.duration)}"
    return Conflict(key, f"{time:g} h", problem, allowed, (("duration",),))


def _treatments(scenario: Scenario) -> Iterator[Conflict]:
    vaccinated: set[str] = set()
    for number, treatment in enumerate(scenario.treatments):
        entry = ("treatment", number)
        if treatment in scenario.treatments[:number] and not isinstance(treatment, Vaccination):
            problem = f"repeats exactly treatment {scenario.treatments.index(treatment) + 1}"
            own = tuple((*entry, each.name) for each in fields(treatment))
            hint = "leave one of them out, or change its times or amount"
            yield Conflict((*entry, "type"), f'"{treatment.type}"', problem, "each treatment once", own, hint)
        start, stop = getattr(treatment, "start", None), getattr(treatment, "stop", None)
        if start is not None and start >= scenario.duration:
            problem = "the treatment starts after the end of the run"
            yield _too_late((*entry, "start"), start, scenario, problem)
        if start is not None and stop is not None and stop <= start:
            yield Conflict(
                (*entry, "stop"),
                f"{stop:g} h",
                "the treatment ends before or when it starts",
                f"more than its start, {hours_and_days(start)}",
                ((*entry, "start"),),
            )
        if isinstance(treatment, RepeatedDoses):
            yield from _drug(treatment, (*entry, "drug"), scenario)
        if isinstance(treatment, Vaccination):
            against = treatment.virus or scenario.virus
            if against in vaccinated:
                problem = f"against {against} is given a second time"
                yield Conflict((*entry, "type"), '"vaccination"', problem, "one vaccination against each virus")
            vaccinated.add(against)


def _drug(treatment: RepeatedDoses, key: Key, scenario: Scenario) -> Iterator[Conflict]:
    drug, value = treatment.LIBRARY[treatment.drug], f'"{treatment.drug}"'
    viruses = scenario.viruses if isinstance(treatment, Antiviral) else ("",)
    fitting = [
        name for name, other in treatment.LIBRARY.items() if other.binds == scenario.host and other.acts_on in viruses
    ]
    known = ", ".join(fitting) or "no known drug of this type"
    if drug.binds != scenario.host:
        problem = f"does not bind the host, {scenario.host}: it is for {drug.binds}"
        yield Conflict(key, value, problem, known, (("host",),))
    if drug.acts_on not in viruses:
        problem = f"does not act on {' or '.join(viruses)}, only on {drug.acts_on}"
        yield Conflict(key, value, problem, known, (("virus",),))
