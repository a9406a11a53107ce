"""Tests of abm.sweep."""
