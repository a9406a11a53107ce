"""The lymph node: antigen primes naive T cells, which divide and leave after a delay; antibody follows.

Precursors are few and used up, so the size of the response hardly depends on the virus load but its time does
(*assumed*; CD8 cells set how long infection lasts: Myers 2021, doi:10.7554/eLife.68864). The delay is a chain of
`STAGES` equal stages, which gives an Erlang distributed time to arrival. There are many of them, because T cells come
as one wave: at rest on day 5, 47 times as many CD8 cells on day 7 (Jhutty 2022).
"""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.response import hill
from abm.rules.states import EVERY_VIRUS, VirusOfRun

STAGES = 90


@compiled
def priming_rate(infected_share: float, p: Adaptive) -> float:
    """Hazard [1/h] that a naive precursor is primed; infected_share = share of epithelial cells now infected."""
    return p.priming * hill(infected_share, p.half_antigen, 1.0)


@compiled
def arrival_delay(memory: float, p: Adaptive) -> float:
    """Mean time [h] from priming to arrival; memory in [0, 1] shortens it to the recall delay."""
    return p.delay + (p.recall_delay - p.delay) * memory


@compiled
def response_size(memory: float, p: Adaptive) -> float:
    """Size of the response relative to a first one; memory in [0, 1]."""
    return 1.0 + (p.recall_gain - 1.0) * memory


@compiled
def helped(without: float, cd4_left: float) -> float:
    """Share made of what CD4 cells help to make, in [0, 1].

    without: share made without their help; cd4_left: share of CD4 cells left in the body.
    """
    return without + (1.0 - without) * cd4_left


@compiled
def with_cross_reaction(own: float, other: float, share: float) -> float:
    """Memory or antibody that acts on a virus, in [0, 1]: its own, and this share of that against the other virus."""
    return min(1.0, own + share * other)


@compiled
def viruses_recognized(others: float, first: float, second: float, chance: float, crosses: bool) -> int:
    """Viruses whose infected cells a T cell that arrives recognizes, one bit for each `VirusOfRun`.

    A cell that the lymph node did not send is taken to recognize every virus (*assumed*: a few memory cells of any).

    Args:
        others: expected arrivals of cells that the lymph node did not send.
        first: of cells that it sent against the first virus.
        second: of cells that it sent against the second virus.
        chance: drawn in [0, 1), which decides between them.
        crosses: whether a cell sent against one virus recognizes the other as well.
    """
    sent = first + second
    drawn = chance * (others + sent) - others
    if drawn < 0.0 or sent == 0.0 or crosses:
        return EVERY_VIRUS
    more_of_first = first >= second
    is_first = (drawn < (first if more_of_first else second)) == more_of_first
    return 1 << VirusOfRun.FIRST.value if is_first else 1 << VirusOfRun.SECOND.value


@compiled
def unbound_antibody(antibody: float, virions: float, p: Adaptive) -> float:
    """Share of the full antibody level that is left to neutralize where virions [virion/mm2] take it up."""
    return antibody / (1.0 + virions / p.antibody_excess)


@compiled
def infectivity_left(vaccinated: float, p: Adaptive) -> float:
    """Share of the infectivity of virus left in a vaccinated host; vaccinated: share of full protection, in [0, 1]."""
    return 1.0 - p.vaccine_protection * vaccinated


@parameter_group
class Adaptive(NamedTuple):
    """Lymph node and antibody; how many T cells it sends stands with these (`abm.rules.cells`)."""

    half_antigen: float = param(0.00597, "", 1e-4, 0.5).fitted(
        "share of the epithelium infected that half-saturates priming", "fitted to mice [Jhutty 2022]"
    )
    priming: float = param(0.19, "1/h", 0.005, 0.5).fitted(
        "priming of naive precursors at full antigen", "fitted to mice [Jhutty 2022]"
    )
    delay: float = param(117.0, "h", 48.0, 240.0).fitted(
        "mean time from priming to arrival in the lung",
        "CD8 cells still at rest on day 5 [Jhutty 2022]; fitted to these mice",
    )
    recall_delay: float = param(61.0, "h", 24.0, 120.0).assumed(
        "time from antigen to the recall response of memory cells",
        "assumed: 56 h before a first response; sign: [Flynn 1998]",
    )
    recall_gain: float = param(3.0, "", 1.0, 10.0).assumed("size of a recall response over a first one", "assumed: 3")
    pool_recovery: float = param(504.0, "h", 120.0, 2400.0).assumed("time constant of refilling the precursor pool")
    antibody_delay: float = param(215.0, "h", 72.0, 336.0).fitted(
        "mean time from priming to antibody in the lung", "fitted to mice [Jhutty 2022]"
    )
    antibody_life: float = param(4320.0, "h", 240.0, 20000.0).assumed(
        "mean life of the antibody response", "assumed: months"
    )
    antibody_without_cd4: float = param(0.2, "", 0.0, 1.0).assumed(
        "antibody made without CD4 cells",
        "assumed; sign: mice without CD4 cells clear the last virus late [Belz 2002]; IgM is made without help",
    )
    memory_without_cd4: float = param(0.4, "", 0.0, 1.0).assumed(
        "T-cell memory made without CD4 cells",
        "assumed; sign: as many CD8 cells in a first infection, a smaller memory pool [Belz 2002]",
    )
    antibody_excess: float = param(1e5, "virion/mm^2", 1e3, 1e8).assumed(
        "virions that take up half of the full antibody", "assumed; sign: a larger dose overcomes immunity"
    )
    cross_reaction: float = param(0.0, "", 0.0, 1.0).assumed(
        "share of the T cells against one virus of a run that recognize the other as well",
        "assumed: none between unrelated viruses; sign where it is more: memory of one virus changes the response to "
        "another in the lung [Chen 2001]",
    )
    cross_neutralization: float = param(0.0, "", 0.0, 1.0).assumed(
        "share of the antibody against one virus of a run that neutralizes the other", "assumed: none"
    )
    vaccine_protection: float = param(0.7, "", 0.0, 1.0).assumed(
        "fall of infectivity in a vaccinated host", "assumed: b x 0.3"
    )
