"""Virtual patients: sections of lung over years, the lesions that grow from them, and cohorts of twins."""
