"""Studies of many runs: sweeps that survive a kill, sensitivity, calibration."""
