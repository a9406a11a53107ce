"""The model: the schedule of a step, the first state, measures and snapshots, and the whole as a Mesa model."""
