"""Type I interferon: made by infected cells and alarmed macrophages, protects the epithelium."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import Quantity
from abm.rules.response import hill


class Interferon(NamedTuple):
    """Type I interferon field and what it does to epithelial cells."""

    diffusion: Annotated[
        float, Quantity("diffusion coefficient", "um^2/h", 54.0, 36000.0, "pc4covid 25 um2/min", "peer")
    ] = 1500.0
    loss: Annotated[float, Quantity("loss", "1/h", 0.6, 3.5, "pc4covid 0.0102/min; CC3D 3.48/h", "peer")] = 0.61
    delay: Annotated[
        float,
        Quantity(
            "time from infection to secretion",
            "h",
            4.0,
            12.0,
            "mouse H1N1 signal climbs 0.5-1 d; fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 4.25
    epithelial_secretion: Annotated[
        float,
        Quantity(
            "secretion of an infected epithelial cell",
            "molecules/cell/s",
            0.01,
            10.0,
            "computed from lavage IFN-beta 174 pg/mL on day 5 (Jhutty 2022); fitted to these mice",
            "fitted",
        ),
    ] = 0.0232
    macrophage_secretion: Annotated[
        float,
        Quantity(
            "secretion of an MHCII+ macrophage",
            "molecules/cell/s",
            0.0,
            50.0,
            "computed: lavage IFN-beta stays high after the virus has gone (Jhutty 2022); fitted to these mice",
            "fitted",
        ),
    ] = 2.97
    half_response: Annotated[
        float,
        Quantity(
            "interferon for half of the full protection",
            "ng/mL",
            0.01,
            10.0,
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.0599
    power: Annotated[
        float,
        Quantity("Hill power of the response", "", 1.0, 4.0, "fitted to mice (Jhutty 2022)", "fitted"),
    ] = 2.14
    release_blunting: Annotated[
        float,
        Quantity(
            "fall of virion release at full response", "", 0.0, 0.975, "SIMCoV x 0.05-0.15; pc4covid 0.975", "peer"
        ),
    ] = 0.9
    infection_blunting: Annotated[
        float, Quantity("fall of infectivity at full response", "", 0.0, 0.5, "SIMCoV x 0.7-0.9", "peer")
    ] = 0.2
    refractory_rate: Annotated[
        float,
        Quantity(
            "rate at which a healthy cell turns refractory at full response",
            "1/h",
            0.0,
            1.0,
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.00221
    refractory_time: Annotated[
        float, Quantity("mean time a cell stays refractory without interferon", "h", 24.0, 720.0, "assumed", "assumed")
    ] = 168.0


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
