"""The table of signals: what a rule may respond to, as its cell finds it where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from abm.core.table import Declarations
from abm.rules.own.rates import In

CANCER = In.DORMANT | In.PROLIFERATING
NOT_CARRIED = In(0)


@dataclass(frozen=True)
class SignalType:
    """Declaration of a signal.

    Attributes:
        words: what it is called; `{substance}`, `{cell}` or `{drug}` stands for any of these.
        meaning: what the number is.
        unit: of the signal.
        low: lowest `half` that a rule may have; assumed.
        high: highest `half`; assumed.
        carried_by: groups of cells that each have a value of their own; other signals belong to the place.
    """

    words: str
    meaning: str
    unit: str
    low: float
    high: float
    carried_by: In = NOT_CARRIED

    @property
    def is_of_cell(self) -> bool:
        """Whether each cell has a value of its own."""
        return self.carried_by != NOT_CARRIED


class Signal(Declarations):
    """Signals of rules."""

    type: SignalType

    SUBSTANCE = SignalType("{substance}", "concentration in the 40 um block", "ng/mL", 1e-6, 1e4)
    DRUG = SignalType("{drug}", "level of the drug, share of its full level", "", 1e-3, 1.0)
    VIRIONS = SignalType(
        "virions", "mean number of virions on a site of the block, of all viruses", "virion", 1e-6, 1e6
    )
    CELLS = SignalType("{cell} within 50 um", "mobile cells in the block and the four beside it", "cell", 0.01, 1e3)
    ACTIVATED = SignalType(
        "activated {cell} within 50 um", "the same, each counted by its activation (0 to 1)", "cell", 0.01, 1e3
    )
    INFECTED = SignalType(
        "infected epithelium within 50 um", "infected epithelial cells in the block and the four beside it", "cell",
        0.01, 1e3,
    )  # fmt: skip
    DORMANT = SignalType(
        "dormant cancer cell within 50 um",
        "dormant cancer cells in the block and the four beside it",
        "cell",
        0.01,
        1e3,
    )
    PROLIFERATING = SignalType(
        "proliferating cancer cell within 50 um", "proliferating cancer cells in the block and the four beside it",
        "cell", 0.01, 1e3,
    )  # fmt: skip
    DISTANCE = SignalType(
        "distance to infected epithelium", "from the middle of the block to that of the nearest block with an infected "
        "epithelial cell; endless where there is none", "um", 20.0, 1e5,
    )  # fmt: skip
    INTEGRITY = SignalType("niche integrity", "matrix that keeps cells dormant: 1 intact, 0 remodeled", "", 0.01, 1.0)
    COLLAGEN = SignalType("collagen", "collagen of the block, 0 to 1", "", 0.01, 1.0)
    NETS = SignalType("NETs", "neutrophil extracellular traps of the block, 0 to 1", "", 1e-4, 1.0)
    TIME = SignalType("time since infection", "hours since the first inoculation; 0 before", "h", 0.1, 87600.0)
    ACTIVATION = SignalType("own activation", "activation of the cell itself, 0 to 1", "", 0.01, 1.0, In.MOBILE)
    AGE = SignalType("own age", "time since the arrival of the cell itself", "h", 0.1, 87600.0, In.MOBILE)
    PHENOTYPE = SignalType(
        "own phenotype", "phenotype of the cell itself: mesenchymal 0, hybrid 0.5, epithelial 1", "", 0.01, 1.0, CANCER
    )
    CONTACT = SignalType(
        "contact with {cell}", "mobile cells on the site of the cell itself and the eight around it", "cell", 0.01,
        100.0, CANCER,
    )  # fmt: skip
