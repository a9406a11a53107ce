"""All parameters of the model, one group a topic."""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

from abm.core.compiled import compiled
from abm.rules.activation import Activation
from abm.rules.adaptive import Adaptive
from abm.rules.cells import KINDS, Cells
from abm.rules.cytotoxicity import Cytotoxicity
from abm.rules.dormancy import Dormancy
from abm.rules.infection import Epithelium, Virus
from abm.rules.interferon import Interferon
from abm.rules.matrix import Matrix
from abm.rules.motility import Motility
from abm.rules.own.rates import Rate, rate_at
from abm.rules.own.rule import NOTHING, RuleNumbers
from abm.rules.own.slots import ALL_KINDS, ALL_SUBSTANCES, MOST_RULES
from abm.rules.recruitment import Recruitment
from abm.rules.states import VirusOfRun
from abm.rules.substances import SUBSTANCES, SubstanceNumbers, Substances


class Present(NamedTuple):
    """How many slots a scenario fills with its own biology (see `abm.rules.own`)."""

    substances: float = 0.0
    kinds: float = 0.0
    rules: float = 0.0


class RulesOf(NamedTuple):
    """How many rules act on a rate."""

    rules: float = 0.0


def _filled(group: Any, slots: int, empty: Any) -> Any:
    """A group of rows with empty rows up to a number of slots."""
    rows = tuple(group or ())
    return _SLOTS[slots](*rows, *(empty for _ in range(slots - len(rows))))


_SLOTS: dict[int, Any] = {
    slots: namedtuple("Slots", [f"slot_{number}" for number in range(slots)])
    for slots in (ALL_SUBSTANCES, ALL_KINDS, MOST_RULES, len(Rate))
}
_NO_SUBSTANCE = SubstanceNumbers(molar_mass=1.0, diffusion=1.0, loss=1.0)
_NO_CELL = Cells()[0]._replace(resting_density=0.0, peak_influx=0.0, speed=0.0)


class Parameters(NamedTuple):
    """Everything a rule can ask for; enters the compiled loops as it is."""

    virus: Virus = Virus()
    epithelium: Epithelium = Epithelium()
    interferon: Interferon = Interferon()
    substances: Any = Substances()
    cells: Any = Cells()
    activation: Activation = Activation()
    recruitment: Recruitment = Recruitment()
    adaptive: Adaptive = Adaptive()
    motility: Motility = Motility()
    cytotoxicity: Cytotoxicity = Cytotoxicity()
    matrix: Matrix = Matrix()
    dormancy: Dormancy = Dormancy()
    second_virus: Virus | None = None  # of a run with two viruses
    rules: Any = None  # numbers of the rules of a scenario, one row each
    present: Any = None  # what of its own it has, as `completed` counts
    ruled: Any = None  # how many rules act on each rate, likewise

    def completed(self) -> Parameters:
        """The parameters as compiled code takes them: with a second virus and all slots of a user's own biology."""
        if self.present is not None:
            return self
        acting = [rate_at(rule.acts_on) for rule in self.rules or () if rule.acts_on != NOTHING]
        own = Present(len(self.substances) - SUBSTANCES, len(self.cells) - KINDS, len(self.rules or ()))
        return self._replace(
            second_virus=self.second_virus or self.virus,
            substances=_filled(self.substances, ALL_SUBSTANCES, _NO_SUBSTANCE),
            cells=_filled(self.cells, ALL_KINDS, _NO_CELL),
            rules=_filled(self.rules, MOST_RULES, RuleNumbers()),
            present=own,
            ruled=_filled([RulesOf(acting.count(rate)) for rate in Rate], len(Rate), RulesOf()),
        )


@compiled
def kinds_in(p: Any) -> int:
    """How many types of mobile cells a scenario knows: the built-in ones and its own."""
    return KINDS + int(p.present.kinds)


@compiled
def substances_in(p: Any) -> int:
    """How many substances a scenario knows: the built-in ones and its own."""
    return SUBSTANCES + int(p.present.substances)


@compiled
def parameters_of_virus(number: int, p: Any) -> Any:
    """The parameters of a virus of the run; number: `VirusOfRun`."""
    if number == VirusOfRun.FIRST:
        return p.virus
    return p.second_virus
