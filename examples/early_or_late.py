"""Early or late: on which day of an infection does it still help to block IL-6?"""

# %%
# The antibody MP5-20F3 binds IL-6 of the mouse. Treatments have the words and units of scenario files, and what does
# not fit together (a human antibody in a mouse, a first dose after the end) is refused before anything runs.
import pandas as pd

import abm

infected = abm.load_scenario("influenza").with_section(width="1 mm", height="1 mm").with_duration("15 days")
blocked = {
    day: infected.with_treatment("anti-IL-6", drug="MP5-20F3", start=f"{day} days", every="3 days") for day in (1, 4, 8)
}

# %%
# A drug for the wrong host is told with those that suit.
try:
    infected.with_treatment("anti-IL-6", drug="siltuximab")
except abm.ScenarioError as refused:
    print(refused)

# %%
# All arms share one seed, so they are the same infection until the first dose.
rows = {"never": abm.simulate(infected, seed=1)}
rows |= {f"from day {day}": abm.simulate(scenario, seed=1) for day, scenario in blocked.items()}

# %%
# Blockade has to come before the cells awaken. This is a prediction of the model: no such experiment is known.
end = pd.DataFrame({name: run.series.iloc[-1] for name, run in rows.items()}).T
print(end[["cells_per_seeded", "lesions", "virions"]].round(2))
