"""Shape of the answers: every answer with numbers has its sources, how well they are known, and whether it predicts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, Field

from abm.laws.catalogue import CONFIDENCES, laws_in
from abm.rules.sources import cited
from abm.scenario.prediction import is_prediction
from abm.scenario.scenario import Scenario

CAUTION = (
    "Embers is a research and teaching model, not medical advice. A prediction is a result that no experiment has "
    "tested: say so wherever you report it."
)


class Reference(BaseModel):
    """A source."""

    key: str = Field(description="As in square brackets in the texts of an answer.")
    citation: str
    doi: str = Field(description="DOI; empty where the source has none.")


class Evidence(BaseModel):
    """What the numbers of an answer rest on."""

    prediction: bool = Field(description="Whether any number is a result that no experiment has tested.")
    confidence: str = Field(description="The weakest confidence of the numbers: measured, fitted, peer or assumed.")
    numbers: dict[str, int] = Field(description="How many numbers have each confidence.")
    sources: list[Reference]
    caution: str = CAUTION


class ArmInAnswer(BaseModel):
    """A scenario that was run."""

    name: str
    title: str
    prediction: bool
    expect: str = Field(description="What experiments have found, as far as the scenario states it.")


class Row(BaseModel):
    """One number of a comparison."""

    arm: str
    against: str = Field(description="The arm that it is compared with; empty for a number of one arm.")
    quantity: str
    unit: str
    value: float
    low: float | None
    high: float | None
    ends: str = Field(description="What low and high are.")
    n: int = Field(description="Replicates (sections of one lung) behind the number.")
    prediction: bool
    note: str = ""


def references(texts: Iterable[str]) -> list[Reference]:
    """The sources that these texts cite."""
    return [Reference(key=key, citation=one.citation, doi=one.doi) for key, one in cited(texts).items()]


def evidence(confidences: Iterable[str], texts: Iterable[str], prediction: bool) -> Evidence:
    """Evidence of numbers with these confidences and texts."""
    counts = Counter(confidences)
    numbers = {name: counts[name] for name in CONFIDENCES if counts[name]}
    return Evidence(
        prediction=prediction,
        confidence=max(numbers, key=CONFIDENCES.index, default="assumed"),
        numbers=numbers,
        sources=references(texts),
    )


def evidence_of(scenarios: Sequence[Scenario]) -> Evidence:
    """Evidence of all numbers of the laws that act in these scenarios; a number that several share counts once."""
    numbers: dict[str, str] = {}
    texts: list[str] = []
    for scenario in scenarios:
        for law in laws_in(scenario):
            if law.acts:
                numbers |= {item.name: item.quantity.confidence for item in law.own}
                texts += law.evidence
    return evidence(numbers.values(), dict.fromkeys(texts), any(map(is_prediction, scenarios)))


def arms_in_answer(scenarios: Sequence[Scenario]) -> list[ArmInAnswer]:
    """The scenarios of an answer."""
    return [
        ArmInAnswer(name=one.name, title=one.title or one.name, prediction=is_prediction(one), expect=one.expect)
        for one in scenarios
    ]


def number(value: Any) -> float | None:
    """A number in six digits; None for what is no finite number."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None
