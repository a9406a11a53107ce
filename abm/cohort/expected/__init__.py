"""Expected outcomes of a cohort in closed form: what many lives would give in the mean, in milliseconds."""
