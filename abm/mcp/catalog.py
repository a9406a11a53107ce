"""What can be run, and what it rests on: scenarios, parameters, laws, sources."""

from __future__ import annotations

from pydantic import BaseModel, Field

from abm.laws.catalogue import LawInScenario, laws_in
from abm.mcp.answers import Evidence, Reference, evidence, evidence_of, number
from abm.mcp.arms import packaged
from abm.reporting.laws import differences, sentences_of
from abm.rules.sources import SOURCES
from abm.scenario.catalog import packaged_path, scenario_names
from abm.scenario.describe import Drugs, drugs, entries, matching, near_names
from abm.scenario.errors import Fault, ScenarioError
from abm.scenario.prediction import is_prediction
from abm.scenario.toml.units import allowed_range

MOST = 40  # entries of an answer


class ScenarioLine(BaseModel):
    """A packaged scenario."""

    name: str
    title: str
    story: str
    prediction: bool


class ScenarioList(BaseModel):
    """All packaged scenarios."""

    scenarios: list[ScenarioLine]
    evidence: Evidence


class ScenarioAnswer(BaseModel):
    """A scenario in full."""

    name: str
    title: str
    story: str
    expect: str = Field(description="What experiments have found, as far as the scenario states it.")
    host: str
    viruses: list[str]
    days: float
    section_mm: tuple[float, float] = Field(description="Width and height.")
    file: str = Field(description="The scenario file, TOML.")
    changed: list[str] = Field(description="Parameters that it sets to something else than their defaults.")
    evidence: Evidence


class Parameter(BaseModel):
    """A number that can be set, or the drugs of a treatment."""

    name: str
    meaning: str
    value: float | None
    unit: str
    allowed: str
    confidence: str
    source: str = Field(description="Keys in square brackets are those of the sources.")


class ParameterAnswer(BaseModel):
    """Parameters that match."""

    parameters: list[Parameter]
    left_out: int = Field(description="Matches that are not shown: ask for a longer text.")
    evidence: Evidence


class LawLine(BaseModel):
    """A law."""

    name: str
    cell: str
    sentences: list[str]
    confidence: str
    sources: list[str]


class LawDifferenceLine(BaseModel):
    """A law that differs between two scenarios; empty where it does not act."""

    name: str
    cell: str
    first: list[str]
    second: list[str]


class LawAnswer(BaseModel):
    """Laws that act in a scenario, or how those of two differ."""

    scenario: str
    compared_with: str
    laws: list[LawLine]
    differences: list[LawDifferenceLine]
    evidence: Evidence


class SourceAnswer(BaseModel):
    """Sources that match."""

    sources: list[Reference]


def list_scenarios() -> ScenarioList:
    """Every packaged scenario."""
    scenarios = [packaged(name) for name in scenario_names()]
    lines = [
        ScenarioLine(name=one.name, title=one.title, story=one.story, prediction=is_prediction(one))
        for one in scenarios
    ]
    return ScenarioList(scenarios=lines, evidence=evidence_of(scenarios))


def describe_scenario(name: str) -> ScenarioAnswer:
    """A scenario in full.

    Raises:
        ScenarioError: there is none of this name.
    """
    scenario = packaged(name)
    return ScenarioAnswer(
        name=scenario.name,
        title=scenario.title,
        story=scenario.story,
        expect=scenario.expect,
        host=scenario.host,
        viruses=list(scenario.viruses),
        days=scenario.duration / 24.0,
        section_mm=(scenario.width / 1000.0, scenario.height / 1000.0),
        file=packaged_path(name).read_text(encoding="utf-8"),
        changed=[
            f"{one.name} = {one.value:g} {one.quantity.unit}".strip()
            for one in entries(scenario)
            if one.changed and one.value is not None and one.name.startswith("parameters.")
        ],
        evidence=evidence_of([scenario]),
    )


def describe_parameters(text: str, scenario: str) -> ParameterAnswer:
    """Parameters and drugs with this text in their name or meaning, with their values in a scenario.

    Raises:
        ScenarioError: there is no such scenario, or nothing matches.
    """
    known = entries(packaged(scenario) if scenario else None)
    found = matching([*known, *drugs()], text)
    if not found:
        near = near_names(known, text)
        hint = f"nearest: {', '.join(near)}" if near else ""
        raise ScenarioError([Fault("parameters", 0, "", f'"{text}"', "is in no name or meaning", hint=hint)])
    shown = found[:MOST]
    confidences = [one.quantity.confidence for one in shown if not isinstance(one, Drugs)]
    confidences += ["assumed" for one in shown if isinstance(one, Drugs)]
    texts = [source for one in shown for source in one.sources]
    return ParameterAnswer(
        parameters=[
            Parameter(
                name=one.name, meaning=one.meaning, value=None, unit="", allowed=", ".join(one.known),
                confidence="assumed", source="; ".join(one.sources),
            )
            if isinstance(one, Drugs)
            else Parameter(
                name=one.name, meaning=one.meaning, value=number(one.value), unit=one.quantity.unit,
                allowed=allowed_range(one.quantity), confidence=one.quantity.confidence, source=one.quantity.source,
            )
            for one in shown
        ],
        left_out=len(found) - len(shown),
        evidence=evidence(confidences, texts, prediction=False),
    )  # fmt: skip


def list_rules(scenario: str, compared_with: str, text: str) -> LawAnswer:
    """The laws that act in a scenario as sentences; with a second scenario, only those that differ.

    Args:
        scenario: name of a packaged scenario.
        compared_with: of another one; empty for none.
        text: only laws with this text in name, cell or sentence; empty for all.

    Raises:
        ScenarioError: there is no such scenario.
    """
    one = packaged(scenario)
    laws = laws_in(one)
    if not compared_with:
        acting = [line for law in laws if law.acts and _has(text, line := _line(law))]
        return LawAnswer(scenario=scenario, compared_with="", laws=acting, differences=[], evidence=evidence_of([one]))
    other = packaged(compared_with)
    pairs = differences(laws, laws_in(other))
    lines = [
        LawDifferenceLine(
            name=one.law.name, cell=one.law.cell, first=_sentences(one.one), second=_sentences(one.other)
        )
        for one in pairs
    ]  # fmt: skip
    return LawAnswer(
        scenario=scenario,
        compared_with=compared_with,
        laws=[],
        differences=[line for line in lines if _has(text, line)],
        evidence=evidence_of([one, other]),
    )


def list_sources(text: str) -> SourceAnswer:
    """Sources with this text in their key or citation; all without a text."""
    wanted = text.lower()
    return SourceAnswer(
        sources=[
            Reference(key=key, citation=one.citation, doi=one.doi)
            for key, one in SOURCES.items()
            if wanted in f"{key} {one.citation}".lower()
        ]
    )


def _line(law: LawInScenario) -> LawLine:
    return LawLine(
        name=law.law.name,
        cell=law.law.cell,
        sentences=list(sentences_of(law)),
        confidence=law.confidence,
        sources=list(law.sources),
    )


def _has(text: str, line: BaseModel) -> bool:
    """Whether this text is in a line; case does not count."""
    return text.lower() in str(line.model_dump()).lower()


def _sentences(law: LawInScenario | None) -> list[str]:
    return list(sentences_of(law)) if law is not None and law.acts else []
