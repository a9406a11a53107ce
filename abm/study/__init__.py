"""Experiments with the model: scenarios, runs in parallel, comparison of arms, what is written to disk."""
