"""What a cancer cell meets in resting lung, averaged over the immune cells: the law of quiet time.

Resting leukocytes come through vessels that are everywhere, walk at random and leave after an exponential time, so
their stationary law is the one that a section begins with: a Poisson number anywhere. A macrophage walks far within
the days and weeks between two events of a cancer cell, so what counts is the mean over this law. It is worked out
once a section: the steady IL-6 of many draws of the macrophages, from one inverse of the operator of the field.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from abm.core.lattice import BLOCK, SPACING, area_of
from abm.model.lung_model import section_of
from abm.rules import cytokine
from abm.rules.states import SiteKind
from abm.scenario.scenario import Scenario

DRAWS = 2048  # of the macrophages: the mean response over a section is known to some 1 %


class Resting(NamedTuple):
    """Means in each 40 um block of a section, float64[block rows, block columns]."""

    il6: np.ndarray  # ng/mL
    bound: np.ndarray  # receptor response of a cancer cell there, in [0, 1]
    touching: np.ndarray  # CD8 cells in contact with a cancer cell there, per CD8 cell in the section
    cd8: float  # CD8 cells in the section


@lru_cache(maxsize=4)
def resting(scenario: Scenario) -> Resting:
    """The means of the section of a scenario.

    Raises:
        SectionError: a mask that cannot be read.
    """
    kind, p = section_of(scenario).kind, scenario.parameters
    open_sites = _in_blocks(kind != SiteKind.AIRWAY)
    per_site = area_of(kind.size) / max(1, open_sites.sum())  # as `populate` scatters them
    macrophages = p.recruitment.resident_macrophage.resting_density * per_site * open_sites
    response = _steady_response(open_sites.shape, scenario)
    counts = np.random.default_rng(0).poisson(macrophages.ravel(), (DRAWS, open_sites.size))
    il6 = counts @ response
    q = p.dormancy
    bound = 1.0 / (1.0 + (q.half_response / np.maximum(il6, 1e-30)) ** q.power)
    return Resting(
        il6.mean(axis=0).reshape(open_sites.shape),
        bound.mean(axis=0).reshape(open_sites.shape),
        _contacts(kind),
        p.recruitment.cd8.resting_density * area_of(kind.size),
    )


def _in_blocks(sites: np.ndarray) -> np.ndarray:
    """Sums over the sites of each block, float64[block rows, block columns]."""
    rows, columns = sites.shape
    return sites.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK).sum(axis=(1, 3)).astype(np.float64)


def _contacts(kind: np.ndarray) -> np.ndarray:
    """Mean over the sites of a block of the share of open sites that are among the nine around a site."""
    is_open = kind != SiteKind.AIRWAY
    padded = np.pad(is_open, 1).astype(np.float64)
    rows, columns = kind.shape
    near = sum(padded[dy : dy + rows, dx : dx + columns] for dy in range(3) for dx in range(3))
    return _in_blocks(np.where(is_open, near, 0.0)) / np.maximum(1.0, _in_blocks(is_open)) / max(1, is_open.sum())


def _steady_response(shape: tuple[int, int], scenario: Scenario) -> np.ndarray:
    """Steady IL-6 [ng/mL] in each block for one resting macrophage in each, float64[blocks, blocks].

    The operator is that of `abm.core.field`: five points, closed edges, loss everywhere.
    """
    q, rows, columns = scenario.parameters.cytokine, *shape
    rate = q.diffusion / (SPACING * BLOCK) ** 2
    operator = np.kron(_second_difference(rows), np.eye(columns)) + np.kron(np.eye(rows), _second_difference(columns))
    operator = q.loss * np.eye(rows * columns) + rate * operator
    made = q.resting_macrophage_secretion * cytokine.site_rise(1.0, cytokine.IL6_MASS_G_PER_MOL) / BLOCK**2
    return np.linalg.inv(operator) * made


def _second_difference(count: int) -> np.ndarray:
    """Minus the second difference along a line with closed ends."""
    steps = np.diff(np.eye(count), axis=0)
    return steps.T @ steps
