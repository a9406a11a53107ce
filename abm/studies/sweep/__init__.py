"""Sweeps: many runs that survive a kill, and what they show."""
