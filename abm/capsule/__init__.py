"""A finished run as one file that others can check and run again (RO-Crate)."""
