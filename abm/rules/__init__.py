"""The science: one file a topic, its parameters on top, its laws below. No loops over cells, no arrays, no chance."""
