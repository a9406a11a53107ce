"""Mobile cells of the ODE twin: where they stand, what activates them, how many come and go.

Cells of a type are split into strata (macrophages by polarization, T cells by tissue memory), each stratum by the place
on which its cells stand: clean tissue, virus-producing epithelial cells by class of size, apoptotic cells, dead cells
by class. Those of one stratum in one place are taken to be alike (*assumed*).

**Contact (closure, *assumed*).** A cell that walks w hops per hour leaves the epithelial cell under it w / k times per
hour and reaches any other place in proportion to area / k. The hops k are those across the border of a cell of s sites,
pi sqrt(s) / 4 (a Poisson-Voronoi cell has a border of 4 sqrt(s), a line of length L crosses 4 L / pi lattice edges),
and those of the search: the mean time of diffusion to the nearest target in a disk of its own (Berg and Purcell 1977,
doi:10.1016/S0006-3495(77)85544-6). A cell on its target has a fraction of its speed left, so it is found there more
often, as 1 / w. Cells stay where the epithelium changes under them.
"""

from __future__ import annotations

from math import factorial
from typing import Any, NamedTuple

import numpy as np

from abm.core.lattice import BLOCK, SPACING
from abm.processes.immune import AGGREGATE
from abm.rules.cells import CellKind
from abm.rules.motility import MINUTES_PER_HOUR
from abm.rules.parameters import Parameters
from abm.rules.states import EpithelialState, EpithelialType, SiteKind
from abm.rules.substances import Substance
from abm.tissue.section import Section

SITES = (1000.0 / SPACING) ** 2  # per mm2
AT1_CLASSES = 4  # classes of AT1 cells by size, of equal numbers
CLEAN = 0  # the first place of mobile cells
FOLLOWED = (Substance.INTERFERON, Substance.IL6, Substance.IFN_GAMMA)
NONE, FEWEST = 1e-30, 1e-4  # cells or sites per mm2; guard divisions, the second one against the noise of the solver
FASTEST = 8.0  # 1/h; a cell leaves no place faster: far faster than its activation rises, and it would cost time only


class SizeClasses(NamedTuple):
    """Epithelial cells in classes.

    Attributes:
        number: per mm2. size: sites per cell. cell_type: `EpithelialType`; float64[classes] each.
        walkable: share of the sites on which a mobile cell may stand.
    """

    number: np.ndarray
    size: np.ndarray
    cell_type: np.ndarray
    walkable: float


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


class WalkingCells:
    """Numbers and activation of mobile cells per mm2: float64[rows, places].

    Rows are the numbers of all strata, their summed activation, then summed powers of it on which a secretion depends.

    Args:
        p: parameters.
        classes: of the epithelium.
    """

    def __init__(self, p: Parameters, classes: SizeClasses) -> None:
        """Derive what stays constant."""
        self.p, self.classes = p, classes
        many = classes.size.size
        self.producing, self.apoptotic, self.dead = slice(1, 1 + many), 1 + many, slice(2 + many, 2 + 2 * many)
        self.places = 2 + 2 * many
        split = [(kind, second) for kind in CellKind for second in self._halves(p.cells[kind])]
        self.kinds = np.array([kind for kind, _ in split])
        self.count = self.kinds.size
        self.rows = {kind: self.kinds == kind for kind in CellKind}
        cells = [p.cells[kind] for kind, _ in split]
        second = np.array([half for _, half in split])
        self.t_cells = np.array([cell.is_t_cell > 0.0 for cell in cells])
        macrophages = np.array([cell.is_macrophage > 0.0 for cell in cells])
        self.mhcii, self.cd206, self.memory = macrophages & second, macrophages & ~second, self.t_cells & second
        self.resting = np.array([cell.resting_density for cell in cells])
        self.peak, self.loss, self.output = np.array([
            (cell.peak_influx, cell.loss, cell.node_output) for cell in cells
        ]).T  # fmt: skip
        self.phagocytosis = np.array([p.cells[kind.shares_with].phagocytosis for kind, _ in split])
        speed = np.array([cell.speed for cell in cells])
        drag = np.array([cell.is_lymphocyte > 0.0 for cell in cells]) * p.motility.collagen_drag
        hops = speed * MINUTES_PER_HOUR / SPACING * (1.0 - drag * p.matrix.collagen_start)
        self.pace = np.repeat(hops[:, None], self.places, axis=1)  # hops per hour
        places = {EpithelialState.EXPRESSING: self.producing, EpithelialState.DEAD: self.dead}
        for row, cell in enumerate(cells):
            if cell.held_on in places:
                self.pace[row, places[EpithelialState(int(cell.held_on))]] *= p.motility.confinement
        turning = np.minimum(1.0, SPACING / np.maximum(speed, NONE) / p.motility.persistence)
        self.spread = (2.0 - turning) / (4.0 * turning)  # diffusion, sites^2 per hop
        self._lay_out_rows()

    @staticmethod
    def _halves(cell: Any) -> tuple[bool, ...]:
        """The strata of a type: CD206+ and MHCII+ macrophages, T cells without and with tissue memory; else one."""
        return (False, True) if cell.is_macrophage > 0.0 or cell.is_t_cell > 0.0 else (False,)

    def _lay_out_rows(self) -> None:
        """Find the powers of the activation that secretion needs, and what each row adds to it [molecules/s]."""
        of, power = [*range(self.count)] * 2, [0.0] * self.count + [1.0] * self.count
        terms: list[tuple[Substance, int, float]] = []
        for one in FOLLOWED:
            for row, kind in enumerate(self.kinds):
                rates = self.p.cells[CellKind(int(kind)).shares_with].secretion[one]
                terms.append((one, row, rates.at_rest))
                if self.cd206[row] or rates.activated == rates.at_rest:  # CD206+ cells secrete as at rest
                    continue
                known = [at for at in range(self.count, len(of)) if (of[at], power[at]) == (row, rates.power)]
                if not known:
                    known = [len(of)]
                    of, power = [*of, row], [*power, rates.power]
                terms.append((one, known[0], rates.activated - rates.at_rest))
        self.of, self.power = np.array(of), np.array(power)[:, None]
        self.secretion = {one: np.zeros(len(of)) for one in FOLLOWED}
        for one, at, rate in terms:
            self.secretion[one][at] += rate

    def start(self) -> np.ndarray:
        """Resting lung: all cells on clean tissue, none activated, macrophages CD206+."""
        walkers = np.zeros((self.of.size, self.places))
        walkers[: self.count, CLEAN] = np.where(self.mhcii | self.memory, 0.0, self.resting)
        return walkers

    def number(self, kind: CellKind, walkers: np.ndarray) -> float:
        """Cells of a type."""
        return float(walkers[: self.count][self.rows[kind]].sum())

    def contacts(self, walkers: np.ndarray, sites: np.ndarray) -> np.ndarray:
        """Mean number of cells on one epithelial cell, by stratum and place, or on one site of other places.

        sites: of each place, per mm2.
        """
        found = np.maximum(0.0, walkers[: self.count]) / sites
        found[:, self.producing] *= self.classes.size
        found[:, self.dead] *= self.classes.size
        return found

    def arrivals(self, walkers: np.ndarray, inflammation: float, sent: float) -> np.ndarray:
        """Cells that arrive per hour [1/mm2/h], by stratum.

        inflammation: delayed IFN-gamma [ng/mL]; sent: share of a response that leaves the lymph node per hour.
        """
        q, resident = self.p.recruitment, self.rows[CellKind.RESIDENT_MACROPHAGE]
        inflamed = hill_share(inflammation, q.half_ifn_gamma, 1.0)
        memory = q.memory_share if sent > 0.0 else 0.0
        share = np.where(self.t_cells, np.where(self.memory, memory, 1.0 - memory), ~self.mhcii)
        numbers = walkers[: self.count][resident].sum(axis=1)
        if numbers.sum() > 0.0:  # new resident macrophages are as polarized as those in the lung
            share[resident] = numbers / numbers.sum()
        arriving: np.ndarray = share * (self.resting * self.loss + self.peak * inflamed + self.output * sent)
        return arriving

    def hops_to_leave(self, targets: float) -> np.ndarray:
        """Hops until a cell has left the epithelial cell under it for good, by stratum and place.

        targets: area share of producing, apoptotic and dead cells.
        """
        size, number = self.classes.size, self.classes.number
        border = np.maximum(1.0, np.pi / 4.0 * np.sqrt(size))  # hops across it
        mean, wide = (number @ size) / (number @ (size / border)), (number @ size**2) / (number @ size)
        share = min(max(targets, 1e-6), 1.0 - 1e-6)
        search = -0.5 * np.log(share) / (1.0 - share) - (3.0 - share) / 4.0
        hops: np.ndarray = np.r_[mean, border, mean, border] + np.r_[wide, size, wide, size] * (
            search / (2.0 * np.pi * self.spread[:, None])
        )
        return hops

    def losses(self, walkers: np.ndarray, activation: np.ndarray, il6: float) -> np.ndarray:
        """Hazard [1/h] that a cell leaves or dies, by stratum and place; activation: the same."""
        q, rows = self.p.recruitment, self.rows
        losses = np.repeat(self.loss[:, None], self.places, axis=1)
        resident, recruited = rows[CellKind.RESIDENT_MACROPHAGE], rows[CellKind.RECRUITED_MACROPHAGE]
        losses[resident] += q.macrophage_death * activation[resident]
        losses[recruited] *= 1.0 - activation[recruited]
        losses[rows[CellKind.NEUTROPHIL]] *= 1.0 - q.neutrophil_survival * hill_share(il6, q.survival_half, 2.0)
        beside = max(0.0, self.number(CellKind.CD4, walkers)) * BLOCK**2 / SITES  # in the block of one, Poisson
        few = np.exp(-beside) * sum(beside**n / factorial(n) for n in range(AGGREGATE - 1))
        losses[rows[CellKind.CD4]] *= few + (1.0 - few) * q.cd4_survival
        losses[self.memory] = 1.0 / q.memory_life
        return losses

    def carried(
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

    def rates(
        self, walkers: np.ndarray, arriving: np.ndarray, area: np.ndarray, virions: float, il6: float
    ) -> np.ndarray:
        """Change of mobile cells by arrival, loss, walking, activation and polarization.

        arriving: cells per hour by stratum; area: share of each place; virions: per site; il6 [ng/mL].
        """
        count, p = self.count, self.p.activation
        numbers = np.maximum(walkers[:count], NONE)
        mean = np.minimum(1.0, np.maximum(0.0, walkers[count:] / numbers[self.of[count:]]))
        activation = mean[:count]
        hops = np.maximum(self.hops_to_leave(1.0 - area[CLEAN]), self.pace / FASTEST)
        reached = area / hops
        reached /= reached.sum(axis=1, keepdims=True)
        leaving = walkers * (self.pace / hops)[self.of]
        change: np.ndarray = reached[self.of] * leaving.sum(axis=1, keepdims=True) - leaving
        ambient = hill_share(virions, self.p.epithelium.sentinel_virions, 1.0)
        change += area * (arriving[self.of, None] * ambient**self.power)  # 1 in rows of numbers, whose power is 0
        change -= self.losses(walkers, activation, il6)[self.of] * walkers
        change[count:] += self._activation_rates(mean, ambient) * numbers[self.of[count:]]
        for first in np.flatnonzero(self.cd206):  # the next stratum holds the MHCII+ macrophages of the type
            back = (1.0 - activation[first + 1]) / p.depolarization_time
            for at in (first, first + count):
                turned = p.polarization * activation[first] * walkers[at] - back * walkers[at + 1]
                change[at] -= turned
                change[at + 1] += turned
        return change

    def _activation_rates(self, mean: np.ndarray, ambient: float) -> np.ndarray:
        """Change of the means of the powers n of the activation a, by row and place.

        d E[a^n] / dt = n (goal E[a^(n-1)] - E[a^n]) / time. E[a^(n-1)] follows from E[a] and E[a^n] as where some cells
        are at 0 and all others alike (Lyapunov's inequality is an equality then).
        """
        p, power = self.p.activation, self.power[self.count :]
        goal = np.ones(self.places)
        goal[CLEAN] = ambient
        first, above = mean[self.of[self.count :]], np.maximum(power, 2.0) - 1.0
        between = first ** (1.0 / above) * mean ** ((above - 1.0) / above)
        below = np.where(power > 2.0, between, first ** (power - 1.0))
        per_hour = np.where(first < goal, 1.0 / p.rise_time, 1.0 / p.fall_time)
        rates: np.ndarray = power * (goal * below - mean) * per_hour
        return rates
