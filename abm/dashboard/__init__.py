"""The page: a section of lung that plays in the browser. `server.py` at the top of the checkout serves it."""
