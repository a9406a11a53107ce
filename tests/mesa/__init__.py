"""Tests with the tools of Mesa itself."""
