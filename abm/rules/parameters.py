"""All parameters of the model, one group a topic."""

from __future__ import annotations

from typing import Any, NamedTuple

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
