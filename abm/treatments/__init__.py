"""Treatments: what is done to a lung, as effects in each step."""
