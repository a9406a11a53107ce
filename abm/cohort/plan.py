"""A cohort as plain data: patients, infections, care and policies."""

from __future__ import annotations

import math
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
USUAL_TITLES = {"no infection": "No infection", "infection": "Infection, usual care"}  # arms of every cohort
COVID = "SARS-CoV-2"  # of which the registries are
KINDS = {"fixed": ("value",), "uniform": ("low", "high"), "normal": ("mean", "sd"), "log-normal": ("median", "spread")}


@dataclass(frozen=True)
class Distribution:
    """Distribution of a number over patients, truncated at `low` and `high`.

    Attributes:
        kind: one of KINDS. first, second: value; mean and standard deviation; median and the factor that corresponds to
            one standard deviation of the logarithm. source, confidence: of the numbers.
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
        """Number of standard deviations of a value above the center."""
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
    """An exposure: a time at which patients may catch the virus.

    Attributes:
        time: distribution of the first one [h]. attack: share of the patients infected each time. every: time
            between exposures [h]; 0: only one.
    """

    time: Distribution
    attack: float = 1.0
    every: float = 0.0


@dataclass(frozen=True)
class Care:
    """Vaccination, treatments and scans of a patient.

    Attributes:
        vaccinated: share of the patients vaccinated. before: time from vaccination to the first infection [h].
        antiviral: share of the infections treated. antivirals: with times from the infection on.
        blockade: drugs against IL-6, and drugs of the cohort's own rules, with times from the infection on. who:
            receives them, EVERYONE or ADMITTED. severity: least reach at which patients receive them.
        infection_death: factor on the risk of death from the infection under the blockade. serious_infection: share of
            those treated in whom it causes a serious infection, each time.
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

    @property
    def begins(self) -> float:
        """Time from an infection to the first dose of the blockade [h]; infinite without one."""
        return min((treatment.start for treatment in self.blockade), default=math.inf)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Policy:
    """Care in another arm, compared with usual care."""

    name: str
    title: str
    care: Care


@dataclass(frozen=True)
class Cohort:
    """A cohort.

    Attributes:
        name, title, story, expect: texts. patients: their number. follow_up: [h]. seed: of chance.
        age: [years]. female: share of the patients. comorbidity: number of other diseases of a patient.
        burden: dormant cells at diagnosis. since_diagnosis: [h]. immunity: strength of T cells at the usual age, 1 is
            usual.
        viruses: name and share of the patients. variant: of SARS-CoV-2. dose: relative to that of the virus. reach:
            share of the lung that an infection reaches at the usual age, without other diseases. admission: least
            reach at which a patient is admitted.
        occasions: exposures. care: usual care. policies: care in other arms.
        scan_sees: smallest detectable diameter [um]; sensitivity: probability that a scan shows a detectable lesion.
        disease: growth and detection of lesions. death: risks of death. hosts: effects of age and other diseases.
        sections: number that represents the lung reached. scenario: host, section and parameters.
        other_viruses: parameters by name, of further viruses that differ from the usual ones of the host.
        text: of a file that defines this cohort.
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
