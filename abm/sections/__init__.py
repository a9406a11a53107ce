"""Own tissue: an image of labels becomes the map of a section."""
