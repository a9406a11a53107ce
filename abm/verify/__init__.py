"""Verification: is what the model computes what its mathematics say? Each check can be run again by anybody."""
