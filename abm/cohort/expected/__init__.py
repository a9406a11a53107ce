"""Expected outcomes of a cohort in closed form: the mean over many simulated lives, in milliseconds."""
