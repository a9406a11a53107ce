"""The same three rules as a user of Mesa writes them who follows its manual and examples.

As in `mesa.examples` (wolf and sheep, sugarscape): a grid of cells, here one a site, of a class of its own; agents that
stay (`FixedAgent`) and agents that move (`CellAgent`, by `move_to` to a cell of `connections`); what a place holds as
a `PropertyLayer`, which the model changes as a whole by numpy and agents read as an attribute of their cell. IL-6 and
collagen stand on a second, coarser grid, whose cells the sites know. Laws, chance and order are those of
`benchmarks/mesa_reference.py`, and so are the trajectories.
"""

from __future__ import annotations

import numpy as np
from mesa.discrete_space import Cell, CellAgent, FixedAgent, OrthogonalVonNeumannGrid
from mesa.discrete_space.property_layer import PropertyLayer

from abm.core.lattice import BLOCK
from abm.core.population import USED
from abm.processes.epithelium import SAMPLING_INTERVAL
from abm.rules.cells import CellKind
from abm.rules.states import SiteKind
from abm.tissue.state import AMOUNT, Niche, Tissue
from benchmarks.mesa_reference import STEPS, EpithelialCell, ThreeRules, Walker, infection_rate


class Site(Cell):
    """A site of the section: what is there and does not change."""

    airway = False
    epithelium: RootedCell | None = None  # the epithelial cell on it
    block: Cell  # of 40 um


class RootedCell(EpithelialCell, FixedAgent):
    """An epithelial cell, at home on the first of its sites."""

    def meet_virus(self) -> None:
        """Add up the hazard of infection, and be infected when it reaches the threshold."""
        virions = sum(float(site.virions) for site in self.covered)
        self.hazard += infection_rate(virions, self.model.p.virus.infectivity, 0.0) * SAMPLING_INTERVAL
        if self.hazard >= self.threshold:
            self.catch()

    def cover(self, sites: list[Site]) -> None:
        """Take its sites."""
        self.cell, self.covered = sites[0], sites
        for site in sites:
            site.epithelium = self


class GridWalker(Walker, CellAgent):
    """A leukocyte or a fibroblast on the grid."""

    def stand_on(self, place: tuple[int, int]) -> None:
        """Take the place where it starts."""
        self.cell = self.model.grid[place]

    @property
    def place(self) -> tuple[int, int]:
        """Where it is, (y, x)."""
        return self.cell.coordinate

    def looked_at(self) -> tuple[EpithelialCell | None, float]:
        """The epithelial cell under it, and the collagen there."""
        return self.cell.epithelium, float(self.cell.block.collagen)

    def guide(self) -> tuple[int, int, int, int]:
        """How its turns are led by the IL-6 of the blocks around."""
        block = self.cell.block
        around = [float(block.connections.get(step, block).il6) for step in STEPS]
        return self.led_by(around[1] - around[0], around[3] - around[2], float(block.il6))

    def hop(self) -> None:
        """One hop ahead, or a turn back at the edge of the section and before the lumen of an airway."""
        ahead = self.cell.connections.get(STEPS[self.heading])
        if ahead is None or ahead.airway:
            self.heading ^= 1
        else:
            self.move_to(ahead)


class DocumentedModel(ThreeRules):
    """Everything stands on Mesa's grids."""

    epithelial_cell, walker = RootedCell, GridWalker

    def settle(self, tissue: Tissue) -> None:
        """Make the grids and the agents on them."""
        self.grid = OrthogonalVonNeumannGrid(tissue.kind.shape, random=self.random, cell_klass=Site)
        self.grid.add_property_layer(PropertyLayer.from_data("virions", tissue.virus[AMOUNT]))
        self.blocks = OrthogonalVonNeumannGrid(tissue.blocks.shape, random=self.random)
        self.blocks.add_property_layer(PropertyLayer.from_data("il6", tissue.fields.il6[AMOUNT]))
        self.blocks.add_property_layer(PropertyLayer.from_data("collagen", tissue.niche[Niche.COLLAGEN]))
        for site in self.grid:
            y, x = site.coordinate
            site.airway, site.block = bool(tissue.kind[y, x] == SiteKind.AIRWAY), self.blocks[y // BLOCK, x // BLOCK]
        columns = tissue.kind.shape[1]
        for index, row in enumerate(tissue.epithelium):
            sites = tissue.sites[tissue.site_start[index] : tissue.site_start[index + 1]].tolist()
            cell = RootedCell(self, index, sites, float(row.threshold))
            cell.cover([self.grid[divmod(site, columns)] for site in sites])
        for row in tissue.mobile[: tissue.mobile_rows[USED]]:
            GridWalker(self, int(row.uid), CellKind(row.kind), (int(row.y), int(row.x)), float(row.progress))

    @property
    def virions(self) -> np.ndarray:
        """Virions on each site."""
        return self.grid.virions.data

    def spread_virions(self) -> None:
        """Carry the virions over one step."""
        self.grid.virions.data = self.spread(self.virions)
