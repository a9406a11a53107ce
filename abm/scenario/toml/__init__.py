"""Scenario files as text: TOML with lines, units, what a file extends, and one table at a time."""
