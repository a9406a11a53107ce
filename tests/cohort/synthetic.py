"""Tables of cohorts made from known laws, so that the truth that statistics should find is known."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from abm.cohort.analysis import Tables

MONTHS = 52.0
VISIBLE = {"no infection": 0.004, "infection": 0.008, "policy": 0.005}  # hazards per month of a visible lesion


@dataclass
class Law:
    """Constant hazards, per month.

    visible: of a visible lesion, by arm. scans: months between them, or these by arm; 0: none. spread: of the logarithm
    of a patient's factor on hazards. symptoms: hazard of symptoms of a visible lesion. twins: whether arms have the
    same dice. deaths: hazards by arm and cause, besides cancer. delay: mean months from a finding to death from cancer.
    """

    visible: dict = field(default_factory=lambda: dict(VISIBLE))
    scans: float | dict = 12.0
    spread: float = 0.0
    symptoms: float = 0.0
    twins: bool = True
    deaths: dict = field(default_factory=dict)
    delay: float = 18.0


def made(patients=200, turns=4, seed=1, **law):
    """A cohort under a law."""
    rng, law = np.random.default_rng(seed), Law(**law)
    people = people_of(patients, rng)
    factor = np.exp(law.spread * rng.normal(size=(patients, 1)))
    dice = dice_of(rng, (patients, turns))
    frames = []
    for arm, hazard in law.visible.items():
        dice = dice if law.twins else dice_of(rng, (patients, turns))
        frames.append(followed(law, arm, dice["visible"] / (hazard * factor), dice))
    return Tables(people, pd.concat(frames, ignore_index=True), MONTHS)


def dice_of(rng, shape):
    """Exponential draws for everything that happens."""
    names = ("visible", "symptoms", "cancer", "infection", "treatment", "other", "harm")
    return {name: rng.exponential(size=shape) for name in names}


def followed(law, arm, appears, dice):
    """One arm, from the months at which lesions become visible."""
    shape, scan = appears.shape, law.scans[arm] if isinstance(law.scans, dict) else law.scans
    rates = {"infection": 0.0, "treatment": 0.0, "other": 0.0} | law.deaths.get(arm, {})
    with np.errstate(divide="ignore"):
        others = {name: dice[name] / np.asarray(rate) for name, rate in rates.items()}
        felt = appears + dice["symptoms"] / np.asarray(law.symptoms)
    scanned = np.ceil(appears / scan) * scan if scan else np.full(shape, np.inf)
    found = np.minimum(scanned, felt)
    times = np.stack([found + law.delay * dice["cancer"], *others.values()])
    died, which = times.min(axis=0), times.argmin(axis=0)
    is_found = (found <= MONTHS) & (found < died)
    by_scan = is_found & (scanned <= felt)
    clear = np.where(by_scan, found - scan, np.floor(found / (scan or np.inf)) * scan)
    alive = died > MONTHS
    number, turn = (part.ravel() for part in np.indices(shape))
    cause = np.where(alive, None, np.array(["cancer", *others])[which])
    recorded = np.where((cause == "infection") & (dice["harm"] < 0.5), "cancer", cause)
    columns = {
        "escaped": appears - 20.0, "occult": 0, "lesions": 1, "visible": np.where(appears <= MONTHS, appears, np.nan),
        "last_clear": np.where(is_found, clear, np.nan), "found": np.where(is_found, found, np.nan), "by_scan": by_scan,
        "size": np.where(is_found, 6.0, np.nan), "died": np.where(alive, np.nan, died), "cause": cause,
        "recorded": recorded, "harmed": (dice["harm"] < 0.05) & (arm == "policy"),
        "scans": np.floor(np.minimum(died, MONTHS) / scan) if scan else 0 * appears,
    }  # fmt: skip
    return pd.DataFrame({"number": number + 1, "arm": arm, "turn": turn} | {k: _flat(v) for k, v in columns.items()})


def _flat(values):
    return values.ravel() if isinstance(values, np.ndarray) else values


def people_of(count, rng, first=None):
    """Patients with traits drawn independently."""
    admitted = rng.random(count) < 0.15
    return pd.DataFrame({
        "age": rng.normal(66.0, 9.0, count).round(1), "female": True, "comorbidity": rng.poisson(1.2, count) * 1.0,
        "burden": rng.lognormal(7.6, 1.0, count), "since_diagnosis": rng.uniform(5.0, 15.0, count),
        "immunity": rng.lognormal(0.0, 0.3, count), "virus": "SARS-CoV-2", "variant": "wild type",
        "dose": rng.lognormal(0.0, 0.6, count), "reach": np.where(admitted, 0.2, 0.02) * rng.lognormal(0.0, 0.5, count),
        "infections": 1, "first_infection": rng.uniform(0.0, 12.0, count) if first is None else first,
        "growth": rng.lognormal(-2.9, 0.5, count), "loss": 0.01, "admitted": admitted,
        "vaccinated": rng.random(count) < 0.4, "treated": rng.random(count) < 0.1,
        "exposures": rng.poisson(1, count) + 1,
    }, index=pd.RangeIndex(1, count + 1, name="number"))  # fmt: skip


def tables(found, months=MONTHS, first=0.0, died=None):
    """A cohort of one turn from months of finding by arm, None where nothing is found; nobody dies unless stated."""
    count = len(next(iter(found.values())))
    people = people_of(count, np.random.default_rng(0), first)
    people["reach"], people["burden"] = np.linspace(0, 1, count), 1.0
    frames = []
    for arm, times in found.items():
        when = pd.Series((died or {}).get(arm, [None] * count), dtype=float)
        cause = when.map(lambda month: None if np.isnan(month) else "cancer").astype(object)
        frames.append(pd.DataFrame({
            "number": np.arange(1, count + 1), "arm": arm, "turn": 0, "found": pd.Series(times, dtype=float),
            "died": when, "cause": cause, "recorded": cause, "by_scan": True, "harmed": False, "scans": 4.0,
            "last_clear": np.where(pd.Series(times, dtype=float).isna(), np.nan, 0.0),
        }))  # fmt: skip
    return Tables(people, pd.concat(frames, ignore_index=True), months)
