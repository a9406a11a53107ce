"""The figures of a cohort, one per file."""
