"""The science: one file a topic, its laws first, then its parameters. No loops over cells, no arrays, no chance."""
