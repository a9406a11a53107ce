"""The laws of a scenario from Python: `abm.rules_of("influenza")`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from abm.core.names import nearest
from abm.core.tree import ShownAsTree, Tree, tree
from abm.laws.catalogue import LawInScenario, laws_in
from abm.reporting.laws import LawDifference, as_data, differences, labels, listed, listed_differences, state_of
from abm.scenario.given import scenario_from
from abm.scenario.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class RulesDiff(ShownAsTree, list[LawDifference]):
    """The laws that two scenarios do not share, in the order of the list; shown with what each does in both."""

    def __init__(self, one: Rules, other: Rules) -> None:
        """Compare the laws of two scenarios."""
        super().__init__(differences(one.laws, other.laws))
        self.rules = one, other

    def text(self) -> str:
        """The difference in whole sentences, as `embers rules ONE --diff OTHER` prints it."""
        one, other = self.rules
        total = len({law.law.name for law in (*one.laws, *other.laws)})
        return "\n".join(listed_differences((one.scenario, other.scenario), self, total))

    def _tree(self) -> Tree:
        one, other = labels(*(rules.scenario for rules in self.rules))
        branches = [
            tree(
                each.law.name,
                *(f"{one}: {text}" for text in state_of(each.one)),
                *(f"{other}: {text}" for text in state_of(each.other)),
            )
            for each in self
        ]
        return tree(f"{one} and {other} differ in {len(self)} law{'s' * (len(self) != 1)}", *branches)


@dataclass(frozen=True, eq=False, repr=False)
class Rules(ShownAsTree):
    """The laws of a scenario.

    Attributes:
        scenario: whose numbers they have.
    """

    scenario: Scenario

    @cached_property
    def laws(self) -> tuple[LawInScenario, ...]:
        """Every law, also those that do not act here, by cell type."""
        return tuple(laws_in(self.scenario))

    @property
    def acting(self) -> tuple[LawInScenario, ...]:
        """The laws that act."""
        return tuple(law for law in self.laws if law.acts)

    def law(self, name: str) -> LawInScenario:
        """The law of this name, such as "il6_awakening_rate".

        Raises:
            KeyError: there is none; it names the nearest.
        """
        found = {law.law.name: law for law in self.laws}
        if name not in found:
            near = ", ".join(nearest(name, found)) or "`embers rules` lists all"
            raise KeyError(f"no law is called {name!r}; nearest: {near}")
        return found[name]

    def diff(self, other: Scenario | str) -> RulesDiff:
        """The laws whose sentence or state is different in another scenario.

        Raises:
            ScenarioError: the other is no valid scenario.
        """
        return RulesDiff(self, rules_of(other))

    def text(self) -> str:
        """Sentence, confidence and sources of every law, as `embers rules` prints them."""
        return "\n".join(listed(self.scenario, self.laws))

    def data(self) -> dict[str, Any]:
        """The laws as plain data, as `embers rules --json` prints them."""
        return as_data(self.scenario, self.laws)

    def odd(self) -> str:
        """The model in this scenario after the ODD protocol, in Markdown."""
        from abm.reporting.odd import odd

        return odd(self.scenario, self.acting)

    def plot(self) -> Figure:
        """A panel for each law that has a curve; `plot().savefig("rules.png")` keeps them."""
        from abm.plots.laws import laws_figure

        return laws_figure(self.scenario, self.acting)

    def diagram(self) -> Figure:
        """Who secretes which substance and what it acts on, drawn from the laws that act."""
        from abm.plots.diagram import diagram

        return diagram(self.scenario, self.acting)

    def _tree(self) -> Tree:
        cells = groupby(self.acting, key=lambda each: each.law.cell)
        branches = [tree(cell, *(f"{law.law.name}: {law.sentence}" for law in own)) for cell, own in cells]
        return tree(f'Laws of scenario "{self.scenario.name}": {len(self.acting)} of {len(self.laws)} act', *branches)


def rules_of(scenario: Scenario | str) -> Rules:
    """Every law of a scenario: where it acts, its sentence with numbers and units, curve, confidence and sources.

    Args:
        scenario: a scenario, the name of a packaged one, or the path of a .toml file.

    Raises:
        ScenarioError: it is no valid scenario; with all faults.
        TypeError: it is something else.
    """
    return Rules(scenario_from(scenario))
