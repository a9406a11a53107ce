"""Twins: the same lung with and without a virus, so that every difference between them is the virus."""

# %%
# Two runs with the same seed are twins. They have the same section and the same cancer cells at the same places, and
# each of their cells meets the same chance, decision by decision. They differ only where the virus makes a difference.
import abm

infected = abm.load_scenario("influenza").with_section(width="1 mm", height="1 mm")
healthy = infected.without_infections().with_name("healthy", "No virus")

# %%
# The last rows of two curves, side by side.
runs = {
    name: abm.simulate(scenario, seed=1, days=15) for name, scenario in (("infected", infected), ("healthy", healthy))
}
table = runs["infected"].series[["hour"]].copy()
for name, run in runs.items():
    table[name] = run.series["cells_per_seeded"]
table["ratio"] = table["infected"] / table["healthy"]
print(table.tail(3).to_string(index=False))

# %%
# Until the virus arrives, twins are the same: both start from one picture of the tissue.
first = [run.snapshot(0).cancer for run in runs.values()]
assert first[0].equals(first[1])

# %%
# One pair of twins is an anecdote. `abm.compare(healthy, infected, replicates=8)` runs eight pairs on all cores; its
# result has a `summary`, a table of ratios with their intervals, and a `plot()`. Its workers read the script again, so
# a script calls it under `if __name__ == "__main__":`.
