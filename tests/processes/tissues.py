"""Tiny tissues made by hand, and recounts of everything that the model keeps count of."""

import hashlib
import math
from collections.abc import Mapping

import numpy as np
from scipy.ndimage import convolve

from abm.core.clock import TimeStep, time_step
from abm.core.lattice import BLOCK
from abm.core.population import ALIVE, FREE, STACK, USED, fresh_rows
from abm.core.quantity import replaced
from abm.core.record import as_record
from abm.model import schedule
from abm.model.initial_state import lay_out, records
from abm.model.measures import NO_CENSUS
from abm.model.multirate import OF_RUNS, Pace, slow_step_of
from abm.processes.cancer.proliferation import begin_proliferating
from abm.processes.epithelium import SAMPLING_INTERVAL, update_epithelium
from abm.processes.recruitment import add_mobile_cell
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.states import CancerState, EpithelialState, EpithelialType, SiteKind, VirusOfRun
from abm.rules.substances import Substance
from abm.tissue.cancer_index import NOBODY as END
from abm.tissue.cancer_index import cancer_cells_of, draw_event_threshold, insert, new_cell, stands_on
from abm.tissue.section import Section, section_of_kinds
from abm.tissue.state import (
    AMOUNT,
    CANCER_CELL,
    CLONE,
    EVENT,
    FIELDS,
    MOBILE_CELL,
    PROLIFERATING_CELL,
    Niche,
    Tissue,
    arrays_of,
)
from abm.tissue.viruses import number_of_viruses
from abm.treatments.effects_by_step import TreatmentEffects, no_treatment

STEP = 1 / 6  # h
FAR = 1e9  # h: a clock that never strikes
SIGMAS = 4.0  # a sound sample lies further from its mean once in 16,000 times
RARE = 1e-4  # smallest p of a test of a law; the streams of chance are fixed, so what passes once passes always
DECLARED = as_record(Parameters())
TURNOVERS = [kind.name.lower() for kind in CellKind]
NOBODY = {"dormancy.founders": 0.0, "dormancy.released_awakening": 0.0}  # no macrophage that could hold a cell
NOBODY |= {f"cells.{kind}.{field}": 0.0 for kind in TURNOVERS for field in ("resting_density", "peak_influx")}


def changed(changes: Mapping[str, float] | None = None) -> Parameters:
    """The declared parameters with some of them replaced, by dotted name."""
    parameters = Parameters()
    for name, value in (changes or {}).items():
        parameters = replaced(parameters, name, value)
    return parameters


def inhabited(changes: Mapping[str, float] | None = None) -> np.record:
    """Parameters of a tissue with its resting cells, as the compiled loops take them."""
    return as_record(changed(changes))


def empty(changes: Mapping[str, float] | None = None) -> np.record:
    """Parameters of a tissue without mobile and cancer cells, in which nobody arrives."""
    return as_record(changed({**NOBODY, **(changes or {})}))


def advance(
    tissue: Tissue, p: np.record, course: TreatmentEffects, start: TimeStep, until: int, pace: Pace = OF_RUNS
) -> int:
    """The loop, with nothing counted on the way."""
    return int(schedule.advance(tissue, p, course, start, until, 1, NO_CENSUS, pace))


def effects(**changes: float | np.ndarray) -> np.record:
    """What treatments do in a step: nothing but this."""
    course = no_treatment(1)
    for name, value in changes.items():
        numbers = course[name]
        if np.ndim(value):  # slots of a user's own stay as they are
            numbers[:, : len(value)] = value
        else:
            numbers[:] = value
    return course[0]


def of_kind(kind: CellKind, value: float, otherwise: float = 0.0) -> np.ndarray:
    """A number a kind of mobile cell: float64[KINDS]."""
    numbers = np.full(len(CellKind), otherwise)
    numbers[kind] = value
    return numbers


def at(tick: int = 0, seed: int = 1, step: float = STEP) -> TimeStep:
    """A moment."""
    return time_step(seed, tick, step)


def one_cell_a_site(rows: int, columns: int) -> Section:
    """A sheet of bronchiolar cells, one a site: many cells on few sites."""
    return section_of_kinds(np.full((rows, columns), SiteKind.BRONCHIOLE, dtype=np.uint8), 1)


def lay(section: Section, p: np.record, seed: int = 1, step: float = STEP, room: int = 0) -> Tissue:
    """A tissue; with `room` for so many cells (mobile, cancer, clones and events each) put in by hand."""
    tissue = lay_out(section, p, seed, step)
    if room == 0:
        return tissue
    return tissue._replace(
        mobile=records(room, MOBILE_CELL), mobile_rows=fresh_rows(room),
        cancer=records(room, CANCER_CELL), cancer_rows=fresh_rows(room), cancer_next=np.zeros(room, np.int32),
        cancer_proliferating=records(room, PROLIFERATING_CELL),
        clones=records(room, CLONE), log=records(8 * room + 40_000, EVENT),
    )  # fmt: skip


def put(tissue: Tissue, kind: CellKind, y: int, x: int, hour: float = 0.0) -> np.record:
    """A mobile cell on a site."""
    row = int(tissue.mobile_rows[USED])
    add_mobile_cell(int(kind), y * tissue.kind.shape[1] + x, row + 1, tissue, at(1, step=hour))
    return tissue.mobile[row]  # what compiled code gives back is a copy


def put_everywhere(tissue: Tissue, kind: CellKind, hour: float = 0.0) -> np.recarray:
    """A mobile cell of this kind on every site; returns their rows."""
    first = int(tissue.mobile_rows[USED])
    for y, x in np.ndindex(tissue.kind.shape):
        put(tissue, kind, y, x, hour)
    return tissue.mobile[first : int(tissue.mobile_rows[USED])]


def put_cancer(tissue: Tissue, y: int, x: int, p: np.record, awake: bool = False, seed: int = 1) -> np.record:
    """A founder on a site, dormant or awake at the start of its cycle."""
    number, cancer = int(tissue.cancer_rows[USED]), cancer_cells_of(tissue)
    row = new_cell(1_000_000 + number, number, y, x, cancer, -1.0)
    tissue.cancer[row].next_event_at = tissue.blocks[y // BLOCK, x // BLOCK].dormant_hazard + draw_event_threshold(
        tissue.cancer[row], seed
    )
    insert(row, cancer)
    if awake:
        begin_proliferating(row, cancer, p.dormancy, at(0, seed))
    return tissue.cancer[row]


def waits_of(tissue: Tissue, cell: np.record) -> np.record:
    """What an awake cell waits for: its entry in the roster."""
    return tissue.cancer_proliferating[cell.slot]


def put_cancer_everywhere(tissue: Tissue, p: np.record, awake: bool = False, seed: int = 1) -> np.recarray:
    """A founder on every site; returns their rows."""
    for y, x in np.ndindex(tissue.kind.shape):
        put_cancer(tissue, y, x, p, awake, seed)
    return tissue.cancer[: int(tissue.cancer_rows[USED])]


def put_cd8_contacts(tissue: Tissue, number: int) -> None:
    """Put CD8 cells so that just so many touch whoever stands on any site: on every third one in both directions."""
    rows, columns = tissue.kind.shape
    for y in range(int(rows % 3 == 0), rows, 3):
        for x in range(int(columns % 3 == 0), columns, 3):
            for _ in range(number):
                put(tissue, CellKind.CD8, y, x)


def cd8_near(tissue: Tissue) -> np.ndarray:
    """How many CD8 cells are on each site and the eight around it, counted one by one."""
    return _around(_on_sites(tissue.mobile[tissue.mobile.alive & (tissue.mobile.kind == CellKind.CD8)], tissue))


def set_epithelium(tissue: Tissue, state: EpithelialState, chosen: np.ndarray | slice = slice(None)) -> None:
    """Put epithelial cells in a state that lasts, and count anew."""
    tissue.states[chosen] = state
    tissue.epithelium.clock[chosen] = FAR
    tissue.epithelial_counts[:] = np.bincount(tissue.states, minlength=len(EpithelialState))
    tissue.blocks.at2_alive[:] = _count_at2(tissue, alive_only=True)
    tissue.niche[Niche.INFECTED] = _count_infected(tissue)
    tissue.viruses.infected[:] = _infected_by(tissue)


def look_around(tissue: Tissue, p: np.record, given: np.record, start: int = 0) -> int:
    """Steps of the epithelium in which every cell looks around once; the tick after them."""
    end = start + round(SAMPLING_INTERVAL / STEP)
    for tick in range(start, end):
        update_epithelium(tissue, p, given, at(tick))
    return end


def raise_flags(tissue: Tissue) -> None:
    """Claim that something is going on, so that no process skips its step; also what a change by hand has to do.

    Tissue at rest is left there: it skips nothing, but takes strides.
    """
    rests = slow_step_of(tissue, OF_RUNS) > 0.0
    for flag in ("any_activated", "remodeled", "present"):
        tissue.status[flag] = True
    if not rests:
        tissue.viruses[: number_of_viruses(tissue)].present = True


def digest(tissue: Tissue) -> str:
    """Hash of the whole tissue."""
    return hashlib.sha256(
        b"".join(np.ascontiguousarray(array).tobytes() for array in arrays_of(tissue).values())
    ).hexdigest()


def assert_same_state(one: Tissue, other: Tissue) -> None:
    """Whether two tissues agree in every bit but the flags that tell what may be skipped, and leftovers of fields."""
    others = arrays_of(other)
    for name, array in arrays_of(one).items():
        left, right = array, others[name]
        if name.endswith("virus") or name.startswith(FIELDS):
            left, right = left[AMOUNT], right[AMOUNT]
        elif name == "status":
            left, right = left[["events", "proliferating"]], right[["events", "proliferating"]]
        elif name == "viruses":
            left, right = left[["infected", "rna"]], right[["infected", "rna"]]
        np.testing.assert_array_equal(left, right, err_msg=name)


def chance_within(rate: float, time: float) -> float:
    """Chance of an event of this rate [1/h] within a time [h]."""
    return -math.expm1(-rate * time)


def assert_share(chosen: np.ndarray, expected: float) -> None:
    """Whether a share of independent yes and no agrees with its chance."""
    error = math.sqrt(expected * (1.0 - expected) / chosen.size)
    assert abs(float(np.mean(chosen)) - expected) <= SIGMAS * error, (float(np.mean(chosen)), expected, error)


def assert_count(number: float, expected: float) -> None:
    """Whether a Poisson count agrees with its mean."""
    assert abs(number - expected) <= SIGMAS * math.sqrt(expected), (number, expected)


def assert_books_balance(tissue: Tissue, capacity: int) -> None:
    """Every count and list that processes keep equals a recount of the cells."""
    _assert_epithelium_counted(tissue)
    _assert_cancer_counted(tissue, capacity)
    _assert_cancer_listed(tissue)
    _assert_mobile_counted(tissue)
    for cells, rows in ((tissue.mobile, tissue.mobile_rows), (tissue.cancer, tissue.cancer_rows)):
        alive, used = np.flatnonzero(cells.alive), int(rows[USED])
        assert rows[ALIVE] == alive.size
        assert used <= cells.size
        assert rows[ALIVE] + rows[FREE] == used
        dead = np.flatnonzero(~cells.alive[:used])
        np.testing.assert_array_equal(np.sort(rows[STACK : STACK + rows[FREE]]), dead)
        assert np.unique(cells.uid[alive]).size == alive.size
    mobile = tissue.mobile[tissue.mobile.alive]
    assert (tissue.kind[mobile.y, mobile.x] != SiteKind.AIRWAY).all()


def assert_flags_are_true(tissue: Tissue, p: np.record) -> None:
    """After whole steps: what a lowered flag lets processes skip is at rest indeed."""
    status, niche = tissue.status[0], tissue.niche
    assert status.any_activated == (status.max_activation > 0.0)
    assert status.fast_steps_since_sync > 0 or status.max_activation == tissue.mobile.activation[
        tissue.mobile.alive
    ].max(initial=0.0)
    assert status.any_activated or not niche[Niche.NEUTROPHIL_ACTIVATION].any()
    assert status.present[Substance.INTERFERON] or not tissue.fields.interferon[AMOUNT].any()
    assert tissue.viruses[0].present or not tissue.virus[AMOUNT].any()
    assert tissue.viruses[1].present or not tissue.second_virus[AMOUNT].any()
    if not status.remodeled:
        assert (niche[Niche.INTEGRITY] == 1.0).all()
        assert not niche[Niche.NETS].any()
        assert (niche[Niche.COLLAGEN] == p.matrix.collagen_start).all()


def _in_blocks(cells: np.ndarray, tissue: Tissue) -> np.ndarray:
    """How many of these cells are in each block."""
    counts = np.zeros(tissue.blocks.shape, dtype=np.int64)
    np.add.at(counts, (cells.y // BLOCK, cells.x // BLOCK), 1)
    return counts


def _on_sites(cells: np.ndarray, tissue: Tissue) -> np.ndarray:
    """How many of these cells are on each site."""
    counts = np.zeros(tissue.kind.shape, dtype=np.int64)
    np.add.at(counts, (cells.y, cells.x), 1)
    return counts


def _around(counts: np.ndarray) -> np.ndarray:
    """Sums over a place and the eight around it."""
    return convolve(counts, np.ones((3, 3), dtype=counts.dtype), mode="constant")


def _count_at2(tissue: Tissue, alive_only: bool) -> np.ndarray:
    cells = tissue.epithelium
    chosen = (cells.cell_type == EpithelialType.AT2) & ((tissue.states < EpithelialState.APOPTOTIC) | (not alive_only))
    return _around(_in_blocks(cells[chosen], tissue))


def _is_infected(tissue: Tissue) -> np.ndarray:
    return (tissue.states == EpithelialState.ECLIPSE) | (tissue.states == EpithelialState.EXPRESSING)


def _count_infected(tissue: Tissue) -> np.ndarray:
    return _in_blocks(tissue.epithelium[_is_infected(tissue)], tissue)


def _infected_by(tissue: Tissue) -> np.ndarray:
    return np.bincount(tissue.epithelium.virus[_is_infected(tissue)], minlength=len(VirusOfRun))


def _assert_epithelium_counted(tissue: Tissue) -> None:
    np.testing.assert_array_equal(tissue.epithelial_counts, np.bincount(tissue.states, minlength=len(EpithelialState)))
    np.testing.assert_array_equal(tissue.blocks.at2, _count_at2(tissue, alive_only=False))
    np.testing.assert_array_equal(tissue.blocks.at2_alive, _count_at2(tissue, alive_only=True))
    np.testing.assert_array_equal(tissue.niche[Niche.INFECTED], _count_infected(tissue))
    np.testing.assert_array_equal(tissue.viruses.infected, _infected_by(tissue))


def _assert_mobile_counted(tissue: Tissue) -> None:
    cells = tissue.mobile[tissue.mobile.alive]
    np.testing.assert_array_equal(tissue.niche[Niche.CD4], _in_blocks(cells[cells.kind == CellKind.CD4], tissue))
    fibroblasts = _in_blocks(cells[cells.kind == CellKind.FIBROBLAST], tissue)
    np.testing.assert_array_equal(tissue.niche[Niche.FIBROBLASTS], fibroblasts)
    np.testing.assert_array_equal(cells.under, tissue.cell_of_site[cells.y, cells.x])


def _assert_cancer_counted(tissue: Tissue, capacity: int) -> None:
    cells = tissue.cancer[tissue.cancer.alive]
    counts = _on_sites(cells, tissue)
    np.testing.assert_array_equal(tissue.cancer_at, counts)
    assert counts.max(initial=0) <= capacity
    assert all(stands_on(int(kind)) for kind in np.unique(tissue.kind[cells.y, cells.x]))
    awake = cells[cells.state == CancerState.PROLIFERATING]
    for layer, chosen in ((Niche.CANCER, cells), (Niche.PROLIFERATING, awake)):
        np.testing.assert_array_equal(tissue.niche[layer], _in_blocks(chosen, tissue), err_msg=layer.name)
    assert tissue.status[0].proliferating == awake.size
    np.testing.assert_array_equal(tissue.clones.cells, np.bincount(cells.clone, minlength=tissue.clones.size))


def _assert_cancer_listed(tissue: Tissue) -> None:
    """Dormant cells stand once in the list of their block, which knows when the next is due, awake ones in a roster."""
    cells, listed = tissue.cancer, []
    for y, x in np.ndindex(tissue.blocks.shape):
        block = tissue.blocks[y, x]
        row = int(block.first_dormant)
        while row != END:
            cell = cells[row]
            assert cell.alive
            assert (cell.y // BLOCK, cell.x // BLOCK) == (y, x)
            assert cell.state != CancerState.PROLIFERATING
            assert block.earliest_event_at <= cell.next_event_at
            assert block.earliest_transition_at <= cell.transition_at
            listed.append(row)
            assert len(listed) <= cells.size, "a list runs in a circle"
            row = int(tissue.cancer_next[row])
    awake = np.flatnonzero(cells.alive & (cells.state == CancerState.PROLIFERATING))
    roster = tissue.cancer_proliferating[: tissue.status[0].proliferating]
    assert sorted(roster.row) == awake.tolist()
    np.testing.assert_array_equal(cells.slot[roster.row], np.arange(awake.size))
    held = cells[roster.row]
    np.testing.assert_array_equal(roster.block, held.y // BLOCK * tissue.blocks.shape[1] + held.x // BLOCK)
    assert sorted([*listed, *roster.row]) == np.flatnonzero(cells.alive).tolist()
