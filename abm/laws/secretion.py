"""Laws of substances, one form each for every declared substance: secretion by each type of cell, diffusion, loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from abm.core.quantity import quantities
from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.mobile_cells import with_article
from abm.laws.numbers import capital
from abm.laws.places import EPITHELIUM, KIND_TITLES, PROLIFERATING, TISSUE
from abm.rules.cell_type import secretion_rate
from abm.rules.cells import CellKind, Cells, secretes_activated, secretes_at_rest
from abm.rules.substances import Substance, Substances, local_loss

UNIT = "molecules/cell/s"


def laws_of_substances(p: Any) -> Iterator[Law]:
    """Secretion, diffusion and loss of every substance."""
    for substance in Substance:
        yield from _by_other_cells(substance)
        for kind in CellKind:
            if secretes_at_rest(kind, substance) or secretes_activated(kind, substance):
                yield _by_mobile(kind, substance, p)
        yield _diffusion_and_loss(substance)


def _by_other_cells(substance: Substance) -> Iterator[Law]:
    title, name = substance.type.title, f"substances.{substance.key}"
    numbers = quantities(Substances)
    if f"{substance.key}.epithelial_secretion" in numbers:
        late = f", from {{{name}.delay}} after its infection on" if f"{substance.key}.delay" in numbers else ""
        yield Law(
            f"secretion_rate.epithelium.{substance.key}", EPITHELIUM, ("infection",), RAISES, f"secretion of {title}",
            UNIT, f"An infected epithelial cell secretes {{{name}.epithelial_secretion}} of {title}{late}.",
            needs=(title,), off_at_zero=(f"{name}.epithelial_secretion",),
        )  # fmt: skip
    if f"{substance.key}.cancer_secretion" in numbers:
        yield Law(
            f"secretion_rate.cancer.{substance.key}", PROLIFERATING, (), SETS, f"secretion of {title}", UNIT,
            f"A proliferating cancer cell secretes {{{name}.cancer_secretion}} of {title}.",
            needs=(title,), off_at_zero=(f"{name}.cancer_secretion",),
        )  # fmt: skip


def _by_mobile(kind: CellKind, substance: Substance, p: Any) -> Law:
    """Secretion by a type of mobile cell, over its activation."""
    source, title = kind.shares_with, substance.type.title
    name = f"{source.key}.secretion.{substance.key}"
    of = {part: f"{{cells.{name}.{part}}}" for part in ("at_rest", "activated") if _is_parameter(f"{name}.{part}")}
    rates = p.cells[source].secretion[substance]
    power = (
        f"the power {{cells.{name}.power}} of its activation" if _is_parameter(f"{name}.power") else "its activation"
    )
    resting = "while CD206+ or not activated" if kind.type.numbers.is_macrophage else "without activation"
    who = f"{with_article(kind)}{' that is MHCII+' if kind.type.numbers.is_macrophage else ''}"
    if "activated" in of:
        sentence = f"{who} secretes {title} in proportion to {power}, up to {of['activated']}"
        sentence += f", and {of['at_rest']} {resting}" if "at_rest" in of else ""
    else:
        end = f"{rates.activated:g}" if rates.activated else "none"
        sentence = (
            f"{with_article(kind)} secretes {of['at_rest']} of {title} {resting}; activation lowers this to {end}"
        )
        sentence += f", in proportion to {power}"
    never = rates.at_rest == 0.0 and rates.activated == 0.0
    curve = LawCurve(
        "activation", "", 0.0, 1.0,
        {"": lambda active, p: secretion_rate(False, active, p.cells[source].secretion[substance])},
    )  # fmt: skip
    return Law(
        f"secretion_rate.{kind.key}.{substance.key}", KIND_TITLES[kind],
        ("activation",) if "at_rest" not in of else (), RAISES if rates.activated >= rates.at_rest else LOWERS,
        f"secretion of {title}", UNIT, f"{sentence}.", function=secretion_rate, curve=curve, needs=(title,),
        absent=f"its secretion of {title} is 0" if never else "",
    )  # fmt: skip


def _is_parameter(name: str) -> bool:
    """Whether a number of a type of cell is a parameter."""
    return name in quantities(Cells)


def _diffusion_and_loss(substance: Substance) -> Law:
    title, name = substance.type.title, f"substances.{substance.key}"
    words = f"{capital(title)} diffuses at {{{name}.diffusion}} and is lost at {{{name}.loss}}"
    curve = None
    if f"{substance.key}.receptor_uptake" in quantities(Substances):
        words += (
            f"; {{{name}.receptor_uptake:%}} of this loss is uptake by the IL-6 receptor, in proportion to the share "
            "of receptors that no antibody occupies"
        )
        curve = LawCurve(
            "share of IL-6 receptors free", "", 0.0, 1.0,
            {"": lambda free, p: local_loss(free, p.substances[substance])},
        )  # fmt: skip
    return Law(
        f"local_loss.{substance.key}", TISSUE, ("IL-6 receptor",) if curve else (), RAISES if curve else SETS,
        f"loss of {title}", "1/h", f"{words}.", function=local_loss, curve=curve, needs=(title,),
    )  # fmt: skip
