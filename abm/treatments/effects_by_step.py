"""Treatment effects by step: one record per step with every declared effect, and what compiled code asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.core.compiled import uncounted
from abm.rules.infection import Virus
from abm.rules.states import VirusOfRun
from abm.treatments.effects import EFFECTS, Acts, Effect

TreatmentEffects = np.recarray  # EFFECTS_OF_STEP[steps]


def record_of(effects: Iterable[Effect]) -> np.dtype:
    """The record of a step: one field per effect, with one number or one for each member of its table, without gaps."""
    return np.dtype([(effect.name, np.float64, (effect.width,) if effect.per else ()) for effect in effects])


def neutral_numbers(effects: Iterable[Effect]) -> NDArray[np.float64]:
    """The numbers of a record without treatment, in their order."""
    return np.concatenate([np.full(effect.width, effect.combination.neutral) for effect in effects])


def numbers_that(act: Iterable[Acts], effects: Iterable[Effect]) -> NDArray[np.int64]:
    """Where in a record the numbers of the effects stand that act in one of these ways."""
    ways = set(act)
    return np.flatnonzero(np.concatenate([np.full(effect.width, effect.acts in ways) for effect in effects]))


WIDTH_OF_NUMBER = np.dtype(np.float64).itemsize
EFFECTS_OF_STEP = record_of(EFFECTS)
NEUTRAL = neutral_numbers(EFFECTS)
AT_REST = numbers_that((Acts.AT_REST, Acts.STEP_BY_STEP), EFFECTS)
AT_ONCE = numbers_that((Acts.AT_ONCE,), EFFECTS)
STEPPED = numbers_that((Acts.AT_ONCE, Acts.STEP_BY_STEP), EFFECTS)


def no_treatment(steps: int) -> TreatmentEffects:
    """Effects by step where nothing is done."""
    numbers = np.tile(NEUTRAL, (steps, 1))
    return numbers.view(np.dtype((np.record, EFFECTS_OF_STEP))).reshape(steps).view(np.recarray)


def effects_on_virus(number: int, treatment_effects: TreatmentEffects) -> TreatmentEffects:
    """A view of effects by step in which each effect on viruses is the one number that acts on this virus.

    number: `VirusOfRun`.
    """
    names, offset = [effect.name for effect in EFFECTS], 0
    formats, offsets = [], []
    for effect in EFFECTS:
        of_virus = effect.per is VirusOfRun
        formats.append((np.float64, () if of_virus or not effect.per else (effect.width,)))
        offsets.append(offset + of_virus * number * WIDTH_OF_NUMBER)
        offset += effect.width * WIDTH_OF_NUMBER
    own: Any = {"names": names, "formats": formats, "offsets": offsets, "itemsize": offset}
    return treatment_effects.view(np.dtype((np.record, np.dtype(own)))).view(np.recarray)


def is_untouched(number: int, treatment_effects: Any) -> bool:
    """Whether nothing is done in any step to or against a virus; number: `VirusOfRun`."""
    own = effects_on_virus(number, treatment_effects)
    return all(bool((own[each.name] == each.combination.neutral).all()) for each in EFFECTS if each.per is VirusOfRun)


@uncounted
def is_anything_put_in(treatment_effects: TreatmentEffects, tick: int) -> bool:
    """Whether virus, immunity, cells or another amount is added to the tissue in a step."""
    numbers, found = treatment_effects[tick : tick + 1].view(np.float64), False
    for index in AT_ONCE:
        found = found or numbers[index] != NEUTRAL[index]
    return found


@uncounted
def is_steady(treatment_effects: TreatmentEffects, tick: int, tolerance: float) -> bool:
    """Whether treatments act on resting tissue in a step as in the one before.

    Args:
        treatment_effects: EFFECTS_OF_STEP[steps].
        tick: the step, not the first.
        tolerance: relative change of an effect that is ignored.
    """
    numbers, steady = treatment_effects[tick - 1 : tick + 1].view(np.float64), True
    for index in AT_REST:
        before, now = numbers[index], numbers[NEUTRAL.size + index]
        steady = steady and abs(now - before) <= tolerance * max(now, before)
    return steady


@uncounted
def must_be_stepped(treatment_effects: TreatmentEffects, tick: int) -> bool:
    """Whether a treatment acts in a step that strides of quiet time do not follow."""
    numbers, found = treatment_effects[tick : tick + 1].view(np.float64), False
    for index in STEPPED:
        found = found or numbers[index] != NEUTRAL[index]
    return found


def arrivals_of_virus(virus: Virus, step: float) -> NDArray[np.float64]:
    """Virions that reach a section in each step [h] after inoculation [virion/mm2]; they add up to the inoculum.

    A whole lung starts from some 75 infected cells, a section of a few mm2 from none: its virus comes from the rest
    of the lung, in step with the growth there, until it has its own.
    """
    count = max(1, round(virus.arrival_time / step))
    shares = np.exp2(np.arange(count) * step / virus.arrival_doubling)
    return virus.inoculum * shares / shares.sum()
