"""How one arm compares with another in any measure at every time, by twin replicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from abm.dashboard.live.worker import EVERY, Series, measured_in
from abm.model.establishment import INFECTED, is_established
from abm.reporting.statistics import ratio_of_means
from abm.scenario.scenario import Scenario


def ratio_course(
    found: Sequence[Sequence[Series]], scenarios: Sequence[Scenario], over: int, under: int, measure: str
) -> dict[str, Any]:
    """Ratio of the means of two arms with its 95 % interval (`ratio_of_means`) by time, for JSON.

    Replicates in which the infection established in neither arm say nothing of what differs between them and are left
    out, if either arm is infected.

    Args:
        found: by replicate and arm.
        scenarios: of the arms.
        over: number of the arm in the numerator.
        under: number of the arm in the denominator.
        measure: that both have.

    Returns:
        `hours`, `value`, `low`, `high` by time (none where there is no such number), `count` of pairs, `missed`.
    """
    pairs, missed = established(found, scenarios, (over, under))
    places = [measured_in(scenarios[arm]).index(measure) for arm in (over, under)]
    told: dict[str, Any] = {"hours": [], "value": [], "low": [], "high": [], "count": len(pairs), "missed": missed}
    if not pairs:
        return told
    treated, reference = (
        np.array([each[arm][:, at] for each in pairs]) for arm, at in zip((over, under), places, strict=True)
    )
    for time in range(treated.shape[1]):
        estimate = ratio_of_means(treated[:, time], reference[:, time])
        told["hours"].append(time * EVERY)
        for name in ("value", "low", "high"):
            told[name].append(_plain(getattr(estimate, name)))
    return told


def established(
    found: Sequence[Sequence[Series]], scenarios: Sequence[Scenario], arms: Sequence[int]
) -> tuple[list[Sequence[Series]], int]:
    """Replicates in which the infection established in one of these arms, and how many are left out.

    All of them where none of the arms is infected.
    """
    if not any(scenarios[arm].infections for arm in arms):
        return list(found), 0
    at = {arm: measured_in(scenarios[arm]).index(INFECTED) for arm in arms}
    kept = [each for each in found if any(is_established(float(each[arm][:, at[arm]].max())) for arm in arms)]
    return kept, len(found) - len(kept)


def _plain(value: float) -> float | None:
    return float(f"{value:.5g}") if np.isfinite(value) else None
