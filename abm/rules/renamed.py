"""Earlier names of parameters: scenarios and studies that use them keep their meaning."""

from __future__ import annotations

from abm.core.names import nearest
from abm.core.quantity import declared
from abm.rules.parameters import Parameters

_MACROPHAGE = "cells.resident_macrophage"  # recruited macrophages share its secretion and phagocytosis

RENAMED = {
    "cytokine.diffusion": "substances.il6.diffusion",
    "cytokine.loss": "substances.il6.loss",
    "cytokine.epithelial_secretion": "substances.il6.epithelial_secretion",
    "cytokine.cancer_secretion": "substances.il6.cancer_secretion",
    "cytokine.lavage_dilution": "substances.il6.lavage_dilution",
    "cytokine.resting_macrophage_secretion": f"{_MACROPHAGE}.secretion.il6.at_rest",
    "cytokine.activated_macrophage_secretion": f"{_MACROPHAGE}.secretion.il6.activated",
    "cytokine.neutrophil_secretion": "cells.neutrophil.secretion.il6.activated",
    "cytokine.fibroblast_secretion": "cells.fibroblast.secretion.il6.activated",
    "interferon.diffusion": "substances.interferon.diffusion",
    "interferon.loss": "substances.interferon.loss",
    "interferon.delay": "substances.interferon.delay",
    "interferon.epithelial_secretion": "substances.interferon.epithelial_secretion",
    "interferon.macrophage_secretion": f"{_MACROPHAGE}.secretion.interferon.activated",
    "activation.eating": f"{_MACROPHAGE}.phagocytosis",
    "activation.neutrophil_eating": "cells.neutrophil.phagocytosis",
    "adaptive.cd8_output": "cells.cd8.node_output",
    "adaptive.cd4_output": "cells.cd4.node_output",
    "activation.alarm_rise": "activation.rise_time",
    "activation.alarm_fall": "activation.fall_time",
    "activation.switch": "activation.polarization",
    "activation.switch_back": "activation.depolarization_time",
    "cytotoxicity.cd8_awake_cancer": "cytotoxicity.cd8_proliferating_cancer",
    "cytotoxicity.cd4_brake": "cytotoxicity.cd4_suppression",
    "cytotoxicity.cluster_brake": "cytotoxicity.cluster_suppression",
    "dormancy.awake_death": "dormancy.proliferating_death",
    "dormancy.drift_back": "dormancy.to_mesenchymal",
    "dormancy.crawl_speed": "dormancy.migration_speed",
    **{
        old.format(cell): new.format(cell)
        for cell in ("resident_macrophage", "recruited_macrophage", "neutrophil", "nk", "cd8", "cd4", "fibroblast")
        for old, new in (
            ("motility.{}", "cells.{}.speed"),
            ("recruitment.{}.resting_density", "cells.{}.resting_density"),
            ("recruitment.{}.peak_influx", "cells.{}.peak_influx"),
            ("recruitment.{}.loss", "cells.{}.loss"),
        )
    },
}


_SECRETION = "macrophages secrete IL-6 in proportion to their activation"
_STAY = "macrophages leave at a constant hazard"
_DROPPED = {  # parameters of laws that were dropped (docs/model.md), and what holds instead
    "recruitment.power": "recruitment rises in proportion to IFN-gamma",
    "recruitment.lymphopenia": "interferon does not keep resting lymphocytes away",
    "recruitment.maturation": "recruited macrophages do not become resident ones",
    "cells.recruited_macrophage.residence_stages": _STAY,
    f"{_MACROPHAGE}.secretion.il6.power": _SECRETION,
    "cytokine.alarm_power": _SECRETION,
    "disease.growth": "lesions grow with `doubling_time`, that of a lesion of 1 cm",
    "disease.growth_spread": "`doubling_spread` is the spread between patients",
    "disease.usual_burden": "`incidence` holds for the patients of the cohort, whatever their dormant cells",
}


def why_dropped(name: str) -> str:
    """What holds instead of the dropped law that had a parameter of this name; empty for any other name."""
    return _DROPPED.get(name.removeprefix("parameters."), "")


def current_name(name: str) -> str:
    """The current name of a parameter, from its current or an earlier name; other text is returned unchanged."""
    prefix = "parameters." if name.startswith("parameters.") else ""
    return prefix + RENAMED.get(name.removeprefix(prefix), name.removeprefix(prefix))


def nearest_current_name(name: str) -> str:
    """The current name of the earlier name that this one resembles most among all names of its group; empty if none."""
    prefix = "parameters." if name.startswith("parameters.") else ""
    group, _, last = name.removeprefix(prefix).rpartition(".")
    names = [*(item.name for item in declared(Parameters())), *RENAMED]
    ends = {full.rpartition(".")[2]: full for full in names if full.rpartition(".")[0] == group}
    near = nearest(last, ends, 1)
    return prefix + RENAMED[ends[near[0]]] if near and ends[near[0]] in RENAMED else ""
