"""Laws of killing by contact: CD8 T cells, NK cells, trained macrophages, and what suppresses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abm.laws.law import LOWERS, RAISES, Law, LawCurve
from abm.laws.places import ARRIVING, KIND_TITLES
from abm.rules import cytotoxicity
from abm.rules.cells import CellKind

CD8, NK, MACROPHAGE = (KIND_TITLES[kind] for kind in (CellKind.CD8, CellKind.NK, CellKind.RESIDENT_MACROPHAGE))
MOST = 8  # CD8 cells in contact


def _by_contacts(single: Callable[[Any], float]) -> LawCurve:
    """Killing by this many CD8 cells in contact; single: the rate of one [1/h]."""
    return LawCurve(
        "CD8 T cells in contact", "", 0, MOST,
        {"": lambda contacts, p: cytotoxicity.team_rate(single(p.cytotoxicity), contacts, p.cytotoxicity)}, counts=True,
    )  # fmt: skip


TOGETHER = "every further one in contact raises the rate of each by {cytotoxicity.cooperation:%}"
LAWS = (
    Law(
        "team_rate.infected", CD8, ("infected epithelium",), RAISES, "killing of infected cells", "1/h",
        "A CD8 T cell kills the expressing epithelial cell that it stands on at {cytotoxicity.cd8_infected}, if it "
        f"recognizes the virus; {TOGETHER}.",
        function=cytotoxicity.team_rate, curve=_by_contacts(lambda q: q.cd8_infected),
        off_at_zero=("cytotoxicity.cd8_infected",),
    ),
    Law(
        "team_rate.proliferating", CD8, ("proliferating cancer cell",), RAISES, "killing of proliferating cancer cells",
        "1/h",
        "A CD8 T cell kills a proliferating cancer cell in contact at {cytotoxicity.cd8_proliferating_cancer}; "
        f"{TOGETHER}.",
        function=cytotoxicity.team_rate, curve=_by_contacts(lambda q: q.cd8_proliferating_cancer),
        off_at_zero=("cytotoxicity.cd8_proliferating_cancer",),
    ),
    Law(
        "team_rate.dormant", CD8, ("dormant cancer cell",), RAISES, "killing of dormant cancer cells", "1/h",
        f"A CD8 T cell kills a dormant cancer cell in contact at {{cytotoxicity.cd8_dormant_cancer}}; {TOGETHER}.",
        function=cytotoxicity.team_rate, curve=_by_contacts(lambda q: q.cd8_dormant_cancer),
        off_at_zero=("cytotoxicity.cd8_dormant_cancer",),
    ),
    Law(
        "suppression", CD8, ("CD4 T cell", "cancer cell"), LOWERS, "share left of the killing of cancer cells", "",
        "CD4 T cells within 100 um lower the killing of cancer cells by up to {cytotoxicity.cd4_suppression:%}, half "
        "of this at {cytotoxicity.cd4_half:bare} cells; other cancer cells within 50 um lower it by up to "
        "{cytotoxicity.cluster_suppression:%}, half of this at {cytotoxicity.cluster_half:bare} cells.",
        function=cytotoxicity.suppression,
        curve=LawCurve(
            "CD4 T cells within 100 um", "", 0.001, 100.0,
            {
                "no other cancer cell": lambda cd4, p: cytotoxicity.suppression(cd4, 0.0, p.cytotoxicity),
                "30 other cancer cells": lambda cd4, p: cytotoxicity.suppression(cd4, 30.0, p.cytotoxicity),
            },
            logarithmic=True, half="cytotoxicity.cd4_half", power=1.0,
        ),
        needs=("cancer cell",),
    ),
    Law(
        "nk_infected", NK, ("infected epithelium",), RAISES, "killing of infected cells", "1/h",
        "An NK cell that has just arrived kills the expressing epithelial cell that it stands on at "
        "{cytotoxicity.nk_infected}; it kills {cytotoxicity.nk_kills:whole} cells at most.",
        off_at_zero=("cytotoxicity.nk_infected",),
    ),
    Law(
        "nk_vigor", NK, ("time since arrival",), LOWERS, "share left of its killing", "",
        "The killing by an NK cell is full for {cytotoxicity.nk_fresh} after its arrival and then falls evenly to none "
        "at {cytotoxicity.nk_spent}.",
        function=cytotoxicity.nk_vigor,
        curve=LawCurve(
            "time since arrival", "h", 0.0, 80.0, {"": lambda age, p: cytotoxicity.nk_vigor(age, p.cytotoxicity)}
        ),
    ),
    Law(
        "nk_cancer_rate", NK, ("proliferating cancer cell", ARRIVING), RAISES, "killing of cancer cells", "1/h",
        "An NK cell kills a proliferating cancer cell in contact, or one that has just arrived, at "
        "{cytotoxicity.nk_proliferating_cancer} for {cytotoxicity.nk_fresh} after its own arrival; this falls evenly "
        "to none at {cytotoxicity.nk_spent}.",
        function=cytotoxicity.nk_cancer_rate,
        curve=LawCurve(
            "time since arrival", "h", 0.0, 80.0, {"": lambda age, p: cytotoxicity.nk_cancer_rate(age, p.cytotoxicity)}
        ),
        off_at_zero=("cytotoxicity.nk_proliferating_cancer",),
    ),
    Law(
        "trained_rate", MACROPHAGE, ("training",), RAISES, "killing of cancer cells that have just arrived", "1/h",
        "Training raises the killing of cancer cells in contact that have just arrived, in proportion, up to "
        "{cytotoxicity.trained_arriving_cancer}.",
        function=cytotoxicity.trained_rate,
        curve=LawCurve(
            "training", "", 0.0, 1.0, {"": lambda training, p: cytotoxicity.trained_rate(training, p.cytotoxicity)}
        ),
        needs=(ARRIVING,), off_at_zero=("cytotoxicity.trained_arriving_cancer",),
    ),
)  # fmt: skip
