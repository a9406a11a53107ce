"""What a study runs: arms, axes, samples and data, read from a study file."""
