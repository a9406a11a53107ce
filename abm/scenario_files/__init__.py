"""Scenario files: read, extended, checked, written; units, faults with their lines, the catalog of what is packaged."""
