"""The results that `tests/test_results_digest.py` guards. `python -m tests.update_digest` stores them anew."""

import hashlib
import json
from pathlib import Path

import numpy as np

from abm.model.lung_model import LungModel
from abm.model.measures import MEASURES
from abm.scenario.scenario import Scenario
from abm.treatments.drugs import JakInhibitor
from abm.treatments.treatments import Infection, Transfer

STORED = Path(__file__).parent / "data" / "digest.json"
DIGITS = 8  # significant: the last bits of exp and log differ between processors
SEED = 2025
SCENARIO = Scenario(
    name="guarded", width=480.0, height=400.0, duration=240.0, record_every=48.0, snapshots=(),
    infections=(Infection(25.5, dose=200.0),),  # so that it rests before, for a day and a part of an hour
    treatments=(Transfer("CD8", 150.0, 50.0), JakInhibitor("ruxolitinib (mouse)", start=200.0)),
)  # fmt: skip


def _whole_numbers(model: LungModel) -> str:
    """Hash of what each living cell is, where it is and whence it comes, and of every event."""
    tissue = model.tissue
    parts = [
        np.rec.fromarrays([tissue.states, tissue.epithelium.turn], names="state,turn"),
        tissue.mobile[tissue.mobile.alive][["uid", "kind", "y", "x", "activated", "memory", "kills"]],
        tissue.cancer[tissue.cancer.alive][["uid", "parent", "clone", "y", "x", "state", "phenotype", "cause"]],
        tissue.log[: int(tissue.status[0].events)][["uid", "kind", "cause", "y", "x"]],
    ]
    digest = hashlib.sha256()
    for part in parts:
        for name in part.dtype.names:
            digest.update(f"{name} {part.size}".encode())
            digest.update(part[name].astype(np.int64).tobytes())
    return digest.hexdigest()


def results() -> dict[str, object]:
    """What the guarded run gives: every measure every two days to eight digits, numbers of events, and a hash."""
    model = LungModel(SCENARIO, SEED)
    run = model.run()
    measures = {name: [float(f"{value:.{DIGITS - 1}e}") for value in run.series[name]] for name in MEASURES}
    events = {str(kind): int(number) for kind, number in run.events["kind"].value_counts(sort=False).items()}
    return {"measures": measures, "events": events, "whole_numbers": _whole_numbers(model)}


def store() -> None:
    """Write the results of this source into the data file."""
    STORED.parent.mkdir(exist_ok=True)
    STORED.write_text(json.dumps(results(), indent=1) + "\n")


if __name__ == "__main__":
    store()
    print(f'stored {STORED}: now flag "changes results" in CHANGELOG.md')
