"""Studies: arms compared, and sweeps over many runs."""
