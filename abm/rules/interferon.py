"""Type I interferon protects the epithelium; infected cells and activated macrophages secrete it."""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.response import hill


@compiled
def response(interferon: float, signal: float, p: Interferon) -> float:
    """Share of the full interferon response, in [0, 1]; interferon in ng/mL, signal = share a drug leaves."""
    return signal * hill(interferon, p.half_response, p.power)


@compiled
def refractory_hazard(response_share: float, p: Interferon) -> float:
    """Hazard [1/h] that a healthy cell becomes refractory."""
    return p.refractory_rate * response_share


@compiled
def return_hazard(response_share: float, p: Interferon) -> float:
    """Hazard [1/h] that a refractory cell becomes susceptible again; none while the response is full."""
    return (1.0 - response_share) / p.refractory_time


@parameter_group
class Interferon(NamedTuple):
    """What type I interferon does to epithelial cells; its field is that of a substance (`abm.rules.substances`)."""

    half_response: float = param(0.135, "ng/mL", 0.01, 10.0).fitted(
        "interferon for half of the full protection", "fitted to mice [Jhutty 2022]"
    )
    power: float = param(1.94, "", 1.0, 4.0).fitted("Hill power of the response", "fitted to mice [Jhutty 2022]")
    release_blunting: float = param(0.9, "", 0.0, 0.975).peer(
        "fall of virion release at full response", "[SIMCoV] x 0.05-0.15; [pc4covid] 0.975"
    )
    infection_blunting: float = param(0.2, "", 0.0, 0.5).peer(
        "fall of infectivity at full response", "[SIMCoV] x 0.7-0.9"
    )
    refractory_rate: float = param(0.00109, "1/h", 0.0, 1.0).fitted(
        "rate at which a healthy cell turns refractory at full response", "fitted to mice [Jhutty 2022]"
    )
    refractory_time: float = param(168.0, "h", 24.0, 720.0).assumed(
        "mean time a cell stays refractory without interferon"
    )
