"""A section of your own: draw the tissue, and let an infection run over it."""

# %%
# Two sections come with Embers: "lung", with airways and vessels, and "sheet", plain alveolar tissue. Each of them is
# drawn anew for each `layout_seed`. A third kind is a picture: one pixel is one site of 10 um, its color says which.
from pathlib import Path

import numpy as np
from PIL import Image

import abm
from abm.rules.states import SiteKind
from abm.tissue.section_mask import MASK_COLORS

base = abm.load_scenario("influenza").with_duration("8 days")
base = base.without_infections().with_infection(dose=20)  # so small a section would often get no virus at all

# %%
# A patch of alveoli, 0.48 mm x 0.48 mm, crossed by one vessel, with an airway lined by bronchiole.
rows, columns = np.mgrid[:48, :48]
kind = np.full((48, 48), SiteKind.SEPTUM)
kind[abs(rows - columns - 12) < 3] = SiteKind.VESSEL
from_airway = np.hypot(rows - 14, columns - 34)
kind[from_airway < 9] = SiteKind.BRONCHIOLE
kind[from_airway < 7] = SiteKind.AIRWAY

# %%
palette = np.array([MASK_COLORS[one] for one in SiteKind], dtype=np.uint8)
Image.fromarray(palette[kind]).save("patch.png")
drawn = base.with_section(Path("patch.png"), width="480 um", height="480 um")

# %%
# Which section suits the virus best? Each is as large as the drawn one.
sections = {"drawn": drawn}
sections |= {name: base.with_section(name, width="480 um", height="480 um") for name in ("lung", "sheet")}
for name, scenario in sections.items():
    run = abm.simulate(scenario, seed=1)
    sites = np.bincount(run.model.tissue.kind.ravel(), minlength=len(SiteKind))
    air = sites[SiteKind.AIRWAY] / sites.sum()
    print(
        f"{name:<6} {air:4.0%} airway; {run.series['infected_share'].max():4.0%} of the epithelium infected at the peak"
    )
