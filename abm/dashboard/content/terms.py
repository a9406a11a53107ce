"""Terms that the page explains in place, in the words of docs/glossary.md."""

from __future__ import annotations

TERMS = {
    "Ki67": "a protein marker of proliferating cells; the Ki67+ share is the fraction of cancer cells that carry it.",
    "Clone": "all descendants of one seeded cancer cell.",
    "Prediction": "a result that nobody has measured; predictions are labeled and never pass or fail.",
    "IL-6": "interleukin-6, the cytokine that awakens dormant cells in the model, by way of STAT3.",
    "Dormant cell": "a disseminated cancer cell that does not divide.",
    "Proliferating cell": "an awakened cancer cell that is in the cell cycle.",
    "Re-dormant cell": "a cancer cell that has proliferated and returned to dormancy.",
    "Seed": "the number from which all random draws of a run follow.",
}
