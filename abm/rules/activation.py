"""Alarm and activation of macrophages and neutrophils, and what they eat."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import Quantity
from abm.rules.response import hill


class Activation(NamedTuple):
    """Innate alarm."""

    alarm_rise: Annotated[
        float,
        Quantity(
            "time constant with which alarm follows its stimulus up",
            "h",
            0.5,
            48.0,
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 1.65
    alarm_fall: Annotated[
        float,
        Quantity(
            "time constant with which alarm falls",
            "h",
            2.0,
            96.0,
            "lavage IL-6 halves in 14-16 h after day 7 (Jhutty 2022), far slower than it decays; "
            "fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 28.1
    switch: Annotated[
        float,
        Quantity(
            "CD206+ to MHCII+ at full alarm",
            "1/h",
            0.02,
            0.2,
            "up early (Chia 2025); fitted to mice (Jhutty 2022)",
            "fitted",
        ),
    ] = 0.0217
    switch_back: Annotated[
        float,
        Quantity(
            "mean time from MHCII+ back to CD206+ without alarm",
            "h",
            120.0,
            960.0,
            "CD206+ low from day 6 to 28 (Chia 2025)",
            "assumed",
        ),
    ] = 480.0
    eating: Annotated[
        float, Quantity("dead cells a macrophage on them clears", "1/h", 0.1, 20.0, "assumed; pc4covid 10/h", "assumed")
    ] = 1.6
    neutrophil_eating: Annotated[
        float, Quantity("dead cells a neutrophil on them clears", "1/h", 0.0, 14.0, "assumed; pc4covid 7/h", "assumed")
    ] = 1.0
    net_release: Annotated[
        float,
        Quantity(
            "NET release of a fully alarmed neutrophil",
            "1/h",
            0.0,
            0.2,
            "assumed; sign: NETs wake dormant cells (Albrengues 2018, doi:10.1126/science.aao4227)",
            "assumed",
        ),
    ] = 0.02


@compiled
def stimulus(virions: float, on_debris: bool, sentinel_virions: float) -> float:
    """What alarms a phagocyte where it stands, in [0, 1]: dead or infected cells, or free virions on the site."""
    if on_debris:
        return 1.0
    return hill(virions, sentinel_virions, 1.0)


@compiled
def activation_time(activation: float, target: float, p: Activation) -> float:
    """Time constant [h] of the alarm on its way to `target`."""
    return p.alarm_rise if target > activation else p.alarm_fall


@compiled
def polarization_rate(activation: float, p: Activation) -> float:
    """Hazard [1/h] that a CD206+ macrophage turns MHCII+."""
    return p.switch * activation


@compiled
def depolarization_rate(activation: float, p: Activation) -> float:
    """Hazard [1/h] that an MHCII+ macrophage turns CD206+ again."""
    return (1.0 - activation) / p.switch_back
