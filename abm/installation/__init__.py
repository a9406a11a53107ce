"""How Embers is installed, and which libraries are there."""
