"""Ground floor: compiled functions, addressed chance, quantities, populations, lattice, fields. No biology."""
