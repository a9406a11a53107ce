"""Runs as one file to hand out: a replay in HTML, a movie, a still of one day."""
