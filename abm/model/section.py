"""The map of the lung section that a scenario asks for."""

from __future__ import annotations

from functools import lru_cache

from abm.core.lattice import SPACING
from abm.scenario.scenario import Scenario
from abm.tissue.section import Section, alveolar_sheet, lung_section
from abm.tissue.section_mask import masked_section

DRAWN = {"lung": lung_section, "sheet": alveolar_sheet}


def section_of(scenario: Scenario) -> Section:
    """The map of the lung section that a scenario asks for; twins share one, which nobody writes to.

    Raises:
        SectionError: a mask that cannot be read.
    """
    rows, columns = round(scenario.height / SPACING), round(scenario.width / SPACING)
    if scenario.layout in DRAWN:
        return _drawn(scenario.layout, rows, columns, scenario.layout_seed)
    return masked_section(scenario.layout, rows, columns, seed=scenario.layout_seed)


@lru_cache(maxsize=4)
def _drawn(layout: str, rows: int, columns: int, seed: int) -> Section:
    """A section of a layout that is drawn, not read from a file, which may change."""
    return DRAWN[layout](rows, columns, seed)
