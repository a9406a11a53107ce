"""Loops that apply a rule to every cell or site of the tissue. No Mesa."""
