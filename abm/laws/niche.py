"""Laws of the niche: degradation by proteases and NETs, repair and collagen by fibroblasts."""

from __future__ import annotations

from abm.laws.law import LOWERS, RAISES, Law, LawCurve
from abm.laws.places import KIND_TITLES, TISSUE
from abm.rules import matrix
from abm.rules.cells import CellKind

LAWS = (
    Law(
        "cutting_rate", TISSUE, ("activated neutrophil", "proliferating cancer cell", "NETs"), RAISES,
        "degradation of the niche", "1/h",
        "Each fully activated neutrophil of a 40 um block degrades its niche at {matrix.neutrophil_protease}, each "
        "proliferating cancer cell at {matrix.cancer_protease}, and one unit of NETs at {matrix.net_cut}.",
        function=matrix.cutting_rate,
        curve=LawCurve(
            "number (or unit) per block", "", 0.0, 4.0,
            {
                "activated neutrophils": lambda number, p: matrix.cutting_rate(number, 0.0, 0.0, p.matrix),
                "proliferating cancer cells": lambda number, p: matrix.cutting_rate(0.0, number, 0.0, p.matrix),
                "NETs": lambda number, p: matrix.cutting_rate(0.0, 0.0, number, p.matrix),
            },
        ),
    ),
    Law(
        "net_release", KIND_TITLES[CellKind.NEUTROPHIL], ("activation",), RAISES, "NETs of its block", "1/h",
        "A neutrophil releases NETs in proportion to its activation, up to {activation.net_release}; NETs are lost at "
        "{matrix.net_loss}, and a block holds one unit at most.",
        off_at_zero=("activation.net_release",),
    ),
    Law(
        "hold_target", TISSUE, ("degradation of the niche", "fibroblast"), LOWERS, "niche integrity", "",
        "Degradation lowers the integrity of the niche, and as many fibroblasts as in resting lung "
        "({cells.fibroblast.resting_density}) repair it at {matrix.niche_repair}, in proportion to their number; half "
        "of the integrity is left where both rates are equal.",
        function=matrix.hold_target,
        curve=LawCurve(
            "degradation of the niche", "1/h", 1e-5, 1.0,
            {"": lambda cutting, p: matrix.hold_target(cutting, p.matrix.niche_repair)},
            logarithmic=True, half="matrix.niche_repair", power=1.0,
        ),
        needs=("degradation of the niche",),
    ),
    Law(
        "deposition_rate", KIND_TITLES[CellKind.FIBROBLAST], ("niche integrity",), LOWERS, "deposition of collagen",
        "1/h",
        "As many fibroblasts as in resting lung ({cells.fibroblast.resting_density}) lay collagen at up to "
        "{matrix.collagen_deposition}, in proportion to their number and to the share of the niche that is remodeled.",
        function=matrix.deposition_rate,
        curve=LawCurve(
            "niche integrity", "", 0.0, 1.0, {"": lambda hold, p: matrix.deposition_rate(1.0, hold, p.matrix)}
        ),
        needs=("degradation of the niche",), off_at_zero=("matrix.collagen_deposition",),
    ),
    Law(
        "collagen_target", TISSUE, ("deposition of collagen",), RAISES, "collagen", "",
        "Deposition raises collagen from {matrix.collagen_start} in resting lung towards 1, and collagen is lost at "
        "{matrix.collagen_decay}.",
        function=matrix.collagen_target,
        curve=LawCurve(
            "deposition of collagen", "1/h", 1e-6, 0.1, {"": lambda laid, p: matrix.collagen_target(laid, p.matrix)},
            logarithmic=True, half="matrix.collagen_decay", power=1.0,
        ),
        needs=("degradation of the niche",),
    ),
)  # fmt: skip
