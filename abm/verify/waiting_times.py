"""Waiting times: the draws themselves, and the times that cells of the model take, against their laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import stats

from abm.core.chance import erlang, poisson, waiting_time
from abm.core.compiled import compiled
from abm.core.quantity import replaced
from abm.model.lung_model import LungModel
from abm.rules.cells import CellKind
from abm.rules.parameters import Parameters
from abm.rules.states import EpithelialState
from abm.scenario.scenario import Scenario
from abm.treatments.treatments import Infection
from abm.verify.check import FIXED, Check, CheckPanel, Curve, Finding, check, p_value

COUNT = 200_000
BINS = 30
STEP = 1 / 6  # h
HOUR = 1.0
TINY = 1e-6  # h, more than rounding
LONGEST = 10_000  # steps
LIVED = 240.0  # h, in which nearly all infected cells have lived their time
SHAPES = ((3.0, 1), (34.0, 4), (6.0, 30))  # mean [h] and stages
MEANS = (0.3, 4.0, 60.0, 800.0)  # of Poisson counts; the last is drawn in two pieces
NEXT_REACTION, KOLMOGOROV = "doi:10.1063/1.2799998", "doi:10.1080/01621459.1951.10500769"
PEARSON = "doi:10.1080/14786440009463897"
NOBODY = {f"cells.{kind.key}.{name}": 0.0 for kind in CellKind for name in ("resting_density", "peak_influx")}
Law = Callable[[np.ndarray], np.ndarray]  # hours to the chance that it has happened


@compiled
def waits(count: int) -> np.ndarray:
    """Exponential waiting times of mean 1 of a number of cells."""
    times = np.empty(count)
    for number in range(count):
        times[number] = waiting_time(1, 20, number, 3)
    return times


@compiled
def stage_times(count: int, mean: float, shape: float) -> np.ndarray:
    """Erlang waiting times [h] of a number of cells."""
    times = np.empty(count)
    for number in range(count):
        times[number] = erlang(mean, shape, 1, 5, number, 3)
    return times


@compiled
def arrivals(count: int, mean: float) -> np.ndarray:
    """Poisson counts at a number of addresses."""
    counts = np.empty(count, dtype=np.int64)
    for number in range(count):
        counts[number] = poisson(mean, 1, 12, number, 3)
    return counts


def still(changes: dict[str, float], scenario: Scenario) -> Scenario:
    """A scenario with these parameters, by dotted name, and without leukocytes."""
    parameters = Parameters()
    for name, value in (NOBODY | changes).items():
        parameters = replaced(parameters, name, value)
    return replace(scenario, layout="sheet", snapshots=(), record_every=24.0, parameters=parameters)


def p_of_ticks(ticks: np.ndarray, cells: int, law: Law, step: float = STEP) -> float:
    """The p of a law of waiting times, where only the step is seen in which they ended (chi-square, exact).

    ticks: whole steps [h], rounded up, of those that ended; cells: how many waited.
    """
    chances = law(np.arange(1, LONGEST) * step)
    edges = np.unique(1 + np.searchsorted(chances, np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    expected = np.diff(law(np.concatenate([[0.0], edges * step, [np.inf]]))) * cells
    inside = np.histogram(ticks, np.concatenate([[-np.inf], edges + 0.5, [np.inf]]))[0]
    inside[-1] += cells - ticks.size
    return float(stats.chisquare(inside, expected).pvalue)


def nearest(law: Law) -> Law:
    """A law of waiting times that end at the nearest end of a step, as one of those that are rounded up."""
    return lambda hours: np.where(hours > 0.0, law(hours + 0.5 * STEP), 0.0)


def waiting_panel(title: str, hours: np.ndarray, law: Law) -> CheckPanel:
    """The share that still waits, over time."""
    longest = float(np.quantile(hours, 0.999))
    at = np.linspace(0.0, longest, 60)
    if longest > 60 * STEP:  # at the ends of steps, where it does not matter that the model sees whole steps only
        at = np.unique(np.rint(at / STEP)) * STEP
    seen = 1.0 - np.searchsorted(np.sort(hours), at + 1e-9, side="right") / hours.size
    curves = (Curve("cells", at, seen, "dots"), Curve("law", at, 1.0 - law(at), "law", 1))
    return CheckPanel(title, "h", "share still waiting", curves)


def draws() -> Finding:
    """Exponential, Erlang and Poisson draws follow their laws."""
    times = waits(COUNT)
    measured = [p_value("exponential", float(stats.kstest(times, "expon").pvalue), 8)]
    panels = [waiting_panel("Exponential, mean 1", times, stats.expon.cdf)]
    for mean, shape in SHAPES:
        law = stats.gamma(shape, scale=mean / shape).cdf
        times = stage_times(COUNT, mean, float(shape))
        measured.append(p_value(f"Erlang, {shape} stages", float(stats.kstest(times, law).pvalue), 8))
        panels.append(waiting_panel(f"Erlang, mean {mean:g} h, stages: {shape}", times, law))
    for mean in MEANS:
        counts, law = arrivals(COUNT, mean), stats.poisson(mean)
        inner = np.unique(law.ppf(np.linspace(0.02, 0.98, BINS)))
        expected = np.diff(np.concatenate([[0.0], law.cdf(inner), [1.0]])) * COUNT
        seen = np.histogram(counts, np.concatenate([[-np.inf], inner + 0.5, [np.inf]]))[0]
        kept = expected > 0.0
        p = float(stats.chisquare(seen[kept], expected[kept]).pvalue)
        measured.append(p_value(f"Poisson, mean {mean:g}", p, 8))
    return Finding(
        claim="Waiting times and counts follow the distributions that they are named after.",
        law="exponential: 1 - exp(-t); Erlang: the sum of n such times; Poisson counts",
        source=f"{KOLMOGOROV}; {PEARSON}",
        measured=tuple(measured),
        why=f"Kolmogorov-Smirnov for times, chi-square for counts, 200,000 draws each. {FIXED}",
        panels=tuple(panels),
    )  # fmt: skip


def cancer_times() -> Finding:
    """Cells of the model awaken and divide at times that follow the laws."""
    rate, p = 0.05, Parameters().dormancy
    seeds = Scenario(width=1200.0, height=1200.0, duration=120.0)
    quiet = {"dormancy.founders": 4000.0, "dormancy.awakening": 0.0, "dormancy.dormant_death": 0.0}
    quiet |= {"dormancy.proliferating_death": 0.0, "dormancy.return_rate": 0.0, "dormancy.cycling_without_signal": 1.0}
    waking = still(quiet | {"dormancy.spontaneous_awakening": rate, "dormancy.cycle_time": 1e6}, seeds)
    events = LungModel(waking, seed=1, checked=False).run().events
    awoke = events.loc[events["kind"] == "awakening", "hour"].to_numpy()
    dividing = still(quiet | {"dormancy.spontaneous_awakening": 100.0, "dormancy.founders": 1500.0}, seeds)
    events = LungModel(replace(dividing, duration=3.0 * p.cycle_time), seed=2, checked=False).run().events
    begun = events[events["kind"] == "awakening"].set_index("uid")["hour"]
    first = events[events["kind"] == "birth"].groupby("parent")["hour"].first()
    took = (first - begun).dropna().to_numpy()
    laws: tuple[Law, Law] = (
        stats.expon(scale=1.0 / rate).cdf, stats.gamma(int(p.cycle_shape), scale=p.cycle_time / int(p.cycle_shape)).cdf,
    )  # fmt: skip
    measured = (
        # An awakening is logged with the time at which its step begins; tissue at rest notices it at a whole hour.
        p_value("awakening", p_of_ticks(np.ceil(awoke + STEP - TINY), 4000, laws[0], HOUR), 2),
        p_value("first division", p_of_ticks(np.rint(took / STEP), 1500, laws[1]), 2),
    )
    return Finding(
        claim="In the whole model, cells awaken and divide at times that follow the distributions of their rules.",
        law=f"awakening at a steady hazard of {rate:g} /h: exponential; cell cycle at full speed: Erlang, "
        f"mean {p.cycle_time:g} h, {p.cycle_shape:g} stages",
        source=NEXT_REACTION, measured=measured, why=f"Chi-square over the hours or steps of the events. {FIXED}",
        panels=(
            waiting_panel("Awakening, 4,000 cells", awoke + STEP, laws[0]),
            waiting_panel("First division, 1,500 cells", took, laws[1]),
        ),
    )  # fmt: skip


def infection_ticks(seed: int) -> np.ndarray:
    """Steps from infection to expression and to apoptosis of every epithelial cell of a section: int64[cells, 2]."""
    flood = {"virus.arrival_time": STEP, "virus.infectivity": 6.0, "interferon.refractory_rate": 0.0}
    flood |= {"cells.cd8.node_output": 0.0}  # nobody comes to kill them
    base = Scenario(width=3200.0, height=3200.0, duration=LIVED, infections=(Infection(dose=1000.0),))
    model = LungModel(still(flood, base), seed=seed, checked=False)
    since = np.full((model.tissue.states.size, 3), -1, dtype=np.int64)
    while model.tick < model.ticks:
        model.run_until(model.tick + 1)
        for column, state in enumerate(
            (EpithelialState.ECLIPSE, EpithelialState.EXPRESSING, EpithelialState.APOPTOTIC)
        ):
            since[(model.tissue.states >= state) & (since[:, column] < 0), column] = model.tick  # may be past it
    return since[since[:, 0] >= 0, 1:] - since[since[:, 0] >= 0, :1]


def infection_times() -> Finding:
    """Infected cells of the model stay in eclipse, and make virus, as long as the laws say."""
    ticks, p = infection_ticks(1), Parameters().virus
    eclipse = stats.gamma(int(p.eclipse_shape), scale=p.eclipse_time / int(p.eclipse_shape))
    expressing = stats.gamma(int(p.expressing_shape), scale=p.expressing_time / int(p.expressing_shape))
    fine = np.arange(0.0, 400.0, 0.02)
    both = np.cumsum(np.convolve(eclipse.pdf(fine), expressing.pdf(fine))[: fine.size]) * 0.02**2
    laws: tuple[Law, Law] = (eclipse.cdf, lambda hours: np.interp(hours, fine + 0.01, both, right=1.0))
    ended = [column[column >= 0] for column in ticks.T]
    measured = tuple(
        p_value(name, p_of_ticks(some, ticks.shape[0], nearest(law)), 2)
        for name, some, law in zip(("eclipse", "eclipse and virus-producing life"), ended, laws, strict=True)
    )
    titles = ("Eclipse", "Eclipse and virus-producing life")
    return Finding(
        claim="In the whole model, epithelial cells stay infected for times that follow the distributions of their "
        "rules.",
        law=f"Erlang: eclipse {p.eclipse_time:g} h in {p.eclipse_shape:g} stages, then {p.expressing_time:g} h in "
        f"{int(p.expressing_shape)}; the sum is their convolution",
        source="doi:10.3389/fmicb.2018.01554",
        measured=measured,
        why=f"Chi-square over the steps of the events. {FIXED}",
        panels=tuple(
            waiting_panel(f"{title}, {ticks.shape[0]:,} cells", some * STEP, law)
            for title, some, law in zip(titles, ended, laws, strict=True)
        ),
    )


CHECKS: tuple[Check, ...] = (
    check("draws", "waiting times", "Draws compared with their distributions", draws),
    check("cancer-times", "waiting times", "Awakening and division in the model", cancer_times),
    check("infection-times", "waiting times", "Eclipse and virus-producing life in the model", infection_times),
)
