"""A first run: influenza reaches a lung in which breast-cancer cells lie dormant."""

# %%
# Embers simulates a thin section of lung, cell by cell. A *scenario* says everything about one experiment: which virus,
# which host, how long, which treatments, and the value of every parameter.
import abm

print(abm.scenario_names())
influenza = abm.load_scenario("influenza")
print(influenza)

# %%
# A section of 1 mm x 1 mm runs in seconds. `with_section` gives a new scenario; the first one stays as it was.
small = influenza.with_section(width="1 mm", height="1 mm")

# %%
# Chance is drawn from the seed: the same scenario with the same seed gives the same run, to the last bit.
run = abm.simulate(small, seed=1, days=15)
assert run.digest == abm.simulate(small, seed=1, days=15).digest
print(run)

# %%
# `series` is a pandas table with one row per recorded time. Virus comes first, then IL-6, then the cancer cells.
peaks = {name: run.series["hour"][run.series[name].idxmax()] / 24 for name in ("virions", "il6", "awake_per_seeded")}
for name, day in peaks.items():
    print(f"{name:<18} is highest on day {day:g}")

# %%
# `events` has one row per awakening, birth, return to dormancy and death. What caused the awakenings?
awakenings = run.events[run.events["kind"] == "awakening"]
print(awakenings["cause"].value_counts())

# %%
# One figure shows the whole run: cancer cells above, the infection in the middle, immune cells below.
run.plot().savefig("first_run.png")
