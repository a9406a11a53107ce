"""Disseminated cancer cells: from IL-6 to awakening, proliferation, phenotype, death."""
