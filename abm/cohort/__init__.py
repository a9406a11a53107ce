"""Virtual patients: a section of lung over years, what grows out of it, and cohorts of twins."""
