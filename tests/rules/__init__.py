"""Tests of the science, one file a topic."""
