"""Tables of a cohort made up, and the lives of its patients simulated lesion by lesion, apart from the package."""

import numpy as np
import pandas as pd

from abm.cohort.expected.lesion_hazard import DiseaseConstants
from abm.cohort.expected.outcomes import ExpectedCohort
from abm.cohort.expected.outlook import Mortality

HOURS = 730.5
CONSTANTS = DiseaseConstants(
    months=52.0, incidence=0.0155, resting_share=1e-3, still_share=0.3, scans_before=12.0, elsewhere=0.0004
)
STEP = 0.1  # months of the simulated growth
MONTHS = np.arange(0.0, 53.0)


def tables(count=60, seed=1, policies=("policy",), excess=0.2):
    """Patients and courses; the policy's infection adds a third of what the infection adds."""
    rng = np.random.default_rng(seed)
    first = rng.uniform(2.0, 6.0, count)
    first[: count // 10] = np.nan
    patients = pd.DataFrame({
        "number": np.arange(1, count + 1), "burden": 2000.0 * 2.0 ** rng.normal(size=count),
        "since_diagnosis": rng.uniform(5.0, 15.0, count), "reach": rng.uniform(0.05, 0.4, count),
        "growth": 0.1 * np.exp(0.5 * rng.normal(size=count)), "loss": 0.004,
        "infections": np.isfinite(first).astype(int), "first_infection": first,
    })  # fmt: skip
    sizes = excess * np.exp(0.8 * rng.normal(size=count))
    parts = {"no infection": 0.0, "infection": 1.0} | dict.fromkeys(policies, 1.0 / 3.0)
    rows = [
        {"number": number, "arm": arm} | section(at, size * share, 0.004)
        for arm, share in parts.items()
        for number, at, size in zip(patients["number"], first, sizes, strict=True)
    ]
    return patients, pd.DataFrame(rows)


def section(at, size, loss):
    """A section in which an infection adds `size` cell-months per dormant cell over a month, and 1.5 months growth."""
    hours = np.union1d(np.arange(0.0, 52.0 * HOURS, 720.0), [52.0 * HOURS])
    if np.isfinite(at):
        hours = np.union1d(hours, np.arange(at * HOURS, at * HOURS + 1000.0, 6.0))
    months = hours / HOURS
    rise = np.clip(months - at, 0.0, 1.0) if np.isfinite(at) else np.zeros_like(months)
    rest = CONSTANTS.resting_share * -np.expm1(-loss * months) / loss
    return {
        "section_hours": hours, "section_awake_hours": HOURS * (rest + size * rise),
        "section_clones": np.where((rise > 0.0) & (rise < 1.0), 30.0 * (size > 0.0), 0.0),
        "section_gained": HOURS * 1.5 * rise * (size > 0.0), "section_killing": 0.4 * float(size > 0.0),
    }  # fmt: skip


def regular_scans(count, every=12.0, after=()):
    """Months of scans, the same for all patients."""
    return np.tile(np.sort(np.concatenate([np.arange(every, 52.0, every), after])), (count, 1))


def cohort(count=60, seed=1, constants=CONSTANTS, scans=None, **more):
    """The closed form of a made-up cohort."""
    patients, courses = tables(count, seed, **more)
    lethal, risks = lethal_sizes(count), mortality(count)
    arms = list(dict.fromkeys(courses["arm"]))
    given = {arm: regular_scans(count) if scans is None else scans for arm in arms}
    return ExpectedCohort(
        patients, courses, given, {arm: risks[arm != "no infection"] for arm in arms}, lethal, constants
    )


def lethal_sizes(count):
    """Cells of the lesion that kills, from 5 to 9 cm."""
    return np.pi / 6.0 * np.linspace(50.0, 90.0, count)[:, None] ** 3 * 1e6


def mortality(count):
    """Without and with infection."""
    other = np.linspace(0.0005, 0.003, count)[:, None] * MONTHS[None, :]
    return Mortality(np.zeros(count), np.zeros(count), other), Mortality(
        np.linspace(0.0, 0.08, count), np.full(count, 0.01), other
    )


def simulate(made, patients, courses, arm, factors, turns, rng):
    """Months of the first finding and of death, and causes, by growing every lesion: a row per patient and turn."""
    rows = courses[courses["arm"] == arm].reset_index(drop=True)
    return pd.concat([
        _lives(made, (at, patients.iloc[at], rows.iloc[at]), arm, factors, turns, rng) for at in range(len(patients))
    ])  # fmt: skip


def _lives(made, patient, arm, factors, turns, rng):
    at, person, row = patient
    constants, people = made.constants, made.people
    infected = arm != "no infection" and np.isfinite(people.infected_at[at])
    born, cells, inside = _escaped(made, person, row, infected, factors, turns, rng)
    whose = rng.integers(turns, size=born.size)  # a Poisson process split into as many
    gaps = np.full(born.size, np.log(constants.limit)) - np.log(cells)  # ln(K / N)
    sizes = np.log(constants.limit / np.array([constants.visible, constants.symptoms, made.lethal[at, 0]]))
    reached = np.full((3, born.size), np.inf)
    times = np.arange(-people.since[at], constants.months + STEP, STEP)
    gained = np.interp(times, np.asarray(row["section_hours"]) / HOURS, np.asarray(row["section_gained"]) / HOURS)
    killed = False
    for now, extra in zip(times[1:], np.diff(gained), strict=True):
        if infected and not killed and now >= people.infected_at[at]:
            killed = True
            there = inside & (born < now)
            cells = constants.limit * np.exp(-gaps[there])
            outer = 1.0 - np.maximum(0.0, 1.0 - 2.0 / np.maximum(1.0, cells) ** (1.0 / 3.0)) ** 3
            gaps[there] += row["section_killing"] * outer
            gaps[gaps > np.log(constants.limit)] = np.inf  # no cell is left
        grown = np.clip(now - born, 0.0, STEP) + inside * extra * (born < now)
        gaps *= np.exp(-person["growth"] * grown)
        reached[(gaps[None, :] <= sizes[:, None]) & (reached > now)] = now
    reached[1:, rng.random(born.size) < constants.still_share] = np.inf
    visible = np.maximum(-1.0, -reached[0] / constants.scans_before)  # the last scan is at month 0
    scans = np.where(visible >= 0.0, np.floor(visible) + 1.0, 0.0)
    known = (reached[1] <= 0.0) | (rng.random(born.size) >= (1.0 - constants.sensitivity) ** scans)
    first = np.full((3, turns), np.inf)
    for kind in range(3):
        np.minimum.at(first[kind], whose[~known], reached[kind][~known])
    return pd.DataFrame([_ended(made, at, arm, *first[:, turn], rng) for turn in range(turns)],
                        columns=["found", "died", "cause"])  # fmt: skip


def _escaped(made, person, row, infected, factors, turns, rng):
    """Months, cells and place of the lesions of all turns of a patient."""
    constants, since = made.constants, 12.0 * person["since_diagnosis"]
    escape = made.escape(factors.occult) * turns * person["burden"]
    reach = min(1.0, person["reach"] * factors.reach) if infected else 0.0
    fine = np.arange(-since, constants.months, 0.02)
    rate = escape * constants.resting_share * np.exp(-person["loss"] * fine) * 0.02
    born = np.repeat(fine + 0.01, rng.poisson(np.where(fine < 0.0, rate * factors.occult, rate * (1.0 - reach))))
    inside = (born < 0.0) & (rng.random(born.size) < reach)
    cells = np.ones(born.size)
    if infected:
        hours, summed = np.asarray(row["section_hours"]), np.asarray(row["section_awake_hours"]) / HOURS
        grid = np.union1d(hours, np.arange(0.0, 52.0 * HOURS, 20.0))
        rest = constants.resting_share * -np.expm1(-person["loss"] * grid / HOURS) / person["loss"]
        total = rest + factors.expansion * (np.interp(grid, hours, summed) - rest)
        drawn = rng.poisson(np.maximum(0.0, escape * reach * np.diff(total)))
        more = np.repeat(0.5 * (grid[1:] + grid[:-1]), drawn)
        clones = np.asarray(row["section_clones"])
        begin = np.searchsorted(hours, more, side="right") - 1
        born = np.concatenate((born, more / HOURS))
        cells = np.concatenate((cells, np.maximum(1.0, np.maximum(clones[begin], clones[begin + 1]))))
        inside = np.concatenate((inside, np.ones(more.size, dtype=bool)))
    return born, cells, inside


def _ended(made, at, arm, visible, ill, deadly, rng):
    """Scans, and deaths that compete."""
    risks, end = made.mortality[arm], made.constants.months
    found = min([ill, *(s for s in made.scans[arm][at] if s >= visible and rng.random() < made.constants.sensitivity)])
    level, summed = rng.exponential(), risks.other[at]
    later = made.people.infected_at[at] + 0.7
    deaths = {
        "cancer": min(deadly, rng.exponential() / made.constants.elsewhere),
        "other": np.interp(level, summed, MONTHS) if level < summed[-1] else np.inf,
        "infection": later if rng.random() < risks.infection[at] else np.inf,
        "treatment": later if rng.random() < risks.treatment[at] else np.inf,
    }  # fmt: skip
    cause = min(deaths, key=deaths.get)
    died = deaths[cause]
    kept = found < end and found <= died
    return (found if kept else np.nan), (died if died <= end else np.nan), (cause if died <= end else None)
