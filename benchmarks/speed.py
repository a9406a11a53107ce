"""How fast a run is, and where its time goes.

`python benchmarks/speed.py [SCENARIO] [--days 28] [--size 2000um]` prints seconds per simulated day, nanoseconds per
site and step, peak memory, and the share of each process. Absolute times depend on the machine: compare ratios.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from abm import LungModel, load_scenario, schedule
from abm.core.compiled import compiled
from abm.interventions import course_of
from abm.model import section_of
from abm.processes.tissue import Now, Tissue
from abm.rules.parameters import Parameters
from abm.study.scenario_file import with_overrides

# The lines of `abm.schedule.advance`, in order, and whether each reads the effects of treatments.
PROCESSES = {
    "spread_virions": True, "spread_interferon": False, "live_epithelium": True, "spread_il6": True,
    "run_lymph_node": True, "recruit": True, "leave": True, "move": False, "act": False, "kill_infected": False,
    "remodel": False, "live_cancer": True,
}  # fmt: skip


@compiled
def _nothing(tissue: Tissue, p: Parameters, effects: np.record, now: Now) -> None:
    """An empty process: what it costs to call one from Python."""


def timed_by_process(model: LungModel, ticks: int) -> dict[str, float]:
    """Seconds of each process over a run of this many steps, without the cost of calling it from Python."""
    scenario = model.experiment
    course = course_of(scenario.treatments, scenario.infections, scenario.parameters.virus, ticks, scenario.step)
    seconds = dict.fromkeys(PROCESSES, 0.0)
    idle = 0.0
    for tick in range(ticks):
        if not schedule.room_is_left(model.tissue, course[tick]):
            model._make_room()
        now, effects = Now(model.chance_seed, tick, scenario.step), course[tick]
        start = time.perf_counter()
        _nothing(model.tissue, model.parameters, effects, now)
        idle += time.perf_counter() - start
        for name, reads_effects in PROCESSES.items():
            process = getattr(schedule, name)
            start = time.perf_counter()
            if reads_effects:
                process(model.tissue, model.parameters, effects, now)
            else:
                process(model.tissue, model.parameters, now)
            seconds[name] += time.perf_counter() - start
    return {name: max(0.0, value - idle) for name, value in seconds.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default="influenza")
    parser.add_argument("--days", type=float, default=28.0)
    parser.add_argument("--size", default="2 mm")
    arguments = parser.parse_args()
    scenario = with_overrides(load_scenario(arguments.scenario), days=arguments.days, size=arguments.size)
    section = section_of(scenario)
    LungModel(scenario, seed=1, section=section).run_until(2)  # compile, or read from disk
    model = LungModel(scenario, seed=1, section=section)
    start = time.process_time()
    model.run()
    whole = time.process_time() - start
    steps, sites = model.ticks, model.tissue.kind.size
    print(f"{scenario.name}, {sites} sites, {steps} steps of {scenario.step * 60:.0f} min, measures on")
    print(f"whole run                {whole:8.2f} s of CPU")
    print(f"per simulated day        {whole / scenario.duration * 24:8.4f} s")
    print(f"per site and step        {whole / steps / sites * 1e9:8.2f} ns")
    print(f"cells at the end         {model.tissue.cancer_rows[2]:8d} cancer, {model.tissue.mobile_rows[2]} mobile")
    print(f"peak memory              {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB\n")
    timed_by_process(LungModel(scenario, seed=1, section=section), 1)  # compile the parts one by one
    parts = timed_by_process(LungModel(scenario, seed=1, section=section), steps)
    total = sum(parts.values())
    for name, seconds in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"{name:20s} {seconds / total:6.1%} {seconds / steps / sites * 1e9:8.3f} ns per site and step")


if __name__ == "__main__":
    main()
