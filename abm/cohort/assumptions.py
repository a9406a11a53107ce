"""What a cohort assumes beyond the model of the section, for reports and for the text that tells cohorts apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from abm.cohort.disease import MONTH, YEAR
from abm.cohort.plan import COVID, Cohort, Distribution
from abm.core.quantity import declared
from abm.scenario.scenario import Scenario


def assumptions(cohort: Cohort) -> Iterator[tuple[str, str, str, str]]:
    """Assumptions of a cohort beyond the model of the section: meaning, value, source, confidence."""
    spread = {
        "age": (cohort.age, "years", 1.0), "other diseases": (cohort.comorbidity, "", 1.0),
        "dormant cells at diagnosis": (cohort.burden, "", 1.0),
        "time since diagnosis": (cohort.since_diagnosis, "years", YEAR),
        "strength of T cells": (cohort.immunity, "", 1.0), "dose of virus": (cohort.dose, "", 1.0),
        "share of the lung that an infection reaches at age 65": (cohort.reach, "", 1.0),
    }  # fmt: skip
    for name, (distribution, unit, scale) in spread.items():
        yield name, _scaled(distribution, scale).text(unit), distribution.source, distribution.confidence
    for which, occasion in enumerate(cohort.occasions, start=1):
        text = f"{_scaled(occasion.time, MONTH).text('month')}; {100 * occasion.attack:g} % of the patients"
        text += f"; again every {occasion.every / MONTH:g} months" if occasion.every else ""
        yield f"infection {which}", text, occasion.time.source, occasion.time.confidence
    yield from _rules_assumed(cohort.scenario)
    yield "admission", f"reach of {cohort.admission:g} of the lung or more", "assumed", "assumed"
    yield "women", f"{100.0 * cohort.female:g} %", "assumed", "assumed"
    for virus, _ in cohort.viruses:
        if virus not in (COVID, "influenza"):
            yield f"deaths from {virus}", "as many as from influenza", "assumed", "assumed"
    if cohort.variant:
        yield "variant", cohort.variant, "as the file says", "assumed"
    yield "scan", f"shows {cohort.scan_sees / 1000:g} mm with chance {cohort.sensitivity:g}", "assumed", "assumed"
    for item in (one for group in (cohort.disease, cohort.death, cohort.hosts) for one in declared(group)):
        yield (
            item.quantity.meaning,
            f"{item.value:.4g} {item.quantity.unit}".strip(),
            item.quantity.source,
            item.quantity.confidence,
        )


def _rules_assumed(scenario: Scenario) -> Iterator[tuple[str, str, str, str]]:
    """The rules of a cohort, each as its sentence."""
    from abm.laws.catalogue import laws_in
    from abm.reporting.laws import sentences_of

    if scenario.rules:
        laws = {law.law.name: law for law in laws_in(scenario)}
        for rule in scenario.rules:
            law = laws[f"rules.{rule.name}"]
            text = " ".join(sentences_of(law)) if rule.on else law.why_not
            yield f"rule {rule.name}", text, rule.source, rule.confidence


def _scaled(distribution: Distribution, scale: float) -> Distribution:
    """The distribution in another unit, for display."""
    second = distribution.second if distribution.kind == "log-normal" else distribution.second / scale
    return replace(distribution, first=distribution.first / scale, second=second)
