"""Curves made by hand, for tests of what is read from them."""

import numpy as np
import pandas as pd

from abm.validate.curves import ArmCurves
from abm.validate.target import Value

DAYS = np.arange(0.0, 29.0, 0.25)


def curves(**arms):
    """Curves of arms, each a function of days, or several, one a replicate, of a measure "cells"."""
    runs = {}
    for arm, made in arms.items():
        each = made if isinstance(made, list) else [made]
        hours = pd.Index(24.0 * DAYS, name="hour")
        runs[arm] = [pd.DataFrame({"cells": np.broadcast_to(one(DAYS), DAYS.shape)}, index=hours) for one in each]
    return ArmCurves(runs)


def value(operation="at", **entries):
    """A value of the measure "cells" of arm "a"."""
    return Value(**({"name": "a number", "operation": operation, "arm": "a", "measure": "cells"} | entries))


def hills(arms, measures, replicates=6):
    """By arm, a table a replicate as runs give it: every measure a hill of its own height over 60 days."""
    hours = np.arange(0.0, 24.0 * 61, 6.0)
    rng = np.random.default_rng(3)
    hill = 1.0 + 9.0 * np.exp(-(((hours / 24.0 - 9.0) / 4.0) ** 2))

    def run():
        columns = {name: hill * rng.uniform(0.5, 1.5) for name in sorted(measures)}
        return pd.DataFrame(columns, index=pd.Index(hours, name="hour"))

    return {arm: [run() for _ in range(replicates)] for arm in arms}
