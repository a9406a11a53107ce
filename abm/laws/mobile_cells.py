"""Laws of mobile cells: those of all or of several types, and those that apply to each declared type.

Influx, stay, speed, phagocytosis and output of the lymph node are one law form each, made from the table of cell types
(`of_kind`). What cells secrete is in `abm.laws.secretion`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from abm.core.lattice import SPACING
from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.numbers import capital
from abm.laws.places import KIND_TITLES, MACROPHAGE, MOBILE, PROLIFERATING, T_CELL
from abm.processes.immune import AGGREGATE, loss_rate
from abm.rules import activation, motility, recruitment
from abm.rules.cell_type import NOTHING
from abm.rules.cells import CellKind
from abm.rules.states import EpithelialState
from abm.tissue.state import MOBILE_CELL

SENSED = 1.0  # ng/mL, difference of IL-6 over 80 um for which the curve of `steepness` is drawn


def _loss_at(kind: CellKind, active: float, p: Any) -> float:
    """Loss [1/h] of a mobile cell at this activation."""
    cell = np.zeros(1, dtype=np.dtype((np.record, MOBILE_CELL))).view(np.recarray)[0]
    cell.kind, cell.activation = kind, active
    return loss_rate(cell, p.cells[kind].loss, 0.0, 0.0, 0.0, p.recruitment)


def of_kind(kind: CellKind, p: Any) -> Iterator[Law]:
    """The laws that apply to a type of mobile cell as to every other."""
    yield _influx(kind, p)
    yield _loss(kind)
    yield _speed(kind, p)
    if kind.shares_with.type.numbers.phagocytosis:
        yield Law(
            f"phagocytosis.{kind.key}", KIND_TITLES[kind], ("dead epithelium",), RAISES, "phagocytosis", "1/h",
            f"{with_article(kind)} clears the dead epithelial cell on its site at "
            f"{{cells.{kind.shares_with.key}.phagocytosis}}.",
            off_at_zero=(f"cells.{kind.shares_with.key}.phagocytosis",),
        )  # fmt: skip
    if kind.type.numbers.node_output:
        yield Law(
            f"node_output.{kind.key}", KIND_TITLES[kind], ("lymph node response",), RAISES, "arrival", "cell/mm^2",
            f"A full response of the lymph node sends {{cells.{kind.key}.node_output}} of {kind.type.plural} to the "
            "lung.",
            off_at_zero=(f"cells.{kind.key}.node_output",),
        )  # fmt: skip


def _influx(kind: CellKind, p: Any) -> Law:
    name, cell = f"cells.{kind.key}", p.cells[kind]
    rests, comes = cell.resting_density > 0.0, cell.peak_influx > 0.0
    resting = (
        f"{_plural(kind)} arrive through vessels as fast as they are lost in resting lung, where there are "
        f"{{{name}.resting_density}} with a loss of {{{name}.loss}}"
        if rests
        else f"There are no {kind.type.plural} in resting lung ({{{name}.resting_density}})"
    )
    more = (
        f"delayed mean IFN-gamma raises their influx by up to {{{name}.peak_influx}}; half of this at "
        "{recruitment.half_ifn_gamma}, Hill power 1"
        if comes
        else f"IFN-gamma recruits none (peak influx {{{name}.peak_influx}})"
    )
    curve = LawCurve(
        "delayed mean IFN-gamma", "ng/mL", 0.01, 100.0,
        {"": lambda amount, p: recruitment.influx(amount, p.cells[kind], p.recruitment)},
        logarithmic=True, half="recruitment.half_ifn_gamma", power=1.0,
    )  # fmt: skip
    return Law(
        f"influx.{kind.key}", KIND_TITLES[kind], () if rests else ("IFN-gamma",), RAISES if comes else SETS, "arrival",
        "cell/mm^2/h", f"{resting}; {more}.", function=recruitment.influx, curve=curve if comes else None,
        absent="" if rests or comes else "its influx is 0, in resting lung and in inflammation",
    )  # fmt: skip


def _loss(kind: CellKind) -> Law:
    more, signals, effect = _STAYS.get(kind, ("", (), SETS))
    over = LawCurve("activation", "", 0.0, 1.0, {"": lambda active, p: _loss_at(kind, active, p)})
    return Law(
        f"loss_rate.{kind.key}", KIND_TITLES[kind], signals, effect, "loss", "1/h",
        f"{_plural(kind)} leave or die at {{cells.{kind.key}.loss}}{more}.",
        function=loss_rate, has_base=True, curve=over if signals == ("activation",) else None,
    )  # fmt: skip


_STAYS: dict[CellKind, tuple[str, tuple[str, ...], str]] = {  # what changes the loss of a type of cell, and how
    CellKind.RESIDENT_MACROPHAGE: (
        "; activation raises this, in proportion, by up to {recruitment.macrophage_death}", ("activation",), RAISES,
    ),
    CellKind.RECRUITED_MACROPHAGE: ("; activation lowers this, in proportion, to none", ("activation",), LOWERS),
    CellKind.CD4: (
        "; {recruitment.cd4_survival:%} of this is left beside proliferating cancer cells or where "
        f"{AGGREGATE} CD4 T cells or more are in a 40 um block",
        (PROLIFERATING, KIND_TITLES[CellKind.CD4]), LOWERS,
    ),
}  # fmt: skip


def _speed(kind: CellKind, p: Any) -> Law:
    name, numbers = f"cells.{kind.key}.speed", kind.type.numbers
    words, hunts = f"{with_article(kind)} migrates at {{{name}}}", bool(numbers.is_lymphocyte)
    held = [] if numbers.held_on == NOTHING else [f"on {_epithelial_cell(EpithelialState(int(numbers.held_on)))}"]
    held += ["in a block with proliferating cancer cells"] if hunts else []
    if held:
        words += f", and at {{motility.confinement:%}} of this {' or '.join(held)}"
    if hunts:
        words += "; full collagen lowers this by {motility.collagen_drag:%}"

    def pace(collagen: float, on_target: bool, p: Any) -> float:
        return motility.hops_per_hour(p.cells[kind].speed, SPACING, on_target, collagen, p.motility)

    curve = LawCurve(
        "collagen", "", 0.0, 1.0,
        {"free": lambda collagen, p: pace(collagen, False, p), "held": lambda collagen, p: pace(collagen, True, p)},
    )  # fmt: skip
    return Law(
        f"hops_per_hour.{kind.key}", KIND_TITLES[kind], ("collagen",) if hunts else (), LOWERS if hunts else SETS,
        "migration, hops of 10 um", "1/h", f"{words}.", function=motility.hops_per_hour, curve=curve if hunts else None,
        absent="" if p.cells[kind].speed > 0.0 else "its speed is 0",
    )  # fmt: skip


def _epithelial_cell(state: EpithelialState) -> str:
    name = state.name.lower()
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} epithelial cell"


def with_article(kind: CellKind) -> str:
    """The title of a type of cell behind "A" or "An", as it is spoken."""
    title = kind.type.title
    return f"{'An' if title[0] in 'aeiouN' else 'A'} {title}"


def _plural(kind: CellKind) -> str:
    return capital(kind.type.plural)


LAWS = (
    Law(
        "stimulus", MOBILE, ("virions", "infected epithelium"), RAISES, "stimulus of activation", "",
        "Virions on its site raise the stimulus of a mobile cell, up to 1; half of this at "
        "{epithelium.sentinel_virions}, Hill power 1. An expressing, dying or dead epithelial cell on its site gives "
        "the full stimulus.",
        function=activation.stimulus,
        curve=LawCurve(
            "virions on the site", "", 0.001, 100.0,
            {"": lambda virions, p: activation.stimulus(virions, False, p.epithelium.sentinel_virions)},
            logarithmic=True, half="epithelium.sentinel_virions", power=1.0,
        ),
    ),
    Law(
        "activation_time", MOBILE, ("stimulus",), SETS, "time constant of activation", "h",
        "The activation of a mobile cell rises towards its stimulus with a time constant of {activation.rise_time} and "
        "falls with {activation.fall_time}.",
        function=activation.activation_time,
        curve=LawCurve(
            "activation minus stimulus", "", -1.0, 1.0,
            {"": lambda above, p: activation.activation_time(above, 0.0, p.activation)},
        ),
    ),
    Law(
        "attraction", MOBILE, ("IL-6",), RAISES, "chance to take a vessel on arrival", "",
        "IL-6 around a vessel raises the chance that an arriving cell takes it: {recruitment.homing:%} of the choice "
        "depends on IL-6, half of this at {recruitment.homing_half}, Hill power 1.",
        function=recruitment.attraction,
        curve=LawCurve(
            "IL-6", "ng/mL", 0.01, 100.0, {"": lambda il6, p: recruitment.attraction(il6, p.recruitment)},
            logarithmic=True, half="recruitment.homing_half", power=1.0,
        ),
    ),
    Law(
        "turning_chance", MOBILE, ("speed",), LOWERS, "chance of a turn before a hop of 10 um", "",
        "A mobile cell keeps its direction for {motility.persistence} on average.",
        function=motility.turning_chance,
        curve=LawCurve(
            "speed", "um/min", 0.5, 20.0, {"": lambda speed, p: motility.turning_chance(speed, SPACING, p.motility)}
        ),
    ),
    Law(
        "steepness", MOBILE, ("IL-6",), LOWERS, "relative change of IL-6 that it senses", "",
        "A mobile cell senses the change of IL-6 over 80 um relative to the IL-6 around it plus "
        "{motility.sensing_half}.",
        function=motility.steepness,
        curve=LawCurve(
            f"IL-6, for a change of {SENSED:g} ng/mL", "ng/mL", 0.01, 100.0,
            {"": lambda il6, p: motility.steepness(SENSED, il6, p.motility)},
            logarithmic=True, half="motility.sensing_half", power=1.0,
        ),
    ),
    Law(
        "guided_share", MOBILE, ("IL-6",), RAISES, "share of turns up the IL-6 gradient", "",
        "A gradient of IL-6 raises the share of turns that follow it, up to {motility.bias:%}; half of this at a "
        "relative change of {motility.steepness_half} over 80 um.",
        function=motility.guided_share,
        curve=LawCurve(
            "relative change of IL-6 over 80 um", "", 0.001, 10.0,
            {"": lambda steep, p: motility.guided_share(steep, p.motility)},
            logarithmic=True, half="motility.steepness_half", power=1.0,
        ),
        off_at_zero=("motility.bias",),
    ),
    Law(
        "polarization_rate", MACROPHAGE, ("activation",), RAISES, "polarization to MHCII+", "1/h",
        "Activation raises the polarization of a CD206+ macrophage to MHCII+, in proportion, up to "
        "{activation.polarization}.",
        function=activation.polarization_rate,
        curve=LawCurve(
            "activation", "", 0.0, 1.0, {"": lambda active, p: activation.polarization_rate(active, p.activation)}
        ),
        off_at_zero=("activation.polarization",),
    ),
    Law(
        "depolarization_rate", MACROPHAGE, ("activation",), LOWERS, "return to CD206+", "1/h",
        "An MHCII+ macrophage becomes CD206+ again after {activation.depolarization_time} on average without "
        "activation; activation lowers this rate, in proportion, to none.",
        function=activation.depolarization_rate,
        curve=LawCurve(
            "activation", "", 0.0, 1.0, {"": lambda active, p: activation.depolarization_rate(active, p.activation)}
        ),
    ),
    Law(
        "inheritance", KIND_TITLES[CellKind.RESIDENT_MACROPHAGE], (), SETS, "polarization and training on arrival", "",
        "A new resident macrophage is as polarized and as trained as one of those in the lung.",
    ),
    Law(
        "training_rate", KIND_TITLES[CellKind.RESIDENT_MACROPHAGE], ("IFN-gamma",), RAISES, "training", "1/h",
        "IFN-gamma raises the training of a resident macrophage as far as it is activated, up to "
        "{activation.training}; half of this at {activation.training_half}, Hill power 1.",
        function=activation.training_rate,
        curve=LawCurve(
            "IFN-gamma", "ng/mL", 0.01, 100.0,
            {
                "full activation": lambda amount, p: activation.training_rate(1.0, amount, p.activation),
                "half activation": lambda amount, p: activation.training_rate(0.5, amount, p.activation),
            },
            logarithmic=True, half="activation.training_half", power=1.0,
        ),
        needs=("activation",), off_at_zero=("activation.training",),
    ),
    Law(
        "trained", KIND_TITLES[CellKind.RESIDENT_MACROPHAGE], ("time since training",), LOWERS, "training left", "",
        "A resident macrophage forgets its training with a time constant of {activation.training_memory}.",
        function=activation.trained,
        curve=LawCurve(
            "time since training", "h", 0.0, 8760.0,
            {"": lambda hours, p: activation.trained(1.0, 0.0, p.activation, hours)},
        ),
        needs=("training",),
    ),
    Law(
        "loss_left_by_il6", KIND_TITLES[CellKind.NEUTROPHIL], ("IL-6",), LOWERS, "share left of its loss", "",
        "IL-6 lowers the loss of neutrophils by up to {recruitment.neutrophil_survival:%}; half of this at "
        "{recruitment.survival_half}, Hill power 2.",
        function=recruitment.loss_left_by_il6,
        curve=LawCurve(
            "IL-6", "ng/mL", 0.01, 100.0, {"": lambda il6, p: recruitment.loss_left_by_il6(il6, p.recruitment)},
            logarithmic=True, half="recruitment.survival_half", power=2.0,
        ),
        off_at_zero=("recruitment.neutrophil_survival",),
    ),
    Law(
        "tissue_memory", T_CELL, ("lymph node response",), SETS, "stay as tissue memory", "",
        "{recruitment.memory_share:%} of the T cells that arrive during a response stay as tissue memory, for "
        "{recruitment.memory_life} on average.",
        off_at_zero=("recruitment.memory_share",),
    ),
)  # fmt: skip
