"""A user's own biology in a scenario: substances, types of cells and rules, read, checked, counted and written."""
