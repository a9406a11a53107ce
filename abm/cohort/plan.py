"""A cohort as plain data: who the patients are, what happens to them, how they are cared for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr, ndtri

from abm.cohort.death import Death
from abm.cohort.disease import Disease
from abm.cohort.host import Host
from abm.rules.infection import VIRUSES, Virus
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import Antiviral
from abm.treatments.treatments import Treatment

EVERYONE, ADMITTED = "everyone", "admitted"
KINDS = {"fixed": ("value",), "uniform": ("low", "high"), "normal": ("mean", "sd"), "log-normal": ("median", "spread")}


@dataclass(frozen=True)
class Distribution:
    """How a number is spread over patients, cut off below `low` and above `high`.

    Attributes:
        kind: one of KINDS. first, second: value; mean and standard deviation; median and the factor by which one
            standard deviation of the logarithm multiplies. source, confidence: where it is from.
    """

    kind: str
    first: float
    second: float = 0.0
    low: float = 0.0
    high: float = 1e9
    source: str = "assumed"
    confidence: str = "assumed"

    def at(self, share: float) -> float:
        """The value below which this share of the patients lies."""
        if self.kind == "fixed":
            return self.first
        if self.kind == "uniform":
            return self.first + share * (self.second - self.first)
        low, high = ndtr(self._score(self.low)), ndtr(self._score(self.high))
        score = ndtri(low + share * (high - low))
        value = self.first * self.second**score if self.kind == "log-normal" else self.first + self.second * score
        return float(np.clip(value, self.low, self.high))

    def within(self) -> float:
        """Share of the distribution that lies within its range."""
        if self.kind in ("fixed", "uniform"):
            return 1.0
        return float(ndtr(self._score(self.high)) - ndtr(self._score(self.low)))

    def _score(self, value: float) -> float:
        """How many standard deviations a value is above the middle."""
        if self.kind == "normal":
            return (value - self.first) / self.second
        return float(np.log(value / self.first) / np.log(self.second)) if value > 0.0 else -np.inf

    def text(self, unit: str) -> str:
        """The distribution in words."""
        unit = f" {unit}" if unit else ""
        if self.kind == "fixed":
            return f"{self.first:.4g}{unit}"
        if self.kind == "uniform":
            return f"uniform, {self.first:.4g} to {self.second:.4g}{unit}"
        if self.kind == "normal":
            return f"normal, mean {self.first:.4g}{unit}, sd {self.second:.4g}{unit}"
        return f"log-normal, median {self.first:.4g}{unit}, spread x {self.second:.4g}"


@dataclass(frozen=True)
class Occasion:
    """A time at which patients may catch the virus.

    Attributes:
        time: distribution of the first one [h]. attack: share of the patients that catch it, each time. every: time
            between one and the next [h]; 0: once.
    """

    time: Distribution
    attack: float = 1.0
    every: float = 0.0


@dataclass(frozen=True)
class Care:
    """How a patient is cared for.

    Attributes:
        vaccinated: share of the patients vaccinated. before: how long before the first infection [h].
        antiviral: share of the infections treated. antivirals: what with, from the time of infection on.
        blockade: drugs against IL-6, and drugs of the cohort's own rules, from the time of infection on. who: gets
            them, EVERYONE or ADMITTED. severity: reach from which on they get them.
        infection_death: factor on death from the infection for those who get the blockade. serious_infection: share of
            them who have a serious infection by it, each time.
        scan_every: time between scans [h]; 0: none. scans_after: times of extra scans after an infection [h].
    """

    vaccinated: float = 0.0
    before: float = 1440.0
    antiviral: float = 0.0
    antivirals: tuple[Antiviral, ...] = ()
    blockade: tuple[Treatment, ...] = ()
    who: str = EVERYONE
    severity: float = 0.0
    infection_death: float = 1.0
    serious_infection: float = 0.0
    scan_every: float = 0.0
    scans_after: tuple[float, ...] = ()


@dataclass(frozen=True)
class Policy:
    """Another way of care, compared with the usual one."""

    name: str
    title: str
    care: Care


@dataclass(frozen=True)
class Cohort:
    """A cohort.

    Attributes:
        name, title, story, expect: for people. patients: how many. follow_up: [h]. seed: of chance.
        age: [years]. female: share of the patients. comorbidity: other diseases of a patient.
        burden: dormant cells at diagnosis. since_diagnosis: [h]. immunity: strength of T cells at the usual age, 1 is
            usual.
        viruses: name and share of the patients. variant: of SARS-CoV-2. dose: relative to that of the virus. reach:
            share of the lung that an infection reaches at the usual age, without other diseases. admission: reach from
            which on a patient is admitted.
        occasions: when they may be infected. care: usual care. policies: others.
        scan_sees: least diameter [um]; sensitivity: chance that a scan shows what it could see.
        disease: what becomes of proliferating cells. death: risks of death. hosts: what age and other diseases change.
        sections: that stand for the lung reached. scenario: host, section and parameters.
        other_viruses: by name, those other than that of the scenario where they are not the usual ones of the host.
        text: of a file that gives this very cohort again.
    """

    name: str
    title: str
    story: str
    expect: str
    patients: int
    follow_up: float
    seed: int
    age: Distribution
    female: float
    comorbidity: Distribution
    burden: Distribution
    since_diagnosis: Distribution
    immunity: Distribution
    viruses: tuple[tuple[str, float], ...]
    variant: str
    dose: Distribution
    reach: Distribution
    admission: float
    occasions: tuple[Occasion, ...]
    care: Care
    policies: tuple[Policy, ...]
    scan_sees: float
    sensitivity: float
    disease: Disease
    death: Death
    hosts: Host
    sections: int = 1
    scenario: Scenario = field(default_factory=Scenario)
    other_viruses: tuple[tuple[str, Virus], ...] = ()
    text: str = field(default="", compare=False, repr=False)

    def virus(self, name: str) -> Virus:
        """The parameters of a virus."""
        if name == self.scenario.virus:
            return self.scenario.parameters.virus
        return dict(self.other_viruses).get(name, VIRUSES[name, self.scenario.host])

    @property
    def hours(self) -> int:
        """Follow-up in whole hours."""
        return round(self.follow_up)
