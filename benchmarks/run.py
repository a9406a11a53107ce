"""How fast Embers is, in one table: what was measured, a yardstick measured beside it, their ratio, the aim.

    python benchmarks/run.py [--only NAME,...] [--quick] [--markdown FILE]

Times are CPU seconds (processes of their own counted in) unless they say wall, most the least of a few. Machines
differ and are shared: read the ratio first. `--quick` leaves out what takes longest: the square centimeter over 60 days
and in the scaling, and the main job. It is a report, so it never fails for being slow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import by_process, commands, fields, runs, twins
from benchmarks.table import Line, machine, rows

PARTS: dict[str, Callable[[bool], Iterator[Line]]] = {
    "influenza": lambda _: runs.default_run("influenza"),
    "no_virus": lambda _: runs.default_run("no_virus"),
    "large": lambda _: runs.large_run(),
    "scaling": runs.scaling,
    "late": lambda _: runs.late_days(),
    "fields": lambda _: fields.lines(),
    "mesa": twins.lines,
    "start": lambda _: commands.start(),
    "compare": lambda _: commands.main_job(),
    "processes": lambda _: by_process.lines(),
}
SLOW = ("large", "compare")


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return names


def main() -> None:
    """Print the table as its lines come in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_names, metavar="NAME,...", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="leave out what takes longest")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there too")
    arguments = parser.parse_args()
    chosen = arguments.only or [name for name in PARTS if not (arguments.quick and name in SLOW)]
    text = [machine(), ""]
    print(*text, sep="\n", flush=True)
    for row in rows(line for name in chosen for line in PARTS[name](arguments.quick)):
        print(row, flush=True)
        text.append(row)
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(["# How fast Embers is", "", *text, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
