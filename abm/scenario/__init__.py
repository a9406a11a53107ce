"""Scenarios: the record, and the files that it is read from and written to."""
