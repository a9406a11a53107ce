"""Quiet time: a section without infection, activation and proliferating cancer cells, carried on in long strides.

Nothing happens then within hours, so a stride of up to two days takes the place of its steps. Each array of the tissue
passes it as `abm.model.quiet.table` declares, by the processes of a step with the length of the stride:

- cells that are simulated one by one (macrophages, which make the IL-6 of resting lung, and fibroblasts while they
  repair the matrix) arrive, leave, migrate and polarize; matrix and epithelium heal;
- IL-6 and TGF-beta2 are at their stationary state around the macrophages, which steps reach within hours;
- the signals of a scenario's rules are read in each stride, and cells that rules act in or count are carried, too
  (`abm.model.quiet.by_rules`);
- dormant cells awaken, die and change phenotype when their clocks fire, to the hour (`abm.model.quiet.hazards`);
- afterwards the other leukocytes are those that have stayed and a Poisson number of newcomers, anywhere
  (`abm.model.quiet.cells`), fields relax around their sources, and the lymph node ages.

Approximations: CD8 cells kill at their mean rate, so that one of them no longer touches two cells of a clone one after
the other; CD4 cells do not linger in aggregates; an antibody against IL-6 lowers its field everywhere alike.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from abm.core.chance import uniform
from abm.core.clock import TimeStep, time_step
from abm.core.compiled import compiled, uncounted
from abm.core.population import ALIVE, USED, Record, as_int64, grown, has_room, release_row
from abm.model.multirate import STEADY, slow_step_before
from abm.model.quiet.by_rules import (
    kinds_of_rules,
    longest_stride,
    next_stride,
    relax_fields_of_rules,
)
from abm.model.quiet.cells import (
    add_newcomers,
    hours_left,
    newcomers_at_most,
    put_back,
    resting_number,
    set_aside,
    share_renewed,
)
from abm.model.quiet.conditions import is_healing
from abm.model.quiet.hazards import (
    TCells,
    carry_out_due,
    dormant_cells,
    free_hours,
    hazards_at,
    run_clocks,
    set_stationary_fields,
)
from abm.model.quiet.resting_contacts import RestingContacts, share_left_by_cd4
from abm.model.quiet.table import How, carried_kinds, processes
from abm.processes.cancer.killing import CD4_BLOCKS
from abm.processes.epithelium import update_epithelium
from abm.processes.immune import act, leave
from abm.processes.lymph_node import run_lymph_node
from abm.processes.matrix import remodel, resting_fibroblasts
from abm.processes.movement import move
from abm.processes.recruitment import arrive
from abm.processes.signals import read_signals
from abm.rules.cells import KINDS, CellKind
from abm.rules.own.slots import ALL_KINDS
from abm.rules.parameters import Parameters, kinds_in
from abm.rules.states import CancerState, Decision, EpithelialState
from abm.tissue.cancer_index import cancer_cells_of, take_out
from abm.tissue.capacity import arrivals_at_most
from abm.tissue.cell_order import sort_by_place
from abm.tissue.census import number_of
from abm.tissue.state import Niche, Tissue
from abm.treatments.effects_by_step import TreatmentEffects, is_steady, must_be_stepped

# All assumed; docs/cohorts.md compares strides of one and two days with stepping.
STRIDE = 48  # h, in which a macrophage walks half of the way that IL-6 spreads
HEALING_STRIDE = 12  # h, in which a fibroblast walks less than a block
UNSTEADY_STRIDE = 1  # h, while a drug comes or goes within hours


class Passage(NamedTuple):
    """What stays the same while a section passes quiet time."""

    carried: np.ndarray  # bool[ALL_KINDS], which mobile cells are carried on one by one
    cd8_leave: np.ndarray  # float64[CD8 cells at its begin], hour at which each leaves
    begin: int  # hour


@uncounted
def _end_of_stride(hour: int, until: int, most: float, treatment_effects: TreatmentEffects, dt: float) -> int:
    """The hour at which the stride that begins now ends; strides begin at the same hours in all arms without rules.

    most: longest stride under rules [h].
    """
    tick = hour * round(1.0 / dt)
    steady = tick == 0 or is_steady(treatment_effects, tick, STEADY * dt)
    longest = STRIDE if steady else UNSTEADY_STRIDE
    if most < longest:
        longest = max(1, int(most))
    return min(until, hour + longest - hour % longest)


@uncounted
def _live(
    begin: int, end: int, tissue: Tissue, p: Parameters, effects: Record, passage: Passage, start: TimeStep
) -> None:  # fmt: skip
    """Advance the epithelium, the carried mobile cells and the matrix by some hours; fibroblasts take short strides.

    Under rules, the lymph node advances, too: cells may then secrete IFN-gamma at rest, and inflammation recruits.
    """
    hour, an_hour = begin, round(1.0 / start.dt)
    longest = HEALING_STRIDE if passage.carried[CellKind.FIBROBLAST] else STRIDE
    while hour < end:
        hours = min(end, hour + longest - hour % longest) - hour
        hour += hours
        now = slow_step_before(time_step(start.seed, hour * an_hour, start.dt), hours * an_hour)
        if p.present.rules > 0.0:
            run_lymph_node(tissue, p, effects, now)
        if tissue.epithelial_counts[EpithelialState.HEALTHY] < tissue.epithelium.size:
            update_epithelium(tissue, p, effects, now)
        for kind in range(kinds_in(p)):
            if passage.carried[kind]:
                arrive(kind, tissue, p, effects, now)
        leave(tissue, p, effects, now)
        move(tissue, p, now)
        act(tissue, p, now)
        remodel(tissue, p, now)


@compiled
def _t_cells_at(hour: int, tissue: Tissue, p: Parameters, passage: Passage) -> TCells:
    """T cells of the section at an hour: those that are carried, or else their mean number."""
    cd8 = CellKind.CD8.value
    left = 1.0  # the niche counts CD4 cells that are carried
    if not passage.carried[CellKind.CD4]:
        cd4 = resting_number(CellKind.CD4.value, tissue, p) * CD4_BLOCKS / tissue.blocks.size
        left = share_left_by_cd4(cd4, p.cytotoxicity)
    if passage.carried[cd8]:
        return TCells(float(number_of(cd8, tissue.mobile, as_int64(tissue.mobile_rows[USED]))), left)
    newcomers = resting_number(cd8, tissue, p) * share_renewed(cd8, float(hour - passage.begin), p)
    return TCells(newcomers + np.sum(passage.cd8_leave >= hour), left)


@compiled
def pass_strides(
    tissue: Tissue, p: Parameters, treatment_effects: TreatmentEffects, contacts: RestingContacts, passage: Passage,
    start: TimeStep, until: int,
) -> int:  # fmt: skip
    """Carry a section on to an hour, to the first awakening, or to where it must be stepped; returns the hour reached.

    Fields and matrix are read at the end of each stride or, while the section heals, in the middle of the stride.

    Args:
        tissue: the section, with those kinds only as its mobile cells that are carried; changed in place.
        p: parameters.
        treatment_effects: what treatments do in each step.
        contacts: of resting lung.
        passage: what stays the same.
        start: its tick stands at a whole hour.
        until: hour.
    """
    an_hour, hour, awakened = round(1.0 / start.dt), passage.begin, False
    places = np.argwhere(tissue.niche[Niche.CANCER] > 0.0)
    due = np.empty((tissue.cancer_rows[ALIVE], 2), dtype=np.int64)
    was_healing = is_healing(tissue)
    most = longest_stride(p)
    read_signals(tissue, p, treatment_effects[hour * an_hour], start)
    while hour < until and not awakened and is_healing(tissue) == was_healing:
        effects = treatment_effects[hour * an_hour]
        end = _end_of_stride(hour, until, most, treatment_effects, start.dt)
        if must_be_stepped(treatment_effects, hour * an_hour) or not has_room(
            arrivals_at_most(tissue, p, effects, end - hour), tissue.mobile_rows
        ):
            break
        lived = (hour + end + 1) // 2 if was_healing else end
        _live(hour, lived, tissue, p, effects, passage, start)
        slow = slow_step_before(time_step(start.seed, end * an_hour, start.dt), (end - hour) * an_hour)
        set_stationary_fields(tissue, contacts.spread, p, effects)
        relax_fields_of_rules(tissue, p, effects, slow)
        read_signals(tissue, p, effects, slow)
        dormant = dormant_cells(places, tissue, p)
        hazards = hazards_at(dormant, _t_cells_at(end, tissue, p, passage), slow, tissue, p, contacts, effects)
        most = next_stride(longest_stride(p), hazards, p)
        while hour < end and not awakened:
            hours = free_hours(dormant, hazards, tissue, p, start.seed, hour, end)
            hour += hours
            now = time_step(start.seed, hour * an_hour, start.dt)
            found = run_clocks(dormant, hazards, hours, tissue, p, now, due)
            if found > 0:
                awakened = carry_out_due(due, found, tissue, p.dormancy, now)
        _live(lived, hour, tissue, p, effects, passage, start)
    return hour


@compiled
def thin(tissue: Tissue, keep: float, now: TimeStep) -> None:
    """Take cancer cells out so that each is kept with this chance; all of them are dormant."""
    cancer = cancer_cells_of(tissue)
    for row in range(cancer.rows[USED]):
        cell = cancer.cells[row]
        if cell.alive and uniform(now.seed, Decision.THINNING, cell.uid, now.tick) >= keep:
            take_out(row, cancer)
            cell.state = CancerState.DEAD
            cell.alive = False
            cancer.clones[cell.clone].cells -= 1
            release_row(row, cancer.rows)


@compiled
def _pass_with_all(
    tissue: Tissue, p: Parameters, treatment_effects: TreatmentEffects, contacts: RestingContacts,
    carried: np.ndarray, start: TimeStep, until: int,
) -> int:  # fmt: skip
    """Advance a section with all of its mobile cells by `pass_strides`; those that are not carried are set aside."""
    an_hour = round(1.0 / start.dt)
    begin, redrawn = start.tick // an_hour, not carried[CellKind.FIBROBLAST]
    others = set_aside(carried, tissue)
    sort_by_place(tissue)
    if redrawn:
        tissue.niche[Niche.FIBROBLASTS] = resting_fibroblasts(p)
    cd8_leave = begin + hours_left(others[others["kind"] == CellKind.CD8.value], p)
    hour = pass_strides(tissue, p, treatment_effects, contacts, Passage(carried, cd8_leave, begin), start, until)
    now = time_step(start.seed, hour * an_hour, start.dt)
    if redrawn:
        tissue.niche[Niche.FIBROBLASTS] = 0.0
    put_back(others, hour - begin, tissue, p, now)
    add_newcomers(carried, hour - begin, tissue, p, now)
    return hour


def pass_quiet_time(
    tissue: Tissue, p: Any, treatment_effects: TreatmentEffects, contacts: RestingContacts, start: TimeStep, until: int
) -> tuple[Tissue, int]:
    """Carry a quiet section on to an hour, or to the first awakening, or to where it must be stepped or has healed.

    Args:
        tissue: the section, which `is_quiet`; changed in place.
        p: parameters, as a record.
        treatment_effects: what treatments do in each step.
        contacts: of resting lung.
        start: its tick stands at a whole hour.
        until: hour, after that of `start`.

    Returns:
        The tissue, in which arrays may be longer, and the hour reached.
    """
    an_hour = round(1.0 / start.dt)
    carried = np.zeros(ALL_KINDS, dtype=np.bool_)
    carried[:KINDS] = carried_kinds(bool(is_healing(tissue)))
    carried |= kinds_of_rules(p)
    tissue = _with_room(tissue, p, treatment_effects[start.tick])
    hour = int(_pass_with_all(tissue, p, treatment_effects, contacts, carried, start, until))
    now = time_step(start.seed, hour * an_hour, start.dt)
    effects, hours = treatment_effects[max(start.tick, now.tick - 1)], hour - start.tick // an_hour
    _carry_the_rest(tissue, p, effects, now, hours)
    return tissue, hour


def _with_room(tissue: Tissue, p: Any, effects: Any) -> Tissue:
    """The same tissue with room for all mobile cells that can be in it at the end of quiet time."""
    extra = int(newcomers_at_most(tissue, p) + arrivals_at_most(tissue, p, effects, float(STRIDE)))
    if has_room(extra, tissue.mobile_rows):
        return tissue
    return tissue._replace(mobile=grown(tissue.mobile, extra), mobile_rows=grown(tissue.mobile_rows, extra))


def _carry_the_rest(tissue: Tissue, p: Any, effects: Any, now: TimeStep, hours: int) -> None:
    """Let fields relax around the cells that are there now, and change in one step what has a closed form."""
    stride = TimeStep(now.seed, max(0, now.tick - 1), now.dt, 0.0, float(hours), True)
    for process in processes(How.RELAXES):
        process(tissue, p, effects, stride)
    for process in processes(How.CLOSED_FORM) if p.present.rules == 0.0 else []:  # else done in each stride
        process(tissue, p, effects, stride)
