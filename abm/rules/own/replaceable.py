"""Built-in laws that a rule can take the place of: parameters at whose value 0 such a law does nothing.

Laws have the names that `embers rules` shows. A test compares this table with their declarations.
"""

from __future__ import annotations

from abm.rules.cells import CellKind, secretes_activated, secretes_at_rest
from abm.rules.substances import Substance

REPLACEABLE: dict[str, tuple[str, ...]] = {
    "il6_awakening_rate": ("dormancy.awakening",),
    "awakening_without_il6": ("dormancy.spontaneous_awakening", "dormancy.released_awakening"),
    "dormant_death": ("dormancy.dormant_death",),
    "return_rate": ("dormancy.return_rate",),
    "phenotype_transition_rate": ("dormancy.to_hybrid", "dormancy.to_epithelial", "dormancy.to_mesenchymal"),
    "proliferating_death": ("dormancy.proliferating_death",),
    "arrival_loss_rate": ("dormancy.interferon_barrier",),
    "refractory_hazard": ("interferon.refractory_rate",),
    "polarization_rate": ("activation.polarization",),
    "net_release": ("activation.net_release",),
    "cutting_rate": ("matrix.neutrophil_protease", "matrix.cancer_protease", "matrix.net_cut"),
    "hold_target": ("matrix.niche_repair",),
    "nk_infected": ("cytotoxicity.nk_infected",),
    "nk_cancer_rate": ("cytotoxicity.nk_proliferating_cancer",),
    "team_rate.infected": ("cytotoxicity.cd8_infected",),
    "team_rate.proliferating": ("cytotoxicity.cd8_proliferating_cancer",),
    "team_rate.dormant": ("cytotoxicity.cd8_dormant_cancer",),
    **{f"influx.{kind.key}": (f"cells.{kind.key}.peak_influx",) for kind in CellKind},
    **{f"hops_per_hour.{kind.key}": (f"cells.{kind.key}.speed",) for kind in CellKind},
    **{
        f"phagocytosis.{kind.key}": (f"cells.{kind.key}.phagocytosis",)
        for kind in CellKind
        if kind.type.numbers.phagocytosis
    },
    **{
        f"secretion_rate.{kind.key}.{substance.key}": tuple(
            f"cells.{kind.key}.secretion.{substance.key}.{when}" for when in ("at_rest", "activated")
        )
        for kind in CellKind
        for substance in Substance
        if kind.shares_with is kind and (secretes_at_rest(kind, substance) or secretes_activated(kind, substance))
    },
    **{
        f"secretion_rate.{place}.{substance.key}": (f"substances.{substance.key}.{field}",)
        for place, field in (("epithelium", "epithelial_secretion"), ("cancer", "cancer_secretion"))
        for substance in Substance
        if getattr(substance.type.numbers, field) != 0.0
    },
}
