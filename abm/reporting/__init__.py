"""Results in words and numbers: statistics, summaries, tables for people."""
