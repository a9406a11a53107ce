"""ODE twin of the infection: a second implementation, deterministic and well mixed, written without the compiled laws.

It reads the parameters of a scenario and the sizes of the epithelial cells of its section, and nothing else of the
model: all equations are written out here again. A mistake in one of the two shows up as a difference; where both agree
in a well-mixed section and differ in a real one, space matters. Amounts are per mm2 of section, time is in hours.

- **Epithelium**, in classes of cells of s sites: susceptible (H), refractory (R), eclipse (E, Erlang stages),
  virus-producing (X, Erlang stages), apoptotic (A), dead (D), denuded (Z). With v = virions per site and r = Hill
  response to interferon: H' = -b s v (1 - f r) H - a r H + (1 - r) R / T + g Z, and so on along the chain. A dead cell
  is cleared by itself and by the phagocytes on it; regeneration g rises with the share of AT2 cells alive.
- **Virions**: V' = arrival + p (1 - q r) X - c (1 - u + u N / N0) (1 + (m - 1) B) V, with neutrophils N and unbound
  antibody B = antibody / (1 + V / excess). What arrives from the rest of the lung doubles until the arrival time.
  (Target cells, eclipse and virus: Baccam 2006, doi:10.1128/JVI.01623-05; Smith 2018, doi:10.3389/fmicb.2018.01554.)
- **Interferon, IL-6, IFN-gamma**: secretion of all cells over the volume, minus first-order loss. Epithelial cells
  secrete interferon from a fixed time after infection on, so infected cells older than that have stages of their own,
  fed by the infections of that time ago (a delay differential equation, solved by the method of steps).
- **Lymph node**: precursors are primed by the infected share; responders pass `STAGES` equal stages, as do those that
  make antibody.
- **Leukocytes and fibroblasts**, by type, macrophages by polarization, T cells by tissue memory: influx, loss, mean
  activation, and powers of the activation where secretion has one.

**Contact (closure, assumed).** Cells of a type stand on clean tissue or on virus-producing, apoptotic or dead cells;
those in one of these four places are alike. A cell that walks w hops per hour leaves the epithelial cell under it
w / k times per hour and comes to any other place in proportion to its area. The hops k are those across its border,
which has 16 sqrt(s) / pi lattice edges (a Poisson-Voronoi cell has a border of 4 sqrt(s); a line of length L crosses
4 L / pi edges), plus those of the search: the mean time of diffusion to the nearest target in a disk of its own (Berg
and Purcell 1977, doi:10.1016/S0006-3495(77)85544-6). A cell on its target has a fraction of its speed, which makes the
stationary density there as much higher. Cells also stand where the epithelium changes under them. The number of CD8
cells on a target is Poisson, so a team of mean m kills at k m (1 + cooperation m); the killers are on the cell that
they kill. An NK cell loses its activity at an Erlang time of the mean and variance of the linear decline.

Left out: space (foci, gradients, chemotaxis, homing, chance of first infections), the order within a step, the
extinction of the last virions, treatments, a second virus or infection, cancer cells, matrix (collagen stays at its
start), the largest number of kills of an NK cell. A cell that arrives has at once the activation of the virions around.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any, NamedTuple

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from abm.core.lattice import BLOCK, SPACING
from abm.processes.immune import AGGREGATE
from abm.rules.adaptive import STAGES
from abm.rules.cells import CellKind
from abm.rules.motility import MINUTES_PER_HOUR
from abm.rules.parameters import Parameters
from abm.rules.states import EpithelialState, EpithelialType, SiteKind
from abm.rules.substances import AVOGADRO, SECONDS_PER_HOUR, SITE_VOLUME_ML, Substance
from abm.scenario.scenario import Scenario
from abm.tissue.section import Section

SITES = (1000.0 / SPACING) ** 2  # per mm2
AT1_CLASSES = 4  # classes of AT1 cells by size, of equal numbers
CLEAN = 0  # the first place of mobile cells
FOLLOWED = (Substance.INTERFERON, Substance.IL6, Substance.IFN_GAMMA)
TOLERANCE = 1e-4  # relative, of the solver: curves are right to 0.1 %
LEAST = 1e-7  # absolute: of virions, cells and ng/mL
NONE = 1e-30  # cells; guards a division
FASTEST = 8.0  # 1/h; a cell leaves no place faster: far faster than its activation rises, and it would cost time only


class SizeClasses(NamedTuple):
    """Epithelial cells in classes: number per mm2, sites per cell and type, float64[classes]; share of walkable sites."""

    number: np.ndarray
    size: np.ndarray
    cell_type: np.ndarray
    walkable: float


class Strata(NamedTuple):
    """Mobile cells in strata, alike but for where they stand: arrays with one entry per stratum.

    kind: `CellKind`; mhcii, cd206: macrophages by polarization; memory: tissue-memory T cells; pace: hops per hour in
    each place; turning: chance that a hop has a new direction.
    """

    kind: np.ndarray
    mhcii: np.ndarray
    cd206: np.ndarray
    memory: np.ndarray
    pace: np.ndarray
    turning: np.ndarray


def size_classes(section: Section) -> SizeClasses:
    """The epithelial cells of a section: AT1 cells in classes of size, AT2 and bronchiolar cells in one each."""
    area, found = section.kind.size / SITES, []
    for kind in EpithelialType:
        sizes = np.sort(section.size[section.cell_type == kind])
        parts = np.array_split(sizes, AT1_CLASSES if kind == EpithelialType.AT1 else 1)
        found += [(part.size / area, part.mean(), kind) for part in parts if part.size]
    number, size, cell_type = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    return SizeClasses(number, size, cell_type, float(np.mean(section.kind != SiteKind.AIRWAY)))


def hill_share(amount: Any, half: float, power: float) -> Any:
    """amount^n / (half^n + amount^n)."""
    raised = np.maximum(amount, 0.0) ** power
    return raised / (half**power + raised)


def _strata(p: Parameters, held: dict[EpithelialState, slice], places: int) -> Strata:
    """The strata of mobile cells; held: places that are cells of a state, which may hold them."""
    rows = []
    for kind in CellKind:
        cell, drag = p.cells[kind], p.motility.collagen_drag * p.matrix.collagen_start
        hops = cell.speed * MINUTES_PER_HOUR / SPACING * (1.0 - drag * (cell.is_lymphocyte > 0.0))
        pace = np.full(places, hops)
        if cell.held_on in held:
            pace[held[EpithelialState(int(cell.held_on))]] *= p.motility.confinement
        split = cell.is_macrophage > 0.0 or cell.is_t_cell > 0.0
        for second in (False, True) if split else (False,):
            macrophage = cell.is_macrophage > 0.0
            turning = min(1.0, SPACING / max(cell.speed, NONE) / p.motility.persistence)
            memory = second and not macrophage
            rows.append((kind, macrophage and second, macrophage and not second, memory, pace, turning))
    return Strata(*(np.array(column) for column in zip(*rows, strict=True)))


class OdeTwin:
    """The equations for one scenario with a single infection and no treatment.

    Args:
        scenario: parameters, infection and duration are read.
        classes: of the epithelium.
    """

    def __init__(self, scenario: Scenario, classes: SizeClasses) -> None:
        """Derive what stays constant, and lay out the state."""
        if len(scenario.infections) > 1 or scenario.treatments or scenario.changes or scenario.second_virus:
            raise ValueError("the ODE twin takes one infection, and no treatment or change of parameters")
        self.p, self.classes, self.duration = scenario.parameters, classes, scenario.duration
        self.dose = sum(infection.dose for infection in scenario.infections)
        self.starts = sum(infection.time for infection in scenario.infections)
        p, count = self.p, classes.size.size
        # Places of mobile cells: clean tissue, producing cells by class, apoptotic cells, dead cells by class.
        self.producing, self.apoptotic, self.dead = slice(1, 1 + count), 1 + count, slice(2 + count, 2 + 2 * count)
        held = {EpithelialState.EXPRESSING: self.producing, EpithelialState.DEAD: self.dead}
        self.places = 2 + 2 * count
        self.strata = _strata(p, held, self.places)
        self.eclipse, self.living = max(1, int(p.virus.eclipse_shape)), max(1, int(p.virus.expressing_shape))
        stages = self.eclipse + self.living
        self.stage_rates = np.repeat(
            [self.eclipse / p.virus.eclipse_time, self.living / p.virus.expressing_time], [self.eclipse, self.living]
        )
        self.delay = p.substances.interferon.delay
        self.t_cells = np.isin(self.strata.kind, [kind for kind in CellKind if p.cells[kind].is_t_cell > 0.0])
        self.rows = {kind: self.strata.kind == kind for kind in CellKind}
        self.resting, self.peak, self.loss, self.output, self.eating = np.array([
            (cell.resting_density, cell.peak_influx, cell.loss, cell.node_output, p.cells[kind.shares_with].phagocytosis)
            for kind, cell in ((kind, p.cells[kind]) for kind in map(CellKind, self.strata.kind))
        ]).T  # fmt: skip
        along = np.diag(-self.stage_rates) + np.diag(self.stage_rates[:-1], -1)
        self.at_delay = expm(along * self.delay)[:, 0]  # where the cells infected a delay ago are
        self.nk_stages = max(1, round(3.0 * (self._fresh + self._spent) ** 2 / (self._spent - self._fresh) ** 2))
        self._lay_out_rows()
        shapes = {
            "lung": (count, 2 + stages + 3), "old": (stages,), "walkers": (self.of.size, self.places),
            "fresh_nk": (self.nk_stages,), "responders": (STAGES,), "antibody_stages": (STAGES,), "virions": (),
            **{one.key: () for one in FOLLOWED}, "inflammation": (), "pool": (), "memory": (), "antibody": (),
        }  # fmt: skip
        self.parts, at = {}, 0
        for name, shape in shapes.items():
            end = at + int(np.prod(shape))
            self.parts[name], at = (at, end, shape), end
        self.length = at

    @property
    def _fresh(self) -> float:
        return self.p.cytotoxicity.nk_fresh

    @property
    def _spent(self) -> float:
        return self.p.cytotoxicity.nk_spent

    def _lay_out_rows(self) -> None:
        """Rows of mobile cells by stratum: numbers, activation, then powers of it on which a secretion depends."""
        count = self.strata.kind.size
        of, power = [*range(count)] * 2, [0.0] * count + [1.0] * count
        terms: list[tuple[Substance, int, float]] = []  # what a cell, or its activation, adds [molecules/s]
        for one in FOLLOWED:
            for row, kind in enumerate(self.strata.kind):
                rates = self.p.cells[CellKind(int(kind)).shares_with].secretion[one]
                terms.append((one, row, rates.at_rest))
                if self.strata.cd206[row] or rates.activated == rates.at_rest:  # CD206+ cells secrete as at rest
                    continue
                known = [at for at in range(count, len(of)) if (of[at], power[at]) == (row, rates.power)]
                if not known:
                    known = [len(of)]
                    of, power = [*of, row], [*power, rates.power]
                terms.append((one, known[0], rates.activated - rates.at_rest))
        self.of, self.power = np.array(of), np.array(power)[:, None]
        self.secretion = {one: np.zeros(len(of)) for one in FOLLOWED}
        for one, at, rate in terms:
            self.secretion[one][at] += rate

    def read(self, state: np.ndarray) -> dict[str, Any]:
        """The parts of a state by name, as views."""
        return {name: state[at:end].reshape(shape) for name, (at, end, shape) in self.parts.items()}

    def start(self) -> np.ndarray:
        """Resting lung: stationary densities, CD206+ macrophages, IL-6 of cells at rest."""
        state = np.zeros(self.length)
        now, cells, strata = self.read(state), self.p.cells, self.strata
        now["lung"][:, 0] = self.classes.number
        for row, kind in enumerate(strata.kind):
            if not (strata.mhcii[row] or strata.memory[row]):
                now["walkers"][row, CLEAN] = cells[kind].resting_density
        nk, ageing = cells.nk, self.nk_stages / (0.5 * (self._fresh + self._spent))
        passed = ageing / (ageing + nk.loss)
        now["fresh_nk"][:] = nk.resting_density * nk.loss / ageing * passed ** np.arange(1, self.nk_stages + 1)
        now["pool"][...] = 1.0
        for one in FOLLOWED:
            now[one.key][...] = self._secreted(one, now, 0.0) / self.p.substances[one].loss
        return state

    # ---- virus and epithelium ----------------------------------------------------------------------------------------

    def _arriving(self, hour: float) -> float:
        """Virions that come from the rest of the lung [virion/mm2/h]: they double, and add up to the inoculum."""
        virus, since = self.p.virus, hour - self.starts
        if not 0.0 <= since < virus.arrival_time:
            return 0.0
        rate = np.log(2.0) / virus.arrival_doubling
        return self.dose * virus.inoculum * rate * np.exp(rate * since) / np.expm1(rate * virus.arrival_time)

    def _virion_loss(self, virions: float, antibody: float, neutrophils: float) -> float:
        """Loss of free virions [1/h] by clearance, neutrophils and unbound antibody."""
        virus, resting = self.p.virus, self.p.cells.neutrophil.resting_density
        unbound = antibody / (1.0 + virions / self.p.adaptive.antibody_excess)
        relative = neutrophils / resting if resting > 0.0 else 1.0
        share = virus.neutrophil_uptake
        return virus.clearance * (1.0 - share + share * relative) * (1.0 + (virus.antibody_clearance - 1.0) * unbound)

    def _response(self, interferon: float) -> float:
        return hill_share(interferon, self.p.interferon.half_response, self.p.interferon.power)

    def _infections(self, now: dict[str, Any]) -> np.ndarray:
        """Cells of each class infected per hour [1/mm2/h]."""
        protected = self.p.interferon.infection_blunting * self._response(now["interferon"])
        exposure = now["virions"] / SITES * self.classes.size
        return self.p.virus.infectivity * exposure * (1.0 - protected) * now["lung"][:, 0]

    def _lung_rates(
        self, now: dict[str, Any], infected: np.ndarray, killed: np.ndarray, cleared: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Change of the epithelium, and the cells that begin and stop to produce virus per hour, by class.

        infected: cells per hour; killed, cleared: hazards [1/h] of producing and of dead cells; each by class.
        """
        lung, p, share = now["lung"], self.p, self._response(now["interferon"])
        protected = p.interferon.refractory_rate * share * lung[:, 0]
        returned = (1.0 - share) / p.interferon.refractory_time * lung[:, 1]
        leaving = lung[:, 2:-3] * self.stage_rates
        producing = lung[:, 2 + self.eclipse : -3]
        stopped = leaving[:, -1] + killed * producing.sum(axis=1)
        died, gone = lung[:, -3] / p.epithelium.apoptosis_time, cleared * lung[:, -2]
        at2 = self.classes.cell_type == EpithelialType.AT2
        alive = 1.0 - lung[at2, -3:].sum() / max(NONE, self.classes.number[at2].sum())
        without = p.epithelium.regeneration_without_at2
        beside = np.where(self.classes.cell_type == EpithelialType.BRONCHIOLAR, 1.0, alive)
        renewed = (without + (1.0 - without) * beside) / p.epithelium.regeneration_time * lung[:, -1]
        change = np.empty_like(lung)
        change[:, 0] = returned + renewed - infected - protected
        change[:, 1] = protected - returned
        change[:, 2:-3] = -leaving
        change[:, 2] += infected
        change[:, 3:-3] += leaving[:, :-1]
        change[:, 2 + self.eclipse : -3] -= killed[:, None] * producing
        change[:, -3], change[:, -2], change[:, -1] = stopped - died, died - gone, gone - renewed
        return change, leaving[:, self.eclipse - 1], stopped

    def _old_rates(self, now: dict[str, Any], infected_then: float, killed: float) -> np.ndarray:
        """Change of the infected cells that have been so for longer than the delay of interferon, by stage.

        infected_then: infections per hour a delay ago; killed: mean hazard of producing cells [1/h].
        """
        old, exposed = now["old"], max(0.0, self.delay - self.p.virus.eclipse_time)
        leaving = old * self.stage_rates
        change = infected_then * self.at_delay * np.exp(-max(0.0, killed) * exposed) - leaving
        change[1:] += leaving[:-1]
        change[self.eclipse :] -= killed * old[self.eclipse :]
        return change

    # ---- substances and lymph node -----------------------------------------------------------------------------------

    def _secreted(self, substance: Substance, now: dict[str, Any], epithelial: float) -> float:
        """Rise of the mean concentration [ng/mL/h] by epithelial cells that secrete [1/mm2] and by mobile cells."""
        q = self.p.substances[substance]
        molecules = q.epithelial_secretion * epithelial + self.secretion[substance] @ now["walkers"].sum(axis=1)
        induced = self.p.virus.interferon_induction if substance == Substance.INTERFERON else 1.0
        grams = induced * molecules * SECONDS_PER_HOUR * q.molar_mass / AVOGADRO  # per mm2 and hour
        return grams * 1e9 / (SITES * SITE_VOLUME_ML)

    def _node_rates(self, now: dict[str, Any], change: dict[str, Any], infected_share: float) -> float:
        """Fill in the change of the lymph node; returns the share of a response that leaves it per hour."""
        q, memory = self.p.adaptive, min(1.0, now["memory"])
        primed = now["pool"] * q.priming * hill_share(infected_share, q.half_antigen, 1.0)
        entering = primed * (1.0 + (q.recall_gain - 1.0) * memory)
        delay = q.delay + (q.recall_delay - q.delay) * memory
        change["pool"][...] = (1.0 - now["pool"]) / q.pool_recovery - primed
        out = {}
        for name, time in (("responders", delay), ("antibody_stages", q.antibody_delay * delay / q.delay)):
            moving = STAGES / time * now[name]
            change[name][:] = -moving
            change[name][1:] += moving[:-1]
            change[name][0] += entering
            out[name] = float(moving[-1])
        change["memory"][...] = out["responders"] if now["memory"] < 1.0 else 0.0
        made = out["antibody_stages"] if now["antibody"] < 1.0 else 0.0
        change["antibody"][...] = made - now["antibody"] / q.antibody_life
        return out["responders"]

    # ---- mobile cells ------------------------------------------------------------------------------------------------

    def _hops_to_leave(self, targets: float) -> np.ndarray:
        """Hops until a cell has left the epithelial cell under it for good, by stratum and place.

        targets: area share of producing, apoptotic and dead cells.
        """
        size, number = self.classes.size, self.classes.number
        border = np.maximum(1.0, np.pi / 4.0 * np.sqrt(size))  # hops across it
        mean = (number @ size) / (number @ (size / border))
        share = min(max(targets, 1e-6), 1.0 - 1e-6)
        search = -0.5 * np.log(share) / (1.0 - share) - (3.0 - share) / 4.0
        spread = (2.0 - self.strata.turning) / (4.0 * self.strata.turning)  # diffusion, sites^2 per hop
        wide = (number @ size**2) / (number @ size)
        sizes, borders = np.r_[wide, size, wide, size], np.r_[mean, border, mean, border]
        return borders + sizes * (search / (2.0 * np.pi * spread))[:, None]

    def _losses(self, now: dict[str, Any], activation: np.ndarray) -> np.ndarray:
        """Hazard [1/h] that a cell leaves or dies, by stratum and place; activation: the same."""
        q, kinds, rows = self.p.recruitment, self.strata.kind, self.rows
        losses = np.repeat(self.loss[:, None], self.places, axis=1)
        resident, recruited = rows[CellKind.RESIDENT_MACROPHAGE], rows[CellKind.RECRUITED_MACROPHAGE]
        losses[resident] += q.macrophage_death * activation[resident]
        losses[recruited] *= 1.0 - activation[recruited]
        losses[rows[CellKind.NEUTROPHIL]] *= 1.0 - q.neutrophil_survival * hill_share(now["il6"], q.survival_half, 2.0)
        beside = now["walkers"][: kinds.size][rows[CellKind.CD4]].sum() * BLOCK**2 / SITES
        alone = np.exp(-beside) * sum(beside**n / factorial(n) for n in range(AGGREGATE - 1))
        losses[rows[CellKind.CD4]] *= alone + (1.0 - alone) * q.cd4_survival
        losses[self.strata.memory] = 1.0 / q.memory_life
        return losses

    def _arrivals(self, now: dict[str, Any], sent: float) -> np.ndarray:
        """Cells that arrive per hour [1/mm2/h], by stratum; sent: share of a response by the lymph node per hour."""
        q, strata, resident = self.p.recruitment, self.strata, self.rows[CellKind.RESIDENT_MACROPHAGE]
        inflamed = hill_share(now["inflammation"], q.half_ifn_gamma, q.power)
        memory = q.memory_share if sent > 0.0 else 0.0
        share = np.where(self.t_cells, np.where(strata.memory, memory, 1.0 - memory), ~strata.mhcii)
        numbers = now["walkers"][: strata.kind.size][resident].sum(axis=1)
        if numbers.sum() > 0.0:  # new resident macrophages are as polarized as those in the lung
            share[resident] = numbers / numbers.sum()
        return share * (self.resting * self.loss + self.peak * inflamed + self.output * sent)

    def _carried(
        self, walkers: np.ndarray, begins: np.ndarray, stops: np.ndarray, dying: np.ndarray, clears: np.ndarray
    ) -> np.ndarray:
        """Change of mobile cells by what happens to the epithelium under them.

        begins: hazards [1/h] that clean tissue becomes a producing cell, by class; stops, clears: that producing cells
        stop and dead cells are cleared, by stratum and class; dying: sites of apoptotic cells, by class.
        """
        change = np.zeros_like(walkers)
        change[:, self.producing] = walkers[:, [CLEAN]] * begins
        left = walkers[:, self.producing] * stops[self.of]
        died = walkers[:, self.apoptotic] / self.p.epithelium.apoptosis_time
        gone = walkers[:, self.dead] * clears[self.of]
        change[:, CLEAN] = gone.sum(axis=1) - change[:, self.producing].sum(axis=1)
        change[:, self.producing] -= left
        change[:, self.apoptotic] = left.sum(axis=1) - died
        change[:, self.dead] = died[:, None] * (dying / max(NONE, dying.sum())) - gone
        return change

    def _walker_rates(
        self, now: dict[str, Any], arriving: np.ndarray, area: np.ndarray, carried: np.ndarray
    ) -> np.ndarray:
        """Change of numbers and activation of mobile cells, by row and place.

        arriving: cells per hour by stratum; area: share of each place; carried: change by the epithelium under them.
        """
        p, strata, walkers = self.p.activation, self.strata, now["walkers"]
        count = strata.kind.size
        numbers = np.maximum(walkers[:count], NONE)
        activation = np.minimum(1.0, np.maximum(0.0, walkers[count : 2 * count] / numbers))
        hops = np.maximum(self._hops_to_leave(1.0 - area[CLEAN]), strata.pace / FASTEST)
        reached = area / hops
        reached /= reached.sum(axis=1, keepdims=True)
        leaving = walkers * (strata.pace / hops)[self.of]
        change = carried + reached[self.of] * leaving.sum(axis=1, keepdims=True) - leaving
        ambient = hill_share(now["virions"] / SITES, self.p.epithelium.sentinel_virions, 1.0)
        change += area * (arriving[self.of, None] * ambient**self.power)
        change -= self._losses(now, activation)[self.of] * walkers
        # d E[a^n] / dt = n (goal E[a^(n-1)] - E[a^n]) / time constant. E[a^(n-1)] follows from E[a] and E[a^n] as it does
        # if some cells are at 0 and all others alike (Lyapunov's inequality is an equality then).
        mean, power = np.minimum(1.0, np.maximum(0.0, walkers[count:] / numbers[self.of[count:]])), self.power[count:]
        goal = np.ones(self.places)
        goal[CLEAN] = ambient
        first = mean[self.of[count:]]
        above = np.maximum(power, 2.0) - 1.0
        below = np.where(power > 2.0, first ** (1.0 / above) * mean ** ((above - 1.0) / above), first ** (power - 1.0))
        rate = power * (goal * below - mean) * np.where(first < goal, 1.0 / p.rise_time, 1.0 / p.fall_time)
        change[count:] += rate * numbers[self.of[count:]]
        for first in np.flatnonzero(strata.cd206):  # the next stratum holds the MHCII+ macrophages of the type
            for at in (first, first + count):
                turned = p.polarization * activation[first] * walkers[at]
                turned = turned - (1.0 - activation[first + 1]) / p.depolarization_time * walkers[at + 1]
                change[at] -= turned
                change[at + 1] += turned
        return change

    # ---- all together ------------------------------------------------------------------------------------------------

    def rhs(self, hour: float, state: np.ndarray, infected_then: float) -> np.ndarray:
        """Rates of change of a state; infected_then: infections per hour one delay of interferon ago."""
        p, size, now = self.p, self.classes.size, self.read(state)
        lung, walkers, count = now["lung"], now["walkers"], self.strata.kind.size
        changed = np.zeros(self.length)
        change = self.read(changed)
        producing, dead = lung[:, 2 + self.eclipse : -3].sum(axis=1), lung[:, -2]
        sites = np.r_[0.0, size * producing, size @ lung[:, -3], size * dead]
        sites[CLEAN] = SITES * self.classes.walkable - sites.sum()
        sites = np.maximum(sites, LEAST)
        contacts = walkers[:count] / sites  # of each epithelial cell, by stratum and place
        contacts[:, self.producing] *= size
        contacts[:, self.dead] *= size
        k, nk, cd8 = p.cytotoxicity, self.rows[CellKind.NK], self.rows[CellKind.CD8]
        active = now["fresh_nk"].sum() / max(NONE, walkers[:count][nk].sum())
        single_nk, team = k.nk_infected * min(1.0, active), contacts[cd8, self.producing].sum(axis=0)
        killed = k.cd8_infected * team * (1.0 + k.cooperation * team)
        killed += single_nk * contacts[nk, self.producing].sum(axis=0)
        cleared = p.epithelium.clearing_rate + self.eating @ contacts[:, self.dead]
        infected = self._infections(now)
        change["lung"][...], begun, stopped = self._lung_rates(now, infected, killed, cleared)
        mean_killed = producing @ killed / max(NONE, producing.sum())
        change["old"][:] = self._old_rates(now, infected_then, mean_killed)
        neutrophils = walkers[:count][self.rows[CellKind.NEUTROPHIL]].sum()
        released = p.virus.release * (1.0 - p.interferon.release_blunting * self._response(now["interferon"]))
        loss = self._virion_loss(now["virions"], now["antibody"], neutrophils)
        change["virions"][...] = self._arriving(hour) + released * producing.sum() - loss * now["virions"]
        everyone = lung[:, 2:-3].sum()
        for one in FOLLOWED:
            epithelial = now["old"].sum() if self.p.substances[one].delay > 0.0 else everyone
            change[one.key][...] = self._secreted(one, now, epithelial) - p.substances[one].loss * now[one.key]
        change["inflammation"][...] = (now["ifn_gamma"] - now["inflammation"]) / p.recruitment.delay
        arriving = self._arrivals(now, self._node_rates(now, change, everyone / self.classes.number.sum()))
        # Cells stay where the epithelium changes under them; killers and phagocytes change it where they stand.
        stops = np.tile(stopped / np.maximum(LEAST, producing), (count, 1))
        stops[cd8] += k.cd8_infected * (1.0 + 2.0 * k.cooperation * team)
        stops[nk] += single_nk
        clears = cleared + self.eating[:, None]
        carried = self._carried(walkers, size * begun / sites[CLEAN], stops, size * lung[:, -3], clears)
        change["walkers"][...] = self._walker_rates(now, arriving, sites / sites.sum(), carried)
        ageing = self.nk_stages / (0.5 * (self._fresh + self._spent)) * now["fresh_nk"]
        change["fresh_nk"][:] = -ageing - p.cells.nk.loss * now["fresh_nk"]
        change["fresh_nk"][1:] += ageing[:-1]
        change["fresh_nk"][0] += arriving[nk].sum()
        return changed

    def solve(self, hours: np.ndarray) -> dict[str, np.ndarray]:
        """The time course of the measures, by the names that the model has for them, at some hours from 0 on.

        Method of steps: the delay of interferon after the other, so that the past is always known. An explicit
        Runge-Kutta pair suffices, since no rate is much above that of the eclipse stages.
        """
        past: list[tuple[float, Callable[[float], np.ndarray]]] = []
        states, begin, state = [], 0.0, self.start()
        ends = {self.starts, self.starts + self.p.virus.arrival_time} | set(
            np.arange(self.delay, hours[-1] + self.delay, self.delay)
        )
        for end in sorted(one for one in ends if one > 0.0):

            def infected_then(hour: float) -> float:
                then = hour - self.delay
                known = [course for first, course in past if first <= then]
                return float(self._infections(self.read(known[-1](then))).sum()) if known else 0.0

            solved = solve_ivp(
                lambda hour, now, then=infected_then: self.rhs(hour, now, then(hour)), (begin, end), state,
                method="RK23", rtol=TOLERANCE, atol=LEAST, dense_output=True,
            )  # fmt: skip
            within = hours[(hours >= begin) & ((hours < end) | (end >= hours[-1]))]
            states.append(solved.sol(within) if within.size else np.empty((self.length, 0)))
            past.append((begin, solved.sol))
            begin, state = end, solved.y[:, -1]
            if end >= hours[-1]:
                break
        return self._measures(np.concatenate(states, axis=1))

    def _measures(self, states: np.ndarray) -> dict[str, np.ndarray]:
        """Measures from states, float64[length, times]."""
        now = [self.read(state) for state in states.T]
        lung, strata = np.array([one["lung"] for one in now]).sum(axis=1) / self.classes.number.sum(), self.strata
        numbers = np.array([one["walkers"][: strata.kind.size].sum(axis=1) for one in now])
        found = {name: np.array([float(one[name]) for one in now]) for name in ("virions", "antibody")}
        found |= {one.key: np.array([float(state[one.key]) for state in now]) for one in FOLLOWED}
        found["infected_share"], found["refractory_share"] = lung[:, 2:-3].sum(axis=1), lung[:, 1]
        found["lost_share"], found["epithelium"] = lung[:, -3:].sum(axis=1), lung.sum(axis=1)
        found |= {kind.type.curve: numbers[:, strata.kind == kind].sum(axis=1) for kind in CellKind}
        macrophages = numbers[:, strata.mhcii | strata.cd206].sum(axis=1)
        found["mhcii_share"] = numbers[:, strata.mhcii].sum(axis=1) / np.maximum(NONE, macrophages)
        return found


def twin_of(scenario: Scenario, section: Section, hours: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of the ODE twin of a scenario on the epithelium of a section, at some hours from 0 on."""
    return OdeTwin(scenario, size_classes(section)).solve(hours)
