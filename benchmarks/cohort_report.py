"""How long the report of a large cohort takes: 1,000 made-up patients in three arms, each drawn twenty times.

python -m benchmarks.cohort_report
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from rich.console import Console

from abm.cohort.analysis import INFECTED, NONE
from abm.cohort.report import write
from abm.runs.progress import Show
from tests.cohort.patients import BLOCKADE, small
from tests.cohort.synthetic import VISIBLE, made

ARMS = {NONE: VISIBLE[NONE], INFECTED: VISIBLE[INFECTED], "block": VISIBLE["policy"]}  # hazards per month


def main() -> None:
    """Print the processor time."""
    found = made(1000, 20, symptoms=0.02, spread=0.8, visible=ARMS)
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time()
        write(small(BLOCKADE), found, Path(folder), Show(Console(quiet=True)))
    print(f"{len(found.arms):,} rows: {time.process_time() - begin:.1f} s of processor time")


if __name__ == "__main__":
    main()
