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
- **Killing**: CD8 cells on a target are Poisson in number, so a team of mean m kills at k m (1 + cooperation m), and
  the killers are on the cell that they kill. An NK cell loses its activity at an Erlang time of the mean and variance
  of the linear decline (*assumed*).
- **Mobile cells**: influx, loss, activation and contacts, in `abm.verify.ode_walkers`, with the closure that they need.

Left out: space (foci, gradients, chemotaxis, homing, chance of first infections), the order within a step, the
extinction of the last virions, treatments, a second virus or infection, cancer cells, matrix (collagen stays at its
start), the largest number of kills of an NK cell, killing before the delay of interferon is over (at its present rate
instead). A cell that arrives has at once the activation of the virions around.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from abm.rules.adaptive import STAGES
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialType
from abm.rules.substances import AVOGADRO, SECONDS_PER_HOUR, SITE_VOLUME_ML, Substance
from abm.scenario.scenario import Scenario
from abm.tissue.section import Section
from abm.verify.ode_walkers import (
    CLEAN,
    FEWEST,
    FOLLOWED,
    NONE,
    SITES,
    SizeClasses,
    WalkingCells,
    hill_share,
    size_classes,
)

TOLERANCE = 1e-4  # relative, of the solver: curves are right to 0.1 %
LEAST = 1e-7  # absolute: of virions, cells and ng/mL


class OdeTwin:
    """The equations for one scenario with a single infection and no treatment.

    Args:
        scenario: parameters and infection are read.
        classes: of the epithelium.

    Raises:
        ValueError: the scenario has what the twin leaves out.
    """

    def __init__(self, scenario: Scenario, classes: SizeClasses) -> None:
        """Derive what stays constant, and lay out the state."""
        if len(scenario.infections) > 1 or scenario.treatments or scenario.changes or scenario.second_virus:
            raise ValueError("the ODE twin takes one infection, and no treatment or change of parameters")
        self.p, self.classes, self.cells = scenario.parameters, classes, WalkingCells(scenario.parameters, classes)
        self.dose = sum(infection.dose for infection in scenario.infections)
        self.begins = sum(infection.time for infection in scenario.infections)
        virus = self.p.virus
        self.eclipse, living = max(1, int(virus.eclipse_shape)), max(1, int(virus.expressing_shape))
        rates = [self.eclipse / virus.eclipse_time, living / virus.expressing_time]
        self.stage_rates = np.repeat(rates, [self.eclipse, living])
        self.delay = self.p.substances.interferon.delay
        along = np.diag(-self.stage_rates) + np.diag(self.stage_rates[:-1], -1)
        self.at_delay = expm(along * self.delay)[:, 0]  # stages of the cells that were infected a delay ago
        fresh, spent = self.p.cytotoxicity.nk_fresh, self.p.cytotoxicity.nk_spent
        nk_stages = max(1, round(3.0 * (fresh + spent) ** 2 / (spent - fresh) ** 2))
        self.ageing = 2.0 * nk_stages / (fresh + spent)  # 1/h
        shapes = {
            "lung": (classes.size.size, 2 + self.stage_rates.size + 3), "old": (self.stage_rates.size,),
            "walkers": (self.cells.of.size, self.cells.places), "fresh_nk": (nk_stages,), "responders": (STAGES,),
            "antibody_stages": (STAGES,), "virions": (), **{one.key: () for one in FOLLOWED}, "inflammation": (),
            "pool": (), "memory": (), "antibody": (),
        }  # fmt: skip
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])
        self.parts = {
            name: (end - int(np.prod(shape)), end, shape)
            for (name, shape), end in zip(shapes.items(), ends, strict=True)
        }
        self.length = int(ends[-1])

    def read(self, state: np.ndarray) -> dict[str, Any]:
        """The parts of a state by name, as views."""
        return {name: state[at:end].reshape(shape) for name, (at, end, shape) in self.parts.items()}

    def start(self) -> np.ndarray:
        """Resting lung: healthy epithelium, stationary densities and ages, substances that cells secrete at rest."""
        state = np.zeros(self.length)
        now, nk = self.read(state), self.p.cells.nk
        now["lung"][:, 0] = self.classes.number
        now["walkers"][...] = self.cells.start()
        passed = self.ageing / (self.ageing + nk.loss)
        stages = np.arange(1, now["fresh_nk"].size + 1)
        now["fresh_nk"][:] = nk.resting_density * nk.loss / self.ageing * passed**stages
        now["pool"][...] = 1.0
        for one in FOLLOWED:
            now[one.key][...] = self._secreted(one, now, 0.0) / self.p.substances[one].loss
        return state

    # ---- virus and epithelium ----------------------------------------------------------------------------------------

    def _arriving(self, hour: float) -> float:
        """Virions that come from the rest of the lung [virion/mm2/h]: they double, and add up to the inoculum."""
        virus, since = self.p.virus, hour - self.begins
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
        """Share of the full response to interferon."""
        return hill_share(interferon, self.p.interferon.half_response, self.p.interferon.power)

    def _infections(self, now: dict[str, Any]) -> np.ndarray:
        """Cells of each class infected per hour [1/mm2/h]."""
        left = 1.0 - self.p.interferon.infection_blunting * self._response(now["interferon"])
        infected: np.ndarray = self.p.virus.infectivity * now["virions"] / SITES * left * now["lung"][:, 0]
        return infected * self.classes.size

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
        beside = np.where(self.classes.cell_type == EpithelialType.BRONCHIOLAR, 1.0, alive)
        without = p.epithelium.regeneration_without_at2
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
        change: np.ndarray = infected_then * self.at_delay * np.exp(-max(0.0, killed) * exposed) - leaving
        change[1:] += leaving[:-1]
        change[self.eclipse :] -= killed * old[self.eclipse :]
        return change

    # ---- substances and lymph node -----------------------------------------------------------------------------------

    def _secreted(self, substance: Substance, now: dict[str, Any], epithelial: float) -> float:
        """Rise of the mean concentration [ng/mL/h] by epithelial cells that secrete [1/mm2] and by mobile cells."""
        q = self.p.substances[substance]
        molecules = q.epithelial_secretion * epithelial + self.cells.secretion[substance] @ now["walkers"].sum(axis=1)
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

    # ---- all together ------------------------------------------------------------------------------------------------

    def rhs(self, hour: float, state: np.ndarray, infected_then: float) -> np.ndarray:
        """Rates of change of a state; infected_then: infections per hour one delay of interferon ago."""
        p, now, changed = self.p, self.read(state), np.zeros(self.length)
        change, lung = self.read(changed), now["lung"]
        producing, infected = lung[:, 2 + self.eclipse : -3].sum(axis=1), lung[:, 2:-3].sum()
        sent = self._node_rates(now, change, infected / self.classes.number.sum())
        arriving = self.cells.arrivals(now["walkers"], now["inflammation"], sent)
        killed = self._contact_rates(now, change, arriving, producing)
        mean_killed = producing @ killed / max(NONE, producing.sum())
        change["old"][:] = self._old_rates(now, infected_then, mean_killed)
        released = p.virus.release * (1.0 - p.interferon.release_blunting * self._response(now["interferon"]))
        neutrophils = self.cells.number(CellKind.NEUTROPHIL, now["walkers"])
        loss = self._virion_loss(now["virions"], now["antibody"], neutrophils)
        change["virions"][...] = self._arriving(hour) + released * producing.sum() - loss * now["virions"]
        for one in FOLLOWED:
            epithelial = now["old"].sum() if p.substances[one].delay > 0.0 else infected
            change[one.key][...] = self._secreted(one, now, epithelial) - p.substances[one].loss * now[one.key]
        change["inflammation"][...] = (now["ifn_gamma"] - now["inflammation"]) / p.recruitment.delay
        change["fresh_nk"][:] = -(self.ageing + p.cells.nk.loss) * now["fresh_nk"]
        change["fresh_nk"][1:] += self.ageing * now["fresh_nk"][:-1]
        change["fresh_nk"][0] += arriving[self.cells.rows[CellKind.NK]].sum()
        return changed

    def _contact_rates(
        self, now: dict[str, Any], change: dict[str, Any], arriving: np.ndarray, producing: np.ndarray
    ) -> np.ndarray:
        """Fill in the change of epithelium and mobile cells, which meet; returns the hazard of being killed, by class.

        arriving: mobile cells per hour by stratum; producing: cells by class.
        """
        cells, k, lung, size = self.cells, self.p.cytotoxicity, now["lung"], self.classes.size
        nk, cd8 = cells.rows[CellKind.NK], cells.rows[CellKind.CD8]
        dying = np.maximum(0.0, size * lung[:, -3])
        sites = np.r_[0.0, size * producing, dying.sum(), size * lung[:, -2]]
        sites[CLEAN] = SITES * self.classes.walkable - sites.sum()
        sites = np.maximum(sites, FEWEST)
        contacts = cells.contacts(now["walkers"], sites)
        team = contacts[cd8, cells.producing].sum(axis=0)
        active = now["fresh_nk"].sum() / max(NONE, cells.number(CellKind.NK, now["walkers"]))
        single_nk = k.nk_infected * min(1.0, active)
        killed = k.cd8_infected * team * (1.0 + k.cooperation * team)
        killed += single_nk * contacts[nk, cells.producing].sum(axis=0)
        cleared = self.p.epithelium.clearing_rate + cells.phagocytosis @ contacts[:, cells.dead]
        change["lung"][...], begun, stopped = self._lung_rates(now, self._infections(now), killed, cleared)
        # A killer or phagocyte makes the end of the cell on which it stands more likely than that of another one.
        stops = np.tile(stopped / np.maximum(FEWEST, producing), (cells.count, 1))
        stops[cd8] += k.cd8_infected * (1.0 + 2.0 * k.cooperation * team)
        stops[nk] += single_nk
        clears = cleared + cells.phagocytosis[:, None]
        change["walkers"][...] = cells.carried(now["walkers"], size * begun / sites[CLEAN], stops, dying, clears)
        area, virions = sites / sites.sum(), now["virions"] / SITES
        change["walkers"] += cells.rates(now["walkers"], arriving, area, virions, now["il6"])
        return killed

    def solve(self, hours: np.ndarray) -> dict[str, np.ndarray]:
        """The time course of the measures, by the names that the model has for them, at some hours from 0 on.

        Method of steps: one delay of interferon after the other, so that the past is known. An explicit Runge-Kutta
        pair is the cheapest solver here, since no rate is far above that of the eclipse stages (5 per hour), while a
        Jacobian of some hundred coupled states costs an implicit one more than it saves.

        Raises:
            RuntimeError: the solver stopped.
        """
        past: list[tuple[float, Callable[[float], np.ndarray]]] = []
        states, begin, state, last = [], 0.0, self.start(), float(hours[-1])

        def rates(hour: float, now: np.ndarray) -> np.ndarray:
            then = hour - self.delay
            known = [course for first, course in past if first <= then]
            return self.rhs(hour, now, float(self._infections(self.read(known[-1](then))).sum()) if known else 0.0)

        stops = {self.begins, self.begins + self.p.virus.arrival_time, last}
        stops |= set(np.arange(self.delay, last, self.delay))
        for end in sorted(stop for stop in stops if 0.0 < stop <= last):
            solved = solve_ivp(rates, (begin, end), state, method="RK23", rtol=TOLERANCE, atol=LEAST, dense_output=True)
            if not solved.success:
                raise RuntimeError(f"the ODE twin stopped at {solved.t[-1]:g} h: {solved.message}")
            within = hours[(hours >= begin) & ((hours < end) | (end == last))]
            if within.size:
                states.append(solved.sol(within))
            past.append((begin, solved.sol))
            begin, state = end, solved.y[:, -1]
        return self._measures(np.concatenate(states, axis=1))

    def _measures(self, states: np.ndarray) -> dict[str, np.ndarray]:
        """Measures from states, float64[length, times]."""
        now, cells = [self.read(state) for state in states.T], self.cells
        lung = np.array([one["lung"].sum(axis=0) for one in now]) / self.classes.number.sum()
        numbers = np.array([one["walkers"][: cells.count].sum(axis=1) for one in now])
        single = ("virions", "antibody", *(one.key for one in FOLLOWED))
        found = {name: np.array([float(one[name]) for one in now]) for name in single}
        found |= {"infected_share": lung[:, 2:-3].sum(axis=1), "refractory_share": lung[:, 1]}
        found |= {"lost_share": lung[:, -3:].sum(axis=1), "epithelium": lung.sum(axis=1)}
        found |= {kind.type.curve: numbers[:, cells.rows[kind]].sum(axis=1) for kind in CellKind}
        macrophages = numbers[:, cells.mhcii | cells.cd206].sum(axis=1)
        found["mhcii_share"] = numbers[:, cells.mhcii].sum(axis=1) / np.maximum(NONE, macrophages)
        return found


def twin_of(scenario: Scenario, section: Section, hours: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of the ODE twin of a scenario on the epithelium of a section, at some hours from 0 on."""
    return OdeTwin(scenario, size_classes(section)).solve(hours)
