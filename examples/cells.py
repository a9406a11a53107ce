"""The cells themselves: tables of a snapshot, and agents of a running model."""

# %%
# A snapshot is the tissue at one time: a table of cancer cells, a table of immune cells and fibroblasts, and maps of
# epithelium, virus and IL-6.
import abm
from abm.core.lattice import BLOCK
from abm.model.agents import CancerCell

small = abm.load_scenario("influenza").with_section(width="1 mm", height="1 mm")
run = abm.simulate(small, seed=1, days=9)
day_5 = run.snapshot(5)
print(day_5.cancer.head())
print(day_5.mobile["kind"].value_counts())

# %%
# The same as a picture, next to the day on which the run began.
run.plot_tissue(0, 5).savefig("cells.png")

# %%
# How much IL-6 is around the cells? Its map has one value per block of 4 x 4 sites. IL-6 spreads far, so cells that are
# still dormant see about as much of it as cells that proliferate: what awakens is also a matter of niche and chance.
cancer = day_5.cancer
cancer["il6"] = day_5.il6[cancer["y"] // BLOCK, cancer["x"] // BLOCK]
print(cancer.groupby("state", observed=True)["il6"].mean())

# %%
# Families: each founder has its own clone number. A few of them make most of the cells.
print(run.snapshot(9).cancer["clone"].value_counts().head())

# %%
# The model itself is a Mesa model. Its agents show the living cells, and can be selected, grouped and counted.
model = run.model
proliferating = model.agents_by_type[CancerCell].select(lambda cell: cell.state.name == "PROLIFERATING")
print(f"day {model.day:g}: {len(proliferating)} cells proliferate")
print({clone: len(cells) for clone, cells in sorted(proliferating.groupby("clone"))})

# %%
# It can go on, hour by hour, from where the run ended.
model.run(days=1)
print(f"day {model.day:g}: STAT3 signal {model.agents_by_type[CancerCell].agg('signal', max):.2f} at most")
