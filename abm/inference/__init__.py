"""What is inferred from many runs: sensitivity, calibration, the fit of the model's parameters."""
