"""Three rules of Embers in Mesa without its grid: one object a cell, `AgentSet.do`, the virus as a numpy array.

What it is for: `benchmarks/run.py` times it beside the compiled loops (`benchmarks/twins.py`) on the same section, and
`tests/benchmarks` asserts that both give the same trajectories. Only the ratio of the two times is of interest, so this
reference gets every advantage that a careful user would give it who knows what Mesa's grid costs (that of a user who
follows the manual is `benchmarks/mesa_documented.py`):

- positions are integers and no Mesa grid is kept, whose cells would have to be updated at every hop;
- the field is diffused by numpy, with no loop over sites; cells read it from a list, which is quicker, and those that
  release virions are kept in a set;
- parameters are a tuple of Python floats.

Laws are the very functions of `abm.rules`, uncompiled, and chance that of `abm.core.chance` (`plain` gives the function
that was compiled; where it calls another in turn, that one is compiled, which is quicker here).

The rules:

1. *virions*: released by expressing cells over their own sites, diffused, cleared (mixing over the section left out);
2. *epithelium*: looks at its virions every half an hour, a third of the cells in a step; infected when the accumulated
   hazard reaches the cell's threshold; eclipse, expression, apoptosis and clearing end by their clocks (regeneration
   left out, and no interferon is there);
3. *walkers*: every leukocyte and fibroblast hops, turns up the IL-6 gradient, is held on its targets, slowed by
   collagen (IL-6 and collagen as they are in resting tissue).
"""

from __future__ import annotations

import inspect
import math

import mesa
import numpy as np

from abm.core import chance
from abm.core.field import sub_steps_for
from abm.core.lattice import BLOCK, SPACING
from abm.core.population import USED
from abm.processes.epithelium import SAMPLING_INTERVAL
from abm.rules import infection, motility
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.states import Decision, EpithelialState, SiteKind
from abm.tissue.state import AMOUNT, Niche, Tissue

plain = inspect.unwrap  # the Python function behind a compiled one

bits, mix, erlang, waiting_time = map(plain, (chance.bits, chance.mix, chance.erlang, chance.waiting_time))
infection_rate, release_rate, virion_loss = map(
    plain, (infection.infection_rate, infection.release_rate, infection.virion_loss)
)
hops_per_hour, turning_chance = plain(motility.hops_per_hour), plain(motility.turning_chance)
guided_share, steepness = plain(motility.guided_share), plain(motility.steepness)

ECLIPSE_TIME, EXPRESSING_TIME, DEATH_TIME, CLEARING, HOP = map(
    int, (Decision.ECLIPSE_TIME, Decision.EXPRESSING_TIME, Decision.DEATH_TIME, Decision.CLEARING, Decision.HOP)
)
LYMPHOCYTES = (CellKind.NK, CellKind.CD8, CellKind.CD4)
STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # up, down, left, right


class EpithelialCell(mesa.Agent):
    """An epithelial cell, which covers some sites."""

    def __init__(self, model: ThreeRules, index: int, sites: list[int], threshold: float) -> None:
        super().__init__(model)
        self.index, self.sites, self.own = index, sites, np.array(sites)
        self.state = EpithelialState.HEALTHY
        self.hazard, self.threshold, self.clock, self.turn = 0.0, threshold, 0.0, 0

    def live(self) -> None:
        """One step: what its state does to it."""
        if self.state == EpithelialState.HEALTHY and self.index in self.model.looking:
            self.meet_virus()
        while EpithelialState.ECLIPSE <= self.state <= EpithelialState.DEAD and self.model.nearest >= self.clock:
            self.go_on()

    def meet_virus(self) -> None:
        """Add up the hazard of infection, and be infected when it reaches the threshold."""
        here = [self.model.virions_of[site] for site in self.sites]
        rate = infection_rate(sum(here), self.model.p.virus.infectivity, 0.0)
        self.hazard += rate * SAMPLING_INTERVAL
        if self.hazard >= self.threshold:
            self.catch()

    def catch(self) -> None:
        """Be infected."""
        virus, self.turn = self.model.p.virus, self.turn + 1
        self.state = EpithelialState.ECLIPSE
        self.clock = self.model.end + erlang(
            virus.eclipse_time, virus.eclipse_shape, self.model.chance_seed, ECLIPSE_TIME, self.index, self.turn
        )

    def go_on(self) -> None:
        """Enter the next state and draw how long it lasts."""
        virus, epithelium, seed = self.model.p.virus, self.model.p.epithelium, self.model.chance_seed
        self.state = EpithelialState(self.state + 1)
        self.turn += 1
        if self.state == EpithelialState.EXPRESSING:
            self.model.expressing.add(self)
            self.clock += erlang(
                virus.expressing_time, virus.expressing_shape, seed, EXPRESSING_TIME, self.index, self.turn
            )
            self.turn += 1  # the clock of killing, left out
        elif self.state == EpithelialState.APOPTOTIC:
            self.model.expressing.remove(self)
            self.clock += waiting_time(seed, DEATH_TIME, self.index, self.turn) * epithelium.apoptosis_time
        elif self.state == EpithelialState.DEAD:
            self.clock += waiting_time(seed, CLEARING, self.index, self.turn) / epithelium.clearing_rate
            self.turn += 1  # the clock of being eaten, left out

    def release(self, source: np.ndarray) -> None:
        """Add the virions that it makes per hour to the sites under it."""
        source[self.own] += np.float32(release_rate(self.model.p.virus.release, 0.0, 1.0) / len(self.sites))


class Walker(mesa.Agent):
    """A leukocyte or a fibroblast."""

    def __init__(self, model: ThreeRules, uid: int, kind: CellKind, place: tuple[int, int], progress: float) -> None:
        super().__init__(model)
        self.uid, self.kind = uid, kind
        self.stand_on(place)
        self.heading, self.progress, self.hops = uid & 3, progress, 0
        self.speed = model.p.cells[kind].speed

    def stand_on(self, place: tuple[int, int]) -> None:
        """Take the place where it starts."""
        self.y, self.x = place

    @property
    def place(self) -> tuple[int, int]:
        """Where it is, (y, x)."""
        return self.y, self.x

    def looked_at(self) -> tuple[EpithelialCell | None, float]:
        """The epithelial cell under it, and the collagen there."""
        cell = self.model.cell_at[self.y][self.x]
        return cell, self.model.collagen[self.y // BLOCK][self.x // BLOCK]

    def on_target(self, cell: EpithelialCell | None) -> bool:
        """Whether it stands on what it hunts or eats."""
        if cell is None or self.kind in (CellKind.CD4, CellKind.FIBROBLAST):
            return False
        wanted = EpithelialState.EXPRESSING if self.kind in LYMPHOCYTES else EpithelialState.DEAD
        return cell.state == wanted

    def walk(self) -> None:
        """Hop as often as its pace on each site allows; what is left of a hop is kept for the next step."""
        left = self.model.step_time
        turning = int(turning_chance(self.speed, SPACING, self.model.p.motility) * 65536.0)
        stream = bits(self.model.chance_seed, HOP, self.uid, 0)
        while (needed := (1.0 - self.progress) / (pace := self.pace())) <= left:
            left -= needed
            self.progress = 0.0
            word = int(mix(stream + np.uint64(self.hops)))
            self.hops += 1
            if word & 0xFFFF < turning:
                self.heading = self.turned(word >> 16, *self.guide())
            self.hop()
        self.progress += pace * left

    def pace(self) -> float:
        """Hops in an hour where it is."""
        cell, collagen = self.looked_at()
        drag = collagen if self.kind in LYMPHOCYTES else 0.0
        return hops_per_hour(self.speed, SPACING, self.on_target(cell), drag, self.model.p.motility)

    def guide(self) -> tuple[int, int, int, int]:
        """How its turns are led by the IL-6 of the blocks around, see `led_by`."""
        il6, y, x = self.model.il6, self.y // BLOCK, self.x // BLOCK
        down = il6[min(y + 1, len(il6) - 1)][x] - il6[max(y - 1, 0)][x]
        right = il6[y][min(x + 1, len(il6[0]) - 1)] - il6[y][max(x - 1, 0)]
        return self.led_by(down, right, il6[y][x])

    def led_by(self, down: float, right: float, here: float) -> tuple[int, int, int, int]:
        """How many of 65,536 turns go up the IL-6 gradient, how many of these up or down, and the two ways up."""
        p = self.model.p.motility
        steep_y, steep_x = steepness(abs(down), here, p), steepness(abs(right), here, p)
        steep = steep_y + steep_x
        vertical = steep_y / steep if steep > 0.0 else 0.0
        guided = int(guided_share(steep, p) * 65536)
        return guided, int(vertical * 65536), int(down > 0.0), 2 + int(right > 0.0)

    def turned(self, word: int, guided: int, vertical: int, along_y: int, along_x: int) -> int:
        """A new direction from random bits: at times up the IL-6 gradient, else any."""
        if word >> 32 < guided:
            return along_y if word & 0xFFFF < vertical else along_x
        return word >> 16 & 3

    def hop(self) -> None:
        """One hop ahead, or a turn back at the edge of the section and before the lumen of an airway."""
        dy, dx = STEPS[self.heading]
        if (self.y + dy, self.x + dx) in self.model.ground:
            self.y, self.x = self.y + dy, self.x + dx
        else:
            self.heading ^= 1


class ThreeRules(mesa.Model):
    """The three rules on a section with its resting cells; takes over the state of a `Tissue` at hour 0.

    Args:
        tissue: where everything stands. p: parameters. seed: of chance. step_time: of a step [h].
    """

    epithelial_cell, walker = EpithelialCell, Walker  # classes of its agents

    def __init__(self, tissue: Tissue, p: Parameters, seed: int, step_time: float) -> None:
        super().__init__(rng=seed)
        self.p, self.chance_seed, self.step_time, self.tick = p, seed, step_time, 0
        self.expressing: set[EpithelialCell] = set()
        self.settle(tissue)

    def settle(self, tissue: Tissue) -> None:
        """Make the ground and its agents."""
        raise NotImplementedError

    @property
    def end(self) -> float:
        """The hour at which the step ends."""
        return (self.tick + 1) * self.step_time

    @property
    def nearest(self) -> float:
        """The hour up to which clocks are nearer to the end of this step than to that of the next."""
        return self.end + 0.5 * self.step_time

    def step(self) -> None:
        """One step of the three rules, in the order of `abm.model.schedule`."""
        turns, cells = round(SAMPLING_INTERVAL / self.step_time), len(self.agents_by_type[self.epithelial_cell])
        turn = self.tick % turns
        self.looking = range(cells * turn // turns, cells * (turn + 1) // turns)
        with np.errstate(over="ignore"):  # the hash of chance wraps around on purpose
            self.spread_virions()
            self.agents_by_type[self.epithelial_cell].do("live")
            self.agents_by_type[self.walker].do("walk")
        self.tick += 1

    def spread_virions(self) -> None:
        """Carry the virions over one step."""
        raise NotImplementedError

    def spread(self, virions: np.ndarray) -> np.ndarray:
        """Release, diffusion and clearance: the explicit scheme of `abm.core.field`, edges closed."""
        source = np.zeros(virions.size, np.float32)
        for cell in self.expressing:
            cell.release(source)
        made = source.reshape(virions.shape)
        hop_rate = self.p.virus.diffusion / SPACING**2
        loss = virion_loss(self.p.virus.clearance, 0.0, self.p.virus.antibody_clearance)
        sub_steps = plain(sub_steps_for)(hop_rate, loss, self.step_time)
        keep = math.exp(-loss * self.step_time / sub_steps)
        gain = (1.0 - keep) / loss
        rest, spread, gain = np.float32(keep - 4.0 * gain * hop_rate), np.float32(gain * hop_rate), np.float32(gain)
        for _ in range(sub_steps):
            old = np.pad(virions, 1, mode="edge")
            around = (old[1:-1, :-2] + old[1:-1, 2:]) + (old[:-2, 1:-1] + old[2:, 1:-1])
            virions = rest * old[1:-1, 1:-1] + spread * around + gain * made
        return virions


class PlainModel(ThreeRules):
    """Places are integers, all else is looked up in lists."""

    def settle(self, tissue: Tissue) -> None:
        """Make the lists and the agents."""
        self.virions = tissue.virus[AMOUNT].copy()
        self.il6, self.collagen = tissue.fields.il6[AMOUNT].tolist(), tissue.niche[Niche.COLLAGEN].tolist()
        self.ground = {(int(y), int(x)) for y, x in np.argwhere(tissue.kind != SiteKind.AIRWAY)}
        starts = tissue.site_start
        cells = [
            EpithelialCell(self, index, tissue.sites[starts[index] : starts[index + 1]].tolist(), float(row.threshold))
            for index, row in enumerate(tissue.epithelium)
        ]
        self.cell_at = [[cells[index] if index >= 0 else None for index in row] for row in tissue.cell_of_site.tolist()]
        for row in tissue.mobile[: tissue.mobile_rows[USED]]:
            Walker(self, int(row.uid), CellKind(row.kind), (int(row.y), int(row.x)), float(row.progress))

    def spread_virions(self) -> None:
        """Carry the virions over one step, for the cells as a list."""
        self.virions = self.spread(self.virions)
        self.virions_of = self.virions.ravel().tolist()
