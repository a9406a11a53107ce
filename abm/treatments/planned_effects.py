"""What all infections and treatments of a run do together, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from abm.rules.infection import Virus
from abm.rules.states import VirusOfRun
from abm.treatments.drugs import OwnDrugGiven
from abm.treatments.effects import combine
from abm.treatments.effects_by_step import TreatmentEffects, arrivals_of_virus, effects_on_virus, no_treatment
from abm.treatments.treatments import Infection, Treatment


def apply(treatment: Treatment, treatment_effects: TreatmentEffects, step: float, drugs: Sequence[str]) -> None:
    """Combine what a treatment does with the effects before it; drugs: those that a scenario declares, by number."""
    if isinstance(treatment, OwnDrugGiven):
        treatment.apply(treatment_effects, step, drugs.index(treatment.drug))
    else:
        treatment.apply(treatment_effects, step)


def effects_of(
    treatments: Sequence[Treatment],
    infections: Sequence[Infection],
    virus: Virus,
    steps: int,
    step: float,
    second: tuple[str, Virus | None] = ("", None),
    drugs: Sequence[str] = (),
) -> TreatmentEffects:
    """Effects of these treatments and infections in each of `steps` steps [h].

    A treatment that acts on one virus names it by a property `against`; any other acts whatever the virus is.

    virus: of the scenario; second: name of the other virus of the run, and its parameters; drugs: names of those that
    the scenario declares, in the order of their numbers.
    """
    name, other = second
    treatment_effects = no_treatment(steps)
    on = [effects_on_virus(number, treatment_effects) for number in VirusOfRun]
    for treatment in treatments:
        apply(treatment, on[bool(name) and getattr(treatment, "against", "") == name], step, drugs)
    for infection in infections:
        is_second = bool(name) and infection.virus == name
        arriving = arrivals_of_virus(other if is_second and other else virus, step)
        first = round(infection.time / step)
        arrived = infection.dose * arriving[: max(0, steps - first)]
        combine(on[is_second], "inoculum", arrived, at=slice(first, first + arrived.size))
    return treatment_effects
