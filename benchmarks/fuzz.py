"""Look for inputs that a reader of files, tables, maps or links neither reads nor refuses with words.

pip install atheris (Linux), then: python benchmarks/fuzz.py scenario [--seconds 600 | --keep]

Guided by coverage. What raises an error that the reader may not raise is written to `outputs/fuzz/`. With --keep
nothing is looked for: the smallest of the inputs found before that together reach all that was reached go to
`tests/fuzz/corpus/`, which the tests read again.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import atheris

with atheris.instrument_imports(include=["abm", "tomllib"]):
    from tests.fuzz.targets import CORPUS, TARGETS, read


def pieces(seeds: list[bytes]) -> list[bytes]:
    """What inputs are made of: lines, words, and the odd ends of numbers."""
    whole = b"\n".join(seeds)
    words = set(re.findall(rb"[\w.\-]+|\"[^\"]*\"", whole)) | set(whole.splitlines())
    odd = [
        b"nan",
        b"inf",
        b"-1",
        b"1e999",
        b"0",
        b"2026-01-01",
        b"[[",
        b"]]",
        b"{",
        b"}",
        b'"',
        b"\xff",
        b"\x00",
        b"true",
    ]
    return sorted(words) + odd


def mutator(found: list[bytes]):
    """Half of the time a piece is put in, taken out or changed for another; else bytes change as libFuzzer likes."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if not found or chance.random() < 0.5:
            return atheris.Mutate(data, most)
        lines = data.splitlines(keepends=True) or [b""]
        at = chance.randrange(len(lines))
        what = chance.randrange(4)
        if what == 0:
            lines.insert(at, chance.choice(found) + b"\n")
        elif what == 1:
            del lines[at]
        elif what == 2:
            lines[at] = (
                re.sub(rb"=.*", b"= " + chance.choice(found).replace(b"\\", b""), lines[at].rstrip(b"\n")) + b"\n"
            )
        else:
            lines.insert(at, chance.choice(lines))
        return b"".join(lines)[:most]

    return mutate


def main() -> None:
    """Fuzz one reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--keep", action="store_true")
    wanted = parser.parse_args()
    seeds = TARGETS[wanted.reader].seeds()
    out = Path("outputs/fuzz") / wanted.reader
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds):
            (Path(folder) / f"seed-{number}").write_bytes(seed)
        kept = CORPUS / wanted.reader
        kept.mkdir(parents=True, exist_ok=True)
        how = ["-merge=1"] if wanted.keep else [f"-max_total_time={wanted.seconds}"]
        options = [*how, f"-artifact_prefix={out}/", "-timeout=20", "-max_len=16384"]
        folders = [str(kept), str(out), folder] if wanted.keep else [str(out), folder, str(kept)]
        atheris.Setup(
            [sys.argv[0], *options, *folders], lambda data: read(wanted.reader, data),
            custom_mutator=mutator(pieces(seeds)),
        )  # fmt: skip
        atheris.Fuzz()


if __name__ == "__main__":
    main()
