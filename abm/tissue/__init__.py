"""What a tissue is: its arrays, the map of its section, its indexes, and what is counted over it. No Mesa."""
