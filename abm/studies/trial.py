"""A trial run of a scenario with rules: how far each signal comes, and so whether a rule can act at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.model.lung_model import LungModel
from abm.rules.own.rule import NOTHING, change_by
from abm.rules.own.signals import Signal
from abm.rules.states import PHENOTYPES, CancerState
from abm.scenario.hypothesis.declared import Rule
from abm.scenario.hypothesis.words import words_of
from abm.scenario.scenario import Scenario
from abm.tissue.single_cells import single_cell

EVERY = 6.0  # h between looks
WEAK = 0.05  # share of the whole change of a rate, below which a rule hardly acts; assumed


@dataclass(frozen=True)
class RuleTrial:
    """What a rule met in a trial run.

    Attributes:
        rule: it. highest: the highest of its signal, anywhere and at any time. unit: of the signal.
        share: the largest share of its whole change that it made anywhere, in [0, 1].
    """

    rule: Rule
    highest: float
    unit: str
    share: float

    @property
    def acts(self) -> bool:
        """Whether it changes anything worth the name."""
        return self.share >= WEAK


def tried(scenario: Scenario, seed: int = 1) -> list[RuleTrial]:
    """Run a scenario once and look at the signals of its rules.

    Args:
        scenario: with rules.
        seed: of chance.

    Raises:
        ScenarioError: it is not valid.
    """
    model = LungModel(scenario, seed)
    highest, shares = np.zeros(len(scenario.rules)), np.zeros(len(scenario.rules))
    ticks = max(1, round(EVERY / scenario.step))
    while model.tick < model.ticks:
        model.go_to(min(model.tick + ticks, model.ticks))
        for number in range(len(scenario.rules)):
            signal, share = _met(model, number)
            highest[number], shares[number] = max(highest[number], signal), max(shares[number], share)
    signals = words_of(scenario).signals
    return [
        RuleTrial(rule, float(top), signals[rule.signal].signal.type.unit, float(share))
        for rule, top, share in zip(scenario.rules, highest, shares, strict=True)
    ]


def _met(model: LungModel, number: int) -> tuple[float, float]:
    """The highest signal of a rule now, and the share of its change that it makes there, at most.

    A response never falls with a signal, so that the highest of both signals give a bound.
    """
    rule, tissue = model.parameters.rules[number], model.tissue
    if rule.acts_on == NOTHING:
        return 0.0, 0.0
    heard = ((rule.signal, rule.signal_of), (rule.second, rule.second_of))
    first, second = (
        max(float(layer.max()), _highest_of_cancer(model, number, int(signal), int(of)))
        for layer, (signal, of) in zip(tissue.signals[number], heard, strict=True)
    )
    own = _highest_of_cells(model, model.experiment.rules[number].cell)
    highest = {Signal.ACTIVATION: own[0], Signal.AGE: own[1]}.get(Signal(int(rule.signal)), first)
    whole = rule.to - rule.without
    return highest, (change_by(rule, first, second, own) - rule.without) / whole if whole else 0.0


def _highest_of_cancer(model: LungModel, number: int, signal: int, of: int) -> float:
    """The highest phenotype of the cancer cells of a rule, or number of mobile cells in contact; else 0."""
    tissue = model.tissue
    proliferating = model.experiment.rules[number].cell == "proliferating cancer cell"
    cells = tissue.cancer[tissue.cancer.alive]
    cells = cells[(cells.state == CancerState.PROLIFERATING) == proliferating]
    if signal == Signal.PHENOTYPE:
        return float(cells.phenotype.max(initial=0)) / (PHENOTYPES - 1)
    if signal == Signal.CONTACT:
        found = single_cell(tissue, model.parameters)
        return float(found.touching[found.layer[of], cells.y, cells.x].max(initial=0))
    return 0.0


def _highest_of_cells(model: LungModel, cell: str) -> tuple[float, float]:
    """The highest activation and age [h] of the mobile cells of a type; 0 where there are none."""
    mobile = model.tissue.mobile[model.tissue.mobile.alive]
    mine = mobile[mobile.kind == words_of(model.experiment).cells[cell].number]
    if not mine.size:
        return 0.0, 0.0
    return float(mine.activation.max()), float(model.hour - mine.born.min())
