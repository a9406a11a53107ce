"""All parameters of the model, one group a topic."""

from __future__ import annotations

from typing import Any, NamedTuple

from abm.core.compiled import compiled
from abm.rules.activation import Activation
from abm.rules.adaptive import Adaptive
from abm.rules.cells import Cells
from abm.rules.cytotoxicity import Cytotoxicity
from abm.rules.dormancy import Dormancy
from abm.rules.infection import Epithelium, Virus
from abm.rules.interferon import Interferon
from abm.rules.matrix import Matrix
from abm.rules.motility import Motility
from abm.rules.recruitment import Recruitment
from abm.rules.states import VirusOfRun
from abm.rules.substances import Substances


class Parameters(NamedTuple):
    """Everything a rule can ask for; enters the compiled loops as it is."""

    virus: Virus = Virus()
    epithelium: Epithelium = Epithelium()
    interferon: Interferon = Interferon()
    substances: Any = Substances()
    cells: Any = Cells()
    activation: Activation = Activation()
    recruitment: Recruitment = Recruitment()
    adaptive: Adaptive = Adaptive()
    motility: Motility = Motility()
    cytotoxicity: Cytotoxicity = Cytotoxicity()
    matrix: Matrix = Matrix()
    dormancy: Dormancy = Dormancy()
    second_virus: Virus | None = None  # of a run with two viruses

    def completed(self) -> Parameters:
        """The parameters as compiled code takes them, which has a place for a second virus in any run."""
        return self if self.second_virus else self._replace(second_virus=self.virus)


@compiled
def parameters_of_virus(number: int, p: Any) -> Any:
    """The parameters of a virus of the run; number: `VirusOfRun`."""
    if number == VirusOfRun.FIRST:
        return p.virus
    return p.second_virus
