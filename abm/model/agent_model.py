"""A tissue as Mesa sees it: its time, its seed, its cells as agents, and what Mesa's tools may not do to them."""

from __future__ import annotations

import copy
from typing import Any

import mesa
from mesa.agent import AgentSet

from abm.core.seeds import SeedError, seed_of
from abm.model.agents import ONLY_SHOWN, CellView, ModelOfTissue, mirror


class ModelOfCells(ModelOfTissue):
    """A Mesa model whose agents show the cells of a tissue; a subclass lays out the tissue and takes steps.

    Args:
        seed: of chance; None draws one.

    Attributes:
        tick: steps since day 0. tissue: its cells, None until it is laid out. chance_seed: the seed.
        scenario: Mesa's own, from version 3.5 on, which says nothing about a lung. closed: whether it is let go.
    """

    scenario: Any = None
    tick = 0
    closed = False
    _clock = 0.0  # of Mesa

    def __init__(self, seed: int | None) -> None:
        """Show nothing yet."""
        super().__init__(rng=seed)
        self.scenario = None
        self.chance_seed = int(self.rng.integers(1, 2**31)) if seed is None else seed
        self.tick = 0
        self._views: dict[tuple[type[CellView], int], CellView] = {}
        self._mirrored = -1

    @property
    def time(self) -> float:
        """Steps since day 0, as Mesa from 3.5 on counts its time."""
        return max(float(self.tick), self._clock)

    @time.setter
    def time(self, value: float) -> None:
        """Mesa sets its clock; ours is `tick`, which falls behind only where a subclass does not step."""
        self._clock = float(value)

    @property
    def steps(self) -> int:
        """Steps since day 0, which Mesa counts up to version 3."""
        return self.tick

    @steps.setter
    def steps(self, value: int) -> None:
        """Mesa sets its count; ours is `tick`."""

    @property
    def agents(self) -> AgentSet:
        """Every living cell (epithelial cells once they are not healthy) as a Mesa agent."""
        self.update_agents()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """The same by class."""
        self.update_agents()
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type[mesa.Agent]]:
        """The classes of agents there are."""
        self.update_agents()
        return list(super().agents_by_type)

    def update_agents(self) -> None:
        """Bring the agents up to date, once a step and only when asked for."""
        if self.tissue is not None and self._mirrored != self.tick:
            self._mirrored = self.tick
            mirror(self, self._views)

    def close(self) -> None:
        """Let go of the model: Mesa 3.3 would keep every model alive through a class attribute of its agents.

        What it recorded can still be read, but it takes no more steps.
        """
        views = list(self._views.values())
        self._views.clear()
        for view in views:
            view.let_go()
        self._mirrored, self.running, self.closed = self.tick, False, True
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def remove_all_agents(self) -> None:
        """Refuse: cells that are taken out here would be back in the next step.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError(f"cells cannot be removed: {ONLY_SHOWN}; `close` lets go of a model")

    def deregister_agent(self, agent: mesa.Agent) -> None:
        """Take an agent of a user's own out.

        Raises:
            RuntimeError: it shows a cell that is there.
        """
        if isinstance(agent, CellView) and self._views.get((type(agent), agent.uid)) is agent:
            raise RuntimeError(f"cells cannot be removed: {ONLY_SHOWN}")
        super().deregister_agent(agent)

    def __copy__(self) -> ModelOfCells:
        """A model of its own, as two models cannot share a tissue that goes on."""
        return copy.deepcopy(self)


def one_seed(seed: object, rng: object) -> int | None:
    """The seed that is meant, which has two names; None where none is given."""
    found = [seed_of(value, name) for name, value in (("seed", seed), ("rng", rng)) if value is not None]
    if len(set(found)) > 1:
        raise SeedError(f"seed = {found[0]}, rng = {found[1]}: are two names of one seed; give one of them")
    return found[0] if found else None


def is_of_mesa(scenario: object) -> bool:
    """Whether this is a scenario of Mesa's own tools, which says nothing about the lung."""
    return type(scenario).__module__.partition(".")[0] == "mesa"
