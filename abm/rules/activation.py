"""Activation of innate cells and fibroblasts, polarization of macrophages, release of NETs."""

from __future__ import annotations

from typing import NamedTuple

from abm.core.compiled import compiled
from abm.core.quantity import param, parameter_group
from abm.rules.response import exp_neg_approx, hill, relax_towards


@compiled
def stimulus(virions: float, on_debris: bool, sentinel_virions: float) -> float:
    """Stimulus of a cell on its site, in [0, 1]: dead or infected epithelium, or free virions."""
    if on_debris:
        return 1.0
    return hill(virions, sentinel_virions, 1.0)


@compiled
def activation_time(activation: float, target: float, p: Activation) -> float:
    """Time constant [h] of the activation on its way to `target`."""
    return p.rise_time if target > activation else p.fall_time


@compiled
def polarization_rate(activation: float, p: Activation) -> float:
    """Hazard [1/h] that a CD206+ macrophage turns MHCII+."""
    return p.polarization * activation


@compiled
def depolarization_rate(activation: float, p: Activation) -> float:
    """Hazard [1/h] that an MHCII+ macrophage turns CD206+ again."""
    return (1.0 - activation) / p.depolarization_time


@compiled
def training_rate(activation: float, ifn_gamma: float, p: Activation) -> float:
    """Rate [1/h] at which a resident macrophage is trained: as far as it is activated, by IFN-gamma [ng/mL]."""
    return p.training * activation * hill(ifn_gamma, p.training_half, 1.0)


@compiled
def trained(training: float, rate: float, p: Activation, step: float) -> float:
    """Training in [0, 1] after a step [h] at this rate [1/h]; what was learned is forgotten within months."""
    total = rate + 1.0 / p.training_memory
    return relax_towards(training, rate / total, exp_neg_approx(total * step))


@parameter_group
class Activation(NamedTuple):
    """Activation and polarization, and NETs."""

    rise_time: float = param(0.578, "h", 0.5, 48.0).fitted(
        "time constant with which activation rises towards its stimulus", "fitted to mice [Jhutty 2022]"
    )
    fall_time: float = param(39.6, "h", 2.0, 96.0).fitted(
        "time constant with which activation falls",
        "lavage IL-6 halves in 14-16 h after day 7 [Jhutty 2022], far slower than it decays; fitted to mice [Jhutty "
        "2022]",
    )
    polarization: float = param(0.0356, "1/h", 0.02, 0.2).fitted(
        "rate from CD206+ to MHCII+ at full activation", "up early [Chia 2025]; fitted to mice [Jhutty 2022]"
    )
    depolarization_time: float = param(960.0, "h", 120.0, 4320.0).assumed(
        "mean time from MHCII+ back to CD206+ without activation",
        "CD206+ low from day 6 to 28 [Chia 2025]; assumed: longer than that",
    )
    training: float = param(0.05, "1/h", 0.0, 1.0).assumed(
        "training of a fully activated resident macrophage in plenty of IFN-gamma",
        "sign: influenza trains resident macrophages, not without IFN-gamma [Wang 2023]",
    )
    training_half: float = param(1.0, "ng/mL", 0.01, 100.0).assumed("IFN-gamma for half of this training")
    training_memory: float = param(4320.0, "h", 720.0, 87600.0).assumed(
        "mean time for which macrophages stay trained; new ones inherit it from those in the lung",
        "sign: still there 120 days after influenza [Wang 2023]; assumed: half a year",
    )
    net_release: float = param(0.02, "1/h", 0.0, 0.2).assumed(
        "NET release by a fully activated neutrophil", "assumed; sign: NETs awaken dormant cells [Albrengues 2018]"
    )
