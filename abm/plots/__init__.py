"""Figures of a comparison, and the colors of everything that is drawn."""
