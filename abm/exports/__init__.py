"""Results as files that other programs read: images, tables of cells, fields, trajectories."""
