"""What a sweep costs beside its models alone, through Dask, beside `mesa.batch_run`, and after a kill, in one table.

    python benchmarks/sweeps.py [--runs N] [--only PART,...] [--write] [--markdown FILE]

The numbers of docs/sweeps.md are of 1,000 runs, which take a quarter of an hour on two cores that have nothing else to
do; `--write` puts the table into docs/sweeps_measured.md. Times are CPU seconds of all processes of a part (on Linux)
unless they say wall. It is a report, so it never fails for being slow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.sweep_dask import dask
from benchmarks.sweep_large import large
from benchmarks.sweep_local import killed, local, mesa
from benchmarks.sweep_study import FEW, POINTS, ROOT
from benchmarks.table import Line, machine, rows

PARTS: dict[str, Callable[[int], Iterator[Line]]] = {
    "local": local, "dask": dask, "mesa": mesa, "killed": killed, "large": large,
}  # fmt: skip
WRITTEN = ROOT / "docs/sweeps_measured.md"


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


def _runs(text: str) -> int:
    runs = int(text)
    if runs % POINTS or runs <= FEW:
        raise argparse.ArgumentTypeError(f"a multiple of {POINTS} above {FEW}")
    return runs


def main() -> None:
    """Print the table as its lines come in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=_runs, default=1000, help="of each part, a multiple of 10")
    parser.add_argument("--only", type=_names, default=list(PARTS), metavar="PART,...", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--write", action="store_true", help=f"write the table to {WRITTEN.relative_to(ROOT)}")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there")
    arguments = parser.parse_args()
    from abm.runs.compile_ahead import warm_up

    warm_up()
    text = ["# What a sweep costs", "", machine(), ""]
    print(machine(), "", sep="\n", flush=True)
    for row in rows(line for name in arguments.only for line in PARTS[name](arguments.runs)):
        print(row, flush=True)
        text.append(row)
    for path in (arguments.markdown, WRITTEN if arguments.write else None):
        if path:
            path.write_text("\n".join([*text, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
