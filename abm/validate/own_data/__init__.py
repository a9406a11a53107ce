"""A curve of one's own data, compared with the model."""
