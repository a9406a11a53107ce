"""Runs: one or many, on all cores or a cluster, addressed by what they are, written to disk as they end."""
