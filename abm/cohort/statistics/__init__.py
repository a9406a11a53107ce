"""Statistics of a finished cohort: shares, ratios, benefit; every interval is over the patients simulated."""
