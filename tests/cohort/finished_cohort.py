"""The folder of a finished cohort, made up."""

import numpy as np
import pandas as pd

from abm.cohort.expected.inputs import write_expected
from abm.cohort.expected.outlook import UnknownFactors
from abm.runs.store.sealed import sealed
from tests.cohort.synthetic_cohort import CONSTANTS, MONTHS, cohort, lethal_sizes, mortality, simulate, tables


def finished(folder, count=12, turns=0, excess=0.2):
    """Write all tables; with `turns`, also the simulated arms."""
    folder.mkdir(parents=True, exist_ok=True)
    patients, courses = tables(count, excess=excess)
    made = cohort(count, excess=excess)
    written = {"patients": patients, "courses": courses}
    if turns:
        rng = np.random.default_rng(3)
        rows = []
        for arm in made.names:
            lives = simulate(made, patients, courses, arm, UnknownFactors(), turns, rng)
            rows.append(lives.assign(arm=arm, number=np.repeat(patients["number"], turns).to_numpy(),
                                     turn=np.tile(np.arange(turns), count)))  # fmt: skip
        written["arms"] = pd.concat(rows, ignore_index=True)
    for name, table in written.items():
        with sealed(folder / f"{name}.parquet") as path:
            table.to_parquet(path, index=False)
    none, ill = mortality(count)
    rows = [
        {
            "number": number, "arm": arm, "scans": [24.0, 12.0, 36.0, 48.0][: 4 if turns else 1 + number % 3],
            "infection_death": (none if arm == "no infection" else ill).infection[number - 1],
            "treatment_death": (none if arm == "no infection" else ill).treatment[number - 1],
            "other_hazard": list(np.linspace(0.0005, 0.003, count)[number - 1] * MONTHS),
        }
        for arm in made.names
        for number in range(1, count + 1)
    ]  # fmt: skip
    write_expected(folder, CONSTANTS, lethal_sizes(3)[:, 0], rows)
    return folder
