"""`python -m abm` does the same as `embers`."""

from abm.cli.main import main

if __name__ == "__main__":
    main()
