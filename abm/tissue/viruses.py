"""The viruses of a section: one, or two with a field of virions each."""

from __future__ import annotations

import numpy as np

from abm.core.compiled import compiled, uncounted
from abm.core.field import empty_field, field_total
from abm.rules.states import VirusOfRun
from abm.tissue.state import AMOUNT, Tissue


@compiled
def has_two_viruses(tissue: Tissue) -> bool:
    """Whether a second virus may be in the section."""
    return tissue.second_virus.size > 0


@compiled
def number_of_viruses(tissue: Tissue) -> int:
    """How many viruses may be in the section: one or two."""
    return 2 if tissue.second_virus.size > 0 else 1


@compiled
def field_of_virus(number: int, tissue: Tissue) -> np.ndarray:
    """The field of a virus; number: `VirusOfRun`."""
    if number == VirusOfRun.FIRST:
        return tissue.virus
    return tissue.second_virus


@uncounted
def has_virions(viruses: np.ndarray) -> bool:
    """Whether there are virions of any virus; viruses: VIRUS_IN_SECTION[VirusOfRun]."""
    return bool(viruses[0].present or viruses[1].present)


@compiled
def virions_in_section(number: int, tissue: Tissue) -> float:
    """Virions of a virus, summed over the section."""
    if not tissue.viruses[number].present:
        return 0.0
    return field_total(field_of_virus(number, tissue)[AMOUNT])


def virions_on_sites(tissue: Tissue) -> np.ndarray:
    """Virions of all viruses on each site: float32[rows, columns]."""
    first: np.ndarray = tissue.virus[AMOUNT]
    return first + tissue.second_virus[AMOUNT] if has_two_viruses(tissue) else first.copy()


def field_of_second_virus(two_viruses: bool, rows: int, columns: int) -> np.ndarray:
    """An empty field for a second virus; without one it takes no memory."""
    return empty_field(rows, columns) if two_viruses else empty_field(0, 0)


def with_viruses(two_viruses: bool, tissue: Tissue) -> Tissue:
    """The same tissue with a field for a second virus, or without one; it holds no virion of it yet."""
    if has_two_viruses(tissue) == two_viruses:
        return tissue
    return tissue._replace(second_virus=field_of_second_virus(two_viruses, *tissue.kind.shape))
