"""Keep a state of this version for later ones to read: `python -m tests.runs.store.keep_state`."""

from pathlib import Path

from abm.model.lung_model import LungModel
from abm.model.results_version import RESULTS
from abm.runs.store.checkpoint import save
from abm.scenario.read import load_scenario

KEPT = Path(__file__).with_name("kept")

if __name__ == "__main__":
    scenario = load_scenario("influenza").with_section(width="200 um", height="200 um").with_duration("3 d")
    model = LungModel(scenario.with_parameters({"dormancy.founders": "4 cell"}), seed=1)
    model.run_until(model.ticks // 2)
    KEPT.mkdir(exist_ok=True)
    save(model, KEPT / f"results_{RESULTS}.state")
