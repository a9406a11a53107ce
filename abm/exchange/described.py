"""What a snapshot is of, and what its levels are, as other formats carry it along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.core.lattice import SPACING
from abm.installation.package import installed_version
from abm.rules.substances import Substance

if TYPE_CHECKING:
    from abm.model.snapshots import Snapshot

HOURS_PER_DAY = 24.0
LEVEL_UNIT = "ng/mL"  # of every substance


def facts_of(snapshot: Snapshot) -> dict[str, Any]:
    """Scenario and seed (where they are known), time, version, size of a site."""
    origin = snapshot.origin
    known = {"scenario": origin.scenario, "seed": origin.seed} if origin.scenario else {}
    time = {"hour": snapshot.hour, "day": snapshot.hour / HOURS_PER_DAY}
    return {**known, **time, "embers": installed_version() or "from source", "site_um": float(SPACING)}


def title_of(substance: str) -> str:
    """A substance in words, from the name that tables have."""
    member = Substance.__members__.get(substance.upper())
    return member.type.title if member is not None else substance.replace("_", " ")
