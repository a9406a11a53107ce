"""A parameter of your own: how much does the speed of awakening matter?"""

# %%
# Every number of the model has a unit, an allowed range, a source, and a statement of how well it is known. In a
# terminal, `embers describe awakening` prints them.
import abm

base = abm.load_scenario("influenza").with_section(width="1 mm", height="1 mm")

# %%
# Text with any unit that converts, or a number in the declared unit: these are the same.
slow = base.with_parameters({"dormancy.awakening": "0.02 /h"})
assert slow == base.with_parameters({"dormancy.awakening": 0.02})
assert slow == base.with_parameters({"dormancy.awakening": "0.48 /day"})
print(slow)

# %%
# All faults are told at once, in the words that a scenario file would get.
try:
    base.with_parameters({"dormancy.awakning": "0.02 /h", "dormancy.awakening": "9 /h", "dormancy.cycle_time": "3 kg"})
except abm.ScenarioError as refused:
    print(refused)

# %%
# Three speeds in the same lung. Awakening comes first in time, so cells that awaken late have fewer days to divide in.
for speed in ("0.01 /h", "0.0367 /h", "0.1 /h"):
    run = abm.simulate(base.with_parameters({"dormancy.awakening": speed}), seed=1, days=12)
    last = run.series.iloc[-1]
    print(f"{speed:>9}: {last['cells_per_seeded']:6.1f} cells per seeded cell, {last['lesions']:.0f} lesions")

# %%
# A parameter may also change during the run: here, from day 4 on, awakening is as slow as it can be.
later = base.with_change("dormancy.awakening", "0.005 /h", time="4 days")
print(abm.simulate(later, seed=1, days=12))
