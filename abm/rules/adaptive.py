"""The lymph node: antigen primes naive T cells, which divide and leave after a delay; antibody follows.

Precursors are few and used up, so the size of the response hardly depends on the virus load but its time does
(*assumed*; CD8 cells set how long infection lasts: Myers 2021, doi:10.7554/eLife.68864). The delay is a chain of
`STAGES` equal stages, which gives an Erlang distributed time to arrival. There are many of them, because T cells come
as one wave: at rest on day 5, 47 times as many CD8 cells on day 7 (Jhutty 2022).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import Quantity
from abm.rules.response import hill

STAGES = 90


class Adaptive(NamedTuple):
    """Lymph node, T-cell output and antibody."""

    half_antigen: Annotated[
        float,
        Quantity(
            "share of the epithelium infected that half-saturates priming",
            "",
            1e-4,
            0.5,
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.0263
    priming: Annotated[
        float,
        Quantity(
            "priming of naive precursors at full antigen",
            "1/h",
            0.005,
            0.5,
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.207
    delay: Annotated[
        float,
        Quantity(
            "mean time from priming to arrival in the lung",
            "h",
            48.0,
            240.0,
            "CD8 cells still at rest on day 5 (Jhutty 2022); fitted to these mice",
            "fitted",
        ),
    ] = 123.0
    recall_delay: Annotated[
        float,
        Quantity("the same for memory cells", "h", 24.0, 120.0, "assumed; sign: Flynn 1998", "assumed"),
    ] = 55.0
    cd8_output: Annotated[
        float,
        Quantity(
            "CD8 cells sent to the lung per response",
            "cell/mm^2",
            0.0,
            1000.0,
            "computed: peak 101/mm2 on day 9 (Jhutty 2022); fitted to these mice",
            "fitted",
        ),
    ] = 110.0
    cd4_output: Annotated[
        float,
        Quantity(
            "CD4 cells sent to the lung per response",
            "cell/mm^2",
            0.0,
            1000.0,
            "computed: peak 45/mm2 on day 9 (Jhutty 2022); fitted to these mice",
            "fitted",
        ),
    ] = 51.8
    recall_gain: Annotated[
        float, Quantity("size of a recall response over a first one", "", 1.0, 10.0, "assumed: 3", "assumed")
    ] = 3.0
    pool_recovery: Annotated[
        float, Quantity("time constant of refilling the precursor pool", "h", 120.0, 2400.0, "assumed", "assumed")
    ] = 504.0
    antibody_delay: Annotated[
        float,
        Quantity(
            "mean time from priming to antibody in the lung",
            "h",
            72.0,
            336.0,
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 123.0
    antibody_life: Annotated[
        float, Quantity("mean life of the antibody response", "h", 240.0, 20000.0, "assumed: months", "assumed")
    ] = 4320.0
    vaccine_protection: Annotated[
        float, Quantity("fall of infectivity in a vaccinated host", "", 0.0, 1.0, "assumed: b x 0.3", "assumed")
    ] = 0.7


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
