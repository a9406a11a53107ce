"""`python -m embers_lung` does the same as `embers`."""

from abm.__main__ import main

if __name__ == "__main__":
    main()
