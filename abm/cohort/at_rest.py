"""Rates of cancer cells in resting lung: in uninfected patients, and in lung that no infection reaches.

Without rules, they follow from the laws of dormancy. The changes due to rules of the cohort are measured: sections
without virus and cancer cells are stepped for some weeks, with and without the rules, as twins. Every second day, the
conditions for a cancer cell are recorded in every block. Only the difference is used, because it varies far less than
the rates. If rules respond to the phenotype, cells are taken as mesenchymal, as they are before they proliferate. If
rules respond to contact, one cell is placed on each site in turn.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from abm.core.compiled import compiled
from abm.core.lattice import BLOCK
from abm.core.population import USED, Record, as_int64
from abm.core.quantity import replaced
from abm.core.record import as_record
from abm.model.initial_state import records
from abm.model.quiet.by_rules import dormant_killing_by_rules, kinds_of_rules
from abm.model.quiet.resting_contacts import RestingContacts, resting_contacts
from abm.processes.cancer.killing import single_killing, suppression_in
from abm.processes.cancer.surroundings import awakening_in, follow_rules, hazards_of_one, sense
from abm.rules import cytotoxicity
from abm.rules.cells import CellKind
from abm.rules.dormancy import (
    Dormancy,
    awakening_without_il6,
    cycle_speed,
    il6_awakening_rate,
    niche_permissiveness,
    return_rate,
)
from abm.rules.parameters import Parameters
from abm.rules.states import Phenotype
from abm.scenario.scenario import Scenario
from abm.tissue.census import number_of
from abm.tissue.single_cells import SingleCell, single_cell
from abm.tissue.state import CANCER_CELL, Tissue

# Sections without virus are recorded every second day for 50 days, once at rest: after three mean residence times of
# the cells that rules act on, but not before day 10 or after day 250. All assumed to be enough.
DAYS, EVERY, LIVES, SOONEST, LATEST, SECTIONS = 50, 2, 3.0, 10, 250, 4


class RestingRates(NamedTuple):
    """Mean rates in resting lung.

    Attributes:
        awakening: hazard that a dormant cell awakens [1/h].
        return_rate: hazard that a proliferating cell returns to dormancy [1/h].
        proliferating_death: hazard that it dies [1/h].
        cycle_speed: of its cell cycle, relative to that at full signal.
        loss_by_rules: hazard that a dormant cell dies or is killed, added by rules [1/h].
    """

    awakening: float
    return_rate: float
    proliferating_death: float
    cycle_speed: float
    loss_by_rules: float = 0.0


def rates_at(bound: float, hold: float, collagen: float, q: Dormancy) -> RestingRates:
    """The rates without rules, from the laws of dormancy.

    Args:
        bound: mean receptor response in resting lung.
        hold: mean hold of macrophages on dormant cells there.
        collagen: of resting lung.
        q: laws of dormancy.
    """
    awakening = awakening_without_il6(hold, q) + il6_awakening_rate(bound, niche_permissiveness(1.0, collagen, q), 0, q)
    return RestingRates(awakening, return_rate(bound, q), q.proliferating_death, cycle_speed(bound, q))


@lru_cache(maxsize=4)
def resting_rates(scenario: Scenario) -> RestingRates:
    """The rates in the section of a scenario, without virus.

    Raises:
        SectionError: a mask cannot be read.
    """
    plain = replace(scenario, rules=())
    p, contacts = plain.parameters, resting_contacts(plain)
    bound, hold = float(contacts.bound.mean()), float(contacts.macrophage_hold.mean())
    without = rates_at(bound, hold, p.matrix.collagen_start, p.dormancy)
    if not any(rule.on for rule in scenario.rules):
        return without
    first = _at_rest_from(as_record(scenario.parameters))
    with_rules = np.array(without) + _stepped(scenario, first) - _stepped(plain, first)
    *rates, loss_by_rules = (float(rate) for rate in with_rules)
    return RestingRates._make([*(max(0.0, rate) for rate in rates), loss_by_rules])


def _at_rest_from(p: Any) -> int:
    """The day from which a section has come to rest under rules."""
    days = [LIVES / p.cells[kind].loss / 24.0 for kind in np.flatnonzero(kinds_of_rules(p))]
    return round(min(LATEST, max([SOONEST, *days])))


def _stepped(scenario: Scenario, first: int) -> np.ndarray:
    """Means over stepped sections without virus and cancer cells of what `_rates_now` reads; first: day."""
    from abm.cohort.lung import Lung, quiet_course

    contacts, parameters = resting_contacts(scenario), replaced(scenario.parameters, "dormancy.founders", 0.0)
    empty = replace(scenario, infections=(), treatments=(), parameters=parameters)
    found, anyone = [], records(1, CANCER_CELL)
    for seed in range(SECTIONS):
        lung = Lung(empty, seed, quiet_course((first + DAYS) * 24, empty.step), jump=False, contacts=contacts)
        for day in range(first, first + DAYS + 1, EVERY):
            lung.run(day * 24)
            met = _rates_now(lung.tissue, lung.p, contacts.touching, lung.course[0], float(lung.hour), anyone)
            found.append(met)
    return np.asarray(np.mean(found, axis=0))


@compiled
def _rates_now(
    tissue: Tissue, p: Parameters, touching: np.ndarray, effects: Record, hour: float, anyone: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Means over all blocks: the first four rates of `RestingRates`, and the loss of dormant cells [1/h], float64[5].

    touching: as `RestingContacts` has it. hour: now. anyone: CANCER_CELL[1], a cell to be put on each site in turn.
    """
    found, single = np.zeros(5), single_cell(tissue, p)
    cd8 = float(number_of(CellKind.CD8.value, tissue.mobile, as_int64(tissue.mobile_rows[USED])))
    rows, columns = tissue.blocks.shape
    for y in range(rows):
        for x in range(columns):
            block = tissue.blocks[y, x]
            sense(y, x, math.inf, tissue, effects, 0.0, p)
            if single.differs:
                _add_mean_of_sites(y, x, tissue, p, anyone, single, found)
            else:
                follow_rules(y, x, block, tissue.signals, p)
                _add_rates(block, 1.0, p, found)
            by_one = single_killing(False, y, x, tissue.signals, p)
            killing = cytotoxicity.mean_team_rate(by_one, touching[y, x] * cd8, p.cytotoxicity)
            found[4] += killing * suppression_in(y, x, tissue.niche, p.cytotoxicity)
            found[4] += dormant_killing_by_rules(y, x, touching[y, x], hour, tissue, p)
    return found / (rows * columns)


@compiled
def _add_rates(block: Record, share: float, p: Parameters, found: np.ndarray) -> None:
    """Add the rates of a block, weighted by this share."""
    found[0] += share * awakening_in(block, p.dormancy)
    found[1] += share * block.return_rate
    found[2] += share * block.proliferating_death
    found[3] += share * block.cycle_speed
    found[4] += share * block.dormant_death


@compiled
def _add_mean_of_sites(
    y: int, x: int, tissue: Tissue, p: Parameters, anyone: np.ndarray, single: SingleCell, found: np.ndarray
) -> None:  # fmt: skip
    """Add the mean rates of a mesenchymal cell on each site of a block."""
    cell, sites = anyone[0], BLOCK * BLOCK
    cell.phenotype = Phenotype.MESENCHYMAL
    for site in range(sites):
        cell.y, cell.x = y * BLOCK + site // BLOCK, x * BLOCK + site % BLOCK
        hazards_of_one(cell, tissue.blocks[y, x], single, p)
        _add_rates(single.block[0], 1.0 / sites, p, found)


def dormant_loss(parameters: Parameters, scenario: Scenario, contacts: RestingContacts) -> float:
    """Hazard [1/h] that a dormant cell of a patient dies or is killed in resting lung.

    parameters: of the patient. scenario: of the cohort; its rules may add to the hazard.
    """
    touching, q = float(contacts.touching.mean()) * contacts.cd8, parameters.cytotoxicity
    killing = cytotoxicity.mean_team_rate(q.cd8_dormant_cancer, touching, q) * contacts.left_by_cd4
    return max(0.0, parameters.dormancy.dormant_death + killing + resting_rates(scenario).loss_by_rules)


def resting_proliferating_share(rates: RestingRates, q: Dormancy) -> float:
    """Proliferating cells per dormant cell in resting lung, from the laws of the model.

    A cell awakens at rate k and divides after an Erlang-distributed cycle of mean T (n stages), unless it returns or
    dies first, at rate m. It divides with probability P = (1 + m T / n)^-n. A cell proliferates for (1 - P) / m on
    average and leaves 2 P daughters, so an awakening gives (1 - P) / m / (1 - 2 P) cell-hours.

    Raises:
        ValueError: proliferating cells multiply indefinitely even without IL-6, so there is no resting state.
    """
    leaving, stages, speed = (
        rates.return_rate + rates.proliferating_death,
        max(1, int(q.cycle_shape)),
        rates.cycle_speed,
    )
    divides = (1.0 + leaving * q.cycle_time / speed / stages) ** -stages if speed > 0.0 else 0.0
    if divides >= 0.5:
        raise ValueError("proliferating cells multiply without end even without IL-6")
    return rates.awakening * (1.0 - divides) / leaving / (1.0 - 2.0 * divides)


def growth_at_rest(scenario: Scenario, parameters: Parameters) -> tuple[float, float]:
    """Mean of `abm.cohort.reading.growth_in` in resting lung; rules act only on the cell cycle.

    scenario: of the cohort. parameters: of a patient.
    """
    contacts, q = resting_contacts(scenario), parameters.cytotoxicity
    touching = float(contacts.touching.mean()) * contacts.cd8
    killing = cytotoxicity.mean_team_rate(q.cd8_proliferating_cancer, touching, q) * contacts.left_by_cd4
    return resting_rates(scenario).cycle_speed, float(killing)
