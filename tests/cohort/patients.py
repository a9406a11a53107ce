"""A cohort small enough for tests."""

from pathlib import Path

from abm.cohort.cohort_file import read_cohort

TEXT = """
title = "Small"
follow_up = "8 months"
patients = 4
[patient]
burden = { distribution = "log-normal", median = "50000 cell", spread = 2.0 }
[virus]
name = "SARS-CoV-2"
dose = 60.0
reach = { distribution = "uniform", low = 0.1, high = 0.6 }
[[infection]]
time = { distribution = "uniform", low = "10 d", high = "40 d" }
[care]
scan_every = "3 months"
[section]
width = "400 um"
height = "400 um"
[parameters.dormancy]
founders = "3 cell"
released_awakening = "0 /h"
[disease]
doubling_time = "30 d"
incidence = "2e-5 /h"
"""
SHORTER = {"3 months": "2 months", "8 months": "3 months", "400 um": "200 um", "40 d": "20 d"}
TINY = TEXT  # the same in less time: three months of follow-up on smaller sections
for usual, less in SHORTER.items():
    TINY = TINY.replace(usual, less)
SCANS = """
[[policy]]
name = "scan"
scan_after_infection = ["1 month", "2 months"]
"""
BLOCKADE = """
[[policy]]
name = "block"
[[policy.treatment]]
type = "anti-IL-6R"
drug = "tocilizumab"
start = "1 d"
stop = "2 d"
"""


def small(more=SCANS, text=TEXT, name="small"):
    """The cohort, with some policies."""
    return read_cohort(Path(f"{name}.toml"), text + more)
