"""Why a cell awakens: sources of a substance, the record of one cell, blockade by day, ratios and distributions."""
