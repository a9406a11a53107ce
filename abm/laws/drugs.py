"""Laws of treatments: kinetics and binding of drugs, depletion, transfer, vaccination, knockout, arriving cancer cells.

Each is one law form, made for every treatment of its type in a scenario; without one, it is listed as not given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from abm.laws.law import LOWERS, RAISES, SETS, Law, LawCurve
from abm.laws.numbers import UnitNumber, capital
from abm.laws.places import DRUG
from abm.rules import pharmacology as drugs
from abm.rules.substances import Substance, lost_while_held
from abm.treatments.arrivals import CancerCellArrival
from abm.treatments.drugs import AntiIL6, AntiIL6Receptor, Antiviral, JakInhibitor, RepeatedDoses
from abm.treatments.pharmacokinetics import DEPLETION_HALF_LIFE
from abm.treatments.times import ALWAYS
from abm.treatments.treatments import (
    DEPLETION_ONSET,
    VACCINE_RIPENING,
    VACCINE_WANING,
    Depletion,
    IL6Knockout,
    Transfer,
    Vaccination,
)

if TYPE_CHECKING:
    from abm.treatments.treatments import Treatment

DIGITS = 4  # of the numbers of a drug
ANTIBODY = {  # numbers of an antibody, with their units
    "clearance": "L/h", "central": "L", "peripheral": "L", "exchange": "L/h", "saturable": "mg/h",
    "saturable_half": "mg/L", "mass": "kDa", "tissue_share": "", "half_binding": "nM", "capture": "1/nM/h",
}  # fmt: skip
SMALL = {"half_life": "h", "peak_per_mg": "nM/mg", "half_inhibition": "nM", "full_effect": ""}


def laws_of_treatments(treatments: Sequence[Treatment]) -> Iterator[Law]:
    """The laws of these treatments, and one for each type that is not among them."""
    for kind, make in _MAKE.items():
        given = [each for each in treatments if isinstance(each, kind)]
        for number, treatment in enumerate(given):
            for law in make(treatment):
                yield law if number == 0 else _numbered(law, number + 1)
        if not given:
            yield Law(
                _NAMES[kind],
                DRUG,
                (),
                SETS,
                kind.type,
                "",
                kind.type,
                absent=_NOT_GIVEN.get(kind, f"no {kind.type} is given"),
            )


def _numbered(law: Law, number: int) -> Law:
    return replace(law, name=f"{law.name}.{number}")


def _dosing(treatment: RepeatedDoses) -> dict[str, UnitNumber]:
    return {
        "dose": UnitNumber(treatment.dose, "mg"),
        "every": UnitNumber(treatment.every, "h"),
        "start": UnitNumber(treatment.start, "h"),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _doses(treatment: RepeatedDoses) -> str:
    until = f" to {treatment.stop:g} h" if treatment.stop < ALWAYS else " on"
    return f"{{dose}} every {{every}} from {{start}}{until}"


def _antibody(treatment: AntiIL6 | AntiIL6Receptor) -> tuple[str, dict[str, UnitNumber], tuple[str, ...]]:
    """What is common to antibodies: words on their kinetics, numbers and sources."""
    drug = treatment.LIBRARY[treatment.drug]
    molecule = drug.molecule
    assert isinstance(molecule, drugs.Antibody)
    numbers = _dosing(treatment) | {
        name: UnitNumber(_rounded(getattr(molecule, name)), unit) for name, unit in ANTIBODY.items()
    }
    words = f"{capital(treatment.drug)}, {_doses(treatment)}, is cleared at {{clearance}} from {{central}}"
    if treatment.onset:
        numbers["onset"] = UnitNumber(treatment.onset, "h")
        words += ", which it reaches {onset} after a dose into the peritoneum (assumed)"
    if molecule.saturable > 0.0:
        words += " and at up to {saturable} by its target (half at {saturable_half})"
    if molecule.exchange > 0.0:
        words += ", exchanges at {exchange} with {peripheral} of tissue"
    words += "; lung tissue has {tissue_share:%} of the plasma concentration ({mass})"
    return words, numbers, (drug.source,)


def _kinetics(treatment: AntiIL6 | AntiIL6Receptor) -> Law:
    words, numbers, evidence = _antibody(treatment)
    molecule: Any = treatment.LIBRARY[treatment.drug].molecule
    return Law(
        f"tissue_concentration.{treatment.drug}", DRUG, ("dose",), RAISES, "concentration in lung tissue", "nM",
        f"{words}.", function=drugs.tissue_concentration, numbers=numbers, evidence=evidence,
        curve=LawCurve(
            "antibody in the central compartment", "mg", 0.0, 2.0 * treatment.dose or 1.0,
            {"": lambda amount, _: drugs.tissue_concentration(amount, molecule)},
        ),
    )  # fmt: skip


def _anti_il6(treatment: AntiIL6) -> Iterator[Law]:
    _, numbers, evidence = _antibody(treatment)
    molecule: Any = treatment.LIBRARY[treatment.drug].molecule
    yield _kinetics(treatment)
    yield Law(
        f"capture_rate.{treatment.drug}", DRUG, (treatment.drug,), RAISES, "loss of free IL-6", "1/h",
        f"{capital(treatment.drug)} raises the loss of free IL-6, by {{capture}} in lung tissue, lets go of what it "
        "holds at {unbinding} (dissociation constant {half_binding}), and loses it at {substances.il6.complex_loss}.",
        function=drugs.capture_rate,
        numbers=numbers | {"unbinding": UnitNumber(_rounded(drugs.unbinding_rate(molecule)), "1/h")}, evidence=evidence,
        curve=LawCurve(
            f"{treatment.drug}", "nM", 0.1, 1000.0, {"": lambda amount, _: drugs.capture_rate(amount, molecule)},
            logarithmic=True,
        ),
        needs=("IL-6",),
    )  # fmt: skip
    yield Law(
        f"lost_while_held.{treatment.drug}", DRUG, ("rate of unbinding",), LOWERS,
        "share of captured IL-6 that is lost", "",
        f"IL-6 that {treatment.drug} holds is lost at {{substances.il6.complex_loss}} and let go at {{unbinding}}; the "
        "share that is lost falls with the rate of unbinding.",
        function=lost_while_held, numbers={"unbinding": UnitNumber(_rounded(drugs.unbinding_rate(molecule)), "1/h")},
        evidence=evidence,
        curve=LawCurve(
            "rate of unbinding", "1/h", 1e-4, 10.0,
            {"": lambda rate, p: lost_while_held(rate, p.substances[Substance.IL6])},
            logarithmic=True, half="substances.il6.complex_loss", power=1.0,
        ),
        needs=("IL-6",),
    )  # fmt: skip


def _anti_receptor(treatment: AntiIL6Receptor) -> Iterator[Law]:
    _, numbers, evidence = _antibody(treatment)
    molecule: Any = treatment.LIBRARY[treatment.drug].molecule
    yield _kinetics(treatment)
    yield Law(
        f"receptors_left.{treatment.drug}", DRUG, (treatment.drug,), LOWERS, "share of IL-6 receptors free", "",
        f"{capital(treatment.drug)} lowers the share of free IL-6 receptors; half of them at {{half_binding}} in "
        "lung tissue.",
        function=drugs.receptors_left, numbers=numbers, evidence=evidence,
        curve=LawCurve(
            treatment.drug, "nM", 0.01, 10_000.0, {"": lambda amount, _: drugs.receptors_left(amount, molecule)},
            logarithmic=True, half=molecule.half_binding, power=1.0,
        ),
        needs=("IL-6",),
    )  # fmt: skip


def _small(treatment: JakInhibitor | Antiviral, target: str, needs: tuple[str, ...]) -> Iterator[Law]:
    drug = treatment.LIBRARY[treatment.drug]
    molecule: Any = drug.molecule
    numbers = _dosing(treatment) | {
        name: UnitNumber(_rounded(getattr(molecule, name)), unit) for name, unit in SMALL.items()
    }
    yield Law(
        f"left_after_inhibition.{treatment.drug}", DRUG, (treatment.drug,), LOWERS, f"share left of {target}", "",
        f"{capital(treatment.drug)}, {_doses(treatment)}, peaks at {{peak_per_mg}} and halves in {{half_life}}. It "
        f"lowers {target} by up to {{full_effect:%}}; half of this at {{half_inhibition}}.",
        function=drugs.left_after_inhibition, numbers=numbers, evidence=(drug.source,),
        curve=LawCurve(
            treatment.drug, "nM", 1.0, 100_000.0,
            {"": lambda amount, _: drugs.left_after_inhibition(amount, molecule)},
            logarithmic=True, half=molecule.half_inhibition, power=1.0,
        ),
        needs=needs,
    )  # fmt: skip


def _jak(treatment: JakInhibitor) -> Iterator[Law]:
    yield from _small(treatment, "the signals of IL-6 and of interferon", ())


def _antiviral(treatment: Antiviral) -> Iterator[Law]:
    yield from _small(treatment, "the release of virions", ("virions",))


def _knockout(_: IL6Knockout) -> Iterator[Law]:
    yield Law(
        "il6_knockout", DRUG, (), SETS, "secretion of IL-6", "", "No cell secretes IL-6, from birth on.",
        evidence=("assumed: complete",),
    )  # fmt: skip


def _vaccination(treatment: Vaccination) -> Iterator[Law]:
    against = f" against {treatment.virus}" if treatment.virus else ""
    yield Law(
        "vaccination", DRUG, (), RAISES, "antibody, memory and protection from infection", "",
        f"A vaccination{against}, {{before}} before day 0, gives {{efficacy:%}} of full immunity after {{ripening}}. "
        "Its antibody matches the strain to {match:%}; antibody and protection halve in {half_life}.",
        numbers={
            "before": UnitNumber(treatment.before, "h"), "efficacy": UnitNumber(treatment.efficacy, ""),
            "match": UnitNumber(treatment.match, ""), "half_life": UnitNumber(treatment.half_life, "h"),
            "ripening": UnitNumber(VACCINE_RIPENING, "h"),
        },
        evidence=(f"assumed; {VACCINE_WANING}",),
    )  # fmt: skip


def _depletion(treatment: Depletion) -> Iterator[Law]:
    ends = treatment.stop < ALWAYS
    until, fades = (f" to {treatment.stop:g} h", "; it fades with a half-life of {half_life}") if ends else (" on", "")
    yield Law(
        f"depletion.{treatment.cells}", DRUG, (), RAISES, f"loss of {treatment.cells} cells", "1/h",
        f"From {{start}}{until}, a depletion removes {{efficacy:%}} of the {treatment.cells} cells within {{onset}} "
        f"and as much of their influx{fades}.",
        numbers={
            "start": UnitNumber(treatment.start, "h"), "efficacy": UnitNumber(treatment.efficacy, ""),
            "onset": UnitNumber(DEPLETION_ONSET, "h"), "half_life": UnitNumber(DEPLETION_HALF_LIFE, "h"),
        },
        evidence=("assumed",),
    )  # fmt: skip


def _transfer(treatment: Transfer) -> Iterator[Law]:
    yield Law(
        f"transfer.{treatment.cells}", DRUG, (), RAISES, f"{treatment.cells} cells", "cell/mm^2",
        f"At {{start}}, {{density}} of {treatment.cells} cells are put into the lung.",
        numbers={"start": UnitNumber(treatment.start, "h"), "density": UnitNumber(treatment.density, "cell/mm^2")},
        evidence=("assumed",),
    )  # fmt: skip


def _arrival(treatment: CancerCellArrival) -> Iterator[Law]:
    yield Law(
        "cancer_cell_arrival", DRUG, (), RAISES, "cancer cells", "cell/mm^2",
        "At {start}, {density} of cancer cells arrive through vessels; each begins a clone.",
        numbers={"start": UnitNumber(treatment.start, "h"), "density": UnitNumber(treatment.density, "cell/mm^2")},
        evidence=("assumed",),
    )  # fmt: skip


_MAKE: dict[Any, Any] = {
    AntiIL6: _anti_il6, AntiIL6Receptor: _anti_receptor, JakInhibitor: _jak, Antiviral: _antiviral,
    IL6Knockout: _knockout, Vaccination: _vaccination, Depletion: _depletion, Transfer: _transfer,
    CancerCellArrival: _arrival,
}  # fmt: skip
_NAMES: dict[Any, str] = {
    AntiIL6: "capture_rate", AntiIL6Receptor: "receptors_left", JakInhibitor: "left_after_inhibition.JAK inhibitor",
    Antiviral: "left_after_inhibition.antiviral", IL6Knockout: "il6_knockout", Vaccination: "vaccination",
    Depletion: "depletion", Transfer: "transfer", CancerCellArrival: "cancer_cell_arrival",
}  # fmt: skip
_NOT_GIVEN: dict[Any, str] = {
    IL6Knockout: "cells can secrete IL-6: there is no IL-6 knockout", CancerCellArrival: "no cancer cells arrive",
}  # fmt: skip
