"""The parts of the report of a cohort."""
