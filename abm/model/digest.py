"""Hash of the whole state of a run, by which two runs are compared bit for bit."""

from __future__ import annotations

import hashlib

import numpy as np

from abm.core.population import FREE, STACK, USED
from abm.tissue.state import Tissue, arrays_of


def digest_of(tissue: Tissue, tick: int) -> str:
    """Hash of time and of every used row of every array."""
    used = {"cancer": tissue.cancer_rows[USED], "mobile": tissue.mobile_rows[USED], "log": tissue.status[0].events}
    used |= {"cancer_next": used["cancer"], "cancer_proliferating": tissue.status[0].proliferating}
    digest = hashlib.sha256(str(tick).encode())
    used |= {name: STACK + getattr(tissue, name)[FREE] for name in ("cancer_rows", "mobile_rows")}
    for name, array in arrays_of(tissue).items():
        digest.update(np.ascontiguousarray(array[: used.get(name)]).tobytes())
    return digest.hexdigest()
