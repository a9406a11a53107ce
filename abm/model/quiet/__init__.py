"""Quiet time: how a section at rest passes months and years without a step."""
